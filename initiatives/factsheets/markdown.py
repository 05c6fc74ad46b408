"""A fact sheet as Markdown, with a footnote for each source."""

import re

from .draft import DraftItem, FactSheet
from .sentence import Sentence
from .words import NOTICE, WORDS

_MARKUP = re.compile(r"([\\`*_\[\]<>#|])")


def to_markdown(sheet: FactSheet, notice: bool) -> str:
    """`notice`: whether the sheet is a draft that nobody approved, and says so."""
    words = WORDS[sheet.language]
    numbers = {key: number for number, key in enumerate(sheet.sources, 1)}
    lines = [f"# {_escaped(sheet.title)}", "", _escaped(sheet.date), ""]
    if notice:
        lines += [f"> {NOTICE[sheet.language]}", ""]
    if sheet.has_context:
        lines += [f"*{words['context']}*", ""]
    for paragraph in sheet.introduction:
        lines += [_paragraph(paragraph, numbers), ""]
    for section in sheet.sections:
        lines += [f"{'#' * (section.level + 1)} {_escaped(section.heading)}", ""]
        if section.introduction:
            lines += [_escaped(section.introduction), ""]
        for item in section.items:
            lines += _item(item, numbers, "")
        if section.items:
            lines.append("")
    lines += [f"[^{numbers[key]}]: {_escaped(text)}" for key, text in sheet.sources.items()]
    return "\n".join(lines).rstrip() + "\n"


def _item(item: DraftItem, numbers: dict[str, int], indent: str) -> list[str]:
    lines = [f"{indent}- {_paragraph(item.sentences, numbers)}"]
    for part in item.parts:
        lines += _item(part, numbers, f"{indent}  ")
    return lines


def _paragraph(sentences: list[Sentence], numbers: dict[str, int]) -> str:
    shown = [(_escaped(sentence.text), sentence.is_context) for sentence in sentences]
    text = " ".join(f"*{words}*" if is_context else words for words, is_context in shown)
    cited = sorted({numbers[key] for sentence in sentences for key in sentence.sources})
    return text + "".join(f"[^{number}]" for number in cited)


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", text)
