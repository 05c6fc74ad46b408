"""What can be followed: its public title and page, and what a list selects."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from hled_portal.dates import as_of
from initiatives.filters.initiative_filters import InitiativeFilter
from initiatives.models import Edition
from initiatives.record.pillars import Pillars
from stakeholders.vocabulary import FollowKind

from .following import Subject

#: As `?subject=` names a selection; the other parameters are those of the list.
SELECTION_KIND = "initiatives"


@dataclass(frozen=True)
class SubjectTitle:
    """A subject with its title and page; where it is not public, the title is its key and there is no page.

    `mail_title` holds no words that a stranger typed: who asks for an address not her own must not write to it.
    """

    subject: Subject
    title: str
    mail_title: str
    address: str
    public: bool


def subject_from_query(query: QueryDict) -> Subject | None:
    """The subject that an address names, `?subject=initiative/otay-mesa-ii`; None where it names nothing public."""
    kind, _slash, key = query.get("subject", SELECTION_KIND).partition("/")
    if kind == SELECTION_KIND and not key:
        query = query.copy()
        query.pop("sort", None)  # The order of a list is no part of what is followed.
        chosen = InitiativeFilter(query, as_of.now())
        fits = chosen.is_valid() and len(chosen.query_string) <= 1000
        return Subject(FollowKind.SELECTION, query=chosen.query_string) if fits else None
    subject = Subject(kind, key[:80])
    known = kind in FollowKind.values and kind != FollowKind.SELECTION
    return subject if known and describe_subjects([subject])[0].public else None


def parameter(subject: Subject) -> str:
    """The query that `asked` reads this subject from."""
    if subject.kind == FollowKind.SELECTION:
        return f"subject={SELECTION_KIND}" + (f"&{subject.query}" if subject.query else "")
    return urlencode({"subject": f"{subject.kind}/{subject.key}"}, safe="/")


def describe_subjects(subjects: list[Subject]) -> list[SubjectTitle]:
    """Subjects in the reader's language. Two queries, and those of a filter for each selection."""
    at = as_of.now()
    keys = {subject.key for subject in subjects if subject.key}
    rows = Edition.objects.public(at).filter(subject_key__in=keys).defer("content") if keys else ()
    titles = {(row.subject_kind, row.subject_key): row.title for row in rows}
    frame = Pillars(at)
    return [_describe_subject(subject, titles.get((subject.kind, subject.key), ""), frame) for subject in subjects]


def _describe_subject(subject: Subject, title: str, frame: Pillars) -> SubjectTitle:
    if subject.kind == FollowKind.SELECTION:
        query = f"?{subject.query}" if subject.query else ""
        titles = _selection(subject.query, typed=True), _selection(subject.query, typed=False)
        return SubjectTitle(subject, *titles, reverse("initiatives") + query, public=True)
    if not title:
        return SubjectTitle(subject, subject.key, subject.key, "", public=False)
    if subject.kind == FollowKind.PILLAR:
        pillar = frame.editions[subject.key]
        title, address = frame.labels[subject.key], reverse("pillar", args=[pillar.cycle_key, pillar.data["number"]])
    else:
        address = reverse(subject.kind, args=[subject.key])
    return SubjectTitle(subject, title, title, address, public=True)


def _selection(query: str, *, typed: bool) -> str:
    """The filters of a selection, “All initiatives” without any; a value that is no longer known is shown as typed."""
    chosen = InitiativeFilter(QueryDict(query), as_of.now())
    parts = [_filter(chosen, name, typed) for name in chosen.filters if chosen.raw_values(name)]
    return _("Initiatives filtered by %(filters)s") % {"filters": "; ".join(parts)} if parts else _("All initiatives")


def _filter(chosen: InitiativeFilter, name: str, typed: bool) -> str:
    labels = {str(value): str(label) for value, label in getattr(chosen.form.fields[name], "choices", ())}
    if not labels and not typed:
        return f"{chosen.form[name].label}"
    return f"{chosen.form[name].label}: {', '.join(labels.get(value, value) for value in chosen.raw_values(name))}"
