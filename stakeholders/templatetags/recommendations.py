"""Recommendations on pages of initiatives and pillars, and their downloads."""

from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from hled_portal.dates import as_of
from initiatives.exports import data_dictionary
from initiatives.templatetags.downloads import DownloadRow, moment_query, table_rows
from stakeholders.public import published, tables

register = template.Library()
#: The most that the page of a pillar shows.
MAX_RECOMMENDATIONS = 10


@dataclass(frozen=True)
class RelatedRecommendations:
    recommendations: list[published.PublicRecommendation]
    more: bool


@register.simple_tag(takes_context=True)
def related_recommendations(context, initiative: str = "", pillar: str = "") -> RelatedRecommendations:
    """Published recommendations whose responses name the initiative, or that belong to the pillar.

    One query where there are none, seven at most.
    """
    at = context["moment"] or as_of.now()
    recommendations = published.naming(
        at, initiative=initiative, pillar=pillar, at_most=MAX_RECOMMENDATIONS + 1 if pillar else None
    )
    return RelatedRecommendations(
        recommendations[:MAX_RECOMMENDATIONS] if pillar else recommendations,
        bool(pillar) and len(recommendations) > MAX_RECOMMENDATIONS,
    )


@register.simple_tag(takes_context=True)
def recommendation_download_rows(context, selection: str) -> list[DownloadRow]:
    """The files of a selection of recommendations, given as a query, at the moment of the page."""
    query = moment_query(context, selection)
    rows = table_rows(tables.ALL, "recommendation_table", query)
    rows.append(
        DownloadRow(_("Recommendations and responses (feed)"), {"Atom": reverse("recommendations_atom") + query})
    )
    return rows


@dataclass(frozen=True)
class Described:
    table: tables.RecommendationTable
    columns: list


@register.simple_tag
def tables_of_recommendations() -> list[Described]:
    """The tables of this app for the data dictionary."""
    return [Described(table, data_dictionary.describe_columns(table.all_columns)) for table in tables.ALL.values()]
