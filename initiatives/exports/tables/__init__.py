"""The record as tables that readers take away. One row says what one edition says; `docs/data.md` tells the whole."""

from .context import Frame
from .facts import CITATIONS, DATE_CHANGES, FACTS, PARTICIPATION, READINGS
from .initiatives import DUTIES, INITIATIVES, LINKS
from .register import (
    ALIASES,
    ATTENDANCES,
    EDITIONS,
    HEADINGS,
    MEETINGS,
    ORGANIZATION_NAMES,
    ORGANIZATIONS,
    PILLARS,
    PLACES,
    SOURCES,
    TOPICS,
    WORKSTREAMS,
)
from .table import MARKERS, Table, marked, markers, with_markers

#: What belongs to a selection of initiatives, each under an address of its own.
OF_SELECTION = {table.name: table for table in (INITIATIVES, FACTS, DATE_CHANGES, READINGS, PARTICIPATION)}
#: The whole record.
ALL = {
    table.name: table
    for table in (
        EDITIONS,
        *OF_SELECTION.values(),
        CITATIONS,
        LINKS,
        DUTIES,
        PILLARS,
        WORKSTREAMS,
        MEETINGS,
        ATTENDANCES,
        HEADINGS,
        ORGANIZATIONS,
        ORGANIZATION_NAMES,
        PLACES,
        TOPICS,
        SOURCES,
        ALIASES,
    )
}

__all__ = ["ALL", "MARKERS", "OF_SELECTION", "Frame", "Table", "marked", "markers", "with_markers"]
