"""The texts of 2021 to 2023 that come with the portal, loaded with the review of April 2024."""

import datetime

import pytest
from django.core.management import call_command

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import verification
from hled_portal.tests.review import loaded_history, loaded_review
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
    with django_db_blocker.unblock(), loaded_history() if request.param == "oldest first" else loaded_review():
        if request.param == "newest first":
            directories = [
                path for path in load_history.REVIEWS.iterdir() if not path.name.startswith(("2024-", "2025-"))
            ]
            for path in sorted(directories, reverse=True):
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
        (
            "/es/initiatives/otay-mesa-ii/?as_of=2022-08-01",
            "Texto elaborado a partir de un comunicado de un solo gobierno",
        ),
        ("/en/meetings/2022-09-12/?as_of=2022-10-01", "Only a part of the document was available and entered."),
        ("/es/meetings/2022-09-12/?as_of=2022-10-01", "Solo se contó con una parte del documento"),
    ],
)
def test_a_banner_says_whose_text_it_is_and_whether_it_is_whole(client, path, words):
    assert words in client.get(path).content.decode()


SRE = {
    "en": "Based on an announcement of one government (Secretariat of Foreign Affairs of Mexico, SRE) of July 14, 2022",
    "es": "Texto elaborado a partir de un comunicado de un solo gobierno (Secretaría de Relaciones Exteriores de"
    " México, SRE) del 14 de julio de 2022",
}
EDITORS = {"en": "added by the portal's editors", "es": "agregado por el equipo editor del portal"}


@pytest.mark.usefixtures("_history")
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "path",
    [
        "initiatives/?as_of=2022-08-01",
        "initiatives/otay-mesa-ii/?as_of=2022-08-01",
        "initiatives/otay-mesa-ii/editions/",
        "initiatives/otay-mesa-ii/cite.bib?as_of=2022-08-01",
        "initiatives.csv?as_of=2022-08-01",
        "search/?q=Otay&as_of=2022-08-01",
    ],
)
def test_an_announcement_of_one_government_is_called_that_wherever_its_text_is(client, language, path):
    response = client.get(f"/{language}/{path}")
    words = (b"".join(response.streaming_content) if response.streaming else response.content).decode()
    joint = {"en": "Based on the joint document", "es": "a partir del documento conjunto"}[language]
    if path.endswith("cite.bib?as_of=2022-08-01"):
        assert {"en": "announcement of one government", "es": "comunicado de un solo gobierno"}[language] in words
    else:
        assert SRE[language] in words
    assert (joint in words) == path.endswith("editions/")  # Its second version is that of April 2024.


@pytest.mark.usefixtures("_history")
@pytest.mark.parametrize("language", ["en", "es"])
def test_what_no_document_gives_was_added_by_the_editors(client, language):
    for path, is_added in (
        ("meetings/2021-09-09", False),  # The work plan reports on it.
        ("meetings/2022-04-18", True),
        ("places/otay-mesa-ii-poe", True),
        ("meetings/2024-04-19", False),
    ):
        words = client.get(f"/{language}/{path}/").content.decode()
        assert (EDITORS[language] in words) == is_added, path


@pytest.mark.usefixtures("_history")
def test_initiatives_of_a_document_that_names_no_pillar_stand_under_none(client):
    """In lists, filters, counts, charts and files; Otay Mesa II has the pillar of April 2024 from that day on."""
    pillars = {day: on(day, subject_key="otay-mesa-ii").get().pillar_key for day in ("2022-07-14", "2024-04-19")}
    assert pillars == {"2022-07-14": "", "2024-04-19": "2021-1"}
    for day, count in (("2022-08-01", 6), ("2024-04-19", 4)):
        listed = client.get(f"/en/initiatives/?pillar=none&as_of={day}")
        assert len(listed.context["filter"].qs) == count
        (choice,) = (c for f in listed.context["panel"].fields for c in f.choices if c.value == "none")
        assert choice.count == count
        home = client.get(f"/en/?as_of={day}").content.decode()
        assert f"{count} more initiatives</a>: no document names their pillar" in home
        rows = b"".join(client.get(f"/en/initiatives.csv?pillar=none&as_of={day}").streaming_content).decode()
        assert len(rows.strip().splitlines()) == count + 1
    for language, words in (("en", "No pillar named"), ("es", "Sin pilar indicado")):
        for path in ("initiatives/?pillar=none", "items/?pillar=none", "timeline/"):
            assert words in client.get(f"/{language}/{path}").content.decode()
    assert "No document names one." in client.get("/en/initiatives/nogales-rail-line/").content.decode()
    assert "Ningún documento lo indica." in client.get("/es/initiatives/nogales-rail-line/").content.decode()


@pytest.mark.usefixtures("_history")
def test_names_of_pillars_come_from_texts_of_both_governments():
    for edition in Edition.objects.of_kind("pillar"):
        assert TEXTS[edition.source_key][1] != "announcement"
