"""Why a subject cannot be frozen for publication: each refusal names its field, so that its form can be opened.

The admin, imports and commands all validate here when they propose.
"""

from dataclasses import dataclass

from django.db.models import Model
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import LANGUAGES, BilingualModel, TranslationState, active_language
from initiatives.content.diff import fact_name
from initiatives.models import Edition, Fact, Source
from initiatives.visibility import owning_fact
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.choices import EndReason


@dataclass(frozen=True)
class Refusal:
    """Why a subject cannot be frozen for publication; the row and its column, where it is about one."""

    message: str
    row: Model | None = None
    column: str = ""


def text_refusals(row: BilingualModel, working_allowed: bool) -> list[Refusal]:
    """A language of the row that is missing, older than the other, or not agreed."""
    fact = owning_fact(row)
    name = str(row) if fact in (None, row) else f"{row} ({fact})"
    names = {"row": name, "kind": row._meta.verbose_name}
    other = next(language for language in LANGUAGES if language != row.original_language)
    refusals = []
    for column in row.missing_texts():
        label = row._meta.get_field(column).verbose_name
        message = _("%(kind)s “%(row)s”: %(field)s is missing.") % {**names, "field": label}
        refusals.append(Refusal(message, row, column))
    if row.translation_is_older():
        labels = [str(row._meta.get_field(f"{name}_{other}").verbose_name) for name in row.unconfirmed_pairs()]
        message = _("%(kind)s “%(row)s”: translation out of date in %(fields)s.") % {
            **names,
            "fields": ", ".join(labels),
        }
        refusals.append(Refusal(message, row, "translation_state"))
    elif _has_texts(row) and row.translation_state != TranslationState.AGREED and not working_allowed:
        message = _("%(kind)s “%(row)s”: the translation is not confirmed.") % names
        refusals.append(Refusal(message, row, "translation_state"))
    return refusals


def _has_texts(row: BilingualModel) -> bool:
    return any(getattr(row, f"{name}_{row.original_language}") for name in row.pairs)


def fact_refusals(rows: dict[str, Fact], present: dict[str, dict], published: Edition | None) -> list[Refusal]:
    """What readers could not follow from the published edition to this one: gone, moved or ended without a reason.

    `present`: the facts as they would be frozen, by key like their rows.
    """
    refusals = [refusal for key, fact in present.items() for refusal in _unexplained_end(fact, rows[key])]
    refusals += _after_their_sources(rows, present, published)
    for fact in published.data["facts"] if published else ():
        if fact["key"] not in present:
            refusals += _vanished(fact, published)
            continue
        now, row = present[fact["key"]], rows[fact["key"]]
        refusals += _vanished_readings(fact, now, row, published) + _unexplained_date(fact, now, row)
    return refusals


def _after_their_sources(rows: dict[str, Fact], present: dict[str, dict], published: Edition | None) -> list[Refusal]:
    """What is said to have happened after the day of every source that says so: no text can know it. One query.

    What was published as expected keeps the source of that; that it happened, the delegations report themselves.
    """
    expected = {fact["key"] for fact in (published.data["facts"] if published else ()) if not _has_happened(fact)}
    happened = {key: fact for key, fact in present.items() if _has_happened(fact) and key not in expected}
    begun = {key: edtf_dates.bounds(fact["date_edtf"])[0] for key, fact in happened.items()}
    cited = {citation["source"] for key in begun for citation in present[key]["citations"]}
    sources = Source.objects.filter(key__in=cited) if cited else ()
    days = {source.key: source.date_latest for source in sources}
    refusals = []
    for key, first in begun.items():
        known = [days.get(citation["source"]) for citation in present[key]["citations"]]
        if known and None not in known and first and first > max(known):
            names = {"row": str(rows[key]), "date": edtf_dates.to_text(present[key]["date_edtf"], active_language())}
            names["day"] = date_format(max(known), "DATE_FORMAT")
            message = _("“%(row)s”: its source of %(day)s cannot say that it happened later (%(date)s).")
            refusals.append(Refusal(message % names, rows[key], "date_edtf"))
    return refusals


def _has_happened(fact: dict) -> bool:
    return fact["modality"] == Modality.HAPPENED and bool(fact["date_edtf"])


def _vanished(fact: dict, published: Edition) -> list[Refusal]:
    """A milestone or an amount of the published edition that would just disappear."""
    if fact["kind"] not in ("milestone", "figure"):
        return []
    names = {"fact": fact_name(fact, active_language()), "text": published.caption}
    return [Refusal(_("“%(fact)s” (%(text)s) has been removed. Close it and give the reason.") % names)]


def _vanished_readings(fact: dict, now: dict, row: Fact, published: Edition) -> list[Refusal]:
    if not {reading["order"] for reading in fact["readings"]} - {reading["order"] for reading in now["readings"]}:
        return []
    names = {"fact": fact_name(fact, active_language()), "text": published.caption}
    return [Refusal(_("A published value of “%(fact)s” (%(text)s) has been removed.") % names, row, "readings")]


def _unexplained_date(fact: dict, now: dict, row: Fact) -> list[Refusal]:
    """A published date that moved, or that became another kind of date, without its typed reason."""
    date = (now["date_edtf"], now["modality"])
    if not fact["date_edtf"] or date == (fact["date_edtf"], fact["modality"]):
        return []
    changes = sorted(now["date_changes"], key=lambda change: change["order"])
    if changes and date == (changes[-1]["new_edtf"], changes[-1]["new_modality"]):
        return []
    names = {"row": str(row), "old": _date_notation(fact), "new": _date_notation(now)}
    message = _("“%(row)s”: the published date was %(old)s and is now %(new)s. Add a date change with a reason.")
    return [Refusal(message % names, row, "date_changes")]


def _date_notation(fact: dict) -> str:
    """The date by its notation alone: a wording may be left over from the date before it."""
    words = edtf_dates.to_text(fact["date_edtf"], active_language()) if fact["date_edtf"] else _("no date")
    return f"{words} ({Modality(fact['modality']).label})" if fact["modality"] else words


def _unexplained_end(fact: dict, row: Fact) -> list[Refusal]:
    """A milestone that was given up without a word to readers on why."""
    if fact["end_reason"] not in (EndReason.DROPPED, EndReason.REPLACED, EndReason.MERGED):
        return []
    names = {"row": str(row), "reason": EndReason(fact["end_reason"]).label}
    message = _("“%(row)s” was closed (%(reason)s). Explain this to the public in both languages.") % names
    empty = [column for column in ("end_text_en", "end_text_es") if not fact[column]]
    return [Refusal(message, row, empty[0])] if empty else []
