"""What readers filter initiatives by: one set of filters for pages, downloads, feeds, saved filters and the API."""

import json
from functools import cached_property, reduce
from operator import and_

import django_filters
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Lower, NullIf, Replace
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import active_language
from hled_portal.i18n.delegations import Side
from hled_portal.publishing import prepared_queries
from hled_portal.search import text_analysis
from initiatives.models import Edition, Entry, Facet
from initiatives.record import register_lookup
from initiatives.record.pillars import NO_PILLAR, Pillars, in_order
from initiatives.vocabulary.choices import Confidence, Country, InitiativeKind, Role, Stage

from . import facet_index, search_results
from .base_filters import YES_NO, AnyOf, Day, PublicFilterSet, SelectionForm

SORTS = [
    ("pillar", _("Pillar and workstream")),
    ("title", _("Title")),
    ("reported", _("Last reported, newest first")),
    ("expected", _("Next expected date first")),
    ("published", _("Recently published first")),
]
FILTER_COLUMNS = {
    "pillar": "pillar_key",
    "workstream": "workstream_key",
    "stage": "stage",
    "confidence": "confidence",
    "kind": "kind",
}


class InitiativeFilter(PublicFilterSet):
    """Public initiatives at a moment, narrowed by the query of an address.

    Contents of `.qs` are deferred (`.defer(None)` loads them). See `PublicFilterSet`.

    Parameters, of which all but the last six may be repeated (any of the values): `pillar`, `workstream`, `stage`,
    `confidence`, `kind`, `organization`, `role` (of these organizations), `delegation` (the side that keeps a fact),
    `place` (with everything inside it), `country` (of a place), `topic`; `from`, `to` (a fact whose date overlaps these
    days), `past` and `figures` (`yes` or `no`), `q` (text), `sort`. Different parameters all hold at once.
    """

    columns = FILTER_COLUMNS
    stored_values = {"pillar": {NO_PILLAR: ""}}
    pillar = AnyOf(_("Pillar"))
    workstream = AnyOf(_("Workstream"))
    stage = AnyOf(_("Status"), Stage.choices)
    confidence = AnyOf(_("Delivery outlook"), Confidence.choices)
    kind = AnyOf(_("Type"), InitiativeKind.choices)
    organization = AnyOf(
        _("Organization"), help_text=_("Takes part in the initiative or in one of its items, or is mentioned in it.")
    )
    role = AnyOf(_("Role of the organization"), Role.choices)
    delegation = AnyOf(
        _("Responsible delegation"),
        Side.choices,
        help_text=_(
            "Each item is entered by one delegation or by both. This shows who is responsible for "
            "the text, not who carries out the action."
        ),
    )
    place = AnyOf(
        _("Place"), help_text=_("Includes everything within it: a state includes its cities; a crossing, both sides.")
    )
    country = AnyOf(
        _("Country"), Country.choices, help_text=_("Where the places are. A border crossing counts in both countries.")
    )
    topic = AnyOf(_("Topic"))
    vars()["from"] = Day(_("From"))  # A word of Python, which no class body can name.
    to = Day(_("To"))
    past = django_filters.ChoiceFilter(
        label=_("Date passed, no update"),
        choices=YES_NO,
        help_text=_("The expected date has passed and no update has been published."),
    )
    figures = django_filters.ChoiceFilter(label=_("With figures"), choices=YES_NO)
    q = django_filters.CharFilter(
        max_length=text_analysis.MAX_TEXT,
        label=_("Keywords"),
        help_text=_(
            "Searches titles, summaries, items and names in both languages. Accents and word endings do not matter."
        ),
    )
    sort = django_filters.ChoiceFilter(label=_("Sort by"), choices=SORTS)

    class Meta:
        model = Edition
        fields = ()
        form = SelectionForm

    def __init__(self, data: QueryDict, at: Moment):
        super().__init__(data, at, Edition.objects.public(at).initiatives())
        # Functions, not methods: forms copy their fields, and a copied method takes a copy of this whole set along.
        self.set_choices("pillar", lambda: self.pillars.choices)
        self.set_choices("workstream", lambda: list(self.pillars.numbered_workstreams.items()))
        self.set_choices("organization", lambda: self.names.choices("organization"))
        self.set_choices("place", lambda: self.names.choices("place"))
        self.set_choices("topic", lambda: self.names.choices("topic"))

    @cached_property
    def names(self) -> register_lookup.Registers:
        """The public entries of the register, read on first use."""
        return register_lookup.at_moment(self.at, "source")

    def narrowed(self, *without: str):
        editions = super().narrowed(*without)
        words = "" if "q" in without else self.selected.get("q")
        return editions.matching(search_results.parse_query(words, self.names)) if words else editions

    def conditions(self, selected: dict):
        for facet in self._facets(selected):
            yield has_facet(*facet)
        if sides := selected.get("delegation"):
            yield has_fact(side__in=sides)
        if "from" in selected or "to" in selected:
            yield Exists(_facts().in_window(selected.get("from"), selected.get("to")))
        if answer := selected.get("past"):
            yield self.past_its_date if answer == "yes" else ~self.past_its_date
        if answer := selected.get("figures"):
            yield FIGURES if answer == "yes" else ~FIGURES

    @cached_property
    def past_its_date(self) -> Q:
        """The date of one of its facts has passed with no update published."""
        return Q(Exists(_facts().date_passed(self.at.day, self.pillars.closed)))

    def in_order(self, rows, sort: str):
        return _sorted(rows, sort, self.pillars)

    @cached_property
    def ids(self) -> list[int]:
        """The selection in the order of all initiatives, which is kept."""
        if not self.is_valid():
            return []
        order = facet_index.ids_in_order(self.at, _all_in_order, self.form.cleaned_data.get("sort", ""))
        return self.index.among(order, self.countable()) if self.selected else order

    @cached_property
    def index(self) -> facet_index.FacetIndex:
        return facet_index.at_moment(self.at, tuple(self.pillars.closed), tuple(FILTER_COLUMNS.values()))

    def countable(self, *without: str) -> int:
        """The bits of the index: what `narrowed` says of all filters but those of days and words, without a query."""
        index, selected = self.index, {name: value for name, value in self.selected.items() if name not in without}
        found = [index.every]
        for name, column in self.columns.items():
            values = [self.stored_values.get(name, {}).get(value, value) for value in selected.get(name, ())]
            found += [facet_index.any_of(index.columns, ((column, value) for value in values))] if values else []
        for kind, keys, roles in self._facets(selected):
            found.append(index.any_facet(kind, keys, roles))
        if sides := selected.get("delegation"):
            found.append(facet_index.any_of(index.answers, sides))
        for name in ("past", "figures"):
            if answer := selected.get(name):
                found.append(index.answers[name] if answer == "yes" else index.every & ~index.answers[name])
        if not selected.keys().isdisjoint(("from", "to", "q")):
            others = self.narrowed(
                *(name for name in self.filters if name in without or name not in ("from", "to", "q"))
            )
            found.append(index.bits(others.order_by().values_list("pk", flat=True)))
        return reduce(and_, found)

    def _facets(self, selected: dict):
        """Kind, keys and roles of the facets of which a row has any, for each filter that selects by them."""
        if keys := selected.get("organization"):
            yield "organization", self.names.merged("organization", keys), selected.get("role")
        if keys := selected.get("place"):
            yield "place", self.names.places.inside(keys), None
        if codes := selected.get("country"):
            yield "place", self.names.places.in_countries(codes), None
        if keys := selected.get("topic"):
            yield "topic", self.names.merged("topic", keys), None

    def rows(self, ids: list[int]) -> list[Edition]:
        rows = {row.pk: row for row in prepared_queries.fetch(_without_contents, ids=json.dumps(ids))}
        return [rows[pk] for pk in ids]


def _all_in_order(at: Moment, sort: str):
    return _sorted(Edition.objects.public(at).initiatives(), sort, Pillars(at))


def _without_contents(ids):
    return Edition.objects.filter(pk__in=prepared_queries.among(ids)).defer("content").order_by()


def _facts():
    return Entry.objects.filter(edition=OuterRef("pk"))


def has_fact(**values) -> Exists:
    return Exists(_facts().filter(**values))


def has_facet(kind: str, keys, roles=None) -> Exists:
    facets = Facet.objects.filter(edition=OuterRef("pk"), kind=kind, key__in=keys)
    return Exists(facets.filter(role__in=roles) if roles else facets)


FIGURES = Q(has_fact(kind="figure"))


def _sorted(editions, sort: str, pillars: Pillars):
    """By `sort`, then by pillar, workstream and title."""
    editions = in_order(editions)
    usual = editions.query.order_by
    if sort == "title":
        return editions.order_by(_title(), *usual)
    if sort == "reported":
        return editions.order_by(F("last_reported").desc(nulls_last=True), *usual)
    if sort == "expected":
        soonest = _facts().expected(pillars.at.day, pillars.closed).values("latest")[:1]
        return editions.annotate(expected=Subquery(soonest)).order_by(F("expected").asc(nulls_last=True), *usual)
    if sort == "published":
        return editions.order_by("-public_from", "-publication", *usual)
    return editions


def _title() -> Lower:
    """The title in the reader's language as an alphabet sorts it: without accents and capitals, on either database."""
    language = active_language()
    other = "en" if language == "es" else "es"
    title = Coalesce(NullIf(f"title_{language}", Value("")), f"title_{other}")
    for accented, plain in zip("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunAEIOUUN", strict=True):
        title = Replace(title, Value(accented), Value(plain))
    return Lower(title)
