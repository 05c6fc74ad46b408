"""The record as downloadable tables."""

from .context import ExportContext
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
    SOURCES_TABLE,
    TOPICS,
    WORKSTREAMS,
)
from .table import MARKERS, EditionTable, ExportTable, withdrawn_rows

#: What belongs to a selection of initiatives, each under an address of its own.
SELECTION_TABLES = {table.name: table for table in (INITIATIVES, FACTS, DATE_CHANGES, READINGS, PARTICIPATION)}
#: The whole record.
ALL = {
    table.name: table
    for table in (
        EDITIONS,
        *SELECTION_TABLES.values(),
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
        SOURCES_TABLE,
        ALIASES,
    )
}

__all__ = [
    "ALL",
    "MARKERS",
    "SELECTION_TABLES",
    "EditionTable",
    "ExportContext",
    "ExportTable",
    "withdrawn_rows",
]
