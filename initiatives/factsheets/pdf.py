"""A fact sheet as a tagged PDF, set by Typst. The text goes to it as data, never as markup."""

import json
from importlib.resources import files
from pathlib import Path

import typst

from .draft import DraftItem, FactSheet
from .sentence import Sentence
from .words import NOTICE, WORDS

PAPERS = {"letter": "us-letter", "a4": "a4"}


def to_pdf(sheet: FactSheet, notice: bool, paper: str = "letter") -> bytes:
    """PDF/UA-1: with a title, a language, headings as bookmarks and tags. `paper`: `letter` or `a4`."""
    numbers = {key: number for number, key in enumerate(sheet.sources, 1)}
    data = {
        "title": sheet.title,
        "date": sheet.date,
        "language": sheet.language,
        "region": {"en": "US", "es": "MX"}[sheet.language],
        "paper": PAPERS[paper],
        "notice": NOTICE[sheet.language] if notice else "",
        "words": WORDS[sheet.language],
        "has_context": sheet.has_context,
        "introduction": [_paragraph(paragraph, numbers) for paragraph in sheet.introduction],
        "sections": [
            {
                "level": section.level,
                "heading": section.heading,
                "introduction": section.introduction,
                "items": [_item(item, numbers) for item in section.items],
            }
            for section in sheet.sections
        ],
        "sources": [{"number": numbers[key], "text": text} for key, text in sheet.sources.items()],
    }
    template = Path(str(files(__package__) / "fact_sheet.typ"))
    return typst.compile(str(template), sys_inputs={"sheet": json.dumps(data)}, pdf_standards="ua-1")


def _item(item: DraftItem, numbers: dict[str, int]) -> dict:
    return _paragraph(item.sentences, numbers) | {"parts": [_item(part, numbers) for part in item.parts]}


def _paragraph(sentences: list[Sentence], numbers: dict[str, int]) -> dict:
    cited = sorted({numbers[key] for sentence in sentences for key in sentence.sources})
    pieces = [{"text": sentence.text, "context": sentence.is_context} for sentence in sentences]
    return {"pieces": pieces, "sources": cited}
