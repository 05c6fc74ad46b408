"""A sentence of a fact sheet, with its records."""

from dataclasses import dataclass

from .outline import Part


@dataclass(frozen=True)
class Sentence:
    """A sentence, and the records that it was made of, such as `initiative/vui#launch`."""

    text: str
    records: tuple[str, ...]
    sources: tuple[str, ...] = ()
    part: Part = Part.STANDING

    @property
    def is_context(self) -> bool:
        """Whether it tells what was before the period of the fact sheet."""
        return self.part == Part.CONTEXT


def sources_of(*rows: dict) -> tuple[str, ...]:
    """Keys of the sources that facts, readings or attendances cite, each once."""
    citations = [row for each in rows for row in each.get("citations") or []]
    citations += [row for each in rows for reading in each.get("readings") or [] for row in reading["citations"]]
    return tuple(dict.fromkeys(row["source"] for row in citations))
