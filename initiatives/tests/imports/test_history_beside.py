"""The directories of `initiatives/tests/history` before and after the texts that come with the portal."""

import csv
import datetime
import re
from collections import Counter
from itertools import pairwise

import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import verification
from hled_portal.tests.crawler import NOTHING_YET, crawl_day
from hled_portal.tests.review import REVIEW, loaded_review
from initiatives.management.commands import load_history
from initiatives.models import Edition

from .test_history_order import APRIL, FIRST, HISTORY, KNOWN, RELEASE, SECOND, THIRD, known_on, load

#: The directories of cases before the shipped texts of 2021 to 2023 and after them; that of April 2024 is loaded first.
BEFORE = [
    (RELEASE, "2014-06-30"),
    (HISTORY / "cycle-over", "2014-06-30"),
    (SECOND, "2025-03-14"),
    (FIRST, "2022-09-12"),
]
AFTER = [
    (HISTORY / "2022-09-12", "2022-09-12"),
    (HISTORY / "2022-09-12-new-initiative-only", "2022-09-12"),
    (THIRD, "2025-09-12"),
    (HISTORY / "kinds", "2025-05-05"),
]
#: Initiatives, their items, and items of meetings on each day, the same in whatever order the texts are loaded.
COUNTS = {
    "2014-07-01": (10, 28, 5),
    "2021-12-20": (10, 28, 9),
    "2022-08-01": (16, 39, 9),
    "2022-09-13": (18, 43, 31),
    "2023-10-01": (19, 47, 39),
    "2024-05-01": (50, 135, 55),
    "2025-06-01": (51, 161, 55),
    "2025-10-01": (51, 161, 55),
}

#: Marks of the timeline by status, and how many dates its tables have; they leave out the cycle before a long gap.
TIMELINE = {
    "2014-07-01": ({"done": 11, "ahead": 1}, 12),
    "2021-12-20": ({"done": 11, "outcome": 1}, 12),
    "2022-08-01": ({"done": 1, "ahead": 5}, 18),
    "2022-09-13": ({"done": 5, "ahead": 5}, 22),
    "2023-10-01": ({"done": 7, "ahead": 5}, 24),
    "2024-05-01": ({"done": 43, "under_way": 4, "past": 1, "ahead": 13}, 73),
    "2025-06-01": ({"done": 46, "under_way": 6, "past": 18, "ahead": 3}, 85),
    "2025-10-01": ({"done": 47, "under_way": 6, "past": 18, "ahead": 2}, 85),
}
#: What changed since the day before in the table, and how many dates passed since then without an outcome.
CHANGES = {
    "2021-12-20": ({"others": 5}, 0),
    "2022-08-01": ({"new": 6}, 0),
    "2022-09-13": ({"new": 2, "changed": 1, "others": 4}, 0),
    "2023-10-01": ({"new": 1, "others": 1}, 0),
    "2024-05-01": ({"new": 31, "staged": 2, "moved": 2, "facts_new": 4, "changed": 3, "others": 11}, 1),
    "2025-06-01": ({"new": 1, "moved": 1, "measured": 1, "changed": 1, "others": 3}, 16),
    "2025-10-01": ({"finished": 1, "met": 1, "measured": 1, "changed": 1, "others": 2}, 0),
}
#: Of each meeting the first day in the table on which it is public, and its initiatives and their items there, which
#: later texts do not change.
MEETINGS = {
    "2014-06-27": ("2014-07-01", 10, 28),
    "2021-09-09": ("2021-12-20", 0, 0),
    "2022-04-18": ("2024-05-01", 0, 0),
    "2022-09-12": ("2022-09-13", 3, 5),
    "2023-04-18": ("2024-05-01", 0, 0),
    "2023-09-29": ("2023-10-01", 0, 0),
    "2024-04-19": ("2024-05-01", 34, 90),
    "2025-03-14": ("2025-06-01", 1, 1),
    "2025-05-05": ("2025-06-01", 1, 26),
    "2025-09-12": ("2025-10-01", 1, 1),
}
#: What home and the page of Otay Mesa II say on each day, in the language of its crawl.
SAID = {
    "2014-07-01": ("No date promised for an outcome has passed yet.", ""),
    "2021-12-20": ("Todavía no ha pasado ninguna fecha", ""),
    "2022-08-01": (
        "The most recent information is from July 14, 2022.",
        "In July 2022, Mexico expected to complete the new port of entry Otay Mesa II",
    ),
    "2022-09-13": (
        "La información más reciente es del 12 de septiembre de 2022.",
        "En septiembre de 2022, la SEDENA preveía concluir",
    ),
    "2023-10-01": ("The most recent information is from September 29, 2023.", "in 2023 or 2024."),
    "2024-05-01": ("No se ha publicado el único resultado comprometido en abril de 2024", "casi 60%"),
    "2025-06-01": ("None of the 13 outcomes promised for a date that has since passed", "85%"),
    "2025-10-01": ("Cumplido después de la fecha comprometida: 1", "30 de agosto de 2025"),
}
#: What each meeting told of Otay Mesa II, as a reader of October 2025 is told.
OTAY = {
    "2022-09-12": "In September 2022, SEDENA expected to complete the new port of entry Mesa de Otay II at Otay Mesa II"
    " in 2023 or 2024.",
    "2024-04-19": "In April 2024, SEDENA expected to complete the construction of the Mexican side of the new crossing"
    " at Otay Mesa II by September 21, 2024.",
    "2025-03-14": "In March 2025, SEDENA expected to complete the construction of the Mexican side of the new crossing"
    " at Otay Mesa II by December 2025.",
    "2025-09-12": "On August 30, 2025, SEDENA completed the construction of the Mexican side of the new crossing at"
    " Otay Mesa II.",
}
LISTS = ("", "initiatives", "items", "timeline", "map", "calendar", "compare", "meetings", "organizations", "places")
#: Pages of shipped records, beside all meetings and all initiatives of the cases.
SAMPLE = {
    *(
        f"initiatives/{key}"
        for key in ("otay-mesa-ii", "reynosa-pharr", "nogales-rail-line", "vui", "transport-electrification")
    ),
    *(f"organizations/{key}" for key in ("usaid", "sre", "sedena", "doc")),
    *(f"places/{key}" for key in ("mexico", "texas", "tijuana", "otay-mesa-ii-poe", "otay-mesa-new-crossing")),
    *(f"cycles/{cycle}/pillars/1" for cycle in ("2013", "2021")),
}
#: Days on which the initiatives of the cases are all opened.
WHOLE = ("2014-07-01", "2025-06-01")


def own_initiatives() -> set[str]:
    files = [directory / "initiatives.csv" for directory, _day in BEFORE + AFTER]
    rows = [file.read_text(encoding="utf-8").splitlines() for file in files if file.exists()]
    return {row["key"] for lines in rows for row in csv.DictReader(lines)}


def is_wanted(path: str, own: set[str]) -> bool:
    kind, key = (path.split("/")[2:] + [""])[:2]
    return path.strip("/")[3:] in SAMPLE or (kind in LISTS and (not key or kind == "meetings" or key in own))


@pytest.fixture(scope="module")
def _record(django_db_setup, django_db_blocker):
    shipped = [path for path in sorted(load_history.REVIEWS.iterdir()) if path != REVIEW]
    with django_db_blocker.unblock(), loaded_review():
        for directory, day in [*BEFORE, *((path, path.name[:10]) for path in reversed(shipped)), *AFTER]:
            load(directory, day)
        yield


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_record")]


def public(day: str, kind: str):
    return Edition.objects.public(Moment(datetime.date.fromisoformat(day))).filter(subject_kind=kind)


def test_counts_are_the_same_in_whatever_order_the_texts_are_loaded():
    assert list(verification.verify()) == []
    counts = {}
    for day in COUNTS:
        items = {kind: [len(row.data["facts"]) for row in public(day, kind)] for kind in ("initiative", "meeting")}
        counts[day] = len(items["initiative"]), sum(items["initiative"]), sum(items["meeting"])
    assert counts == COUNTS
    assert {day: known_on(day) for day in KNOWN if day >= APRIL} == {day: KNOWN[day] for day in KNOWN if day >= APRIL}
    assert known_on("2022-08-01") == ("planned", "2023/2024", [], [])


def test_the_timeline_draws_what_was_known_on_each_day(client):
    drawn = {}
    for day in TIMELINE:
        chart = client.get("/es/timeline/", {"as_of": day}).context["chronicle"]
        drawn[day] = dict(Counter(str(sign.status) for sign in chart.signs)), sum(len(g.lines) for g in chart.groups)
    assert drawn == TIMELINE


def test_the_comparison_tells_what_changed_from_day_to_day(client):
    changes = {}
    for earlier, later in pairwise(TIMELINE):
        found = client.get("/en/compare/", {"from": earlier, "to": later}).context["changes"]
        changes[later] = {line.key: line.count for line in found.summary if line.count}, len(found.passed)
    assert changes == CHANGES


@pytest.mark.parametrize(("day", "language"), [*zip(TIMELINE, ("en", "es") * 4, strict=True)])
def test_every_page_of_a_day_answers_with_what_was_known(client, day, language):
    own = own_initiatives()
    whole = own if day in WHOLE else set()
    pages = crawl_day(client, language, day, lambda path: is_wanted(path, whole))
    names = {row.subject_key for row in public(day, "initiative")}
    if whole:
        assert {key for key in own if f"/{language}/initiatives/{key}/" in pages} == own & names
    assert [path for path, html in pages.items() if any(words in html for words in NOTHING_YET)] == []
    meetings = {key for key, (first, *_numbers) in MEETINGS.items() if first <= day}
    assert {path.split("/")[3] for path in pages if "/meetings/20" in path and "fact-sheet" not in path} == meetings
    home, otay = SAID[day]
    page = re.sub(r"\s+", " ", re.sub("<[^>]*>", "", pages[f"/{language}/"]))
    assert home in page
    path = f"/{language}/initiatives/otay-mesa-ii/"
    assert (path in pages) == bool(otay)
    assert not otay or re.search(otay, pages[path])


def test_a_meeting_tells_what_its_texts_told_whatever_came_later(client):
    for key, (first, initiatives, items) in MEETINGS.items():
        for day in sorted({first, "2025-10-01"}):
            found = client.get(f"/en/meetings/{key}/", {"as_of": day}).context["reported"]
            told = [len(item.facts) for heading in found for item in heading.items]
            assert (len(told), sum(told)) == (initiatives, items), (key, day)
            items_of_otay = [
                item.facts for heading in found for item in heading.items if item.edition.subject_key == "otay-mesa-ii"
            ]
            if day == "2025-10-01" and key in OTAY:
                assert items_of_otay[0][0].sentence == OTAY[key]
