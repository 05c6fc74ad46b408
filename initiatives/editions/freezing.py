"""Freezes working rows into the content of texts, and says why a row cannot be frozen."""

import json
from collections.abc import Iterable
from functools import cache

from django.db.models import Model
from django.utils.translation import gettext as _

from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused
from initiatives.content import snapshot_content
from initiatives.content.content_schema import content_schema
from initiatives.content.fields import FIELDS
from initiatives.models import Edition, Initiative, Meeting, Organization, Pillar, Place, Source, Topic
from initiatives.vocabulary.choices import PlaceKind

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


@cache
def content_validator(kind: str):
    import jsonschema

    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": content_schema()["$defs"]})


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
    if subject is None:
        raise Refused([_("%(text)s does not exist.") % {"text": f"{kind}/{key}"}])
    data = {
        "schema_version": snapshot_content.SCHEMA_VERSION,
        "kind": kind,
        **FREEZERS[kind](subject, published_facts(kind, key)),
    }
    if mistake := next(content_validator(kind).iter_errors(data), None):
        name = str(mistake.path[0]) if mistake.path else ""
        label = next((field.label for field in FIELDS[kind] if name in field.names), name)
        names = {"text": subject, "field": label}
        raise Refused([_("“%(text)s”: the value of “%(field)s” is missing or not allowed. Correct it first.") % names])
    return canonical(data)


def published_edition(kind: str, key: str) -> Edition | None:
    return Edition.objects.published().filter(subject_kind=kind, subject_key=key).first()


def published_facts(kind: str, key: str) -> dict[str, dict]:
    """The facts of the published edition, by key."""
    published = published_edition(kind, key) if kind in ("initiative", "meeting") else None
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
    return refusals + fact_refusals(
        {row.key: row for row in subject.facts.all()}, present, published_edition(kind, key)
    )


def freeze_needed(texts: Iterable[str], known=lambda _named: frozenset()) -> dict[tuple[str, str], str]:
    """Each subject that the texts need, with its own content; known ones are left out, with what they need.

    `known` returns those of some subjects that are known.
    """
    contents: dict[tuple[str, str], str] = {}
    unread = list(texts)
    while unread:
        data = json.loads(unread.pop())
        named = named_subjects(data) - set(contents)
        for subject in named - known(named):
            contents[subject] = freeze(*subject)
            unread.append(contents[subject])
    return contents


def named_subjects(data: dict) -> set[tuple[str, str]]:
    """The entries that are published with a content: those that it names."""
    return snapshot_content.needed(data) | _sides(data)


def _sides(data: dict) -> set[tuple[str, str]]:
    """Both sides of a border crossing are published with it."""
    if data.get("place_kind") != PlaceKind.CROSSING:
        return set()
    return {("place", key) for key in Place.objects.filter(parent__key=data["key"]).values_list("key", flat=True)}


def create_edition(kind: str, key: str, content: str, **columns) -> Edition:
    return Edition.objects.create(
        subject_kind=kind, subject_key=key, content=content, digest=digest(content), **columns
    )
