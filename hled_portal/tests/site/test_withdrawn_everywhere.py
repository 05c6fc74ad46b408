"""A withdrawn edition is gone from every page, date, list, download, feed and search; its marker stands.

Nothing older takes its place, and a new edition with both keys brings the initiative back.
"""

import datetime
import io
import zipfile
from copy import deepcopy

import pytest
import time_machine

from hled_portal.dates import as_of
from hled_portal.publishing import clearance, releasing
from hled_portal.tests.factories import (
    agreed,
    make_cast,
    make_fact,
    make_initiative,
    make_meeting,
    make_place,
    make_source,
    make_topic,
)
from hled_portal.tests.plugin import rolled_back
from initiatives.editions import joint_texts, proposing
from initiatives.models import Citation, Edition

pytestmark = pytest.mark.django_db
FIRST, SECOND, WITHDRAWN, BACK = (datetime.date(2026, month, 10) for month in (1, 3, 5, 7))

#: Words of the first edition, of the withdrawn second one and of the third, in titles, summaries and facts.
OLD, LOST, NEW = "Quetzalword", "Zopiloteword", "Ocelotword"
ASKED = "kumquat"  # A word of all three, that a search is made with.

#: Every address that could show an initiative, without its language; each is asked on many days.
LISTS = [
    "",
    "initiatives/",
    "initiatives/?pillar=2021-1",
    "initiatives/?q=kumquat",
    "search/?q=kumquat",
    "timeline/",
    "map/",
    "calendar/",
    "organizations/",
    "places/",
    "places/tijuana/",
    "meetings/",
    "cycles/2021/pillars/1/",
    "initiatives.csv",
    "initiatives.xlsx",
    "initiatives.json",
    "initiatives.geojson",
    "initiatives.ics",
    "initiatives.atom",
    "calendar.ics",
    "facts.csv",
    "facts.xlsx",
    "facts.json",
    "data/package.zip",
]
ITS_OWN = [
    "initiatives/lost/",
    "initiatives/lost/cite.bib",
    "initiatives/lost/editions/2/",
    "initiatives/lost/editions/2/content.json",
    "initiatives/lost/editions/2/cite.ris",
]
API = ["api/v1/initiatives/", "api/v1/facts/", "api/v1/initiatives/lost/", "api/v1/initiatives/lost/editions/2/"]

#: Lists where the marker of the withdrawn edition stands.
MARKED = [
    "",
    "initiatives/",
    "cycles/2021/pillars/1/",
    "initiatives.csv",
    "initiatives.json",
    "initiatives.xlsx",
    "initiatives.geojson",
    "initiatives.ics",
    "initiatives.atom",
    "facts.csv",
    "facts.json",
    "timeline/",
    "map/",
    "calendar/",
    "calendar.ics",
    "data/package.zip",
]


def at(day: datetime.date):
    """Noon of that day in Mexico City."""
    return time_machine.travel(datetime.datetime(day.year, day.month, day.day, 18, tzinfo=datetime.UTC), tick=False)


def release(cast, initiative, word: str) -> Edition:
    """An edition with both keys that uses the word wherever it can."""
    for row in (initiative, initiative.facts.first()):
        name = "title" if row is initiative else "object"
        setattr(row, f"{name}_en", f"{ASKED} {name} {word}")
        setattr(row, f"{name}_es", f"{ASKED} {name} es {word}")
        agreed(row)
    initiative.summary_en, initiative.summary_es = f"About {word}.", f"Sobre {word}."
    for row in (initiative, initiative.pillar, initiative.pillar.cycle, *initiative.places.all()):
        agreed(row)
    for topic in initiative.topics.all():
        agreed(topic)
    texts = proposing.propose("initiative", initiative.key, cast.ana)
    for made in texts:
        clearance.clear(made, cast.luis, made.digest)
        clearance.clear(made, cast.carl, made.digest)
    releasing.release(texts, cast.luis)
    return next(text for text in texts if text.subject_kind == "initiative")


@pytest.fixture(scope="module")
def lost(django_db_setup, django_db_blocker):
    """An initiative with two editions beside one that stays; the second edition was withdrawn."""
    with rolled_back(django_db_blocker):
        yield make_lost()


def make_lost():
    cast = make_cast()
    initiative = make_initiative("lost")
    initiative.places.add(
        make_place("tijuana", name_en="Tijuana", name_es="Tijuana", kind="city", latitude=32.5, longitude=-117)
    )
    initiative.topics.add(make_topic())
    make_fact(initiative, "works", date_edtf="2026-12")
    source = make_source(meeting=make_meeting("2024-04-19"))
    Citation.objects.create(initiative=make_initiative("stays"), source=source, locator="item 1")
    with at(datetime.date(2025, 12, 1)):
        joint_texts.enter_joint_text(source)
    for day, word in ((FIRST, OLD), (SECOND, LOST)):
        with at(day):
            release(cast, initiative, word)
    with at(WITHDRAWN):
        text = Edition.objects.get(subject_key="lost", number=2)
        releasing.withdraw(text, cast.luis, "error", "A wrong number.", "Un número equivocado.")
    return initiative, cast


@pytest.fixture(scope="module")
def answers(lost):
    """What each address answers in June, by address: every test but the last asks the same record."""
    return {}


def answer_in_june(answers, client, address: str) -> str:
    if address not in answers:
        answers[address] = body(client, address)
    return answers[address]


def body(client, address: str) -> str:
    """What an address answers, a download of any form unpacked."""
    answer = client.get(address)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(_inside(packed.read(name)) for name in packed.namelist())
    return content.decode()


def _inside(content: bytes) -> str:
    if content[:2] != b"PK":
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "\n".join(packed.read(name).decode(errors="replace") for name in packed.namelist())


def addresses(paths: list[str]) -> list[str]:
    return [f"/{language}/{path}" for path in paths for language in ("en", "es")]


def on(address: str, day: datetime.date, publication: int | None = None) -> str:
    query = f"as_of={day.isoformat()}" + (f"&publication={publication}" if publication else "")
    return f"{address}{'&' if '?' in address else '?'}{query}"


def test_its_words_are_nowhere_on_any_day(client, lost, answers):
    with at(datetime.date(2026, 6, 1)):
        newest = as_of.newest_publication()
        days = [None, (SECOND, None), (FIRST, None), (SECOND, newest), (SECOND, newest - 1), (WITHDRAWN, None)]
        found = []
        for address in [*addresses([*LISTS, *ITS_OWN]), *(f"/{path}" for path in API)]:
            for day in days[:2] if address.startswith("/es/") else days:  # The day is read before the language.
                asked = on(address, *day) if day else address
                if LOST in answer_in_june(answers, client, asked):
                    found.append(asked)
        assert found == []


def test_nothing_older_takes_its_place(client, lost, answers):
    with at(datetime.date(2026, 6, 1)):
        found = [
            asked
            for address in [*addresses([*LISTS, "initiatives/lost/"]), *(f"/{path}" for path in API[:3])]
            for asked in (address, on(address, SECOND), on(address, WITHDRAWN))
            if OLD in answer_in_june(answers, client, asked)
        ]
        assert found == []
        assert OLD in answer_in_june(answers, client, on("/en/initiatives/", FIRST))
        assert OLD in body(client, "/en/initiatives/lost/editions/1/")
        assert client.get(on("/en/initiatives/lost/", FIRST)).status_code == 200


def test_its_own_addresses_say_who_withdrew_it_when_and_why(client, lost):
    with at(datetime.date(2026, 6, 1)):
        for path in ITS_OWN:
            for language, words in (("en", "A wrong number."), ("es", "Un número equivocado.")):
                answer = client.get(f"/{language}/{path}")
                assert answer.status_code == 410, path
                html = answer.content.decode()
                for part in ("initiative/lost/2", words, {"en": "May 10, 2026", "es": "10 de mayo de 2026"}[language]):
                    assert part in html, (path, part)
                assert {"en": "Mexico", "es": "México"}[language] in html


@pytest.mark.parametrize("path", MARKED)
def test_its_marker_stands_on_each_list(client, lost, answers, path):
    with at(datetime.date(2026, 6, 1)):
        for language in ("en", "es"):
            for asked in (f"/{language}/{path}", on(f"/{language}/{path}", SECOND)):
                told = answer_in_june(answers, client, asked)
                assert "initiative/lost/2" in told or ("lost" in told and "A wrong number." in told), asked
            first = answer_in_june(answers, client, on(f"/{language}/{path}", FIRST))
            assert "initiative/lost/2" not in first


def test_a_new_edition_with_both_keys_brings_it_back(client, lost):
    initiative, cast = deepcopy(lost)
    with at(BACK):
        edition = release(cast, initiative, NEW)
        assert Edition.objects.get(pk=edition.pk).number == 3
        now = {path: body(client, f"/en/{path}") for path in LISTS}
        assert not [path for path, text in now.items() if LOST in text]
        lacking = {path for path, text in now.items() if NEW not in text}
        assert lacking == {"map/", "meetings/", "organizations/", "places/"}  # They count initiatives.
        assert "initiative/lost/2" not in body(client, "/en/initiatives/")
        assert "initiative/lost/2" in body(client, on("/en/initiatives/", WITHDRAWN))
        assert client.get("/en/initiatives/lost/editions/2/").status_code == 410
        pages = [*LISTS, "initiatives/lost/"]
        earlier = [on(f"/en/{path}", day) for path in pages for day in (SECOND, WITHDRAWN)]
        in_spanish = [f"/es/{path}" for path in pages]  # The day is read before the language.
        for asked in [*earlier, *in_spanish, "/en/initiatives/lost/"]:
            assert LOST not in body(client, asked), asked
