"""Dated facts as a calendar, read by the icalendar library; no day is made up."""

import datetime

import pytest
from django.utils import translation
from icalendar import Calendar

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import releasing
from hled_portal.tests.factories import make_cast, make_fact, make_figure, make_initiative, make_meeting, make_source
from initiatives.editions import joint_texts
from initiatives.exports import calendars
from initiatives.exports.tables import ExportContext
from initiatives.models import Citation, Edition

pytestmark = pytest.mark.django_db
DAY = datetime.date(2024, 4, 19)
ADDRESS = "https://dialogue.example/en/calendar.ics"


@pytest.fixture
def source():
    return make_source(meeting=make_meeting())


def publish(source, initiative):
    order = initiative.citations.count() + 1
    Citation.objects.create(initiative=initiative, source=source, order=order, locator="item 1")
    joint_texts.enter_joint_text(source)


def text(kinds=("initiative",), at=None, since=None) -> str:
    frame = ExportContext(at or Moment(DAY, asked=False), "https://dialogue.example")
    public = Edition.objects.public(frame.at).filter(subject_kind__in=kinds)
    return "".join(calendars.Diary(frame, ADDRESS, "dialogue.example", since).parts(public, "Dates"))


def read_calendar(kinds=("initiative",)) -> Calendar:
    return Calendar.from_ical(text(kinds))


def only(calendar: Calendar):
    (event,) = calendar.events
    return event


def test_a_fact_with_an_exact_day(source):
    works = make_initiative(title_en="Works, and more; all", title_es="Obras, y más; todas")
    make_fact(works, "opening", action="launch", modality="happened", date_edtf="2024-03-05", relation="on")
    publish(source, works)
    calendar = read_calendar()
    event = only(calendar)
    assert (event.start, event.end) == (datetime.date(2024, 3, 5), datetime.date(2024, 3, 6))
    assert str(event["SUMMARY"]) == "Done: Works, and more; all: Launch works at the crossing"
    assert str(event["UID"]) == "initiative/otay-mesa-ii/opening@dialogue.example"
    assert (event["SEQUENCE"], str(event["STATUS"]), str(event["TRANSP"])) == (1, "CONFIRMED", "TRANSPARENT")
    released = Edition.objects.get(subject_key="otay-mesa-ii").release.released_at
    assert event["DTSTAMP"].dt == released.replace(microsecond=0)
    assert str(event["URL"]) == "https://dialogue.example/en/initiatives/otay-mesa-ii/#opening"
    lines = str(event["DESCRIPTION"]).splitlines()
    assert lines[0] == "Works at the crossing were launched on March 5, 2024."
    assert lines[1] == "Based on the joint document of April 19, 2024; not approved by either government."
    assert calendar.calendar_name == "Dates"
    assert not list(calendar.walk("VJOURNAL"))


@pytest.mark.parametrize(
    ("edtf", "relation", "first", "last", "words"),
    [
        ("2024-12", "", (2024, 12, 31), (2024, 12, 31), "December 2024; the day is not stated"),
        ("2024-21", "on", (2024, 6, 30), (2024, 6, 30), "in spring 2024; the day is not stated"),
        ("2024-10~", "by", (2024, 10, 31), (2024, 10, 31), "by about October 2024; the day is not stated"),
        ("2024-05-02/2024-05-04", "", (2024, 5, 2), (2024, 5, 4), ""),
        ("2024-12-15", "by", (2024, 12, 15), (2024, 12, 15), "by December 15, 2024"),
    ],
)
def test_a_date_fills_the_days_on_which_it_can_be(source, edtf, relation, first, last, words):
    works = make_initiative()
    make_fact(works, date_edtf=edtf, relation=relation)
    publish(source, works)
    event = only(read_calendar())
    assert event.start == datetime.date(*first)
    assert event.end == datetime.date(*last) + datetime.timedelta(days=1)
    expected = "Expected: Otay Mesa II: Begin works at the crossing"
    assert str(event["SUMMARY"]) == (f"{expected} ({words})" if words else expected)
    assert str(event["STATUS"]) == "TENTATIVE"


@pytest.mark.parametrize("edtf", ["2024", "2024-03/..", "../2024-04-19", "2024-40", "2024-01/2024-06"])
def test_a_date_of_no_days_or_more_than_a_season_is_left_out_and_counted(source, edtf):
    works = make_initiative()
    make_fact(works, date_edtf=edtf)
    make_fact(works, "undated", date_edtf="", modality="planned", order=2)
    make_figure(works)
    publish(source, works)
    calendar = read_calendar()
    assert calendar.events == []
    (note,) = calendar.walk("VJOURNAL")
    assert str(note["SUMMARY"]).startswith(
        "1 items are not in this calendar because their dates give no days or cover more than a season."
    )
    assert "DTSTART" not in note


def test_a_milestone_that_came_to_nothing_is_cancelled(source):
    works = make_initiative()
    ended = {"end_text_en": "No money.", "end_text_es": "Sin dinero.", "end_edtf": "2024-04"}
    make_fact(works, date_edtf="2024-12-01", end_reason="dropped", **ended)
    publish(source, works)
    assert str(only(read_calendar())["STATUS"]) == "CANCELLED"


def test_meetings_and_what_was_said_there(source):
    columns = {"modality": "happened", "action": "report", "kind": "update", "date_edtf": "2024-04-19"}
    make_fact(None, "trade", meeting=source.meeting, **columns)
    publish(source, make_initiative())
    found = {str(event["UID"]): event for event in read_calendar(("initiative", "meeting")).events}
    assert set(found) == {"meeting/2024-04-19@dialogue.example", "meeting/2024-04-19/trade@dialogue.example"}
    meeting = found["meeting/2024-04-19@dialogue.example"]
    assert (str(meeting["SUMMARY"]), meeting.start) == ("Mid-year review", DAY)
    assert str(meeting["URL"]) == "https://dialogue.example/en/meetings/2024-04-19/"


def test_identifiers_are_the_same_in_both_languages(source):
    works = make_initiative()
    make_fact(works, date_edtf="2024-12")
    publish(source, works)
    english = only(read_calendar())
    with translation.override("es"):
        spanish = only(read_calendar())
    assert english["UID"] == spanish["UID"]
    title = "Mesa de Otay II: Iniciar obras en el cruce (diciembre de 2024; no se indica el día)"
    assert str(spanish["SUMMARY"]) == f"Prevista: {title}"


def test_a_marker_stands_on_the_day_of_the_withdrawal(source):
    works = make_initiative(title_en="A secret", title_es="Un secreto")
    make_fact(works, date_edtf="2024-12-01")
    publish(source, works)
    edition = Edition.objects.get(subject_key="otay-mesa-ii")
    releasing.withdraw(edition, make_cast().luis, "other", "Asked for.", "A petición.")
    calendar = read_calendar()
    assert calendar.events == []
    (note,) = calendar.walk("VJOURNAL")
    assert str(note["SUMMARY"]) == "initiative/otay-mesa-ii/1 was withdrawn by the delegation of Mexico"
    assert str(note["DESCRIPTION"]) == "other reason (explain). Asked for."
    assert str(note["UID"]) == "initiative/otay-mesa-ii/1/withdrawn@dialogue.example"
    assert "secret" not in text()


def test_it_begins_a_year_before_the_record_ends_unless_more_is_asked_for(source, client):
    """The record ends on April 19, 2024."""
    recent, ended = make_initiative(), make_initiative("ended")
    make_fact(recent, "old", action="launch", modality="happened", date_edtf="2023-04-19", relation="on")
    make_fact(recent, "new", action="launch", modality="happened", date_edtf="2023-05", order=2)
    make_fact(recent, "vague", date_edtf="2026", order=3)
    make_fact(ended, "old", action="launch", modality="happened", date_edtf="2022-01-01")
    publish(source, recent)
    publish(source, ended)

    def read(address):
        calendar = Calendar.from_ical(client.get(address).getvalue())
        uids = {str(event["UID"]).removesuffix("@hled-portal") for event in calendar.events}
        return uids - {"meeting/2024-04-19"}, len(calendar.walk("VJOURNAL")), str(calendar["DESCRIPTION"])

    new = {"initiative/otay-mesa-ii/new"}
    old = {"initiative/otay-mesa-ii/old"}
    uids, notes, about = read("/en/calendar.ics")
    assert (uids, notes) == (new, 1)
    assert about.endswith(
        "Dates before April 20, 2023 are left out. With since=all in its address, the calendar has all dates."
    )
    assert read("/es/initiatives.ics?since=2023-04-19")[:2] == (new | old, 1)
    everything = read("/en/initiatives.ics?since=all")
    assert everything[:2] == (new | old | {"initiative/ended/old"}, 1)
    assert "left out" not in everything[2]
    assert read("/en/calendar.ics?since=2027-01-01")[:2] == (set(), 0)
    assert "anteriores al 1 de enero de 0999" in read("/es/calendar.ics?since=0999-01-01")[2]
    answer = client.get("/es/calendar.ics?since=hoy")
    assert answer.status_code == 400
    assert "since: Escriba una fecha como 2024-04-19, o “all”." in answer.content.decode()


def test_it_is_folded_and_the_same_each_time(source):
    works = make_initiative(title_es="Ñ" * 120, title_en="Ñ" * 120)
    make_fact(works, date_edtf="2024-12-01")
    publish(source, works)
    written = text()
    assert max(len(line.encode()) for line in written.split("\r\n")) <= 75
    assert written == text()


def test_addresses_keep_the_moment_that_was_asked_for(source):
    works = make_initiative()
    make_fact(works, date_edtf="2024-12-01")
    publish(source, works)
    event = only(Calendar.from_ical(text(at=Moment(DAY, publication=1))))
    assert str(event["URL"]).endswith("/otay-mesa-ii/?as_of=2024-04-19&publication=1#works")
