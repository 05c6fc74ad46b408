"""What readers filter published recommendations by: one set of filters for the page, downloads, feed and API."""

from functools import cached_property

import django_filters
from django.db.models import F, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hled_portal import fulltext, stems
from hled_portal.moments import Moment, instant
from initiatives.filters import YES_NO, AnyOf, SelectionForm
from initiatives.pillars import Pillars

from . import published
from .models import Consultation, PublishedRecommendation, RecommendationRow, Response
from .vocabulary import Outcome, Sector, SenderCountry

SORTS = [
    ("received", _("Received, newest first")),
    ("oldest", _("Received, oldest first")),
    ("answered", _("Answered, newest first")),
    ("asked", _("Asked for by most letters first")),
]
#: Filters whose values stand in a column of the rows.
COLUMNS = {
    "state": "public_state",
    "pillar": "pillar_key",
    "sector": "sector",
    "country": "country",
    "consultation": "consultation_key",
}


class RecommendationFilter(django_filters.FilterSet):
    """Public recommendations at a moment, narrowed by the query of an address; as `InitiativeFilter` works.

    Parameters that may be repeated (any of the values): `state`, `outcome` (of a public answer), `pillar`, `sector`,
    `country`, `consultation`; `overdue` (`yes` or `no`), `q` (text), `sort`. Different parameters all hold at once.
    A wrong value is an error and finds nothing.
    """

    state = AnyOf(_("State"), [(state.value, state.label) for state in published.STATES])
    outcome = AnyOf(_("Outcome"), Outcome.choices, help_text=_("Of a public answer, joint or of one delegation."))
    pillar = AnyOf(_("Pillar"))
    sector = AnyOf(_("Sector"), Sector.choices)
    country = AnyOf(_("Country"), SenderCountry.choices, help_text=_("Of those who wrote."))
    consultation = AnyOf(_("Consultation"))
    overdue = django_filters.ChoiceFilter(
        label=_("Answer overdue"),
        choices=YES_NO,
        help_text=_("The day by which an answer was due has passed, and there is none."),
    )
    q = django_filters.CharFilter(
        max_length=stems.MAX_TEXT,
        label=_("Words"),
        help_text=_("In the author's words, the summary or an answer, in either language."),
    )
    sort = django_filters.ChoiceFilter(label=_("Order"), choices=SORTS)

    class Meta:
        model = PublishedRecommendation
        fields = ()
        form = SelectionForm

    def __init__(self, data: QueryDict, at: Moment):
        super().__init__(data, published.public(at).with_askers())
        self.at = at
        self.frame = Pillars(at)
        self._offer("pillar", lambda: list(self.frame.labels.items()))
        self._offer("consultation", lambda: list(self.consultations.items()))

    def _offer(self, name: str, choices) -> None:
        self.filters[name].extra["choices"] = choices
        vars(self.filters[name]).pop("_field", None)  # Whoever read the class may have made one, without choices.

    @cached_property
    def consultations(self) -> dict[str, str]:
        """The titles of the public consultations by key."""
        rows = Consultation.objects.public(instant(self.at))
        return {row.key: row.title for row in rows}

    @cached_property
    def chosen(self) -> dict:
        """The valid values that were asked for, by parameter; the order is none of them."""
        self.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value and name != "sort"}

    def asked(self, name: str) -> list[str]:
        """The values of a parameter as the address gives them, each once; wrong ones too."""
        return list(dict.fromkeys(value for value in self.data.getlist(name) if value))

    @property
    def query_string(self) -> str:
        """The selection and its order as a query, the same for the same selection."""
        asked = QueryDict(mutable=True)
        for name in self.filters:
            asked.setlist(name, sorted(self.asked(name)))
        return asked.urlencode()

    @property
    def qs(self):
        """Empty, not everything, when a value is wrong."""
        found = self.narrowed() if self.is_valid() else self.queryset.none()
        return _sorted(found, self.form.cleaned_data.get("sort", ""))

    def narrowed(self, *without: str):
        """The selection without some of its choices and in no order, for counts."""
        chosen = {name: value for name, value in self.chosen.items() if name not in without}
        columns = {f"{column}__in": chosen[name] for name, column in COLUMNS.items() if name in chosen}
        return self.queryset.filter(*self._conditions(chosen), **columns)

    def _conditions(self, chosen: dict):
        if outcomes := chosen.get("outcome"):
            yield published.answered(self.at, outcome__in=outcomes)
        if answer := chosen.get("overdue"):
            late = published.overdue(self.at.day)
            yield late if answer == "yes" else Q(answer_due=None) | ~late
        if text := chosen.get("q"):
            yield matching(stems.read(text), self.at)


def matching(query: stems.Query, at: Moment) -> Q:
    """Condition that the words, the summary or a public answer hold every term of the query."""
    rows = RecommendationRow.objects.filter(fulltext.matching(RecommendationRow, query))
    answers = rows.filter(response__in=Response.objects.public(at))
    own = rows.filter(recommendation__isnull=False).values("recommendation")
    return Q(pk__in=own) | Q(key__in=answers.values("response__recommendation_key"))


def _sorted(rows, sort: str):
    usual = ("-received_on", "key")
    if sort == "oldest":
        return rows.order_by("received_on", "key")
    if sort == "answered":
        return rows.order_by(F("answered_on").desc(nulls_last=True), *usual)
    if sort == "asked":
        return rows.order_by("-asked_by", *usual)
    return rows.order_by(*usual)
