"""The facts of an initiative or of a meeting, next to its form: how many of each kind, in which state, with links."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.edtf_dates import to_text
from hled_portal.i18n.bilingual import active_language
from initiatives.facts import ready_flag
from initiatives.models import Citation, DateChange, Edition, Fact, Participation, Reading
from initiatives.visibility import visible_to
from initiatives.vocabulary.actions import FactKind

#: State of a fact: its style and its words.
STATUS_LABELS = {
    "draft": _("draft"),
    "ready": _("ready, not yet published"),
    "changed": _("changed since publication"),
    "published": _("same as published"),
}


@dataclass(frozen=True)
class FactSummaryLine:
    """One fact as the list next to the form shows it."""

    fact: Fact
    date: str
    state: str
    address: str

    @property
    def status(self):
        return STATUS_LABELS[self.state]


@dataclass(frozen=True)
class FactSummaryGroup:
    """The facts of one kind; `add` is the address of a new one, where the reader may add one."""

    kind: FactKind
    lines: list[FactSummaryLine]
    add: str


class BesideMixin:
    """A page of a subject with its facts listed next to the form; each has its own page."""

    change_form_template = "admin/initiatives/subject_change_form.html"

    def change_view(self, request, object_id, form_url="", extra_context=None):
        subject = self.get_object(request, object_id)
        more = {}
        if subject is not None and self.has_view_permission(request, subject):
            facts = list(visible_to(request.user, subject.facts.order_by("order", "key")))
            adds = self.admin_site._registry[Fact].has_add_permission(request)
            more = {"fact_groups": groups(subject, facts, adds=adds), **self.notes(request, subject, facts)}
        return super().change_view(request, object_id, form_url, more | (extra_context or {}))

    def notes(self, request, subject, facts) -> dict:
        """What is shown above the facts: contradictions, and where progress is reported."""
        return {"contradictions": [], "report_address": ""}


def groups(subject, facts: list[Fact], *, adds: bool) -> list[FactSummaryGroup]:
    """Facts by kind; every kind, so that each can be added."""
    published = _published(subject)
    changed = _last_changes(facts) if published else {}
    by_kind = defaultdict(list)
    for fact in facts:
        state = _state(fact, published, changed)
        by_kind[fact.kind].append(FactSummaryLine(fact, _date(fact), state, _address("change", fact.pk)))
    new = f"{_address('add')}?{subject._meta.model_name}={subject.pk}&kind="
    return [FactSummaryGroup(kind, by_kind[kind], f"{new}{kind}" if adds else "") for kind in FactKind]


def _address(name: str, *args) -> str:
    return reverse(f"admin:initiatives_fact_{name}", args=args)


def _date(fact: Fact) -> str:
    language = active_language()
    return to_text(fact.date_edtf, language, getattr(fact, f"date_wording_{language}"))


def _published(subject) -> tuple[set[str], datetime] | None:
    """The keys of the facts in the published edition, and when it was frozen."""
    kept = Edition.objects.published().filter(subject_kind=subject._meta.model_name, subject_key=subject.key).first()
    return ({fact["key"] for fact in kept.data["facts"]}, kept.proposed_at) if kept else None


def _state(fact: Fact, published, changed) -> str:
    if ready_flag.has_draft(fact) and not fact.ready:
        return "draft"
    if not published or fact.key not in published[0]:
        return "ready"
    return "changed" if fact.pk in changed and changed[fact.pk] > published[1] else "published"


def _last_changes(facts: Iterable[Fact]) -> dict[int, datetime]:
    """When each fact, or a part of it, was last written, by the history of each table."""
    keys = [fact.pk for fact in facts]
    last: dict[int, datetime] = {}
    for model, path in (
        (Fact, "id"),
        (Reading, "fact"),
        (DateChange, "fact"),
        (Participation, "fact"),
        (Citation, "fact"),
        (Citation, "reading__fact"),
    ):
        rows = model.history.filter(**{f"{path}__in": keys}).order_by().values_list(path).annotate(Max("history_date"))
        for key, moment in rows:
            last[key] = max(moment, last.get(key, moment))
    return last
