"""A cited address gives the same record after later releases, a second one on the same day, and older texts loaded."""

import datetime
import html
import re

import pytest
import time_machine

from hled_portal.publishing import clearance, releasing
from hled_portal.tests.factories import (
    agreed,
    make_cast,
    make_fact,
    make_initiative,
    make_meeting,
    make_organization,
    make_source,
)
from hled_portal.tests.kept_rows import kept
from initiatives.editions import joint_texts, proposing
from initiatives.models import Citation, DateChange, Edition, Meeting

pytestmark = pytest.mark.django_db

#: Pages that cite themselves, without their language.
PAGES = [
    "initiatives/",
    "initiatives/?stage=under_way",
    "initiatives/otay/",
    "initiatives/otay/editions/1/",
    "initiatives/otay/editions/2/",
    "cycles/2021/pillars/1/",
    "meetings/2024-04-19/",
    "compare/?from=2024-04-19&to=2026-03-02",
]
#: Pages and downloads that take a moment and are cited by its address.
OTHERS = [
    "",
    "meetings/",
    "timeline/",
    "calendar/",
    "organizations/",
    "organizations/sict/",
    "initiatives.json",
    "facts.csv",
    "initiatives.ics",
    "initiatives.atom",
    "initiatives/otay/editions/",
    "initiatives/otay/editions/1/content.json",
    "initiatives/otay/editions/2/content.json",
    "search/?q=otay",
]


def at(year: int, month: int, day: int, hour: int = 18):
    return time_machine.travel(datetime.datetime(year, month, day, hour, tzinfo=datetime.UTC), tick=False)


def enter(day: str, *initiatives) -> None:
    """Enter the initiatives from a joint text of that day."""
    source = make_source(f"{day}-text", date_edtf=day, meeting=Meeting.objects.first())
    for initiative in initiatives:
        order = initiative.citations.count() + 1
        Citation.objects.create(initiative=initiative, source=source, locator="item 1", order=order)
    joint_texts.enter_joint_text(source)


def release(cast, initiative, **columns) -> None:
    for name, value in columns.items():
        setattr(initiative, name, value)
    changes = DateChange.objects.filter(fact__initiative=initiative)
    for row in (initiative, *initiative.facts.all(), *changes, initiative.pillar, initiative.pillar.cycle):
        agreed(row)
    texts = proposing.propose("initiative", initiative.key, cast.ana)
    for made in texts:
        clearance.clear(made, cast.luis, made.digest)
        clearance.clear(made, cast.carl, made.digest)
    releasing.release(texts, cast.luis)


def page_text(client, address: str) -> str:
    """What an address says of the record: of a page, without what each page offers of today (picker, citation)."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
    main = re.search("<main.*</main>", text, re.DOTALL)
    text = main[0] if main else text
    for part in ("portal-as-of__picker", "portal-cite"):
        text = re.sub(rf'<details class="{part}">.*?</details>', "", text, flags=re.DOTALL)
    return re.sub(r'<ul class="portal-as-of__days".*?</ul>|<datalist.*?</datalist>', "", text, flags=re.DOTALL)


def cited(client, path: str) -> str:
    """The address that the page gives to who cites it."""
    page = client.get(f"/en/{path}").content.decode()
    (address,) = re.findall(r'<p class="portal-cite__text">.*<span [^>]*>http://testserver(.*?)</span></p>', page)
    return html.unescape(address)


@pytest.fixture
def record(db):
    """A record of April 2024 and a cleared edition of 2 March 2026; afterwards it is 3 March 2026."""
    cast, one = kept(make_record)
    with at(2026, 3, 3):
        yield cast, one


def make_record():
    cast = make_cast()
    make_meeting("2024-04-19")
    one = make_initiative("otay", title_en="Otay")
    fact = make_fact(one, "works", date_edtf="2026-01")
    fact.participations.create(role="lead", order=1, organization=make_organization("sict"))
    with at(2026, 3, 1):
        enter("2024-04-19", one)
    with at(2026, 3, 2):
        release(cast, one, summary_en="Cited words.", summary_es="Palabras citadas.")
    return cast, one


def later_release(cast, one):
    with at(2026, 5, 1):
        release(cast, one, title_en="Later", title_es="Después", stage="completed")


def release_of_the_same_day(cast, one):
    with at(2026, 3, 3, hour=22):
        release(
            cast,
            one,
            title_en="This is the complete public record at the end of",
            title_es="Este es el registro público completo al cierre del",
            stage="completed",
        )


def historical_text_of_an_earlier_day(cast, one):
    """It brings another initiative and another name of a body, as of 2025."""
    one.facts.get().participations.get().organization.names.update(name_en="Renamed", name_es="Otro nombre")
    old = make_initiative("old", title_en="From long ago", stage="under_way")
    make_fact(old, "step", date_edtf="2025-09").participations.create(
        role="lead", order=1, organization=one.facts.get().participations.get().organization
    )
    make_meeting("2025-06-01", name_en="A forgotten meeting")
    with at(2026, 6, 1):
        enter("2025-06-02", old)


EVENTS = [
    later_release,
    release_of_the_same_day,
    pytest.param(historical_text_of_an_earlier_day, marks=pytest.mark.database),
]


def read_cited_addresses(client) -> dict[str, str]:
    addresses = [cited(client, path) for path in PAGES]
    moment = "as_of=2026-03-03&publication=2"
    assert all(address.endswith(moment) for address in addresses)
    addresses += [f"/en/{path}{'&' if '?' in path else '?'}{moment}" for path in OTHERS]
    addresses += [address.replace("/en/", "/es/") for address in addresses]
    return {address: page_text(client, address) for address in addresses}


@pytest.fixture(scope="module")
def before() -> dict[str, str]:
    """What each cited address says before anything happens, read once: the record is the same for each test."""
    return {}


@pytest.mark.parametrize("event", EVENTS)
def test_the_address_that_a_page_gives_shows_the_same_record(client, record, event, before):
    if not before:
        before |= read_cited_addresses(client)
    event(*record)
    with at(2026, 7, 1):
        changed = [address for address in before if page_text(client, address) != before[address]]
    assert changed == []


@pytest.mark.parametrize("event", EVENTS)
def test_without_the_publication_the_page_of_the_day_may_change(client, record, event):
    """What makes the test above mean something."""
    before = page_text(client, "/en/initiatives/?as_of=2026-03-03")
    event(*record)
    with at(2026, 7, 1):
        changed = page_text(client, "/en/initiatives/?as_of=2026-03-03") != before
        assert changed == (event is not later_release)


@pytest.mark.parametrize("event", EVENTS)
def test_the_signed_bytes_stay_the_same(client, record, event):
    paths = [f"/en/initiatives/otay/editions/{n}/content.json" for n in (1, 2)]
    before = [client.get(path).content for path in paths]
    event(*record)
    with at(2026, 7, 1):
        assert [client.get(path).content for path in paths] == before
        assert before == [
            edition.content.encode() for edition in Edition.objects.filter(subject_key="otay", number__lte=2)
        ]


@pytest.mark.database
def test_of_a_cited_page_only_what_was_withdrawn_is_gone(client, record):
    cast, _one = record
    address = cited(client, "initiatives/")
    assert "Cited words." in page_text(client, address)
    with at(2026, 5, 1):
        releasing.withdraw(Edition.objects.get(subject_key="otay", number=2), cast.carl, "law")
        again = page_text(client, address)
    assert "Cited words." not in again
    assert "initiative/otay/2" in again


def test_a_page_says_that_part_of_it_was_entered_later(client, record):
    words = "Part of this was added to the portal on March 1, 2026."
    assert words in client.get("/en/initiatives/?as_of=2025-01-01").content.decode()
    assert words in client.get("/en/initiatives/otay/?as_of=2025-01-01").content.decode()
    assert words not in client.get("/en/initiatives/?as_of=2026-03-01").content.decode()
    assert words not in client.get("/en/initiatives/").content.decode()
