"""Working tables, which delegations edit, and the editions that the public reads."""

from .dialogue import Attendance, Cycle, Heading, Meeting, Pillar, Workstream
from .edition import Edition, Entry, Facet, SearchRow
from .fact import Citation, DateChange, Fact, Participation, Reading
from .fact_sheet import FactSheet, FactSheetDraft
from .import_job import FileJob, FilePart, FileState
from .initiative import Initiative, Link, ReportingDuty, Staff
from .register import Alias, Organization, OrganizationName, Place, Source, Succession, Topic

__all__ = [
    "Alias",
    "Attendance",
    "Citation",
    "Cycle",
    "DateChange",
    "Edition",
    "Entry",
    "Facet",
    "Fact",
    "FactSheet",
    "FactSheetDraft",
    "FileJob",
    "FilePart",
    "FileState",
    "Heading",
    "Initiative",
    "Link",
    "Meeting",
    "Organization",
    "OrganizationName",
    "Participation",
    "Pillar",
    "Place",
    "Reading",
    "ReportingDuty",
    "SearchRow",
    "Source",
    "Staff",
    "Succession",
    "Topic",
    "Workstream",
]
