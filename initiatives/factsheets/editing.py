"""The draft of a fact sheet as both delegations edit it: sentences by hand, and updates from the records on request."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hled_portal.dates.as_of import Moment, today
from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.models import StepAction
from hled_portal.publishing import clearance
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.signed_text import OPEN, State
from initiatives.models import Edition, FactSheet, FactSheetDraft

from . import draft as drafting
from .records import Records, gather_records

FACT_SHEET_VERSION = 1
INTRODUCTION = "introduction"


@dataclass(frozen=True)
class Line:
    """A sentence on the page of the draft, beside what the records say now."""

    #: Name of its field: the language, and its number in that language.
    name: str
    language: str
    text: str
    records: tuple[str, ...]
    #: What the records said when the sentence was last taken over, and what they say now; None: nothing.
    made: str | None
    now: str | None

    @property
    def is_new(self) -> bool:
        return self.made is None

    @property
    def is_gone(self) -> bool:
        return self.now is None

    @property
    def is_edited(self) -> bool:
        return self.made is not None and self.text != self.made

    @property
    def has_update(self) -> bool:
        return self.made is not None and self.now is not None and self.now != self.made


def with_text(line: Line, text: str) -> Line:
    """The line as somebody typed it."""
    return replace(line, text=text)


def records_for_staff(meeting: Edition) -> Records:
    """What is public, and what both delegations approved for the release of the meeting. Two queries."""
    cleared = Edition.objects.filter(state=State.CLEARED, plan__meeting_key=meeting.subject_key)
    return gather_records(meeting, Moment(today(), None), cleared)


def drafted(records: Records) -> dict[str, dict]:
    """The fact sheet that the records give, by language, as `FactSheetDraft.content` holds it."""
    sheets = {language: asdict(drafting.draft_fact_sheet(records, language)) for language in LANGUAGES}
    for sheet in sheets.values():
        for _place, row in sentences(sheet):
            row["made"] = row["text"]
    return json.loads(json.dumps(sheets))


def sentences(sheet: dict) -> Iterator[tuple[str, dict]]:
    """Every sentence with its place: the introduction, or the key of an initiative."""
    for paragraph in sheet["introduction"]:
        for row in paragraph:
            yield INTRODUCTION, row
    for section in sheet["sections"]:
        for item in section["items"]:
            yield from _item_sentences(item)


def _item_sentences(item: dict) -> Iterator[tuple[str, dict]]:
    for row in item["sentences"]:
        yield item["initiative"], row
    for part in item["parts"]:
        yield from _item_sentences(part)


def _identity(place: str, row: dict) -> tuple:
    return place, *row["records"]


# Reading


def compare_lines(content: dict, current: dict) -> dict[str, list[tuple[str, Line]]]:
    """By language every sentence of the draft, and those that the records offer besides, each with its place."""
    shown: dict[str, list[tuple[str, Line]]] = {}
    for language in LANGUAGES:
        now = {_identity(place, row): row["text"] for place, row in sentences(current[language])}
        rows, merged = [], merge(content, current, set(), None)[language]
        for number, (place, row) in enumerate(sentences(merged)):
            line = Line(
                f"{language}-{number}",
                language,
                row["text"],
                tuple(row["records"]),
                row.get("made"),
                now.get(_identity(place, row)),
            )
            rows.append((place, line))
        shown[language] = rows
    return shown


def merge(content: dict, current: dict, accepted: set[tuple], added: set[tuple] | None) -> dict:
    """The sentences of the draft in the order that the records give now.

    `accepted`: language and identity of sentences that take the words of the records. `added`: those that are new and
    join; None adds them all, without `made`. What the records say no more stays, after the others of its place.
    """
    merged = deepcopy(current)
    for language, sheet in merged.items():
        kept = {_identity(place, row): row for place, row in sentences(content[language])}
        for container, place in _containers(sheet):
            rows = []
            for row in container:
                own = kept.pop(_identity(place, row), None)
                token = (language, *_identity(place, row))
                if own is None and (added is None or token in added):
                    rows.append(row | {"made": None if added is None else row["text"]})
                elif own is not None and token in accepted:
                    rows.append(row)
                elif own is not None:
                    rows.append(row | {"text": own["text"], "made": own["made"]})
            container[:] = rows
        _put_back(sheet, content[language], kept)
    return merged


def _containers(sheet: dict) -> Iterator[tuple[list, str]]:
    for paragraph in sheet["introduction"]:
        yield paragraph, INTRODUCTION
    for section in sheet["sections"]:
        for item in section["items"]:
            yield from _item_containers(item)


def _item_containers(item: dict) -> Iterator[tuple[list, str]]:
    yield item["sentences"], item["initiative"]
    for part in item["parts"]:
        yield from _item_containers(part)


def _put_back(sheet: dict, old: dict, kept: dict[tuple, dict]) -> None:
    """Sentences that the records give no more, at their place; with their heading where that is gone too."""
    containers = {place: container for container, place in _containers(sheet)}
    headings = {section["heading"]: section for section in sheet["sections"]}
    for identity, row in kept.items():
        place = identity[0]
        if place not in containers and place != INTRODUCTION:
            section, item = _old_item(old, place)
            target = headings.setdefault(section["heading"], section | {"items": []})
            if target not in sheet["sections"]:
                sheet["sections"].append(target)
            target["items"].append(item | {"sentences": [], "parts": []})
            containers[place] = target["items"][-1]["sentences"]
        elif place not in containers:
            sheet["introduction"].append([])
            containers[place] = sheet["introduction"][-1]
        containers[place].append(row)


def _old_item(sheet: dict, initiative: str) -> tuple[dict, dict]:
    for section in sheet["sections"]:
        waiting = list(section["items"])
        while waiting:
            item = waiting.pop()
            if item["initiative"] == initiative:
                return section, item
            waiting += item["parts"]
    raise KeyError(initiative)


# Writing


def refuse_editor(user) -> None:
    """Raises Refused for who does not edit fact sheets."""
    if not (user.is_active and user.delegation and user.has_perm("initiatives.propose_factsheet")):
        raise Refused([_("You do not have permission to edit fact sheets.")])


def start_draft(meeting: Edition, user) -> FactSheetDraft:
    """The draft of a meeting, made from the records where there is none. Raises Refused."""
    refuse_editor(user)
    content = drafted(records_for_staff(meeting))
    made, _created = FactSheetDraft.objects.get_or_create(
        meeting_key=meeting.subject_key, defaults={"content": content, "changed_by": user}
    )
    return made


def save_draft(
    meeting: Edition, user, revision: str, texts: dict[str, str], accepted: set[str], added: set[str]
) -> FactSheetDraft:
    """Keep the words of each field; take over updates and new sentences where they were chosen.

    `texts`, `accepted` and `added` name fields (`Line.name`). An empty text leaves its sentence out of the fact sheet.
    Raises Refused, also when the draft changed after the page was made.
    """
    refuse_editor(user)
    with transaction.atomic():
        kept = FactSheetDraft.objects.select_for_update().get(meeting_key=meeting.subject_key)
        if str(kept.revision) != revision:
            raise Refused([_("Someone else changed this draft while you had this page open. Check your text below.")])
        current = drafted(records_for_staff(meeting))
        tokens = {
            line.name: (line.language, place, *line.records)
            for rows in compare_lines(kept.content, current).values()
            for place, line in rows
        }
        joined = {tokens[name] for name in added & tokens.keys()}
        merged = merge(kept.content, current, {tokens[name] for name in accepted & tokens.keys()}, joined)
        given = {
            tokens[name]: _cleaned(text) for name, text in texts.items() if name in tokens and name not in accepted
        }
        for language, sheet in merged.items():
            for place, row in sentences(sheet):
                row["text"] = given.get((language, *_identity(place, row)), row["text"])
        kept.content, kept.changed_by, kept.changed_at = merged, user, timezone.now()
        kept.revision += 1
        kept.save()
    return kept


def _cleaned(text: str) -> str:
    return " ".join(text.split())


def frozen_content(kept: FactSheetDraft) -> str:
    """The canonical content of a fact sheet: no empty sentence, paragraph or item, and nothing of how it was made."""
    languages = {language: published_form(sheet) for language, sheet in kept.content.items()}
    data = {"kind": "fact_sheet", "meeting": kept.meeting_key, "languages": languages}
    return canonical(data | {"schema_version": FACT_SHEET_VERSION})


def published_form(sheet: dict) -> dict:
    paragraphs = [_kept_sentences(paragraph) for paragraph in sheet["introduction"]]
    sections = [section | {"items": _kept_items(section["items"])} for section in sheet["sections"]]
    made = sheet | {"introduction": [paragraph for paragraph in paragraphs if paragraph], "sections": sections}
    cited = {key for _place, row in sentences(made) for key in row["sources"]}
    return made | {"sources": {key: text for key, text in sheet["sources"].items() if key in cited}}


def _kept_sentences(rows: list[dict]) -> list[dict]:
    return [{name: value for name, value in row.items() if name != "made"} for row in rows if row["text"]]


def _kept_items(items: list[dict]) -> list[dict]:
    rows = [
        item | {"sentences": _kept_sentences(item["sentences"]), "parts": _kept_items(item["parts"])} for item in items
    ]
    return [row for row in rows if row["sentences"] or row["parts"]]


def propose_fact_sheet(meeting: Edition, user, revision: str, reason: str = "") -> FactSheet:
    """Freeze the draft for approval by both delegations; an open proposal is replaced. Raises Refused."""
    refuse_editor(user)
    with transaction.atomic():
        kept = FactSheetDraft.objects.select_for_update().get(meeting_key=meeting.subject_key)
        content = frozen_content(kept)
        same = FactSheet.objects.filter(meeting_key=kept.meeting_key)
        waiting = same.filter(state__in=OPEN).first()
        checks = [
            (str(kept.revision) != revision, _("The draft changed after you opened this page. Read it again.")),
            (
                waiting and waiting.digest == digest(content),
                _("This fact sheet is already awaiting approval without changes."),
            ),
            (
                same.filter(state=State.PUBLISHED, digest=digest(content)).exists(),
                _("This fact sheet has not changed since it was published."),
            ),
        ]
        if reasons := [message for failed, message in checks if failed]:
            raise Refused(reasons)
        if waiting is not None:
            clearance.replace(waiting, user, reason)
        made = FactSheet.objects.create(
            meeting_key=kept.meeting_key, content=content, digest=digest(content), author=user
        )
        clearance.note(made, StepAction.PROPOSED, user)
    return made
