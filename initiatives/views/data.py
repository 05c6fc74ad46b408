"""What readers can take away, with the data dictionary, and the whole record in one file."""

from dataclasses import dataclass

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hled_portal import files, licence, moments
from hled_portal.addresses import absolute

from .. import dictionary, record, tables
from ..package import archive
from ..tables import Frame
from ..tables.table import GROUNDS, JOINS, WITHDRAWN


@dataclass(frozen=True)
class Described:
    """A table of the data dictionary; the page tells the shared columns once, above them."""

    table: tables.Table
    columns: list


@dataclass(frozen=True)
class Example:
    address: str
    about: object


@require_safe
def data(request):
    at = moments.asked(request)
    context = {
        "newest": moments.newest_publication(),
        "goes_up_to": record.goes_up_to(at),
        "licence": licence,
        "examples": _examples(request),
        "readings": absolute(request, reverse("table", args=["readings", "csv"])),
        "shared": dictionary.told([*JOINS, *GROUNDS]),
        "marks": dictionary.told(WITHDRAWN),
        "tables": [Described(table, dictionary.told(table.columns)) for table in tables.ALL.values()],
    }
    return render(request, "data/data.html", context)


@require_safe
def package(request):
    at = moments.asked(request)
    frame = Frame(at, absolute(request, ""))
    name = f"hled-record-{frame.at.day.isoformat()}-publication-{frame.at.publication}-{frame.language}"
    response = files.saved(archive(frame), "zip", name)
    if at.query:
        response["X-Robots-Tag"] = "noindex"
    return response


def _examples(request) -> list[Example]:
    """Addresses to begin with, each with what it gives."""

    def of(table: str, form: str, query: str) -> str:
        return absolute(request, f"{reverse('table', args=[table, form])}?{query}")

    return [
        Example(of("initiatives", "csv", "stage=under_way&country=MX"), _("initiatives under way in Mexico")),
        Example(of("facts", "csv", "kind=milestone&past=yes"), _("milestones, where something is past its date")),
        Example(of("readings", "json", "kind=works"), _("readings of the works at the border, for a program")),
        Example(of("initiatives", "xlsx", "as_of=2024-04-19"), _("every initiative as of a day, as a workbook")),
        Example(
            absolute(request, f"{reverse('atom')}?organization=sep"),
            _("a feed of what is published about the initiatives of one body"),
        ),
    ]
