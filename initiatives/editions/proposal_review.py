"""What a proposal changes, who changed it, which facts it leaves out and which register entries it includes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import active_language, in_language
from hled_portal.models import Step, StepAction
from hled_portal.publishing.signed_text import OPEN, State
from initiatives.content import diff, snapshot_content
from initiatives.history import versions as changes
from initiatives.models import Edition, Fact
from initiatives.record import name_lookup
from initiatives.visibility import versions_visible_to

from . import freezing, proposing
from .proposal_validation import Refusal

#: Most versions of rows that are read to list contributors; the newest are taken.
VERSIONS = 500


# Differences


def review_names(
    subjects: Iterable[tuple[str, str]], drafts: dict[tuple[str, str], dict] | None = None
) -> name_lookup.Register:
    """Public names, then those of open proposals, then those of drafts. Two queries."""
    at = as_of.now()
    names = name_lookup.lookup_names(set(subjects), at)
    lacking = set(subjects) - set(names.contents)
    keys, kinds = {key for _kind, key in lacking}, {kind for kind, _key in lacking}
    on_their_way = Edition.objects.filter(state__in=OPEN, subject_kind__in=kinds, subject_key__in=keys)
    proposed = {(text.subject_kind, text.subject_key): text.data for text in on_their_way}
    return name_lookup.Register({**(drafts or {}), **proposed, **names.contents}, at.day)


def compare_for_review(old: dict | None, new: dict, names: name_lookup.Register) -> list[diff.ChangedPart]:
    """The difference in the active language; all of the new content where there is no old one."""
    if old is None:
        return diff.describe_new(new, names.names, active_language())
    return diff.compare_contents(old, new, names.names, active_language())


@dataclass(frozen=True)
class Compared:
    """A text against the published edition, and against the text of its subject that a side decided on last."""

    text: Edition
    published: Edition | None
    parts: list[diff.ChangedPart]
    keyed: Edition | None = None
    since_keyed: list[diff.ChangedPart] | None = None
    is_returned: bool = False


def compared(texts: list[Edition], delegation: str = "") -> dict[int, Compared]:
    """The comparison of each text by its pk, with the names of today. Five queries, however many texts."""
    same = {"subject_kind__in": {t.subject_kind for t in texts}, "subject_key__in": {t.subject_key for t in texts}}
    before: dict[tuple[str, str], list[Edition]] = {}
    returned = _returned_by(delegation)
    for other in Edition.objects.filter(_is_before(delegation) | Q(pk__in=returned), **same).order_by("-pk"):
        before.setdefault((other.subject_kind, other.subject_key), []).append(other)
    pairs = {text.pk: _before(text, before, delegation, returned) for text in texts}
    every = [text.data for text in texts] + [other.data for pair in pairs.values() for other in pair if other]
    names = review_names({subject for data in every for subject in diff.referenced_subjects(data)})
    return {text.pk: _compared(text, *pairs[text.pk], names, returned) for text in texts}


def _returned_by(delegation: str) -> set[int]:
    """The rows of the texts that officers of the delegation returned."""
    rows = Step.objects.filter(
        table=Edition._meta.label_lower, action=StepAction.RETURNED, delegation=delegation or "-"
    )
    return set(rows.values_list("text_pk", flat=True))


def _is_before(delegation: str) -> Q:
    released = Q(number__isnull=False)
    return released | ~Q(**{f"{delegation.lower()}_digest": ""}) if delegation else released


def _before(
    text: Edition, others_by_subject: dict, delegation: str, returned: set[int]
) -> tuple[Edition | None, Edition | None]:
    """The edition that was public when the text was proposed, and the newest earlier text that the side decided on."""
    others = [
        other for other in others_by_subject.get((text.subject_kind, text.subject_key), ()) if other.pk != text.pk
    ]
    released = [other for other in others if other.number and (text.number is None or other.number < text.number)]
    released = max(released, key=lambda other: other.number, default=None)
    column = f"{delegation.lower()}_digest"
    decided = (other for other in others if delegation and other.pk < text.pk)
    keyed = next((other for other in decided if getattr(other, column) or other.pk in returned), None)
    if released is not None and released.state == State.WITHDRAWN:
        released = None
    if keyed is None or (released is not None and keyed.pk <= released.pk) or keyed.state == State.WITHDRAWN:
        return released, None
    return released, keyed


def _compared(
    text: Edition, published: Edition | None, keyed: Edition | None, names: name_lookup.Register, returned: set[int]
) -> Compared:
    since = compare_for_review(keyed.data, text.data, names) if keyed else None
    parts = compare_for_review(published and published.data, text.data, names)
    return Compared(text, published, parts, keyed, since, is_returned=keyed is not None and keyed.pk in returned)


# Steps


def steps(text: Edition) -> list[Step]:
    """The steps of the text, the oldest first. One query."""
    rows = Step.objects.filter(table=text._meta.label_lower, text_pk=text.pk)
    return list(rows.select_related("by").order_by("pk"))


def earlier_comments(text: Edition) -> list[Step]:
    """Why earlier proposals of the subject were returned or replaced, since the newest edition. One query."""
    rows = Step.objects.filter(
        table=text._meta.label_lower,
        name=text.name,
        text_pk__lt=text.pk,
        action__in=[StepAction.RETURNED, StepAction.REPLACED, StepAction.RELEASED],
    )
    recent: list[Step] = []
    for step in rows.select_related("by").order_by("pk"):
        recent = [] if step.action == StepAction.RELEASED else [*recent, step]
    return [step for step in recent if step.comment]


# Before proposing


@dataclass(frozen=True)
class Contributor:
    """A person of one side, and the rows that the person changed since the last edition."""

    by: object
    side: str
    rows: list[str]


@dataclass(frozen=True)
class ReferenceEntry:
    """A register entry that is proposed with a subject."""

    kind: str
    key: str
    title: str
    parts: list[diff.ChangedPart]

    @property
    def kind_label(self) -> str:
        return str(freezing.MODELS[self.kind]._meta.verbose_name)


@dataclass(frozen=True)
class Proposal:
    """What this author would propose, and what prevents it."""

    draft: proposing.Draft
    title: str
    published: Edition | None
    waiting: Edition | None
    parts: list[diff.ChangedPart]
    entries: list[ReferenceEntry]
    contributors: list[Contributor]
    held_back: list[Fact]
    refusals: list[Refusal]

    @property
    def needs_reason(self) -> bool:
        """A proposal that one side approved is replaced with a reason only."""
        return bool(self.waiting and (self.waiting.us_digest or self.waiting.mx_digest))


def proposal(kind: str, key: str, author) -> Proposal:
    """What would be proposed now. Raises Refused where there is no such subject."""
    drafted = proposing.draft(kind, key)
    data = snapshot_content.parse_content(drafted.content)
    companions = {subject: snapshot_content.parse_content(content) for subject, content in drafted.companions().items()}
    published = Edition.objects.published().filter(subject_kind=kind, subject_key=key).first()
    every = [data, *companions.values(), *([published.data] if published else [])]
    drafts = {subject: snapshot_content.parse_content(content) for subject, content in drafted.entries.items()}
    names = review_names({subject for each in every for subject in diff.referenced_subjects(each)}, drafts)
    subject = freezing.MODELS[kind].objects.get(key=key)
    return Proposal(
        draft=drafted,
        title=_title(data),
        published=published,
        waiting=proposing.open_proposal(kind, key),
        parts=compare_for_review(published and published.data, data, names),
        entries=[
            ReferenceEntry(*subject, _title(each), compare_for_review(None, each, names))
            for subject, each in companions.items()
        ],
        contributors=contributors(subject, published, author) if published else [],
        held_back=held_back(subject, author),
        refusals=proposing.proposal_refusals(drafted, author),
    )


def _title(data: dict) -> str:
    return in_language(snapshot_content.columns(data), "title")


def held_back(subject, author) -> list[Fact]:
    """Facts of the author's own side that are not marked ready; the other side's are not even counted."""
    if not hasattr(subject, "facts") or not author.delegation:
        return []
    return list(subject.facts.filter(side=author.delegation, ready=False).order_by("order", "key"))


def contributors(subject, published: Edition, author) -> list[Contributor]:
    """Who changed what since the edition was proposed, as far as the author may see it."""
    entries = changes.in_line(_versions(subject, published, author))[:VERSIONS]
    rows_by_person: dict[tuple, dict[str, None]] = {}
    for version in reversed(changes.describe_versions(author, entries)):
        rows = rows_by_person.setdefault((version.by, _side(version.by)), {})
        rows[f"{version.table_name}: {version.name}"] = None
    return [Contributor(by, side, list(rows)) for (by, side), rows in rows_by_person.items()]


def _side(user) -> str:
    return str(user.get_delegation_display()) if user is not None and user.delegation else ""


def _versions(subject, published: Edition, author) -> list[QuerySet]:
    """Versions of the subject and of its related rows, without the facts that the author's side holds back."""
    drafts = [fact.pk for fact in held_back(subject, author)]
    selections = [versions_visible_to(author, type(subject)).filter(id=subject.pk)]
    for model, path in changes.RELATED_TABLES.get(type(subject), ()):
        to_fact = "id" if model is Fact else path.rpartition("__")[0]
        versions = versions_visible_to(author, model).filter(**{path: subject.pk})
        selections.append(versions.exclude(**{f"{to_fact}__in": drafts}) if to_fact else versions)
    return [versions.filter(history_date__gt=published.proposed_at) for versions in selections]


def working_row(text: Edition):
    """The working row of the text's subject; None where it is no longer there."""
    return freezing.MODELS[text.subject_kind].objects.filter(key=text.subject_key).first()
