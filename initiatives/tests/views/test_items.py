"""The news on home, and the lists of items: each number on home and on a pillar leads to as many rows."""

import datetime
import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from hled_portal.tests.factories import make_cycle, make_fact, make_initiative, make_meeting, make_pillar, make_source
from hled_portal.tests.factories import move_date as move
from hled_portal.tests.kept_rows import kept
from initiatives.editions import joint_texts
from initiatives.models import Citation

pytestmark = pytest.mark.django_db
#: A milestone as it was published and changed, and what it counts as at the end of 2024.
PROMISES = [
    ([("expected", "2024-06"), ("happened", "2024-06-15")], "on_time"),
    ([("deadline", "2024-06"), ("happened", "2024-05")], "on_time"),
    ([("expected", "2024-06"), ("expected", "2024-09"), ("happened", "2024-08")], "late"),
    ([("expected", "2024-06"), ("happened", "../2024-08")], "timing_unknown"),
    ([("expected", "2024-06"), ("happened", "")], "timing_unknown"),
    ([("expected", "2024-06")], "open"),
    ([("deadline", "2024-12-30")], "open"),
    ([("committed", "2024-12-30")], "open"),
    ([("expected", "2024-06"), ("expected", "2025-06")], "open"),
    ([("expected", "2024-06"), ("under_way", "2024-06")], "open"),
    ([("happened", "2024-04-19")], "first_met"),
    ([("expected", "2024-12-31")], "none"),
    ([("expected", "2025-06"), ("happened", "2024-10")], "none"),
    ([("planned", "2024-06")], "none"),
    ([("planned", "2024-06"), ("expected", "2024-07")], "none"),
    ([("expected", "")], "none"),
]


def rows(client, address) -> int:
    answer = client.get(address)
    assert answer.status_code == 200
    return len(re.findall(r'<li class="portal-item">|<h[23]><a href="/e[ns]/initiatives/', answer.content.decode()))


def main_part(client, address) -> str:
    html = client.get(address).content.decode()
    return re.sub(r"\s+", " ", html[html.index("<main") : html.index("</main>")])


def counted_links(html: str) -> dict[str, int]:
    """The lists that numbers link to, and the number."""
    links = re.findall(r'<a [^>]*href="(/e[ns]/(?:items|initiatives)/\?[^"]*)"[^>]*>([^<]*)</a>', html)
    numbers = {address.replace("&amp;", "&"): re.findall(r"[0-9,]+", text) for address, text in links}
    return {address: int(found[0].replace(",", "")) for address, found in numbers.items() if found}


def enter(*initiatives, **columns):
    source = make_source(meeting=make_meeting(), **columns)
    for initiative in initiatives:
        Citation.objects.create(initiative=initiative, source=source, locator="item")
    joint_texts.enter_joint_text(source)


@pytest.fixture
def every_result(db):
    kept(make_every_result)


def make_every_result():
    """Each way of keeping a promise, in two pillars; a pillar without initiatives; an older cycle with a promise."""
    initiatives = []
    for number, (versions, _result) in enumerate(PROMISES):
        one = make_initiative(f"works-{number:02}", pillar=make_pillar(1 + number % 2))
        (modality, edtf), *changes = versions
        fact = make_fact(one, modality=modality, date_edtf=edtf)
        for modality, edtf in changes:
            move(fact, edtf, modality)
        initiatives.append(one)
    make_pillar(3)
    old = make_cycle("2013", begins=datetime.date(2013, 9, 20), ends=datetime.date(2016, 12, 31), name_en="First cycle")
    earlier = make_initiative("old", pillar=make_pillar(1, old))
    make_fact(earlier, date_edtf="2015")
    enter(*initiatives, earlier)


@pytest.mark.usefixtures("every_result")
@pytest.mark.parametrize(("language", "day"), [("es", "2024-04-19"), ("en", "2024-07-15"), ("es", "2024-12-31")])
def test_each_number_leads_to_as_many_rows(client, language, day):
    pages = ["", "cycles/2021/pillars/1/", "cycles/2013/pillars/1/"]
    links = {}
    for page in pages:
        links |= counted_links(main_part(client, f"/{language}/{page}?as_of={day}"))
    assert len(links) > 8
    assert {address: rows(client, address) for address in links} == links
    assert all("as_of=" in address for address in links)


@pytest.mark.usefixtures("every_result")
def test_met_late_is_told_apart_and_cycles_are_never_added_up(client):
    html = main_part(client, "/en/?as_of=2024-12-31")
    lead = re.sub("<[^>]*>", "", html[html.index("portal-lead") : html.index("first_met")])
    assert "Published as met, of the 10 outcomes promised for a date that has since passed: 5." in lead
    for words in ("Met by the date promised: 2;", "Met after the date promised: 1;", "by the date promised: 2."):
        assert words in lead
    results = {result: sum(each == result for _v, each in PROMISES) for _v, result in PROMISES}
    for result, count in results.items():
        assert rows(client, f"/en/items/?result={result}&as_of=2024-12-31&cycle=2021") == count
    assert rows(client, "/en/items/?status=outcome&cycle=2013&as_of=2024-12-31") == 1
    assert "First cycle" in html


@pytest.mark.parametrize(
    ("facts", "lead"),
    [
        ([("expected", "2024-06")] * 2, "None of the 2 outcomes promised in April 2024 for a date that has since"),
        ([("expected", "2024-06")], "The one outcome promised in April 2024 for a date that has since passed has not"),
        ([("expected", "2024")], "No date promised for an outcome has passed yet."),
        ([("planned", "2024-04")], "No date promised for an outcome has passed yet."),
    ],
)
def test_home_begins_with_the_score(client, facts, lead):
    initiative = make_initiative()
    for number, (modality, edtf) in enumerate(facts):
        make_fact(initiative, f"fact-{number}", modality=modality, date_edtf=edtf)
    enter(initiative)
    html = main_part(client, "/en/?as_of=2024-08-01")
    assert lead in re.sub("<[^>]*>", "", html)
    assert "In progress: " in re.sub("<[^>]*>", "", html)
    assert "as of April 19, 2024" in html


def test_home_names_ten_past_dates_oldest_first_and_the_next_meeting(client):
    initiative = make_initiative()
    for month in range(12, 0, -1):
        make_fact(initiative, f"fact-{month}", date_edtf=f"2024-{month:02}")
    enter(initiative, date_edtf="2023-12-01")
    html = main_part(client, "/en/?as_of=2025-01-01")
    past = html[html.index('id="past"') : html.index('id="next"')]
    dates = re.findall(r'portal-dates__date">(\w+) 2024', past)
    assert dates[:2] + dates[-1:] == ["January", "February", "October"]
    assert len(dates) == 10
    assert "All 12 items" in past


@pytest.mark.parametrize("query", ["status=nope", "result=kept", "cycle=1999", "kind=figure", "pillar=x"])
def test_an_invalid_filter_shows_nothing_and_says_so(client, query):
    enter(make_initiative())
    html = main_part(client, f"/en/items/?{query}")
    assert "The filters are not valid" in html
    assert "is not one of the available choices" in html or "portal-errors" in html
    assert rows(client, f"/en/items/?{query}") == 0


@pytest.mark.parametrize("count", [1, 30])
def test_items_take_the_same_queries_for_one_and_for_many(client, django_assert_num_queries, count):
    initiative = make_initiative()
    for number in range(count):
        make_fact(initiative, f"fact-{number}")
    enter(initiative)
    with django_assert_num_queries(12):
        client.get("/en/items/?status=past&status=ahead")


@pytest.mark.parametrize("language", ["en", "es"])
def test_other_sites_may_frame_a_pillars_progress_and_nothing_else(client, settings, every_result, language):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "hled_portal.web.http_cache.answer_conditionally"]
    pillar = f"/{language}/cycles/2021/pillars/1/"
    for _turn in range(2):  # The second answer is the page that was kept.
        answer = client.get(f"{pillar}embed/?as_of=2024-12-31")
        assert "frame-ancestors *;" in answer["Content-Security-Policy"] + ";"
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
    links = counted_links(answer.content.decode())
    assert {address: rows(client, address) for address in links} == links
    for path in ("", "items/", "cycles/2021/pillars/1/", "cycles/2021/pillars/1/progress.svg"):
        closed = client.get(f"/{language}/{path}")
        assert "frame-ancestors 'none'" in closed["Content-Security-Policy"]
        assert closed["X-Frame-Options"] == "DENY"
    assert client.get(f"/{language}/cycles/2021/pillars/9/embed/").status_code == 404


@pytest.mark.usefixtures("every_result")
def test_a_chart_to_take_away_stands_alone(client):
    answer = client.get("/es/cycles/2021/pillars/1/progress.svg?as_of=2024-12-31")
    assert answer["Content-Type"] == "image/svg+xml"
    chart = ElementTree.fromstring(answer.content)
    words = " ".join(chart.itertext())
    assert "Pilar 1: Reconstruir juntos" in words
    assert "http://testserver/es/cycles/2021/pillars/1/?as_of=2024-12-31" in words
    assert "En curso: 8" in words
    assert b"class=" not in answer.content
    height = int(chart.get("height"))
    drawn = {}
    for language in ("es", "en"):
        page = client.get(f"/{language}/cycles/2021/pillars/1/?as_of=2024-12-31").content.decode()
        address = f"/{language}/cycles/2021/pillars/1/progress.png?as_of=2024-12-31"
        assert f'href="{address}">PNG</a>' in page
        answer = client.get(address)
        assert answer["Content-Type"] == "image/png"
        assert answer["Content-Disposition"].endswith('hled-pillar-2021-1-2024-12-31.png"')
        picture = Image.open(BytesIO(answer.content)).convert("RGB")
        assert picture.size == (2 * 640, 2 * height)
        colors = {color for _count, color in picture.getcolors(2**16)}
        assert {(0xFF, 0xFF, 0xFF), (0x66, 0x50, 0x8F)} <= colors  # The ground, and what is in progress.
        title = picture.crop((0, 30, 2 * 640, 70)).convert("L").point(lambda value: 255 * (value < 128))
        drawn[language] = title.getbbox()
    assert all(drawn.values())
    assert drawn["en"] != drawn["es"]
