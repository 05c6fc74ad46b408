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
        return self.part in (Part.CONTEXT, Part.EARLIER)
