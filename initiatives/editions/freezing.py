"""Freezes working rows into the content of texts, and says why a row cannot be frozen."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from django.db.models import Model
from django.utils.translation import gettext as _

from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.published_querysets import IN_TIME
from initiatives.content import snapshot_content
from initiatives.content.content_schema import content_schema
from initiatives.content.fields import FIELDS
from initiatives.models import Edition, Initiative, Meeting, Organization, Pillar, Place, Source, Topic
from initiatives.vocabulary.choices import PlaceKind

from .proposal_validation import Refusal, fact_refusals, text_refusals
from .snapshot import FREEZERS, load_related, subject_rows

#: The kind and the key of what a text is about.
Subject = tuple[str, str]
WITH_FACTS = ("initiative", "meeting")
#: Subjects whose rows are read together.
SUBJECTS_AT_ONCE = 200
MODELS = {
    "organization": Organization,
    "place": Place,
    "topic": Topic,
    "source": Source,
    "pillar": Pillar,
    "meeting": Meeting,
    "initiative": Initiative,
}


@cache
def content_validator(kind: str):
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": content_schema()["$defs"]})


def load_subjects(kind: str, keys: Iterable[str]) -> dict[str, Model]:
    """The working rows of subjects by key, with all that freezing reads, in as many queries for many as for one."""
    rows = list(MODELS[kind].objects.filter(key__in=keys))
    load_related(kind, rows)
    return {row.key: row for row in rows}


def freeze(kind: str, key: str, subject: Model | None = None) -> str:
    """Return the canonical content of a subject, whose row may be there already.

    Raises Refused where there is none, or where a value is not allowed: forms refuse those, a shell does not.
    """
    subject = subject or load_subjects(kind, [key]).get(key)
    return _freeze_row(kind, key, subject, facts_by_key(published_with_facts([(kind, key)]).get((kind, key))))


def freeze_all(
    subjects: Iterable[Subject],
    refusals: dict[Subject, list[Refusal]] | None = None,
    progress: Callable[[int], None] = lambda count: None,
) -> dict[Subject, str]:
    """The contents of subjects, in as many queries for many of a kind as for one. Raises Refused.

    `refusals` gets why each cannot be published from a document, `progress` now and then how many are done.
    """
    contents = {}
    for kind, keys in _slices_by_kind(subjects):
        rows, published = load_subjects(kind, keys), published_with_facts((kind, key) for key in keys)
        for key in keys:
            subject, row, before = (kind, key), rows.get(key), published.get((kind, key))
            contents[subject] = _freeze_row(kind, key, row, facts_by_key(before))
            if refusals is not None:
                refusals[subject] = row_refusals(kind, row, json.loads(contents[subject]), before, working_allowed=True)
        if len(keys) == SUBJECTS_AT_ONCE:
            progress(len(contents))
    return contents


def _freeze_row(kind: str, key: str, subject: Model | None, published: dict[str, dict]) -> str:
    if subject is None:
        raise Refused([_("%(text)s does not exist.") % {"text": f"{kind}/{key}"}])
    data = {
        "schema_version": snapshot_content.SCHEMA_VERSION,
        "kind": kind,
        **FREEZERS[kind](subject, published),
    }
    if mistake := next(content_validator(kind).iter_errors(data), None):
        name = str(mistake.instance_path[0]) if mistake.instance_path else ""
        label = next((field.label for field in FIELDS[kind] if name in field.names), name)
        names = {"text": subject, "field": label}
        raise Refused([_("“%(text)s”: the value of “%(field)s” is missing or not allowed. Correct it first.") % names])
    return canonical(data)


def _slices_by_kind(subjects: Iterable[Subject]) -> Iterator[tuple[str, list[str]]]:
    """So many keys of one kind at once that their rows fit into memory."""
    keys = defaultdict(list)
    for kind, key in subjects:
        keys[kind].append(key)
    for kind, of_kind in keys.items():
        for start in range(0, len(of_kind), SUBJECTS_AT_ONCE):
            yield kind, of_kind[start : start + SUBJECTS_AT_ONCE]


def published_among(subjects: Iterable[Subject]) -> dict[Subject, Edition]:
    """The published edition of each of these subjects that has one."""
    found = {}
    for kind, keys in _slices_by_kind(set(subjects)):
        editions = Edition.objects.published().filter(subject_kind=kind, subject_key__in=keys).order_by()
        found |= {(kind, edition.subject_key): edition for edition in editions}
    return found


def newest_digests(subjects: Iterable[Subject]) -> dict[Subject, str]:
    """The digest of the newest edition of each that has one, withdrawn or not."""
    found = {}
    for kind, keys in _slices_by_kind(set(subjects)):
        released = Edition.objects.filter(subject_kind=kind, subject_key__in=keys, number__isnull=False)
        rows = released.order_by(*IN_TIME).values_list("subject_key", "digest")
        found |= {(kind, key): digest for key, digest in rows}
    return found


def published_with_facts(subjects: Iterable[Subject]) -> dict[Subject, Edition]:
    """The published edition of those of a kind that has facts: rows are compared with them."""
    subjects = [subject for subject in subjects if subject[0] in WITH_FACTS]
    return published_among(subjects) if subjects else {}


def facts_by_key(edition: Edition | None) -> dict[str, dict]:
    return {fact["key"]: fact for fact in edition.data["facts"]} if edition else {}


def freeze_refusals(
    kind: str, key: str, *, working_allowed: bool = False, subject: Model | None = None, content: str = ""
) -> list[Refusal]:
    """Why a subject cannot be frozen for publication, with the row of each; row and content may be there already."""
    subject = subject or load_subjects(kind, [key])[key]
    published = published_with_facts([(kind, key)]).get((kind, key))
    return row_refusals(kind, subject, json.loads(content or freeze(kind, key, subject)), published, working_allowed)


def row_refusals(
    kind: str, subject: Model, content: dict, published: Edition | None, working_allowed: bool
) -> list[Refusal]:
    """Why a subject with this content cannot be published after that edition."""
    refusals = [refusal for row in subject_rows(subject) for refusal in text_refusals(row, working_allowed)]
    if kind not in WITH_FACTS:
        return refusals
    present = {fact["key"]: fact for fact in content["facts"]}
    return refusals + fact_refusals({row.key: row for row in subject.facts.all()}, present, published)


def freeze_needed(
    texts: Iterable[str],
    known=lambda _named: frozenset(),
    refusals: dict[Subject, list[Refusal]] | None = None,
) -> dict[Subject, str]:
    """Each subject that the texts need, with its own content; known ones are left out, with what they need.

    `known` returns those of some subjects that are known; `refusals` as for `freeze_all`.
    """
    contents: dict[Subject, str] = {}
    unread = list(texts)
    while unread:
        named = named_subjects([json.loads(content) for content in unread]) - set(contents)
        found = freeze_all(sorted(named - known(named)), refusals)
        contents |= found
        unread = list(found.values())
    return contents


def named_subjects(contents: Iterable[dict]) -> set[Subject]:
    """The entries that are published with these contents: those that they name, and both sides of a crossing."""
    named, crossings = set(), set()
    for data in contents:
        named |= snapshot_content.needed(data)
        if data.get("place_kind") == PlaceKind.CROSSING:
            crossings.add(data["key"])
    sides = Place.objects.filter(parent__key__in=crossings).values_list("key", flat=True) if crossings else ()
    return named | {("place", key) for key in sides}


def create_edition(kind: str, key: str, content: str, **columns) -> Edition:
    return Edition.objects.create(
        subject_kind=kind, subject_key=key, content=content, digest=digest(content), **columns
    )
