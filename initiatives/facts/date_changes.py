"""Changes of the dates of facts: a change of a date that others know is kept with its reason."""

from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.models import DateChange, Edition, Fact
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.choices import DateChangeReason


def is_known(fact: Fact) -> bool:
    """Whether readers or the other delegation know the date: the fact is published, or was ready to be proposed."""
    return bool(fact.pk and fact.modality) and (fact.ready or is_published(fact) or _was_ready(fact))


def is_published(fact: Fact) -> bool:
    """Whether the published edition of its subject holds the fact."""
    subject = fact.subject
    published = Edition.objects.published().filter(subject_kind=subject._meta.model_name, subject_key=subject.key)
    return any(held["key"] == fact.key for edition in published for held in edition.data.get("facts", ()))


def _was_ready(fact: Fact) -> bool:
    return fact.history.filter(ready=True).exists()


def record_date_change(fact: Fact, old: tuple[str, str], author, **texts) -> DateChange | None:
    """Keep the change of a fact's date and modality from `old` to their present values.

    `texts`: reason, text_en, text_es and original_language. The author's second change on one day is merged with the
    first; None where both cancel out.
    """
    today, new = timezone.localdate(), (fact.date_edtf, fact.modality)
    last = fact.date_changes.order_by("order").last()
    own = last is not None and (last.changed_by_id, last.changed_on) == (author.pk, today)
    if not own or (last.new_edtf, last.new_modality) != old:
        last = DateChange(fact=fact, order=last.order + 1 if last else 1, changed_by=author, changed_on=today)
        last.old_edtf, last.old_modality = old
    elif (last.old_edtf, last.old_modality) == new:
        last.delete()
        return None
    last.new_edtf, last.new_modality = new
    for name, value in texts.items():
        setattr(last, name, value)
    last.full_clean()
    last.save()
    return last


def slip_refusal(reason: str, explanation: str) -> str:
    """What to enter where a date moved later and nothing says why; empty where nothing is missing."""
    if reason != DateChangeReason.SLIPPED or explanation.strip():
        return ""
    return _("Explain in one sentence why it is later.")


def suits(reason: str, modality: str) -> bool:
    """Whether the reason can be given for this modality: what is “done” has happened."""
    return reason != "met" or modality == Modality.HAPPENED
