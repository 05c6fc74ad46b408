"""The status of a fact on a day: the rule, the same rule in SQL, and the same status wherever people look."""

import csv
import datetime
import io
import itertools
import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as pace
from hypothesis import strategies as st
from icalendar import Calendar

from hled_portal.dates import edtf_dates
from hled_portal.tests import factories as make
from initiatives.dashboard import attention, completeness
from initiatives.editions import joint_texts
from initiatives.facts import contradictions
from initiatives.models import Citation, Entry, Fact, Heading, Participation
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.choices import EndReason
from initiatives.vocabulary.fact_status import FactStatus, fact_status

DAY = datetime.date(2024, 6, 1)
BEFORE, AFTER = datetime.date(2024, 5, 31), datetime.date(2024, 6, 2)


def status(edtf: str, modality: str = "expected", ended: str = "", *, day=DAY, cycle_over=False) -> str | None:
    earliest, latest = edtf_dates.bounds(edtf)
    return fact_status(modality=modality, ended=ended, earliest=earliest, latest=latest, day=day, cycle_over=cycle_over)


@pytest.mark.parametrize(
    ("edtf", "modality", "ended", "expected"),
    [
        ("2024-05-31", "happened", "", "done"),
        ("2024-05-31", "happened", "met", "done"),
        ("2024-06-02", "happened", "", "done"),
        ("2024-05-31", "under_way", "", "under_way"),
        ("2024-06-02", "expected", "", "ahead"),
        ("2024-06-01", "planned", "", "ahead"),
        ("", "expected", "", "ahead"),
        ("2024-05-31", "expected", "", "past"),
        ("2024-05", "planned", "", "past"),
        ("../2024-05", "deadline", "", "past"),
        ("2024-05-31", "expected", "dropped", "ended"),
        ("2024-05-31", "happened", "merged", "ended"),
        ("2024-05-31", "", "", None),
    ],
)
def test_status_of_a_fact(edtf, modality, ended, expected):
    assert status(edtf, modality, ended) == expected


@pytest.mark.parametrize(
    ("edtf", "modality", "expected"),
    [
        ("2024-05-31", "expected", "outcome"),
        ("2024-06-02", "expected", "ahead"),
        ("2024-05-31", "happened", "done"),
        ("2024-05-31", "under_way", "under_way"),
        ("", "expected", "outcome"),
    ],
)
def test_after_the_end_of_a_cycle_the_outcome_was_not_published(edtf, modality, expected):
    assert status(edtf, modality, cycle_over=True) == expected


@pytest.mark.parametrize("cycle_over", [False, True])
@pytest.mark.parametrize("edtf", ["2023-06/..", "2023-06-01/..", "2023-21/.."])
def test_an_open_end_never_passes(edtf, cycle_over):
    assert status(edtf, day=datetime.date(2999, 1, 1), cycle_over=cycle_over) == FactStatus.EXPECTED


@pytest.mark.parametrize(
    ("edtf", "last"),
    [("2024-10", datetime.date(2024, 10, 31)), ("2024-21", datetime.date(2024, 6, 30))],
)
def test_a_date_passes_after_its_last_day(edtf, last):
    assert status(edtf, day=last) == FactStatus.EXPECTED
    assert status(edtf, day=last + datetime.timedelta(days=1)) == FactStatus.DATE_PASSED


# The same rule in SQL

DAYS = st.none() | st.dates(BEFORE, AFTER)
ROWS = st.lists(
    st.builds(
        Entry,
        modality=st.sampled_from(["", *Modality.values]),
        ended=st.sampled_from(["", *EndReason.values]),
        earliest=DAYS,
        latest=DAYS,
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture
def two_editions(db):
    """One of a pillar whose cycle is over, one of another."""
    return [make.make_edition(key=key, pillar_key=key) for key in ("closed", "open")]


@given(rows=ROWS, day=st.dates(BEFORE, AFTER))
@pace(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_agrees_with_the_function(two_editions, rows, day):
    Entry.objects.all().delete()
    for (n, row), edition in itertools.product(enumerate(rows), two_editions):
        Entry.objects.create(
            edition=edition,
            fact_key=f"f-{n}",
            order=n,
            modality=row.modality,
            ended=row.ended,
            earliest=row.earliest,
            latest=row.latest,
        )
    found = list(Entry.objects.with_status(day, ["closed"]).select_related("edition"))
    statuses = [row.status_on(day, cycle_over=row.edition.pillar_key == "closed") for row in found]
    assert [row.status for row in found] == statuses
    passed = {row.pk for row, each in zip(found, statuses, strict=True) if each == FactStatus.DATE_PASSED}
    assert set(Entry.objects.date_passed(day, ["closed"]).values_list("pk", flat=True)) == passed
    awaited = {FactStatus.EXPECTED, FactStatus.DATE_PASSED, FactStatus.OUTCOME_NOT_PUBLISHED}
    assert Entry.objects.awaited().count() == sum(each in awaited for each in statuses)


@pytest.mark.django_db
def test_sql_agrees_with_the_function_on_working_rows():
    cycles = [make.make_cycle("2013", begins=datetime.date(2013, 1, 1), ends=BEFORE), make.make_cycle("2021")]
    subjects = [
        {"initiative": make.make_initiative(f"i-{cycle.key}", pillar=make.make_pillar(1, cycle))} for cycle in cycles
    ]
    subjects += [{"meeting": make.make_meeting(f"{cycle.key}-04-19", cycle=cycle)} for cycle in cycles]
    edtf = ["", "2024-05", "2024-06", "2024-05/..", "../2024-05"]
    rows = []
    for n, values in enumerate(itertools.product(subjects, Modality.values, ["", "dropped", "met"], edtf)):
        subject, modality, ended, date = values
        columns = {"kind": "milestone", "action": "begin", "object_en": "works", "side": "MX"} | subject
        rows.append(Fact(key=f"f-{n}", modality=modality, end_reason=ended, date_edtf=date, **columns))
        rows[-1].set_bounds()
    Fact.objects.bulk_create(row for row in rows if row.end_reason != "met" or row.modality == "happened")
    for status, condition in Fact.status_conditions(DAY).items():
        rows = set(Fact.objects.filter(condition))
        assert rows == {
            fact
            for fact in Fact.objects.select_related("initiative__pillar__cycle", "meeting__cycle")
            if fact.status_on(DAY, cycle_over=fact.cycle.is_over(DAY)) == status
        }
        assert rows


# The same status everywhere

#: Modality and date of one fact of each initiative.
FACTS = {
    "late": ("expected", "2023-06"),
    "onward": ("expected", "2023-06/.."),
    "season": ("planned", "2024-21"),
    "deadline": ("deadline", "2023-11-30"),
    "undated": ("expected", ""),
    "met": ("happened", "2023-05"),
}
CASES = [
    ("2024-06-30", False, ["past", "ahead", "ahead", "past", "ahead", "done"]),
    ("2024-07-01", False, ["past", "ahead", "past", "past", "ahead", "done"]),
    ("2024-06-30", True, ["outcome", "ahead", "ahead", "outcome", "outcome", "done"]),
    ("2024-07-01", True, ["outcome", "ahead", "outcome", "outcome", "outcome", "done"]),
]
MEETING = "2024-04-19"


class Site:
    """What each page and file says of the facts on one day: key of the fact → status."""

    def __init__(self, client, day: str):
        self.client, self.day = client, day

    def get(self, path: str, **query):
        query = "&".join(f"{name}={value}" for name, value in {"as_of": self.day, **query}.items())
        answer = self.client.get(f"{path}?{query}")
        assert answer.status_code == 200, path
        return answer

    def text(self, path: str, **query) -> str:
        answer = self.get(path, **query)
        response = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return response.decode("utf-8-sig")

    def rows(self, path: str) -> list[dict]:
        return list(csv.DictReader(io.StringIO(self.text(path), newline="")))


@pytest.fixture
def publish(client, kept_connection):
    def build(day: str, cycle_over: bool) -> Site:
        make.make_pillar().cycle.__class__.objects.update(ends=datetime.date(2023, 12, 31) if cycle_over else None)
        meeting = make.make_meeting(MEETING)
        heading = Heading.objects.create(meeting=meeting, order=1, text_en="Pillar I", text_es="Pilar I")
        source, body = make.make_source(meeting=meeting), make.make_organization("sict")
        for key, (modality, edtf) in FACTS.items():
            one = make.make_initiative(key, confidence="on_track")
            Citation.objects.create(initiative=one, source=source, locator="item")
            fact = make.make_fact(one, key, modality=modality, date_edtf=edtf)
            Citation.objects.create(fact=fact, source=source, locator="item", heading=heading, heading_order=1)
            Participation.objects.create(fact=fact, role="lead", organization=body)
            make.make_fact(None, key, meeting=meeting, modality=modality, date_edtf=edtf)
        joint_texts.enter_joint_text(source)
        return Site(client, day)

    return build


def of_lines(timeline) -> dict[str, str]:
    return {line.key: line.status for group in timeline.groups for line in group.facts}


def keys(entries) -> set[str]:
    return {entry.fact_key for entry in entries}


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "cycle_over", "statuses"), CASES)
def test_the_same_status_everywhere(publish, day, cycle_over, statuses):
    site, expected = publish(day, cycle_over), dict(zip(FACTS, statuses, strict=True))
    in_status = {name: {key for key, each in expected.items() if each == name} for name in FactStatus.values}
    dated = {key: each for key, each in expected.items() if key != "undated"}
    with_last_day = in_status["ahead"] - {"onward", "undated"}
    due = {"past": in_status["past"], "outcome": in_status["outcome"], "ahead": with_last_day}

    # Home and the page of the pillar: lists and counts; the list of items.
    current, pillar = site.get("/en/").context["current"], site.get("/en/cycles/2021/pillars/1/").context["pillar"]
    for progress in (current, pillar):
        assert keys(progress.past_their_date) == in_status["past"]
        assert keys(progress.next) == with_last_day
    for progress in (current.pillars[0], pillar):
        assert {name: progress.statuses[name] for name in in_status} == {n: len(each) for n, each in in_status.items()}
        promised = in_status["past"] - {"season"}
        assert (progress.milestones.first_published_when_met, progress.milestones.due) == (1, len(promised))
    for name, those in in_status.items():
        assert keys(site.get("/en/items/", status=name).context["page"]) == those

    # The list of initiatives: filter, counts beside its choices, what each row says.
    for answer, chosen in (("yes", in_status["past"]), ("no", set(FACTS) - in_status["past"])):
        assert {row.subject_key for row in site.get("/en/initiatives/", past=answer).context["page"]} == chosen
    listed = site.get("/en/initiatives/").context
    [past] = [
        field for field in site.get("/en/initiatives/", options="more").context["panel"].fields if field.name == "past"
    ]
    assert {choice.value: choice.count for choice in past.choices} == {
        "yes": len(in_status["past"]),
        "no": len(FACTS) - len(in_status["past"]),
    }
    for name, those in due.items():
        assert {entry.fact_key for one in listed["due"].values() for entry in getattr(one, name)} == those
    first = site.get("/en/initiatives/", sort="expected").context["page"][0]
    assert first.subject_key in with_last_day or not with_last_day

    # The timeline, the calendar and its file.
    timeline = site.get("/en/timeline/").context["chronicle"]
    assert {line.fact_key: line.fact.status for group in timeline.groups for line in group.lines} == dated
    assert sorted(sign.status for group in timeline.groups for row in group.rows for sign in row.lane.signs) == sorted(
        dated.values()
    )
    calendar = site.get("/en/calendar/").context["agenda"]
    assert keys(calendar.past) == in_status["past"]
    assert keys(calendar.outcome) == in_status["outcome"]
    assert keys(calendar.undated) == in_status["ahead"] - with_last_day
    assert keys(item for span in calendar.spans for item in span.items if item.fact_key) == with_last_day
    events = Calendar.from_ical(site.text("/en/calendar.ics")).events
    confirmed = {key for key in expected if expected[key] in ("done", "under_way")}
    facts = {str(event["UID"]).partition("@")[0].rpartition("/")[2]: str(event["STATUS"]) for event in events}
    assert {key: facts[key] for key in FACTS if key in facts} == {
        key: "CONFIRMED" if key in confirmed else "TENTATIVE" for key in dated if key != "onward"
    }

    # The pages of the initiatives, of the meeting and of an organization.
    for key, each in expected.items():
        found = site.get(f"/en/initiatives/{key}/").context["timeline"]
        assert of_lines(found) == {key: each}
        lanes = [sign.status for _label, lane in found.life.lanes for sign in lane.signs] if found.life else []
        assert lanes == ([each] if key in dated else [])
    assert of_lines(site.get(f"/en/meetings/{MEETING}/").context["timeline"]) == expected
    groups = site.get("/en/organizations/sict/").context["groups"]
    assert {fact.line.key: group.key for group in groups for fact in group.facts} == expected
    assert all(fact.line.status == group.key for group in groups for fact in group.facts)

    # The files and the API.
    undecided = {key: each if each in ("past", "outcome") else "" for key, each in expected.items()}
    counts = {key: int(each == "past") for key, each in expected.items()}
    tables = {name: [site.rows(f"/en/{name}.csv")] for name in ("facts", "initiatives")}
    for name, found in tables.items():
        found.append(json.loads(site.text(f"/api/v1/{name}/"))["results"])
    for rows in tables["facts"]:
        assert {row["fact"]: row["past_its_date"] for row in rows} == undecided
    for rows in tables["initiatives"]:
        assert {row["key"]: int(row["past_its_date"]) for row in rows} == counts
        assert {row["key"] for row in rows if row["next_date_edtf"]} == with_last_day
        assert {row["key"] for row in rows if int(row["milestones_met"])} == in_status["done"]

    # The admin.
    user, today = make.make_cast().ana, datetime.date.fromisoformat(day)
    assert {fact.key for fact in attention.past_facts(user, today) if fact.initiative_id} == in_status["past"]
    board = completeness.board(user, completeness.all_meetings(), None, today)
    rows = [row for group in board.pillars for row in group.rows]
    assert {row.initiative.key for row in rows if any(gap.kind == "past" for gap in row.gaps)} == in_status["past"]
    on_track = [row for row in rows if _is_contradicted(row.initiative, today)]
    assert {row.initiative.key for row in on_track} == in_status["past"]


def _is_contradicted(initiative, day) -> bool:
    sentences = contradictions.find_contradictions(initiative, initiative.facts.all(), day)
    return any("on track" in sentence for sentence in sentences)
