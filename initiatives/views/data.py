"""What readers can take away, with the data dictionary, and the whole record in one file."""

from dataclasses import dataclass

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.files import download_writers
from hled_portal.web import license
from hled_portal.web.absolute_urls import absolute
from initiatives.exports import data_dictionary, iati, standards, tables
from initiatives.exports.data_package import archive
from initiatives.exports.download_responses import export_context, file_name, undated_only
from initiatives.exports.tables.table import GROUNDS, JOINS, WITHDRAWN
from initiatives.record import name_lookup


@dataclass(frozen=True)
class Described:
    """A table of the data dictionary, without the shared columns."""

    table: tables.ExportTable
    columns: list


@dataclass(frozen=True)
class Example:
    address: str
    about: object


@require_safe
def data(request):
    at = as_of.from_request(request)
    context = {
        "has_activities": iati.has_activities(at),
        "has_works": standards.public_works(at).exists(),
        "newest": as_of.newest_publication(),
        "goes_up_to": name_lookup.record_days(at),
        "licence": license,
        "examples": _examples(request),
        "readings": absolute(request, reverse("table", args=["readings", "csv"])),
        "shared": data_dictionary.describe_columns([*JOINS, *GROUNDS]),
        "marks": data_dictionary.describe_columns(WITHDRAWN),
        "tables": [Described(table, data_dictionary.describe_columns(table.columns)) for table in tables.ALL.values()],
    }
    return render(request, "data/data.html", context)


@require_safe
def package(request):
    context = export_context(request)
    response = download_writers.streamed(archive(context), "zip", file_name("record", context))
    return undated_only(response, context)


def _examples(request) -> list[Example]:
    """Addresses to begin with, each with what it gives."""

    def address(table: str, form: str, query: str) -> str:
        return absolute(request, f"{reverse('table', args=[table, form])}?{query}")

    return [
        Example(address("initiatives", "csv", "stage=under_way&country=MX"), _("initiatives in progress in Mexico")),
        Example(
            address("facts", "csv", "kind=milestone&past=yes"),
            _("milestones of initiatives with a date that has passed and no update"),
        ),
        Example(address("readings", "json", "kind=works"), _("reported values for border works, for a program")),
        Example(address("initiatives", "xlsx", "as_of=2024-04-19"), _("all initiatives as of a date, as a workbook")),
        Example(
            absolute(request, f"{reverse('atom')}?organization=sep"),
            _("a feed of publications about the initiatives of one organization"),
        ),
    ]
