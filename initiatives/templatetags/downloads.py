"""Links to the downloads of a selection."""

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from initiatives.exports import tables

register = template.Library()
FORMS = ("csv", "xlsx", "json")


@dataclass(frozen=True)
class DownloadRow:
    """A download, and the address of each of its formats."""

    name: str
    forms: dict[str, str]


@register.simple_tag(takes_context=True)
def calendar_address(context, selection: str) -> str:
    """The calendar of a selection, given as a query, at the moment of the page."""
    return reverse("calendar_file") + moment_query(context, selection)


@register.simple_tag(takes_context=True)
def download_rows(context, selection: str) -> list[DownloadRow]:
    """The files of a selection, given as a query, at the moment of the page."""
    query = moment_query(context, selection)
    rows = table_rows(tables.SELECTION_TABLES, "table", query)
    rows[0].forms.update({"GeoJSON": reverse("geojson") + query})
    rows.append(DownloadRow(_("Calendar"), {"iCalendar": reverse("initiatives_calendar") + query}))
    rows.append(DownloadRow(_("Publications (feed)"), {"Atom": reverse("atom") + query}))
    return rows


def table_rows(tables_by_name: dict[str, tables.ExportTable], url_name: str, query: str) -> list[DownloadRow]:
    return [
        DownloadRow(str(table.title), {form.upper(): reverse(url_name, args=[name, form]) + query for form in FORMS})
        for name, table in tables_by_name.items()
    ]


def moment_query(context, selection: str) -> str:
    """The query of a selection at the moment of the page, with its question mark."""
    moment = context["moment"]
    query = "&".join(filter(None, (selection, moment.query if moment else "")))
    return f"?{query}" if query else ""
