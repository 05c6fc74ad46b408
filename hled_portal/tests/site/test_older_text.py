"""An older joint text that is loaded after a later one: every day answers, and lists, files and counts agree on it."""

import csv
import datetime
import json
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import Resolver404, resolve

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import releasing, verification
from hled_portal.tests import crawler
from hled_portal.tests.factories import make_cast
from hled_portal.tests.review import loaded_review
from initiatives.editions import joint_texts
from initiatives.models import Edition, Source
from initiatives.record import progress

from .test_known_addresses import LISTS, SUBJECTS

OLDER_TEXT = Path(__file__).parents[3] / "initiatives" / "tests" / "older_text"
OLDER_DAY, DAY = datetime.date(2022, 9, 12), datetime.date(2024, 4, 19)
KEY = "transport-electrification"
COUNTS = {"2022-09-11": 0, "2022-09-12": 1, "2022-10-01": 1, "2024-04-18": 1, "2024-04-19": 35, "2024-06-01": 35}
VARIANTS = 1
EARLIER = "2022-10-01"


@pytest.fixture(scope="module")
def _record(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), loaded_review():
        call_command("load_dialogue", OLDER_TEXT, publish_as_of=OLDER_DAY, verbosity=0)
        yield


pytestmark = [pytest.mark.usefixtures("_record"), pytest.mark.django_db]


def on(address: str, day: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}as_of={day}" if day else address


def linked(client, address: str) -> set[str]:
    """The initiatives that a page and those that follow it link to, outside its menu and its foot."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    found = set(re.findall(r'href="/en/initiatives/([a-z0-9-]+)/', main))
    following = re.search(r'href="([^"]*)" rel="next"', main)
    if following:
        found |= linked(client, crawler.inside(following[1].replace("&amp;", "&"), address)[0])
    return found


def in_api(client, table: str, day: str) -> set[str]:
    found, address = set(), on(f"/api/v1/{table}/", day)
    while address:
        page = client.get(address).json()
        found |= {row["key"] for row in page["results"]}
        address = page["next"]
    return found


def in_json(client, address: str) -> list[dict]:
    return json.loads(client.get(address).getvalue())["rows"]


def in_file(client, address: str) -> set[str]:
    rows = csv.DictReader(client.get(address).getvalue().decode("utf-8-sig").splitlines())
    return {row["key"] for row in rows}


@pytest.mark.parametrize("path", [f"initiatives/{KEY}/", f"initiatives/{KEY}/editions/1/"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_of_the_older_initiative_answers_and_names_its_pillar_and_places(client, path, language):
    answer = client.get(f"/{language}/{path}?as_of=2022-10-01")
    assert answer.status_code == 200
    names = {"en": ["Building Back Together", "Mexico City"], "es": ["Reconstruir juntos", "Ciudad de México"]}
    assert all(name in answer.content.decode() for name in names[language])


@pytest.mark.database
@pytest.mark.parametrize(("day", "count"), COUNTS.items())
def test_lists_files_counts_and_the_api_agree_on_each_day(client, day, count):
    listed = linked(client, on("/en/initiatives/", day))
    at = Moment(datetime.date.fromisoformat(day))
    pillars = progress.progress_by_pillar(at)
    of_pillars = [
        key
        for pillar in pillars
        for key in linked(client, on(f"/en/cycles/2021/pillars/{pillar.number}/", day))
        if Edition.objects.public(at).initiatives().in_pillar(pillar.key).filter(subject_key=key).exists()
    ]
    assert len(listed) == count
    assert sum(pillar.initiatives for pillar in pillars) == count
    assert sorted(of_pillars) == sorted(listed)
    assert in_file(client, on("/en/initiatives.csv", day)) == listed
    assert {row["key"] for row in in_json(client, on("/en/initiatives.json", day))} == listed
    assert in_api(client, "initiatives", day) == listed
    assert in_file(client, on("/en/facts.csv", day)) <= listed
    assert (KEY in listed) == (day >= "2022-09-12")


@pytest.mark.parametrize(("day", "count"), COUNTS.items())
def test_the_map_search_and_pages_of_the_register_agree_on_each_day(client, day, count):
    is_there = bool(count)
    assert (KEY in client.get(on("/en/initiatives.geojson", day)).getvalue().decode()) == is_there
    assert ("/en/places/mexico-city/" in client.get(on("/en/map/", day)).content.decode()) == is_there
    assert (KEY in linked(client, on("/en/search/?q=electrification", day))) == is_there
    assert (KEY in linked(client, on("/en/timeline/", day))) == is_there
    for kind, key in (("organizations", "sre"), ("places", "mexico-city")):
        page = on(f"/en/{kind}/{key}/", day)
        assert client.get(page).status_code == (200 if is_there else 404)
        assert not is_there or KEY in linked(client, page)
        assert (key in in_api(client, kind, day)) == is_there
    assert in_api(client, "pillars", day) == ({f"2021-{number}" for number in range(1, 5)} if is_there else set())


def pages_of(day: str) -> list[str]:
    own = [f"initiatives/{KEY}/", f"initiatives/{KEY}/editions/", f"initiatives/{KEY}/editions/1/"]
    pages = [on(f"/en/{path}", day) for path in [*LISTS, *SUBJECTS, *own]]
    return pages + [on(f"/api/v1/{path}", day) for path in (f"initiatives/{KEY}/", "initiatives/", "releases/")]


def test_pages_of_each_kind_answer_today(client):
    """The links of today are followed in `test_whole_site.py`."""
    for address in pages_of(""):
        answer = client.get(address)
        content = answer.getvalue()  # A download is made while it is read.
        assert answer.status_code in (200, 302), address
        if content and answer["Content-Type"].startswith("text/html"):
            assert b'<html lang="en">' in content, address


def test_no_page_of_any_kind_fails_on_an_earlier_day(client):
    """Along the links of that day: those of today and of the day of the review are followed in `test_whole_site.py`."""
    client.raise_request_exception = False
    waiting = pages_of(EARLIER)
    queued, variants, failed = set(waiting), {}, []
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        body = answer.getvalue()
        failed += [f"{address}: {answer.status_code}"] if answer.status_code >= 500 else []
        is_page = body and answer["Content-Type"].startswith("text/html")  # A redirect has no body.
        links = crawler.addresses(body.decode()) if is_page else ()
        targets = {
            found[0] for link in links if f"as_of={EARLIER}" in link and (found := crawler.inside(link, address))
        }
        for target in targets - queued:
            try:
                kind = (resolve(target.partition("?")[0]).view_name, crawler.names_in_query(target))
            except Resolver404:
                continue
            if variants.get(kind, 0) < VARIANTS:
                variants[kind] = variants.get(kind, 0) + 1
                queued.add(target)
                waiting.append(target)
    assert failed == []
    assert len(queued) > 100


def test_entries_that_were_public_later_are_public_from_the_older_day_with_the_same_words():
    older = Edition.objects.filter(public_from=OLDER_DAY).exclude(subject_kind__in=["initiative", "meeting", "source"])
    assert set(older.values_list("subject_kind", flat=True)) == {"organization", "pillar", "place", "topic"}
    for edition in older:
        later = edition.siblings().get(public_from=DAY)
        assert (edition.state, edition.number, edition.digest) == ("superseded", 2, later.digest)
        assert (later.state, later.number) == ("published", 1)
    meetings = Edition.objects.of_kind("meeting").filter(public_from=OLDER_DAY)
    assert list(meetings.values_list("subject_key", flat=True)) == ["2022-09-12"]


@pytest.mark.database
def test_the_log_holds_and_what_was_cited_before_stays():
    assert list(verification.verify()) == []
    before = Moment(datetime.date(2022, 10, 1), Edition.objects.get(subject_key=KEY).publication - 1)
    assert not Edition.objects.public(before).exists()
    assert Edition.objects.public(Moment(DAY, before.publication)).initiatives().count() == COUNTS["2024-04-19"] - 1


@pytest.mark.database
def test_loading_it_again_publishes_nothing():
    assert joint_texts.enter_joint_text(Source.objects.get(key="2022-09-12-fact-sheet")) == []


@pytest.mark.parametrize("day", ["2022-10-01", "2024-06-01"])
def test_pages_answer_though_their_pillar_was_withdrawn(client, day):
    officer = make_cast().luis
    for pillar in Edition.objects.of_kind("pillar").filter(subject_key="2021-1"):
        releasing.withdraw(pillar, officer, "error")
    for path in (
        f"initiatives/{KEY}/",
        f"initiatives/{KEY}/editions/1/",
        "initiatives/",
        "initiatives.csv",
        "timeline/",
    ):
        answer = client.get(on(f"/en/{path}", day))
        answer.getvalue()
        assert answer.status_code == 200, path
