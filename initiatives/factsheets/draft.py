"""The draft of a meeting's fact sheet in one language: paragraphs whose every sentence names its records."""

from dataclasses import dataclass, field, replace

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import in_language
from initiatives.wording.names import Names

from . import introduction, outline, paragraphs
from .outline import Part
from .records import Records
from .sentence import Sentence
from .words import EMPTY


@dataclass(frozen=True)
class DraftItem:
    """A paragraph on one initiative, and on those that are part of it."""

    initiative: str
    title: str
    sentences: list[Sentence]
    parts: list["DraftItem"] = field(default_factory=list)


@dataclass(frozen=True)
class DraftSection:
    level: int
    heading: str
    introduction: str
    items: list[DraftItem]


@dataclass(frozen=True)
class FactSheet:
    """What all renderings show."""

    meeting: str
    language: str
    title: str
    date: str
    introduction: list[list[Sentence]]
    sections: list[DraftSection]
    #: The words of each source that a sentence cites, by its key.
    sources: dict[str, str]

    @property
    def has_context(self) -> bool:
        return any(sentence.is_context for sentence in self.sentences())

    def sentences(self) -> list[Sentence]:
        """Every sentence in its order."""
        rows = [sentence for paragraph in self.introduction for sentence in paragraph]
        for section in self.sections:
            for item in section.items:
                rows += _sentences(item)
        return rows


def _sentences(item: DraftItem) -> list[Sentence]:
    return [*item.sentences, *(sentence for part in item.parts for sentence in _sentences(part))]


def draft_fact_sheet(records: Records, language: str) -> FactSheet:
    """The fact sheet of a meeting, as of its day. No query."""
    names = Names(records.register, on=records.day)
    expander = paragraphs.Expander(names, language)
    opening = [
        [replace(sentence, text=expander.expand(sentence.text)) for sentence in paragraph]
        for paragraph in introduction.build_introduction(records, names, language)
    ]
    sections = []
    for section in outline.outline(records):
        text = expander.expand(section.introductions[language])
        items = [_item(item, names, language, expander) for item in section.items]
        sections.append(DraftSection(section.level, section.texts[language], text, items))
    if not sections:
        opening.append([Sentence(EMPTY[language], ())])
    sheet = FactSheet(
        meeting=records.meeting["key"],
        language=language,
        title=introduction.title(records.meeting, language),
        date=edtf_dates.to_text(records.meeting["date_edtf"], language),
        introduction=opening,
        sections=sections,
        sources={},
    )
    cited = {key for sentence in sheet.sentences() for key in sentence.sources}
    return replace(sheet, sources={key: _source(key, records, language) for key in sorted(cited)})


def _item(item: outline.Item, names: Names, language: str, expander: "paragraphs.Expander") -> DraftItem:
    lines = paragraphs.build_paragraph(item, names, language)
    sentences = [replace(sentence, text=expander.expand(sentence.text)) for sentence in lines]
    parts = [_item(part, names, language, expander) for part in item.parts]
    return DraftItem(item.initiative["key"], in_language(item.initiative, "title", language), sentences, parts)


def _source(key: str, records: Records, language: str) -> str:
    content = records.register.get(("source", key))
    if content is None:
        return key
    date = edtf_dates.to_text(content["date_edtf"], language, in_language(content, "date_wording", language))
    return ", ".join(filter(None, [in_language(content, "name", language), date]))


def read_fact_sheet(data: dict) -> FactSheet:
    """A fact sheet from its frozen or stored form (`dataclasses.asdict`)."""
    introduction = [[_read_sentence(row) for row in paragraph] for paragraph in data["introduction"]]
    sections = [
        DraftSection(**section | {"items": [_read_item(item) for item in section["items"]]})
        for section in data["sections"]
    ]
    return FactSheet(**data | {"introduction": introduction, "sections": sections})


def _read_item(data: dict) -> DraftItem:
    sentences = [_read_sentence(row) for row in data["sentences"]]
    return DraftItem(data["initiative"], data["title"], sentences, [_read_item(part) for part in data["parts"]])


def _read_sentence(row: dict) -> Sentence:
    return Sentence(row["text"], tuple(row["records"]), tuple(row["sources"]), Part(row["part"]))
