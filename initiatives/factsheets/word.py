"""A fact sheet as a Word document."""

from hled_portal.files.docx import Document, TextRun

from .draft import DraftItem, FactSheet
from .sentence import Sentence
from .words import NOTICE, WORDS


def to_docx(sheet: FactSheet, notice: bool, paper: str = "letter") -> bytes:
    """`paper`: `letter` or `a4`. `notice`: whether each page says that the sheet is a draft."""
    document = Document(sheet.title, sheet.language, NOTICE[sheet.language] if notice else "", paper)
    numbers = {key: number for number, key in enumerate(sheet.sources, 1)}
    document.paragraph(sheet.date, "head")
    if sheet.has_context:
        document.paragraph(WORDS[sheet.language]["context"], "context")
    for paragraph in sheet.introduction:
        document.runs(_pieces(paragraph, numbers))
    for section in sheet.sections:
        document.heading(section.heading, section.level)
        if section.introduction:
            document.paragraph(section.introduction)
        for item in section.items:
            _add_item(document, item, numbers, 1)
    document.heading(WORDS[sheet.language]["sources"], 1)
    for key, text in sheet.sources.items():
        document.paragraph(f"[{numbers[key]}] {text}")
    return document.bytes()


def _add_item(document: Document, item: DraftItem, numbers: dict[str, int], level: int) -> None:
    document.bullet(_pieces(item.sentences, numbers), level)
    for part in item.parts:
        _add_item(document, part, numbers, level + 1)


def _pieces(sentences: list[Sentence], numbers: dict[str, int]) -> list[TextRun]:
    cited = sorted({numbers[key] for sentence in sentences for key in sentence.sources})
    pieces = [("context" if sentence.is_context else "", f"{sentence.text} ") for sentence in sentences]
    return [*pieces, ("", f"[{', '.join(map(str, cited))}]")] if cited else pieces
