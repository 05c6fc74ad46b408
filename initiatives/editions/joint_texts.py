"""Freezes what a historical joint text says, and publishes it as of its day. For commands only."""

import datetime
import json
from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import releasing
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.releasing import release_joint_text
from hled_portal.publishing.signed_text import Basis
from initiatives.content import snapshot_content
from initiatives.models import Citation, Cycle, Edition, Meeting, Source
from initiatives.vocabulary.choices import JOINT_KINDS

from .expected_meetings import meet_expected
from .freezing import (
    MODELS,
    WITH_FACTS,
    Subject,
    content_validator,
    create_edition,
    facts_by_key,
    freeze,
    freeze_all,
    freeze_needed,
    load_subjects,
    named_subjects,
    newest_digests,
    published_among,
    published_with_facts,
    row_refusals,
)
from .older_editions import (
    Named,
    RecordOfDay,
    has_later_editions,
    keep_date_changes,
    later_editions,
    missing_date_change,
)
from .proposal_validation import Refusal


def enter_joint_text(
    source: Source,
    named: Named | None = None,
    older_contents: dict[Subject, str] | None = None,
    progress: Callable[[str], None] = lambda line: None,
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
        _add_date_changes(subjects, day)
        refusals: dict[Subject, list[Refusal]] = {}
        said = _("Texts checked: %(count)s of %(total)s")
        contents = freeze_all(
            subjects, refusals, lambda count: progress(said % {"count": count, "total": len(subjects)})
        )
        contents |= freeze_needed(contents.values(), refusals=refusals)
        newest = newest_digests(contents)
        changed = {s: content for s, content in sorted(contents.items()) if newest.get(s) != digest(content)}
        published = published_among(changed)
        if source.kind not in JOINT_KINDS:  # The pillars are those of both governments.
            changed = {s: content for s, content in changed.items() if s[0] != "pillar" or s not in published}
        _refuse_any(changed, refusals)
        if not changed:
            return []
        progress(_("Texts to publish: %(count)s") % {"count": len(changed)})
        made = [
            create_edition(
                *subject, content, basis=Basis.JOINT_TEXT, source_key=_basis_source(source, published.get(subject))
            )
            for subject, content in changed.items()
        ]
        release_joint_text(made, day)
        return made


def _refuse_any(subjects: Iterable[Subject], refusals: dict[Subject, list[Refusal]]) -> None:
    if messages := [refusal.message for subject in subjects for refusal in refusals[subject]]:
        raise Refused(messages)


def _basis_source(source: Source, before: Edition | None) -> str:
    """Of a joint document and another of the same day, the joint one is what a version is based on."""
    if source.kind in JOINT_KINDS or before is None or before.public_from != source.date_latest:
        return source.key
    is_joint = Source.objects.filter(key=before.source_key, kind__in=JOINT_KINDS).exists()
    return before.source_key if is_joint else source.key


def _add_date_changes(subjects: set[Subject], day: datetime.date) -> None:
    """A text that gives another date than the one before it changed that date on its day."""
    published = {subject: facts_by_key(each) for subject, each in published_with_facts(subjects).items()}
    for (kind, key), content in freeze_all(published).items():
        for fact in json.loads(content)["facts"]:
            before = published[kind, key].get(fact["key"])
            if before and (change := missing_date_change(before, fact, day)):
                row = MODELS[kind].objects.get(key=key).facts.get(key=fact["key"])
                row.date_changes.create(**change)


def freeze_older_text(source: Source, named: Named | None = None) -> dict[Subject, str]:
    """What the record held on the day of a text, where later texts are public already. Raises Refused.

    `named`: the rows of the files that were just loaded.
    """
    record = RecordOfDay(_source_day(source), named)
    contents, refusals = {}, []
    waiting = _subjects_of_older_text(source, record)
    while waiting:
        if source.kind not in JOINT_KINDS:  # The pillars are those of both governments.
            waiting = {subject for subject in waiting if subject[0] != "pillar" or subject not in record.editions}
        found = _contents_of_day(waiting, record)
        contents |= found
        data = {subject: json.loads(content) for subject, content in sorted(found.items())}
        refusals += _refusals_of_older_text(data, record)
        waiting = named_subjects(data.values()) - set(contents)
    if refusals:
        raise Refused([refusal.message for refusal in refusals])
    return contents


def _subjects_of_older_text(source: Source, record: RecordOfDay) -> set[Subject]:
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


def _contents_of_day(subjects: set[Subject], record: RecordOfDay) -> dict[Subject, str]:
    """An entry of the register that the text only mentions is repeated from the version nearest in time."""
    contents = {}
    for kind, key in subjects:
        if kind in WITH_FACTS or record.names(kind, key):
            continue
        nearest = record.editions.get((kind, key))
        if nearest is None:
            nearest = releasing.earliest_edition(Edition.objects.of_kind(kind).filter(subject_key=key))
        if nearest is not None:
            contents[kind, key] = nearest.content
    for (kind, key), content in freeze_all(subjects - set(contents)).items():
        data = record.content(json.loads(content))
        content_validator(kind).validate(data)
        contents[kind, key] = canonical(data)
    return contents


def _refusals_of_older_text(contents: dict[Subject, dict], record: RecordOfDay) -> list[Refusal]:
    refusals = []
    for (kind, key), data in contents.items():
        before = record.editions.get((kind, key))
        if before is None or before.data != data:
            row = load_subjects(kind, [key])[key]
            refusals += row_refusals(kind, row, data, before, working_allowed=True)
    return refusals


def _enter_older_text(source: Source, day: datetime.date, contents: dict[Subject, str]) -> list[Edition]:
    record = RecordOfDay(day)
    known = {subject: edition.digest for subject, edition in record.editions.items()}
    changed = {s: content for s, content in sorted(contents.items()) if known.get(s) != digest(content)}
    made = [
        create_edition(*s, content, basis=Basis.JOINT_TEXT, source_key=_basis_source(source, record.editions.get(s)))
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
        texts = [create_edition(**values, basis=Basis.JOINT_TEXT) for values in versions]
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
        text = create_edition("meeting", meeting, content, basis=Basis.JOINT_TEXT, source_key=edition.source_key)
        release_joint_text([text], max(edition.public_from, source.date_latest))
        made.append(text)
    return made


def _older_entries(subjects: set[Subject], source_key: str, day: datetime.date) -> list[Edition]:
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
        earliest = releasing.earliest_edition(Edition.objects.of_kind(kind).filter(subject_key=key))
        if earliest is not None:
            made.append(create_edition(kind, key, earliest.content, basis=Basis.JOINT_TEXT, source_key=source_key))
            waiting += sorted(named_subjects([earliest.data]))
    return made


def freeze_referenced_entries(subjects: set[Subject], source_key: str, day: datetime.date) -> list[Edition]:
    """Freeze entries that a text of another table names and that are not public on its day, to be published with it.

    For commands only.

    Raises Refused, naming each field.
    """
    refusals: dict[Subject, list[Refusal]] = {}
    contents = freeze_all(subjects, refusals)
    contents |= freeze_needed(contents.values(), refusals=refusals)
    published = published_among(contents)
    missing = {s: content for s, content in sorted(contents.items()) if s not in published}
    _refuse_any(missing, refusals)
    made = [
        create_edition(*s, content, basis=Basis.JOINT_TEXT, source_key=source_key) for s, content in missing.items()
    ]
    return made + _older_entries(set(contents) - set(missing), source_key, day)


def _source_day(source: Source) -> datetime.date:
    if source.date_earliest is None or source.date_earliest != source.date_latest:
        raise Refused([_("The document “%(text)s” has no exact date.") % {"text": source.key}])
    return source.date_latest


def _source_subjects(source: Source) -> set[Subject]:
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
