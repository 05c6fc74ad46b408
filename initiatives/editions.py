"""Freezing: the only room that turns working records into texts to be signed.

`propose` freezes one subject, with the register entries that it needs, for both delegations' keys;
`enter_joint_text` freezes what a historical joint text says and publishes it as of its day.
"""

import datetime
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import jsonschema
from django.db import transaction
from django.utils.translation import gettext as _

from hled_portal import clearance
from hled_portal.bilingual import BilingualModel, TranslationState
from hled_portal.canonical import canonical, digest
from hled_portal.clearance import Refused, release_joint_text
from hled_portal.models import StepAction
from hled_portal.signed import OPEN, Basis

from . import contents
from .freezing import FREEZERS, subject_rows
from .models import Citation, Cycle, Edition, Initiative, Meeting, Organization, Pillar, Place, Source, Topic
from .vocabulary import PlaceKind

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
def schema() -> dict:
    """The JSON Schema of frozen contents."""
    path = Path(__file__).parent / "schema" / f"edition-{contents.VERSION}.json"
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def _validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema()["$defs"]})


def freeze(kind: str, key: str) -> str:
    """Return the canonical content of a subject as it stands. Raises Refused when there is none."""
    subject = MODELS[kind].objects.filter(key=key).first()
    if subject is None:
        raise Refused([_("There is no %(text)s.") % {"text": f"{kind}/{key}"}])
    data = {"schema_version": contents.VERSION, "kind": kind, **FREEZERS[kind](subject, _published_facts(kind, key))}
    _validator(kind).validate(data)
    return canonical(data)


def _published(kind: str, key: str) -> Edition | None:
    return Edition.objects.published().filter(subject_kind=kind, subject_key=key).first()


def _published_facts(kind: str, key: str) -> dict[str, dict]:
    """The facts of the published edition, by key."""
    published = _published(kind, key) if kind in ("initiative", "meeting") else None
    return {fact["key"]: fact for fact in published.data["facts"]} if published else {}


def refusals(kind: str, key: str, *, working_allowed: bool = False) -> list[str]:
    """Why a subject cannot be frozen for publication, naming each field."""
    found = []
    for row in subject_rows(MODELS[kind].objects.get(key=key)):
        found += _text_refusals(row, working_allowed)
    return found + _vanished(kind, key)


def _text_refusals(row: BilingualModel, working_allowed: bool) -> list[str]:
    names = {"row": str(row), "kind": row._meta.verbose_name}
    found = []
    for column in row.missing_texts():
        label = row._meta.get_field(column).verbose_name
        found.append(_("%(kind)s “%(row)s”: %(field)s is missing.") % {**names, "field": label})
    if row.translation_is_older():
        found.append(_("%(kind)s “%(row)s”: the translation is older than the original.") % names)
    elif _has_texts(row) and row.translation_state != TranslationState.AGREED and not working_allowed:
        found.append(_("%(kind)s “%(row)s”: the translation is not agreed yet.") % names)
    return found


def _has_texts(row: BilingualModel) -> bool:
    return any(getattr(row, f"{name}_{row.original_language}") for name in row.pairs)


def _vanished(kind: str, key: str) -> list[str]:
    """Milestones, amounts and readings of the published edition that would just disappear."""
    published = _published(kind, key)
    if published is None:
        return []
    present = {fact["key"]: fact for fact in json.loads(freeze(kind, key)).get("facts", ())}
    found = []
    for fact in published.data.get("facts", ()):
        names = {"fact": fact["key"], "text": published.text}
        if fact["key"] not in present:
            if fact["kind"] in ("milestone", "figure"):
                found.append(_("“%(fact)s” of %(text)s is no longer there; end it and give the reason.") % names)
            continue
        kept = {reading["order"] for reading in present[fact["key"]]["readings"]}
        if {reading["order"] for reading in fact["readings"]} - kept:
            found.append(_("A reading of “%(fact)s” of %(text)s is no longer there.") % names)
    return found


def propose(kind: str, key: str, author, reason: str = "") -> list[Edition]:
    """Freeze a subject and the entries it needs that are not public yet. Raises Refused, naming each field.

    An open proposal of the subject is replaced; `reason` says why, which is asked for where it holds a key.
    """
    if not (author.delegation and author.is_active and author.has_perm("initiatives.propose_edition")):
        raise Refused([_("You may not propose editions.")])
    with transaction.atomic():
        content = freeze(kind, key)
        waiting = Edition.objects.filter(subject_kind=kind, subject_key=key, state__in=OPEN).first()
        if waiting is not None and waiting.digest == digest(content):
            raise Refused([_("%(text)s waits for its keys as it stands.") % {"text": f"{kind}/{key}"}])
        if _is_published(kind, key, content):
            raise Refused([_("%(text)s has not changed since its published edition.") % {"text": f"{kind}/{key}"}])
        subjects = [(kind, key), *sorted(_companions(content))]
        reasons = [reason for subject in subjects for reason in refusals(*subject)]
        if reasons:
            raise Refused(reasons)
        if waiting is not None:
            clearance.replace(waiting, author, reason)
        made = [_create(k, key_, freeze(k, key_), author=author) for k, key_ in subjects]
        for text in made:
            clearance.note(text, StepAction.PROPOSED, author)
        return made


def _is_published(kind: str, key: str, content: str) -> bool:
    same = Edition.objects.published().filter(subject_kind=kind, subject_key=key, digest=digest(content))
    return same.exists()


def _stands(kind: str, key: str, content: str) -> bool:
    """True where the newest edition, withdrawn or not, says the same."""
    released = Edition.objects.filter(subject_kind=kind, subject_key=key, number__isnull=False)
    return released.order_by("-number").values_list("digest", flat=True).first() == digest(content)


def _companions(content: str) -> set[tuple[str, str]]:
    """Entries that the content needs, at any remove, neither public nor proposed."""
    known = set(Edition.objects.published().values_list("subject_kind", "subject_key"))
    known |= set(Edition.objects.filter(state__in=OPEN).values_list("subject_kind", "subject_key"))
    return set(_needed_at_any_remove([content])) - known


def _needed_at_any_remove(texts: Iterable[str]) -> dict[tuple[str, str], str]:
    """Each subject that the texts need, with its own content."""
    found: dict[tuple[str, str], str] = {}
    waiting = list(texts)
    while waiting:
        data = json.loads(waiting.pop())
        for subject in (contents.needed(data) | _sides(data)) - set(found):
            found[subject] = freeze(*subject)
            waiting.append(found[subject])
    return found


def _sides(data: dict) -> set[tuple[str, str]]:
    """Both sides of a crossing come with it: readers shall see what lies across."""
    if data.get("place_kind") != PlaceKind.CROSSING:
        return set()
    return {("place", key) for key in Place.objects.filter(parent__key=data["key"]).values_list("key", flat=True)}


def _create(kind: str, key: str, content: str, **columns) -> Edition:
    return Edition.objects.create(
        subject_kind=kind, subject_key=key, content=content, digest=digest(content), **columns
    )


def enter_joint_text(source: Source) -> list[Edition]:
    """Publish, as of its day, what the record holds from a joint text. For commands only. Raises Refused.

    Takes each initiative that cites the source, its meeting, the pillars and meetings of that cycle and the
    register entries that they need; leaves alone what is public as it stands and what was withdrawn as it stands.
    """
    with transaction.atomic():
        found = {subject: freeze(*subject) for subject in _subjects_of(source)}
        found |= _needed_at_any_remove(found.values())
        changed = {s: content for s, content in sorted(found.items()) if not _stands(*s, content)}
        reasons = [reason for subject in changed for reason in refusals(*subject, working_allowed=True)]
        if reasons:
            raise Refused(reasons)
        if not changed:
            return []
        made = [
            _create(*subject, content, basis=Basis.JOINT_TEXT, source_key=source.key)
            for subject, content in changed.items()
        ]
        release_joint_text(made, _day_of(source))
        return made


def _day_of(source: Source) -> datetime.date:
    if source.date_earliest is None or source.date_earliest != source.date_latest:
        raise Refused([_("The joint text “%(text)s” has no exact day.") % {"text": source.key}])
    return source.date_latest


def _subjects_of(source: Source) -> set[tuple[str, str]]:
    citations = Citation.objects.filter(source=source)
    found = {("source", source.key)}
    for path in ("initiative", "fact__initiative", "reading__fact__initiative"):
        keys = citations.exclude(**{path: None}).values_list(f"{path}__key", flat=True)
        found |= {("initiative", key) for key in keys}
    for cycle in Cycle.objects.filter(meetings=source.meeting):
        found |= {("pillar", key) for key in cycle.pillars.values_list("key", flat=True)}
        found |= {("meeting", key) for key in cycle.meetings.values_list("key", flat=True)}
    return found
