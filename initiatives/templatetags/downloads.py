"""Links to the downloads of a selection."""

from dataclasses import dataclass
from functools import lru_cache

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _

from hled_portal.i18n.bilingual import active_language
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
        DownloadRow(
            str(table.title),
            {
                form.upper(): _address(url_name, name, form, get_script_prefix(), active_language()) + query
                for form in FORMS
            },
        )
        for name, table in tables_by_name.items()
    ]


@lru_cache(maxsize=256)  # A page has dozens of them.
def _address(url_name: str, name: str, form: str, _script_prefix: str, _language: str) -> str:
    return reverse(url_name, args=[name, form])


def moment_query(context, selection: str) -> str:
    """The query of a selection at the moment of the page, with its question mark."""
    moment = context["moment"]
    query = "&".join(filter(None, (selection, moment.query if moment else "")))
    return f"?{query}" if query else ""
