"""Every form of date that the record can hold, through all that read it, in both languages."""

import datetime
import io
import zipfile

import pytest
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from hled_portal.admin.date_fields import Typed, TypedDateField, understood
from hled_portal.dates import edtf_dates
from hled_portal.tests.dates.test_date_parsing import STORABLE
from hled_portal.tests.factories import (
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_organization,
    make_source,
    move_date,
)
from initiatives.charts import timeline_layout
from initiatives.charts.scales import Days
from initiatives.editions import joint_texts
from initiatives.models import Citation, OrganizationName
from initiatives.record import slip_chart
from initiatives.tests.wording.test_sentences import NAMES, make_sentence
from initiatives.tests.wording.test_sentences import make_fact as frozen_fact
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.choices import Relation
from initiatives.vocabulary.fact_status import fact_status
from initiatives.wording import quantities

#: One of each form, with the shapes that are as long as others.
FORMS = [
    "2024-04-19", "2024-04", "2024", "2024-21", "2024-24", "2024-34", "2024-39", "2024-40", "2024-10~", "2024-10-16~",
    "2024~", "2024-01/2024-05", "2024-04-18/2024-04-19", "2024-03-01/2024-05", "2024/..", "2024-03/..", "2024-21/..",
    "2024-03-01/..", "../2024", "../2037", "../2024-05", "../2024-24", "../2024-04-19",
]  # fmt: skip
EACH_RELATION = ["", *Relation.values]
PAGES = [
    "/en/initiatives/otay-mesa-ii/",
    "/es/initiatives/otay-mesa-ii/",
    "/en/initiatives/?from=2024-01-01&to=2024-12-31",
    "/es/initiatives/",
    "/en/timeline/",
    "/es/timeline/?year=2024",
    "/en/calendar/",
    "/es/calendar/",
    "/en/cycles/2021/pillars/1/",
    "/es/cycles/2021/pillars/1/",
    "/en/compare/?from=2024-04-19&to=2024-06-01",
    "/en/organizations/sict/",
    "/es/organizations/sict/",
    "/en/meetings/",
    "/es/meetings/2024-04-19/",
    "/en/calendar.ics",
    "/es/calendar.ics",
    "/es/initiatives.atom",
    "/en/initiatives.csv",
    "/es/facts.csv",
    "/en/facts.xlsx",
    "/en/facts.json",
    "/es/readings.csv",
    "/es/date-changes.csv",
    "/en/data/oc4ids.json",
    "/en/data/package.zip",
    "/api/v1/initiatives/",
    "/api/v1/facts/",
]


def frozen(edtf: str, modality: str, relation: str) -> dict:
    changes = [
        {"order": order, "old_edtf": old, "new_edtf": new, "old_modality": "expected", "new_modality": "planned"}
        | {"reason": "slipped", "changed_on": "2024-04-19", "text_en": "", "text_es": ""}
        for order, (old, new) in enumerate([(edtf, "2024-06"), ("2024-06", edtf)], 1)
    ]
    fact = frozen_fact("begin", modality=modality, date_edtf=edtf, relation=relation)
    return fact | {"date_changes": changes, "citations": []}


@settings(deadline=None, max_examples=40)
@given(STORABLE, st.sampled_from(Modality.values), st.sampled_from(EACH_RELATION), st.sampled_from(["en", "es"]))
@example("2024/..", "happened", "since", "es")
def test_every_date_that_can_be_stored_is_told_and_drawn(edtf, modality, relation, language):
    day = datetime.date(2024, 6, 1)
    fact = frozen(edtf, modality, relation)
    end = fact | {"modality": "expected", "end_reason": "dropped", "end_edtf": edtf}
    reading = {"order": 1, "value": "5", "status": "actual", "qualifier": "exactly", "as_of_edtf": edtf}
    assert all(make_sentence(fact) + make_sentence(end))
    assert quantities.reading_line(reading | {"period_edtf": edtf}, fact, NAMES, language)
    earliest, latest = edtf_dates.bounds(edtf)
    status = fact_status(modality=modality, ended="", earliest=earliest, latest=latest, day=day)
    drawn = timeline_layout.Dated(earliest, latest, status, "then", "It was then.", latest, day)
    assert timeline_layout.lane([drawn], Days.of_years(drawn.day.year, drawn.day.year)).signs
    assert drawn.last is None or latest is None or (earliest or datetime.date.min) <= drawn.last <= latest
    with translation.override(language):
        assert slip_chart._drawn([edtf, "2024-06", edtf])
        assert slip_chart.slip_text(edtf, "2024-06") is not None


@settings(deadline=None, max_examples=40)
@given(STORABLE)
@example("2024/..")
def test_every_date_that_can_be_stored_is_shown_and_kept_by_its_field(edtf):
    assert understood(edtf)[0] == edtf
    assert TypedDateField(required=False).clean(Typed(edtf)) == edtf
    assert edtf in TypedDateField().widget.render("date_edtf", edtf)
    assert not TypedDateField().has_changed(edtf, edtf)


@pytest.fixture
def published(db):
    """An initiative with a fact, a change of date and a reading of each form, and an organization named so."""
    source = make_source(meeting=make_meeting())
    initiative, body = make_initiative(), make_organization()
    figure = make_figure(initiative)
    for order, form in enumerate(FORMS, 1):
        figure.readings.create(
            order=order, value=order, as_of_edtf=form, period_edtf=form, reporting_body=body, qualifier="exactly"
        )
        names = {"name_en": f"Name {order}", "name_es": f"Nombre {order}", "since_edtf": form, "until_edtf": form}
        OrganizationName.objects.create(organization=body, order=order + 1, **names)
        for n, modality in enumerate(Modality.values):
            relation = EACH_RELATION[(order + n) % len(EACH_RELATION)]
            make_fact(initiative, f"fact-{order}-{n}", date_edtf=form, modality=modality, relation=relation)
        move_date(make_fact(initiative, f"moved-{order}", date_edtf="2025-02"), form)
        move_date(make_fact(initiative, f"moved-from-{order}", date_edtf=form), "2025-02")
    Citation.objects.create(initiative=initiative, source=source, order=1, locator="item 1")
    joint_texts.enter_joint_text(source)


def test_every_form_is_read_by_every_page_and_file(published, client):
    for address in PAGES:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        body = answer.getvalue()
        if ".ics" in address:
            assert Calendar.from_ical(body).events
        elif ".zip" in address:
            assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None
        assert body
