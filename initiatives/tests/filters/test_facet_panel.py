"""The panel of filters: choices with counts, chips, ways out; and the list that it narrows."""

import datetime
import re

import pytest
from django.http import QueryDict

from hled_portal.dates.as_of import Moment
from hled_portal.tests.factories import (
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_organization,
    make_place,
    make_source,
    make_topic,
)
from initiatives.editions import joint_texts
from initiatives.filters import facet_panel
from initiatives.filters.initiative_filters import InitiativeFilter
from initiatives.models import Citation, Participation

AT = Moment(datetime.date(2024, 8, 1))


pytestmark = [pytest.mark.usefixtures("review"), pytest.mark.django_db]


def chosen(query: str) -> InitiativeFilter:
    return InitiativeFilter(QueryDict(query), AT)


#: A panel with all filters and all choices.
COMPLETE = "options=organization&options=place&options=topic"


def shown(query: str, options: str = COMPLETE) -> facet_panel.InitiativePanel:
    found = chosen(f"{query}&{options}")
    return facet_panel.InitiativePanel(found, len(found.qs))


def choices(query: str, name: str) -> dict[str, int]:
    """Value and count of each choice that a filter offers."""
    field = next(field for field in shown(query).fields if field.name == name)
    return {choice.value: choice.count for choice in field.choices}


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


# Counts


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        ("", "pillar", {"2021-1": 24, "2021-2": 5, "2021-3": 1, "2021-4": 4}),
        ("stage=completed", "pillar", {"2021-1": 6, "2021-3": 1}),
        ("stage=completed&pillar=2021-3", "pillar", {"2021-1": 6, "2021-3": 1}),
        ("", "stage", {"planned": 2, "under_way": 25, "completed": 7, "suspended": 0, "cancelled": 0, "not_stated": 0}),
        ("", "past", {"yes": 5, "no": 29}),
        ("past=yes", "past", {"yes": 5, "no": 29}),
        ("figures=yes", "figures", {"yes": 10, "no": 24}),
        ("pillar=2021-3", "place", {"mexico": 1}),
        ("stage=suspended", "country", {}),
        ("organization=sedena", "role", {"lead": 2, "reporting_body": 2}),
        ("workstream=2021-1-3", "delegation", {"US": 8, "MX": 4, "joint": 1}),
    ],
)
def test_each_choice_tells_how_many_it_gives(query, name, expected):
    assert choices(query, name) == expected


def test_a_role_is_offered_beside_an_organization_alone():
    assert "role" not in [field.name for field in shown("").fields]
    assert "role" in [field.name for field in shown("organization=sep").fields]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "stage=under_way",
        "kind=works&delegation=US",
        "organization=usaid&role=lead&role=funder",
        "place=border-region&past=yes",
        "country=MX&topic=workforce&from=2024-01-01&to=2024-06-30",
        "q=semiconductors",
    ],
)
def test_a_count_is_the_length_of_the_list_that_the_choice_gives(query):
    """Choosing one value alone in its filter, all others being as they are; of some filters every third value."""
    for field in shown(query).fields:
        for choice in field.choices[:: 3 if query else 1]:
            alone = QueryDict(query, mutable=True)
            alone.setlist(field.name, [choice.value])
            assert choice.count == len(chosen(alone.urlencode()).qs), (query, field.name, choice)


def test_choices_are_named_in_alphabetical_order():
    labels = [choice.label for field in shown("").fields if field.name == "organization" for choice in field.choices]
    assert labels == sorted(labels, key=str.casefold)
    assert "Secretariat of Public Education (SEP)" in labels
    places = [choice.label for field in shown("").fields if field.name == "place" for choice in field.choices]
    assert "Guadalajara, Jalisco, Mexico" in places


def test_a_wrong_value_leaves_the_counts_of_the_others():
    assert choices("stage=finished&pillar=2021-3", "kind")["forum"] == 1


# Chips


def test_each_value_has_a_chip_that_takes_it_alone_off():
    query = "stage=completed&stage=planned&organization=sep&role=lead&from=2024-01-01&as_of=2024-08-01&page=2&to="
    chips = {(chip.label, chip.value): chip.query for chip in shown(query).chips}
    assert chips == {
        ("Status", "Completed"): "?stage=planned&organization=sep&role=lead&from=2024-01-01&as_of=2024-08-01",
        ("Status", "Planned"): "?stage=completed&organization=sep&role=lead&from=2024-01-01&as_of=2024-08-01",
        ("Organization", "Secretariat of Public Education (SEP)"): (
            "?stage=completed&stage=planned&from=2024-01-01&as_of=2024-08-01"
        ),
        ("Role of the organization", "Lead"): (
            "?stage=completed&stage=planned&organization=sep&from=2024-01-01&as_of=2024-08-01"
        ),
        ("From", "January 1, 2024"): ("?stage=completed&stage=planned&organization=sep&role=lead&as_of=2024-08-01"),
    }


def test_a_wrong_value_can_be_taken_off_too():
    found = shown("stage=finished&from=soon")
    assert [(chip.label, chip.value, chip.query) for chip in found.chips] == [
        ("Status", "finished", "?from=soon"),
        ("From", "soon", "?stage=finished"),
    ]
    assert [(error.label, error.message[:22]) for error in found.errors] == [
        ("Status", "Select a valid choice."),
        ("From", "Enter a date as year, "),
    ]
    assert found.ways_out == []


def test_the_last_chip_leads_to_everything():
    assert [chip.query for chip in shown("stage=completed").chips] == ["."]


# Ways out of an empty list


def test_an_empty_list_tells_which_filter_to_take_off():
    found = shown("stage=completed&organization=sep&role=lead&from=2024-01-01&to=2024-12-31&sort=title")
    ways = [(way.label, way.query, way.count) for way in found.ways_out]
    assert ways == [
        (
            "Organization: Secretariat of Public Education (SEP); Role of the organization: Lead",
            "?stage=completed&from=2024-01-01&to=2024-12-31&sort=title",
            6,
        ),
        ("Status: Completed", "?organization=sep&role=lead&from=2024-01-01&to=2024-12-31&sort=title", 2),
    ]
    for _label, query, count in ways:
        assert len(chosen(query.removeprefix("?")).qs) == count


def test_no_way_out_is_told_where_one_filter_is_not_the_reason():
    assert shown("stage=suspended&confidence=at_risk").ways_out == []
    assert shown("stage=completed").ways_out == []


# The page


def test_the_page_shows_panel_chips_and_counts(client):
    answer = client.get("/en/initiatives/?stage=completed&kind=works&as_of=2024-08-01")
    html, words = answer.content.decode(), text(answer)
    assert "2 initiatives. The most recent information is from April 19, 2024." in words
    assert '<a class="portal-chip" href="?kind=works&amp;as_of=2024-08-01">' in html
    assert "Remove: Status: Completed ×" in words
    assert html.count('<label><input type="checkbox" name="stage" value="completed" checked> Completed (2)') == 1
    assert "/en/initiatives.csv?stage=completed&amp;kind=works" in html


def test_the_panel_is_short(client):
    html = client.get("/en/initiatives/?as_of=2024-08-01").content.decode()
    panel = html[html.index('<form class="portal-browse__panel"') : html.index('class="portal-browse__results"')]
    assert len(panel) < 5600
    assert len(client.get("/en/initiatives/").content) < 28_000


def fields(query: str, options: str) -> dict[str, list[str]]:
    return {field.name: [choice.value for choice in field.choices] for field in shown(query, options).fields}


def test_long_filters_show_their_most_frequent_choices_until_all_are_requested():
    short, full = fields("", ""), fields("", "options=place")
    counts = choices("", "place")
    assert short["place"] == sorted(counts, key=lambda key: -counts[key])[:5] == ["mexico", *short["place"][1:]]
    assert (len(full["place"]), full["place"], full["topic"]) == (59, list(counts), short["topic"])
    assert [field.total for field in shown("", "").fields] == [4, 6, 34, 59, 15]
    assert [field.has_more for field in shown("", "").fields] == [False, False, True, True, True]
    assert fields("place=guadalajara&place=mexico", "")["place"] == [*short["place"], "guadalajara"]


@pytest.mark.parametrize(
    ("query", "options", "more", "further"),
    [
        ("", "", [], 8),
        ("", "options=more", ["workstream", "confidence", "kind", "delegation", "country", "past", "figures"], 0),
        ("kind=works&past=yes", "", ["kind", "past"], 6),
        ("pillar=2021-1&organization=sep", "", ["workstream", "role"], 7),
        ("from=2024-01-01", "", [], 7),
        ("kind=nothing", "", ["kind"], 7),
    ],
)
def test_further_filters_are_shown_when_requested_and_in_use(query, options, more, further):
    panel = shown(query, options)
    assert sorted({field.name for field in panel.fields} - set(fields("", ""))) == sorted(more)
    assert len(panel.further) == further
    assert bool(panel.days) is ("from" in query or bool(options))


@pytest.mark.parametrize(("language", "button"), [("en", "Show all 59 options"), ("es", "Mostrar las 59 opciones")])
def test_all_choices_are_one_button_away_and_keep_the_selection(client, language, button):
    """A button of the form sends what is selected in it, also what was selected since the page was loaded."""
    html = client.get(f"/{language}/initiatives/?place=guadalajara").content.decode()
    form = html[html.index('<form class="portal-browse__panel"') : html.index('class="portal-browse__results"')]
    assert f'name="options" value="place" formaction="#filter-place">{button}</button>' in form
    assert '<details id="filter-place" open>' in form
    assert form.index("<button") == form.index('<button class="usa-sr-only" tabindex="-1" aria-hidden="true">')
    html = client.get(f"/{language}/initiatives/?stage=completed&options=place").content.decode()
    assert '<details class="portal-panel" id="filters" open>' in html
    assert '<details id="filter-place" open>' in html
    assert html.count('name="place"') == 15
    assert 'href="."' in html  # Without the chip, the panel is short again.
    assert "options" not in html[html.index('<details class="portal-cite">') :]


def test_rows_are_grouped_where_they_are_in_the_order_of_pillars(client):
    html = client.get("/en/initiatives/?as_of=2024-08-01").content.decode()
    groups = re.findall(r"<h2>(Pillar[^<]*)<br>([^<]*)</h2>", html)
    assert len(groups) == len(set(groups)) > 4
    assert html.count("<li>\n<h3><a href") == 25
    html = client.get("/en/initiatives/?as_of=2024-08-01&sort=title").content.decode()
    assert "<h2>Pillar" not in html
    assert html.count("<li>\n<h2><a href") == 25
    assert html.count("<br>Pillar 1: Building Back Together<br>") > 10


def test_the_change_of_language_keeps_the_selection(client):
    html = client.get("/en/initiatives/?stage=completed&stage=planned&as_of=2024-08-01").content.decode()
    assert 'href="/es/initiatives/?stage=completed&amp;stage=planned&amp;as_of=2024-08-01"' in html
    words = text(client.get("/es/initiatives/?stage=completed&stage=planned&as_of=2024-08-01"))
    assert "Estatus: Concluida" in words


def test_the_change_of_day_keeps_the_selection(client):
    html = client.get("/en/initiatives/?stage=completed&stage=planned&as_of=2024-08-01").content.decode()
    form = html[html.index('<div class="portal-as-of">') : html.index('<div class="portal-browse">')]
    assert re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form) == [
        ("stage", "completed"),
        ("stage", "planned"),
    ]


def test_a_wrong_value_stands_beside_its_field_and_above_the_empty_list(client):
    answer = client.get("/en/initiatives/?pillar=2021-9&role=lead")
    html, words = answer.content.decode(), text(answer)
    assert "The filters are not valid, so no results are shown." in words
    assert "portal-rows" not in html
    assert 'id="error-pillar">Select a valid choice. 2021-9 is not one of the available choices.' in html
    assert 'id="error-role">To filter by role, choose an organization too.' in html
    assert "Role of the organization: To filter by role, choose an organization too." in words
    assert '<details class="portal-panel" id="filters" open>' in html


def test_an_empty_list_helps(client):
    words = text(client.get("/en/initiatives/?stage=completed&organization=sep&as_of=2024-08-01"))
    assert "No initiatives match these filters. Remove one filter to see:" in words
    assert "without “Status: Completed” : 2 initiatives" in words
    assert "Removing one filter is not enough." in text(
        client.get("/en/initiatives/?stage=suspended&confidence=at_risk")
    )


@pytest.mark.parametrize(
    ("page", "told", "number"),
    [("99", "Page “99” does not exist. This is page 2.", 9), ("x", "Page “x” does not exist. This is page 1", 25)],
)
def test_a_page_that_is_not_there_shows_the_nearest(client, page, told, number):
    answer = client.get("/en/initiatives/", {"page": page})
    assert told in text(answer)
    assert answer.content.decode().count("<h3><a href") == number
    assert "does not exist. This is page" not in text(client.get("/en/initiatives/?page=2"))


# Queries, on a record of its own


def publish_many(count: int) -> None:
    source = make_source("2024-07-01-statement", date_edtf="2024-07-01", meeting=make_meeting("2024-07-01"))
    for n in range(count):
        one = make_initiative(f"works-{n:02}", title_en=f"Works {n:02}", stage="suspended")
        one.topics.add(make_topic(f"topic-{n}"))
        one.places.add(make_place(f"place-{n}"))
        Participation.objects.create(initiative=one, role="lead", organization=make_organization(f"body-{n}"))
        make_fact(one, "works", date_edtf="2024-07")
        make_figure(one)
        Citation.objects.create(initiative=one, source=source, locator="item")
    joint_texts.enter_joint_text(source)


#: The first after a publication reads what is counted and the version; a filter in use takes no query.
COUNTED = {"": 4, "stage=suspended": 0, "stage=suspended&kind=works&past=yes&place=place-0": 0, "figures=no": 0}


@pytest.mark.parametrize("count", [1, 6])
def test_counts_take_the_same_queries_for_one_and_for_many(django_assert_num_queries, count):
    publish_many(count)
    for query, queries in COUNTED.items():
        found = InitiativeFilter(QueryDict(query), AT)
        number = len(found.ids)
        assert found.names.places
        assert found.pillars.labels
        with django_assert_num_queries(queries):
            facet_panel.InitiativePanel(found, number)


def test_a_publication_counts_on_the_next_page(client):
    counted = re.compile(r"(\d+) initiatives\.|Suspended \((\d+)\)")
    pages = [counted.findall(text(client.get("/en/initiatives/"))) for _twice in range(2)]
    assert pages == [[("", "0"), ("34", "")]] * 2
    publish_many(1)
    assert counted.findall(text(client.get("/en/initiatives/"))) == [("", "1"), ("35", "")]


def test_each_row_tells_what_is_past_its_date_and_what_is_next(client):
    words = text(client.get("/en/initiatives/?kind=works&as_of=2024-08-01"))
    assert (
        "Date passed, no update published: Complete the Environmental Impact Statement on a new commercial "
        "crossing at the Douglas-Agua Prieta port of entry (May 2024)" in words
    )
    assert "Next: Begin the design and construction of the new commercial crossing (summer 2024)" in words
