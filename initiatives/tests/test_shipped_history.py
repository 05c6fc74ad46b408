"""The texts of 2021 to 2023 that come with the portal, loaded with the review of April 2024."""

import datetime

import pytest
from django.core.management import call_command

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import verification
from hled_portal.tests.review import loaded_review
from initiatives.management.commands import load_history
from initiatives.models import Edition

pytestmark = pytest.mark.django_db

#: Of each text that is shipped: its day, its kind, who issued it alone, whether it was entered in part.
TEXTS = {
    "2021-12-13-work-plan": ("2021-12-13", "work_plan", "", True),
    "2022-07-14-sre-note": ("2022-07-14", "announcement", "Secretariat of Foreign Affairs of Mexico (SRE)", False),
    "2022-09-12-white-house-fact-sheet": ("2022-09-12", "announcement", "White House", True),
    "2022-09-12-joint-statement": ("2022-09-12", "joint_statement", "", True),
    "2023-07-28-amexcid-usaid-release": ("2023-07-28", "joint_statement", "", True),
    "2023-09-29-joint-statement": ("2023-09-29", "joint_statement", "", True),
    "2024-04-19-fact-sheet": ("2024-04-19", "fact_sheet", "", False),
}
#: Initiatives and items of them on each day.
COUNTS = {
    "2021-12-12": (0, 0),
    "2021-12-13": (0, 0),
    "2022-07-14": (6, 11),
    "2022-09-12": (8, 15),
    "2023-07-28": (9, 19),
    "2023-09-29": (9, 19),
}


@pytest.fixture(scope="module", params=["oldest first", "newest first"])
def _history(request, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), loaded_review():
        directories = sorted(
            path for path in load_history.REVIEWS.iterdir() if not path.name.startswith(("2024-", "2025-"))
        )
        for path in directories if request.param == "oldest first" else reversed(directories):
            day = datetime.date.fromisoformat(path.name[:10])
            call_command("load_dialogue", path, publish_as_of=day, verbosity=0)
        yield


def on(day: str, **conditions):
    return Edition.objects.public(Moment(datetime.date.fromisoformat(day))).filter(**conditions)


@pytest.mark.usefixtures("_history")
def test_each_text_is_there_from_its_day_as_what_it_is():
    assert list(verification.verify()) == []
    for key, (day, kind, issuer, in_part) in TEXTS.items():
        data = on(day, subject_kind="source", subject_key=key).get().data
        held = (data["date_edtf"], data["source_kind"], data["issuer_en"], data["in_part"])
        assert held == (day, kind, issuer, in_part), key
        before = datetime.date.fromisoformat(day) - datetime.timedelta(days=1)
        assert not on(before.isoformat(), subject_kind="source", subject_key=key).exists()


@pytest.mark.usefixtures("_history")
def test_initiatives_and_items_of_each_day():
    counts = {}
    for day in COUNTS:
        editions = list(on(day, subject_kind="initiative"))
        counts[day] = (len(editions), sum(len(edition.data["facts"]) for edition in editions))
    assert counts == COUNTS


@pytest.mark.usefixtures("_history")
@pytest.mark.parametrize(("key", "date"), [("otay-mesa-ii", "2024-09-21"), ("reynosa-pharr", "2024-10")])
def test_the_dates_of_july_2022_that_april_2024_changed(client, key, date):
    works = {
        day: next(fact for fact in on(day, subject_key=key).get().data["facts"] if fact["key"] == "works")
        for day in ("2022-07-14", "2024-04-19")
    }
    assert works["2022-07-14"]["date_edtf"] == "2023/2024"
    (change,) = works["2024-04-19"]["date_changes"]
    assert (change["old_edtf"], change["new_edtf"], change["changed_on"]) == ("2023/2024", date, "2024-04-19")
    for language, words in (("en", "2023–2024 (expected)"), ("es", "2023 a 2024 (prevista)")):
        assert words in client.get(f"/{language}/initiatives/{key}/").content.decode()


@pytest.mark.usefixtures("_history")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/en/initiatives/otay-mesa-ii/?as_of=2022-08-01", "Based on an announcement of one government"),
        ("/es/initiatives/otay-mesa-ii/?as_of=2022-08-01", "Con base en un comunicado de un solo gobierno"),
        ("/en/meetings/2022-09-12/?as_of=2022-10-01", "Only a part of the document was available and entered."),
        ("/es/meetings/2022-09-12/?as_of=2022-10-01", "Solo se contó con una parte del documento"),
    ],
)
def test_a_banner_says_whose_text_it_is_and_whether_it_is_whole(client, path, words):
    assert words in client.get(path).content.decode()
