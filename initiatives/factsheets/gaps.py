"""What a fact sheet cannot say yet: each gap with the record that would fill it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import in_language
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.fact_status import FactStatus, frozen_fact_status

from .outline import Part, part_of
from .records import Records


class GapKind(models.TextChoices):
    DATE_PASSED = "date_passed", _("date passed, no update published")
    NO_NEWS = "no_news", _("nothing reported since the previous meeting")
    ONE_LANGUAGE = "one_language", _("text in one language only")
    INCOMPLETE_FIGURE = "incomplete_figure", _("figure with no reporting body or date")
    NO_ITEM = "no_item", _("initiative with no items")


@dataclass(frozen=True)
class Gap:
    kind: GapKind
    initiative: str
    title: str
    #: The words of the item, in the language of the page; empty where the gap is of the initiative.
    item: str = ""
    fact: str = ""


def find_gaps(records: Records, language: str) -> list[Gap]:
    """The gaps of all initiatives of the meeting's cycle, by kind and title."""
    gaps = [gap for initiative in records.initiatives for gap in _gaps(initiative, records, language)]
    order = list(GapKind)
    return sorted(gaps, key=lambda gap: (order.index(gap.kind), gap.title, gap.item))


def _gaps(initiative: dict, records: Records, language: str) -> Iterator[Gap]:
    def gap(kind: GapKind, fact: dict | None = None) -> Gap:
        title = in_language(initiative, "title", language)
        item = in_language(fact, "object", language) if fact else ""
        return Gap(kind, initiative["key"], title, item, fact["key"] if fact else "")

    if not initiative["facts"]:
        yield gap(GapKind.NO_ITEM)
    elif all(part_of(fact, records) in _NO_NEWS or _is_aim(fact) for fact in initiative["facts"]):
        yield gap(GapKind.NO_NEWS)
    if _is_in_one_language(initiative, ("title", "summary")):
        yield gap(GapKind.ONE_LANGUAGE)
    for fact in initiative["facts"]:
        status = frozen_fact_status(fact, records.day, cycle_over=records.cycle_over)
        if status in (FactStatus.DATE_PASSED, FactStatus.OUTCOME_NOT_PUBLISHED):
            yield gap(GapKind.DATE_PASSED, fact)
        if _is_in_one_language(fact, ("object",)):
            yield gap(GapKind.ONE_LANGUAGE, fact)
        readings = fact["readings"]
        if any(not (row["reporting_body"] and (row["as_of_edtf"] or row["period_edtf"])) for row in readings):
            yield gap(GapKind.INCOMPLETE_FIGURE, fact)


_NO_NEWS = (None, Part.CONTEXT, Part.EARLIER)


def _is_aim(fact: dict) -> bool:
    return fact["kind"] == FactKind.OBJECTIVE


def _is_in_one_language(content: dict, names: tuple[str, ...]) -> bool:
    return any(bool(content[f"{name}_en"]) != bool(content[f"{name}_es"]) for name in names)
