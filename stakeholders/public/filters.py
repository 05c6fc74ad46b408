"""What readers filter published recommendations by: one set of filters for the page, downloads, feed and API."""

import datetime
import json
from functools import cached_property

import django_filters
from django.db.models import F, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.as_of import Moment, instant
from hled_portal.publishing import prepared_queries
from hled_portal.search import fulltext, text_analysis
from initiatives.filters.base_filters import YES_NO, AnyOf, PublicFilterSet, SelectionForm
from stakeholders.models import ConsultationEdition, PublishedRecommendation, RecommendationRow
from stakeholders.vocabulary import Outcome, Sector, SenderCountry

from . import published

SORTS = [
    ("received", _("Newest first")),
    ("oldest", _("Oldest first")),
    ("answered", _("Newest response first")),
    ("asked", _("Most submissions first")),
]
FILTER_COLUMNS = {
    "state": "public_state",
    "pillar": "pillar_key",
    "sector": "of_sector",
    "country": "of_country",
    "consultation": "consultation_key",
}


class RecommendationFilter(PublicFilterSet):
    """Public recommendations at a moment, narrowed by the query of an address; see `PublicFilterSet`.

    Parameters that may be repeated (any of the values): `state`, `outcome` (of a public answer), `pillar`, `sector`,
    `country`, `consultation`; `overdue` (`yes` or `no`), `q` (text), `sort`. Different parameters all hold at once.
    """

    columns = FILTER_COLUMNS
    state = AnyOf(_("Status"), [(state.value, state.label) for state in published.PUBLIC_STATES])
    outcome = AnyOf(
        _("Outcome"), Outcome.choices, help_text=_("Outcome of a published response, joint or from one delegation.")
    )
    pillar = AnyOf(_("Pillar"))
    sector = AnyOf(_("Sector"), Sector.choices)
    country = AnyOf(_("Country"), SenderCountry.choices, help_text=_("Sector or country of the author."))
    consultation = AnyOf(_("Consultation"))
    overdue = django_filters.ChoiceFilter(
        label=_("Response overdue"),
        choices=YES_NO,
        help_text=_("The response due date has passed and no response has been published."),
    )
    q = django_filters.CharFilter(
        max_length=text_analysis.MAX_TEXT,
        label=_("Keywords"),
        help_text=_("Searches the author's words, the summary and the responses, in both languages."),
    )
    sort = django_filters.ChoiceFilter(label=_("Sort by"), choices=SORTS)

    class Meta:
        model = PublishedRecommendation
        fields = ()
        form = SelectionForm

    def __init__(self, data: QueryDict, at: Moment):
        super().__init__(data, at, published.public_recommendations(at).with_askers())
        self.set_choices("pillar", lambda: list(self.pillars.labels.items()))
        self.set_choices("consultation", lambda: list(self.consultations.items()))

    @cached_property
    def consultations(self) -> dict[str, str]:
        """The titles of the public consultations by key."""
        rows = ConsultationEdition.objects.public(self.at)
        return {row.key: row.title for row in rows}

    def conditions(self, selected: dict):
        if outcomes := selected.get("outcome"):
            yield published.answered(self.at, outcome__in=outcomes)
        if answer := selected.get("overdue"):
            late = published.overdue(self.at.day)
            yield late if answer == "yes" else Q(answer_due=None) | ~late
        if text := selected.get("q"):
            yield matching(text_analysis.parse_query(text), self.at)

    def in_order(self, rows, sort: str):
        return _sorted(rows, sort)

    def rows(self, ids: list[int]) -> list[PublishedRecommendation]:
        values = {"at": self.at, "now": instant(self.at), "ids": json.dumps(ids)}
        rows = {row.pk: row for row in prepared_queries.fetch(_with_askers, **values)}
        return [rows[pk] for pk in ids if pk in rows]


def _with_askers(at: Moment, now, ids):
    rows = published.public_recommendations(at, now).with_askers()
    return rows.filter(pk__in=prepared_queries.among(ids)).order_by()


def search_rows(expressions: list[str], at: Moment, now: datetime.datetime):
    """Rows of the index that are public at that moment and its instant, and hold a query (`fulltext.expressions`)."""
    rows = RecommendationRow.objects.filter(fulltext.matching_expressions(RecommendationRow, expressions))
    return published.searchable(rows, at, now)


def matching(query: text_analysis.Query, at: Moment) -> Q:
    """Condition that the words, the summary or a public answer hold every term of the query."""
    rows = search_rows(fulltext.expressions(query), at, instant(at))
    own = rows.filter(recommendation__isnull=False).values("recommendation")
    answers = rows.filter(response__isnull=False).values("response__recommendation_key")
    return Q(pk__in=own) | Q(key__in=answers)


def _sorted(rows, sort: str):
    usual = ("-received_on", "key")
    if sort == "oldest":
        return rows.order_by("received_on", "key")
    if sort == "answered":
        return rows.order_by(F("answered_on").desc(nulls_last=True), *usual)
    if sort == "asked":
        return rows.order_by("-asked_by", *usual)
    return rows.order_by(*usual)
