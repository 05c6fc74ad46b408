"""Freezes working rows into texts to be signed; no other module does.

`propose` freezes one subject, with the register entries that it needs, for approval by both delegations;
`enter_joint_text` freezes what a historical joint text says and publishes it as of its day.
"""

import datetime
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from hled_portal.dates.as_of import Moment
from hled_portal.models import StepAction
from hled_portal.publishing import clearance
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused, release_joint_text
from hled_portal.publishing.published_querysets import NEWEST_FIRST
from hled_portal.publishing.signed_text import OPEN, Basis
from initiatives.content import snapshot_content
from initiatives.content.content_schema import content_schema
from initiatives.models import Citation, Cycle, Edition, Initiative, Meeting, Organization, Pillar, Place, Source, Topic
from initiatives.vocabulary.choices import JOINT_KINDS, PlaceKind

from .expected_meetings import meet_expected
from .older_editions import (
    Named,
    RecordOfDay,
    has_later_editions,
    keep_date_changes,
    later_editions,
    missing_date_change,
)
from .proposal_validation import Refusal, fact_refusals, text_refusals
from .snapshot import FREEZERS, load_related, subject_rows

MODELS = {
    "organization": Organization,
    "place": Place,
    "topic": Topic,
    "source": Source,
    "pillar": Pillar,
    "meeting": Meeting,
    "initiative": Initiative,
}

#: So many are proposed in one transaction, for which other writers wait on SQLite.
TEXTS_AT_ONCE = 25


@cache
def _validator(kind: str):
    import jsonschema

    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": content_schema()["$defs"]})


def load_subjects(kind: str, keys: Iterable[str]) -> dict[str, Model]:
    """The working rows of subjects by key, with all that freezing reads, in as many queries for many as for one."""
    rows = list(MODELS[kind].objects.filter(key__in=keys))
    load_related(kind, rows)
    return {row.key: row for row in rows}


def freeze(kind: str, key: str, subject: Model | None = None) -> str:
    """Return the canonical content of a subject, whose row may be there already. Raises Refused when there is none."""
    subject = subject or load_subjects(kind, [key]).get(key)
    if subject is None:
        raise Refused([_("%(text)s does not exist.") % {"text": f"{kind}/{key}"}])
    data = {
        "schema_version": snapshot_content.SCHEMA_VERSION,
        "kind": kind,
        **FREEZERS[kind](subject, _published_facts(kind, key)),
    }
    _validator(kind).validate(data)
    return canonical(data)


def _published(kind: str, key: str) -> Edition | None:
    return Edition.objects.published().filter(subject_kind=kind, subject_key=key).first()


def _published_facts(kind: str, key: str) -> dict[str, dict]:
    """The facts of the published edition, by key."""
    published = _published(kind, key) if kind in ("initiative", "meeting") else None
    return {fact["key"]: fact for fact in published.data["facts"]} if published else {}


def freeze_refusal_messages(kind: str, key: str, *, working_allowed: bool = False) -> list[str]:
    """Why a subject cannot be frozen for publication, naming each field."""
    return [refusal.message for refusal in freeze_refusals(kind, key, working_allowed=working_allowed)]


def freeze_refusals(
    kind: str, key: str, *, working_allowed: bool = False, subject: Model | None = None, content: str = ""
) -> list[Refusal]:
    """Why a subject cannot be frozen for publication, with the row of each; row and content may be there already."""
    subject = subject or load_subjects(kind, [key])[key]
    refusals = [refusal for row in subject_rows(subject) for refusal in text_refusals(row, working_allowed)]
    if kind not in ("initiative", "meeting"):
        return refusals
    present = {fact["key"]: fact for fact in json.loads(content or freeze(kind, key, subject))["facts"]}
    return refusals + fact_refusals({row.key: row for row in subject.facts.all()}, present, _published(kind, key))


@dataclass(frozen=True)
class Draft:
    """What a proposal of a subject would freeze now: its content, and those of entries it needs that are not public.

    `digest` changes with any of these contents, but not with the state of a translation: who proposes may confirm it
    in the same step, and nothing is proposed without.
    """

    kind: str
    key: str
    content: str
    entries: dict[tuple[str, str], str]
    subject: Model

    @property
    def caption(self) -> str:
        return Edition(subject_kind=self.kind, subject_key=self.key, content=self.content).caption

    @property
    def digest(self) -> str:
        entries = {"/".join(subject): _without_states(content) for subject, content in self.entries.items()}
        return digest(canonical({"subject": _without_states(self.content), "entries": entries}))

    def companions(self) -> dict[tuple[str, str], str]:
        """The entries that would be proposed with it: nobody has proposed them yet. One query, none for no entries."""
        if not self.entries:
            return {}
        waiting = set(Edition.objects.filter(state__in=OPEN).values_list("subject_kind", "subject_key"))
        return {subject: content for subject, content in sorted(self.entries.items()) if subject not in waiting}


def _without_states(content: str):
    def strip(value):
        if isinstance(value, dict):
            return {name: strip(part) for name, part in value.items() if name != "translation_state"}
        return [strip(part) for part in value] if isinstance(value, list) else value

    return strip(json.loads(content))


def draft(kind: str, key: str, subject: Model | None = None) -> Draft:
    """Freeze a subject, whose row may be there already, and the entries it needs; saves nothing. Raises Refused."""
    subject = subject or load_subjects(kind, [key]).get(key)
    content = freeze(kind, key, subject)
    entries = _needed_at_any_remove([content], lambda named: _published_among(named) | {(kind, key)})
    return Draft(kind, key, content, entries, subject)


def _published_among(subjects: set[tuple[str, str]]) -> set[tuple[str, str]]:
    rows = Edition.objects.published().filter(subject_key__in={key for _kind, key in subjects})
    return set(rows.order_by().values_list("subject_kind", "subject_key"))


def proposal_refusals(drafted: Draft, author) -> list[Refusal]:
    """Why this author cannot propose the draft."""
    if not (author.delegation and author.is_active and author.has_perm("initiatives.propose_edition")):
        return [Refusal(_("You do not have permission to propose versions."))]
    waiting, content = open_proposal(drafted.kind, drafted.key), drafted.content
    if waiting is not None and waiting.digest == digest(content):
        return [Refusal(_("%(text)s is already awaiting approval without changes.") % {"text": drafted.caption})]
    if _is_published(drafted.kind, drafted.key, content):
        return [Refusal(_("%(text)s has not changed since its published version.") % {"text": drafted.caption})]
    refusals = freeze_refusals(drafted.kind, drafted.key, subject=drafted.subject, content=drafted.content)
    return refusals + [refusal for entry in drafted.companions() for refusal in freeze_refusals(*entry)]


def open_proposal(kind: str, key: str) -> Edition | None:
    return Edition.objects.filter(subject_kind=kind, subject_key=key, state__in=OPEN).first()


def propose(kind: str, key: str, author, reason: str = "", expected_digest: str | None = None) -> list[Edition]:
    """Freeze a subject and the entries it needs that are not public yet. Raises Refused, naming each field.

    An open proposal of the subject is replaced; `reason` says why, and is required where it has an approval. With
    `expected_digest` (of `Draft`), a draft that changed since the author saw it is refused.
    """
    with transaction.atomic():
        _lock(kind, [key])
        return _propose(draft(kind, key), author, reason, expected_digest)


def propose_many(
    kind: str, wanted: dict[str, tuple[str, str | None]], author
) -> Iterator[tuple[str, list[Edition] | ValidationError]]:
    """Propose subjects as `propose` does, given reason and expected digest by key: what was made of each, or why not.

    So many at once share their queries and a transaction.
    """
    every = list(wanted)
    for start in range(0, len(every), TEXTS_AT_ONCE):
        keys = every[start : start + TEXTS_AT_ONCE]
        with transaction.atomic():
            _lock(kind, keys)
            rows = load_subjects(kind, keys)
            made = {key: _propose_or_refuse(kind, key, rows.get(key), author, *wanted[key]) for key in keys}
        yield from made.items()


def _propose_or_refuse(kind, key, subject, author, reason, expected_digest) -> list[Edition] | ValidationError:
    try:
        with transaction.atomic():
            return _propose(draft(kind, key, subject), author, reason, expected_digest)
    except ValidationError as refused:
        return refused


def _propose(drafted: Draft, author, reason: str, expected_digest: str | None) -> list[Edition]:
    kind, key = drafted.kind, drafted.key
    reasons = [refusal.message for refusal in proposal_refusals(drafted, author)]
    if expected_digest is not None and expected_digest != drafted.digest:
        reasons.insert(0, _("The data changed after you opened this page. Read it again before you propose it."))
    if reasons:
        raise Refused(reasons)
    waiting = open_proposal(kind, key)
    if waiting is not None:
        clearance.replace(waiting, author, reason)
    contents_ = {(kind, key): drafted.content, **drafted.companions()}
    made = [_create(*subject, content, author=author) for subject, content in contents_.items()]
    for text in made:
        clearance.note(text, StepAction.PROPOSED, author)
    return made


def _lock(kind: str, keys: Iterable[str]) -> None:
    """Serialize proposals of the same subject."""
    # By its key: the usual order of a table may join others, which PostgreSQL does not lock.
    list(MODELS[kind].objects.select_for_update().filter(key__in=keys).order_by("pk").values_list("pk"))


def _is_published(kind: str, key: str, content: str) -> bool:
    same = Edition.objects.published().filter(subject_kind=kind, subject_key=key, digest=digest(content))
    return same.exists()


def _is_unchanged(kind: str, key: str, content: str) -> bool:
    """True where the newest edition, withdrawn or not, says the same."""
    released = Edition.objects.filter(subject_kind=kind, subject_key=key, number__isnull=False)
    return released.order_by(*NEWEST_FIRST).values_list("digest", flat=True).first() == digest(content)


def _needed_at_any_remove(texts: Iterable[str], known=lambda _named: frozenset()) -> dict[tuple[str, str], str]:
    """Each subject that the texts need, with its own content; known ones are left out, with what they need.

    `known` returns those of some subjects that are known.
    """
    contents: dict[tuple[str, str], str] = {}
    unread = list(texts)
    while unread:
        data = json.loads(unread.pop())
        named = _named(data) - set(contents)
        for subject in named - known(named):
            contents[subject] = freeze(*subject)
            unread.append(contents[subject])
    return contents


def _named(data: dict) -> set[tuple[str, str]]:
    """The entries that are published with a content: those that it names."""
    return snapshot_content.needed(data) | _sides(data)


def _sides(data: dict) -> set[tuple[str, str]]:
    """Both sides of a border crossing are published with it."""
    if data.get("place_kind") != PlaceKind.CROSSING:
        return set()
    return {("place", key) for key in Place.objects.filter(parent__key=data["key"]).values_list("key", flat=True)}


def _create(kind: str, key: str, content: str, **columns) -> Edition:
    return Edition.objects.create(
        subject_kind=kind, subject_key=key, content=content, digest=digest(content), **columns
    )


def enter_joint_text(
    source: Source, named: Named | None = None, older_contents: dict[tuple[str, str], str] | None = None
) -> list[Edition]:
    """Publish, as of its day, what the record holds from a text of its own day. For commands only. Raises Refused.

    Takes each initiative that cites the source, its meeting, the pillars and meetings of that cycle and the
    register entries that they need; skips what is public or withdrawn with the same content. `named`: the rows of the
    files that were just loaded. Where later texts are public, `older_contents` is what `freeze_older_text` froze.
    """
    with transaction.atomic():
        day = _source_day(source)
        if older_contents is None and has_later_editions(day):
            older_contents = freeze_older_text(source, named)
        if older_contents is not None:
            return _enter_older_text(source, day, older_contents)
        meet_expected(source, day)
        subjects = _source_subjects(source) | {
            ("pillar", key) for file, key, *_rest in named or () if file == "pillars"
        }
        for subject in subjects:
            _add_date_changes(*subject, day)
        contents = {subject: freeze(*subject) for subject in subjects}
        contents |= _needed_at_any_remove(contents.values())
        changed = {s: content for s, content in sorted(contents.items()) if not _is_unchanged(*s, content)}
        if source.kind not in JOINT_KINDS:  # The pillars are those of both governments.
            changed = {s: content for s, content in changed.items() if s[0] != "pillar" or _published(*s) is None}
        reasons = [reason for subject in changed for reason in freeze_refusal_messages(*subject, working_allowed=True)]
        if reasons:
            raise Refused(reasons)
        if not changed:
            return []
        made = [
            _create(*subject, content, basis=Basis.JOINT_TEXT, source_key=_basis_source(source, _published(*subject)))
            for subject, content in changed.items()
        ]
        release_joint_text(made, day)
        return made


def _basis_source(source: Source, before: Edition | None) -> str:
    """Of a joint document and another of the same day, the joint one is what a version is based on."""
    if source.kind in JOINT_KINDS or before is None or before.public_from != source.date_latest:
        return source.key
    is_joint = Source.objects.filter(key=before.source_key, kind__in=JOINT_KINDS).exists()
    return before.source_key if is_joint else source.key


def _add_date_changes(kind: str, key: str, day: datetime.date) -> None:
    """A text that gives another date than the one before it changed that date on its day."""
    published = _published_facts(kind, key)
    facts = json.loads(freeze(kind, key))["facts"] if published else ()
    for fact in facts:
        before = published.get(fact["key"])
        if before and (change := missing_date_change(before, fact, day)):
            row = MODELS[kind].objects.get(key=key).facts.get(key=fact["key"])
            row.date_changes.create(**change)


def freeze_older_text(source: Source, named: Named | None = None) -> dict[tuple[str, str], str]:
    """What the record held on the day of a text, where later texts are public already. Raises Refused.

    `named`: the rows of the files that were just loaded.
    """
    record = RecordOfDay(_source_day(source), named)
    contents, reasons = {}, []
    waiting = sorted(_subjects_of_older_text(source, record))
    while waiting:
        kind, key = subject = waiting.pop()
        is_joint = kind != "pillar" or source.kind in JOINT_KINDS
        if subject in contents or (not is_joint and subject in record.editions):
            continue
        contents[subject] = content = _content_of_day(kind, key, record)
        reasons += _refusals_of_older_text(kind, key, json.loads(content), record)
        waiting += [needed for needed in _named(json.loads(content)) if needed not in contents]
    if reasons:
        raise Refused([refusal.message for refusal in reasons])
    return contents


def _subjects_of_older_text(source: Source, record: RecordOfDay) -> set[tuple[str, str]]:
    later = set(Meeting.objects.filter(date_earliest__gt=record.day).values_list("key", flat=True))
    cited = {source.meeting.key} if source.meeting else set()
    cited |= set(Meeting.objects.filter(_cited_by(source)).values_list("key", flat=True))
    of_source = {
        (kind, key)
        for kind, key in _source_subjects(source)
        if kind != "meeting" or (key not in later and (record.names(kind, key) or key in cited))
    }
    return of_source | {
        (kind, key)
        for kind in ("initiative", "meeting", "pillar")
        for key in MODELS[kind].objects.values_list("key", flat=True)
        if record.names(kind, key) and (kind != "meeting" or key not in later)
    }


def _content_of_day(kind: str, key: str, record: RecordOfDay) -> str:
    """An entry of the register that the text only mentions is repeated from the version nearest in time."""
    is_mentioned = kind not in ("initiative", "meeting") and not record.names(kind, key)
    nearest = record.editions.get((kind, key))
    if is_mentioned and nearest is None:
        nearest = clearance.earliest_edition(Edition.objects.of_kind(kind).filter(subject_key=key))
    if is_mentioned and nearest is not None:
        return nearest.content
    content = record.content(json.loads(freeze(kind, key)))
    _validator(kind).validate(content)
    return canonical(content)


def _refusals_of_older_text(kind: str, key: str, content: dict, record: RecordOfDay) -> list[Refusal]:
    subject = MODELS[kind].objects.get(key=key)
    if (kind, key) in record.editions and record.editions[kind, key].data == content:
        return []
    refusals = [refusal for row in subject_rows(subject) for refusal in text_refusals(row, working_allowed=True)]
    if kind not in ("initiative", "meeting"):
        return refusals
    rows = {row.key: row for row in subject.facts.all()}
    facts = {fact["key"]: fact for fact in content["facts"]}
    return refusals + fact_refusals(rows, facts, record.editions.get((kind, key)))


def _enter_older_text(source: Source, day: datetime.date, contents: dict[tuple[str, str], str]) -> list[Edition]:
    record = RecordOfDay(day)
    known = {subject: edition.digest for subject, edition in record.editions.items()}
    changed = {s: content for s, content in sorted(contents.items()) if known.get(s) != digest(content)}
    made = [
        _create(*s, content, basis=Basis.JOINT_TEXT, source_key=_basis_source(source, record.editions.get(s)))
        for s, content in changed.items()
    ]
    if made:
        release_joint_text(made, day)
    # A text has one open proposal at most: those of each later day are created when that day is published.
    later: dict[datetime.date, list[dict]] = {}
    for kind, key in [subject for subject in changed if subject[0] in ("initiative", "meeting")]:
        date_changes: dict[str, dict] = {}
        for edition in later_editions((kind, key), day):
            data = record.extend(json.loads(changed[kind, key]), edition.data, edition.public_from, date_changes)
            if (content := canonical(data)) != edition.content:
                # The entry of a meeting that its later text only mentions is based on the text that tells of it.
                is_cited = edition.source_key in snapshot_content.cited(data)
                source_key = edition.source_key if is_cited or kind == "initiative" else source.key
                values = {"kind": kind, "key": key, "content": content, "source_key": source_key}
                later.setdefault(edition.public_from, []).append(values)
                keep_date_changes((kind, key), data)
    for later_day, versions in sorted(later.items()):
        texts = [_create(**values, basis=Basis.JOINT_TEXT) for values in versions]
        release_joint_text(texts, later_day)
        made += texts
    return made + _meet_expected_since(day)


def _meet_expected_since(day: datetime.date) -> list[Edition]:
    """Versions in which a meeting is met that an older text expected, or of which it tells."""
    public = Edition.objects.published().of_kind("source").values("subject_key")
    sources = Source.objects.filter(key__in=public, meeting__isnull=False, date_latest__gte=day)
    made = []
    for source in sources.order_by("date_latest", "key"):
        met: dict[str, set[str]] = {}
        for fact in meet_expected(source, source.date_latest):
            met.setdefault(fact.meeting.key, set()).add(fact.key)
        for key, fact_keys in met.items():
            made += _repeat_with_facts(key, fact_keys, source)
    return made


def _repeat_with_facts(meeting: str, fact_keys: set[str], source: Source) -> list[Edition]:
    """The versions of a meeting from the day of the source on, with these items as the record holds them now."""
    facts = {fact["key"]: fact for fact in json.loads(freeze("meeting", meeting))["facts"]}
    of_day = Edition.objects.public(Moment(source.date_latest)).of_kind("meeting").filter(subject_key=meeting)
    made = []
    for edition in [*of_day, *later_editions(("meeting", meeting), source.date_latest)]:
        if edition.basis != Basis.JOINT_TEXT:
            continue
        known = [facts[fact["key"]] if fact["key"] in fact_keys else fact for fact in edition.data["facts"]]
        content = canonical(edition.data | {"facts": known})
        text = _create("meeting", meeting, content, basis=Basis.JOINT_TEXT, source_key=edition.source_key)
        release_joint_text([text], max(edition.public_from, source.date_latest))
        made.append(text)
    return made


def _older_entries(subjects: set[tuple[str, str]], source_key: str, day: datetime.date) -> list[Edition]:
    """Editions of those entries, and of what they name, of which everything public counts from a later day.

    Each repeats the earliest edition of its entry: readers of that day need its name, and the working record may hold
    what nobody cleared.
    """
    known = set(Edition.objects.known(Moment(day)).order_by().values_list("subject_kind", "subject_key"))
    made = []
    waiting = sorted(subjects)
    while waiting:
        kind, key = waiting.pop()
        if (kind, key) in known:
            continue
        known.add((kind, key))
        earliest = clearance.earliest_edition(Edition.objects.of_kind(kind).filter(subject_key=key))
        if earliest is not None:
            made.append(_create(kind, key, earliest.content, basis=Basis.JOINT_TEXT, source_key=source_key))
            waiting += sorted(_named(earliest.data))
    return made


def freeze_referenced_entries(subjects: set[tuple[str, str]], source_key: str, day: datetime.date) -> list[Edition]:
    """Freeze entries that a text of another table names and that are not public on its day, to be published with it.

    For commands only.

    Raises Refused, naming each field.
    """
    contents = {subject: freeze(*subject) for subject in subjects}
    contents |= _needed_at_any_remove(contents.values())
    missing = {s: content for s, content in sorted(contents.items()) if _published(*s) is None}
    reasons = [reason for subject in missing for reason in freeze_refusal_messages(*subject, working_allowed=True)]
    if reasons:
        raise Refused(reasons)
    made = [_create(*s, content, basis=Basis.JOINT_TEXT, source_key=source_key) for s, content in missing.items()]
    return made + _older_entries(set(contents) - set(missing), source_key, day)


def _source_day(source: Source) -> datetime.date:
    if source.date_earliest is None or source.date_earliest != source.date_latest:
        raise Refused([_("The document “%(text)s” has no exact date.") % {"text": source.key}])
    return source.date_latest


def _source_subjects(source: Source) -> set[tuple[str, str]]:
    citations = Citation.objects.filter(source=source)
    subjects = {("source", source.key)}
    for path in ("initiative", "fact__initiative", "reading__fact__initiative"):
        keys = citations.exclude(**{path: None}).values_list(f"{path}__key", flat=True)
        subjects |= {("initiative", key) for key in keys}
    subjects |= {("organization", key) for key in source.ended_organizations.values_list("key", flat=True)}
    meetings = Meeting.objects.filter(_cited_by(source))
    subjects |= {("meeting", key) for key in meetings.values_list("key", flat=True)}
    for cycle in Cycle.objects.filter(meetings=source.meeting) if source.meeting else ():
        subjects |= {("pillar", key) for key in cycle.pillars.values_list("key", flat=True)}
        subjects |= {("meeting", key) for key in cycle.meetings.values_list("key", flat=True)}
    return subjects


def _cited_by(source: Source) -> Q:
    """Condition on meetings of which a source says something."""
    return Q(facts__citations__source=source) | Q(attendances__citations__source=source)
