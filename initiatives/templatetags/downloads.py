"""Where a selection can be taken away."""

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from initiatives.exports import tables

register = template.Library()
FORMS = ("csv", "xlsx", "json")


@dataclass(frozen=True)
class DownloadRow:
    """One thing that can be taken away: its name, and the address of each form of it by the name of the form."""

    name: str
    forms: dict[str, str]


@register.simple_tag(takes_context=True)
def calendar_address(context, selection: str) -> str:
    """The calendar of a selection, given as a query, at the moment of the page."""
    return reverse("calendar_file") + _query(context, selection)


@register.simple_tag(takes_context=True)
def download_rows(context, selection: str) -> list[DownloadRow]:
    """The files of a selection, given as a query, at the moment of the page."""
    query = _query(context, selection)
    rows = [
        DownloadRow(str(table.title), {form.upper(): reverse("table", args=[name, form]) + query for form in FORMS})
        for name, table in tables.SELECTION_TABLES.items()
    ]
    rows[0].forms.update({"GeoJSON": reverse("geojson") + query})
    rows.append(DownloadRow(_("Calendar"), {"iCalendar": reverse("initiatives_calendar") + query}))
    rows.append(DownloadRow(_("Publications (feed)"), {"Atom": reverse("atom") + query}))
    return rows


def _query(context, selection: str) -> str:
    moment = context["moment"]
    query = "&".join(filter(None, (selection, moment.query if moment else "")))
    return f"?{query}" if query else ""
