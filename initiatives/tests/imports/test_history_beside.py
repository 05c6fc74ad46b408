"""The directories of `initiatives/tests/history` before and after the texts that come with the portal."""

import csv
import datetime

import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import verification
from hled_portal.tests.crawler import NOTHING_YET, crawl_day
from hled_portal.tests.review import REVIEW, loaded_review
from initiatives.management.commands import load_history
from initiatives.models import Edition

from .test_history_order import APRIL, FIRST, HISTORY, KNOWN, RELEASE, SECOND, THIRD, known_on, load

pytestmark = pytest.mark.django_db
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
}

#: Days whose lists, meetings and initiatives are all opened, but for the initiatives of the shipped texts alone.
CRAWLED = [("2014-07-01", "es"), ("2025-06-01", "en")]
LISTS = ("", "initiatives", "items", "timeline", "map", "calendar", "compare", "meetings", "organizations", "places")


def own_initiatives() -> set[str]:
    files = [directory / "initiatives.csv" for directory, _day in BEFORE + AFTER]
    rows = [file.read_text(encoding="utf-8").splitlines() for file in files if file.exists()]
    return {row["key"] for lines in rows for row in csv.DictReader(lines)}


def is_of_cases(path: str, own: frozenset[str]) -> bool:
    kind, key = (path.split("/")[2:] + [""])[:2]
    return kind in LISTS and (not key or kind == "meetings" or key in own)


@pytest.fixture
def _review():
    with loaded_review():
        yield


@pytest.mark.usefixtures("_review")
def test_every_directory_loads_beside_the_shipped_texts(client):
    shipped = [path for path in sorted(load_history.REVIEWS.iterdir()) if path != REVIEW]
    for directory, day in [*BEFORE, *((path, path.name[:10]) for path in reversed(shipped)), *AFTER]:
        load(directory, day)
    assert list(verification.verify()) == []
    counts, names = {}, {}
    for day in COUNTS:
        public = Edition.objects.public(Moment(datetime.date.fromisoformat(day)))
        items = {
            kind: [len(edition.data["facts"]) for edition in public.filter(subject_kind=kind)]
            for kind in ("initiative", "meeting")
        }
        names[day] = set(public.filter(subject_kind="initiative").values_list("subject_key", flat=True))
        counts[day] = len(items["initiative"]), sum(items["initiative"]), sum(items["meeting"])
        assert client.get(f"/en/compare/?from=2022-08-01&to=2025-06-01&as_of={day}").status_code == 200
    assert counts == COUNTS
    own = frozenset(own_initiatives())
    for day, language in CRAWLED:
        pages = crawl_day(client, language, day, lambda path: is_of_cases(path, own))
        assert {key for key in own if f"/{language}/initiatives/{key}/" in pages} == own & names[day]
        assert [path for path, html in pages.items() if any(words in html for words in NOTHING_YET)] == []
    assert {day: known_on(day) for day in KNOWN if day >= APRIL} == {day: KNOWN[day] for day in KNOWN if day >= APRIL}
    assert known_on("2022-08-01") == ("planned", "2023/2024", [], [])
