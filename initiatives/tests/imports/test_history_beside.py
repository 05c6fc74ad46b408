"""The directories of `initiatives/tests/history` before and after the texts that come with the portal."""

import datetime

import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import verification
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
    counts = {}
    for day in COUNTS:
        public = Edition.objects.public(Moment(datetime.date.fromisoformat(day)))
        items = {
            kind: [len(edition.data["facts"]) for edition in public.filter(subject_kind=kind)]
            for kind in ("initiative", "meeting")
        }
        counts[day] = len(items["initiative"]), sum(items["initiative"]), sum(items["meeting"])
        assert "Nothing had been published" not in client.get(f"/en/initiatives/?as_of={day}").content.decode()
        for path in ("es/", "es/timeline/", "en/meetings/2014-06-27/", "en/compare/?from=2022-08-01&to=2025-06-01"):
            assert client.get(f"/{path}{'&' if '?' in path else '?'}as_of={day}").status_code == 200, (path, day)
    assert counts == COUNTS
    assert {day: known_on(day) for day in KNOWN if day >= APRIL} == {day: KNOWN[day] for day in KNOWN if day >= APRIL}
    assert known_on("2022-08-01") == ("planned", "2023/2024", [], [])
