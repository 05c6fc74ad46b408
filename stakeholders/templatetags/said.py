"""What stakeholders said, for pages of initiatives and pillars, and where recommendations can be taken away."""

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from hled_portal.dates import as_of
from initiatives.exports import data_dictionary
from initiatives.templatetags.downloads import FORMS, DownloadRow
from stakeholders.public import published, tables

register = template.Library()
#: So many stand on the page of a pillar; the list has all of them.
MAX_RECOMMENDATIONS = 10


@dataclass(frozen=True)
class RelatedRecommendations:
    recommendations: list[published.PublicRecommendation]
    more: bool


@register.simple_tag(takes_context=True)
def what_was_said(context, initiative: str = "", pillar: str = "") -> RelatedRecommendations:
    """Published recommendations whose answers name the initiative, or that stand in the pillar.

    One query where there are none, six at most.
    """
    at = context["moment"] or as_of.now()
    found = published.naming(
        at, initiative=initiative, pillar=pillar, at_most=MAX_RECOMMENDATIONS + 1 if pillar else None
    )
    return RelatedRecommendations(
        found[:MAX_RECOMMENDATIONS] if pillar else found, bool(pillar) and len(found) > MAX_RECOMMENDATIONS
    )


@register.simple_tag(takes_context=True)
def files_of(context, selection: str) -> list[DownloadRow]:
    """The files of a selection of recommendations, given as a query, at the moment of the page."""
    moment = context["moment"]
    query = "&".join(filter(None, (selection, moment.query if moment else "")))
    query = f"?{query}" if query else ""
    rows = [
        DownloadRow(
            str(table.title),
            {form.upper(): reverse("recommendation_table", args=[name, form]) + query for form in FORMS},
        )
        for name, table in tables.ALL.items()
    ]
    rows.append(DownloadRow(_("Recommendations and answers (feed)"), {"Atom": reverse("recommendations_atom") + query}))
    return rows


@dataclass(frozen=True)
class Described:
    table: tables.RecommendationTable
    columns: list


@register.simple_tag
def tables_of_recommendations() -> list[Described]:
    """The tables of this app for the data dictionary."""
    return [Described(table, data_dictionary.describe_columns(table.whole)) for table in tables.ALL.values()]
