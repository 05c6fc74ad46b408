"""The records behind each sentence of a fact sheet: where they are shown, and in what words a link says so."""

from collections.abc import Mapping
from dataclasses import dataclass

from hled_portal.i18n.bilingual import in_language

from .draft import DraftItem, FactSheet
from .records import Records
from .sentence import Sentence


@dataclass(frozen=True)
class Reference:
    """A subject of the record, and of its parts those that a sentence rests on."""

    kind: str
    key: str
    title: str
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    number: int
    references: list[Reference]
    sources: list[str]


def references(records: tuple[str, ...], titles: Mapping[str, str]) -> list[Reference]:
    """Records such as `initiative/vui#launch`, by subject; `titles` has the words of each subject."""
    parts: dict[str, list[str]] = {}
    for record in records:
        subject, _hash, part = record.partition("#")
        parts.setdefault(subject, []).extend([part] if part else [])
    rows = []
    for subject, own in parts.items():
        kind, _slash, key = subject.partition("/")
        rows.append(Reference(kind, key, titles.get(subject, key), tuple(own)))
    return rows


def number_sentences(sheet: FactSheet, titles: Mapping[str, str]) -> tuple[dict[Sentence, int], list[Note]]:
    """The number of each sentence that rests on records, and the note behind each number."""
    titles = {**titles, **_item_titles(sheet)}
    numbers: dict[Sentence, int] = {}
    notes = []
    for sentence in sheet.sentences():
        if sentence.records and sentence not in numbers:
            numbers[sentence] = len(notes) + 1
            sources = [sheet.sources[key] for key in sentence.sources]
            notes.append(Note(numbers[sentence], references(sentence.records, titles), sources))
    return numbers, notes


def _item_titles(sheet: FactSheet) -> dict[str, str]:
    titles = {}
    waiting: list[DraftItem] = [item for section in sheet.sections for item in section.items]
    while waiting:
        item = waiting.pop()
        titles[f"initiative/{item.initiative}"] = item.title
        waiting += item.parts
    return titles


def subjects_beside_items(sheet: FactSheet) -> set[tuple[str, str]]:
    """Kind and key of the meetings and pillars that sentences rest on: their titles stand in no item."""
    subjects = {record.partition("#")[0] for sentence in sheet.sentences() for record in sentence.records}
    return {(kind, key) for kind, _slash, key in (each.partition("/") for each in subjects) if kind != "initiative"}


def record_titles(records: Records, language: str) -> dict[str, str]:
    """The words of each record of a draft, by its address such as `initiative/vui#launch`."""
    titles = {}
    meetings = [records.meeting, *filter(None, [records.previous])]
    subjects = [("meeting", row, "name") for row in meetings]
    subjects += [("pillar", row, "name") for row in records.pillars]
    subjects += [("initiative", row, "title") for row in records.initiatives]
    for kind, row, name in subjects:
        subject = f"{kind}/{row['key']}"
        titles[subject] = in_language(row, name, language)
        for fact in row.get("facts", []):
            titles[f"{subject}#{fact['key']}"] = in_language(fact, "object", language)
        for attendance in row.get("attendances", []):
            titles[f"{subject}#attendance-{attendance['order']}"] = attendance["person"]
    return titles
