"""The usual news on one short page: a body reports a number, a milestone was met, or its date moved."""

from decimal import Decimal

import pytest

from hled_portal.tests import factories as make
from hled_portal.tests.pages import error_texts
from initiatives import models as record
from initiatives.admin.progress_report import progress_report_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return make.make_cast()


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana)
    return client


@pytest.fixture
def otay(db):
    """An initiative whose physical progress SEDENA reported once."""
    initiative = make.make_initiative()
    sedena = make.make_organization("sedena")
    make.make_figure(initiative, "lanes", measure="count", unit_en="lanes", unit_es="carriles")
    figure = make.make_figure(initiative, unit_en="%", unit_es="%")
    record.Reading.objects.create(fact=figure, order=1, value=60, as_of_edtf="2024-04-19", reporting_body=sedena)
    return initiative


def sent(answer, form: str, **changes) -> dict:
    """What the browser sends of the page once one of its two sections is filled in."""
    data = {}
    for section in (answer.context["reading_form"], answer.context["milestone_form"]):
        if section.prefix == "milestone" and not section.milestones:
            continue  # It is not on the page.
        filled = [bound for bound in section if bound.value() not in (None, False)]
        data |= {bound.html_name: bound.value() for bound in filled}
        data |= {bound.html_initial_name: bound.value() for bound in filled if bound.field.show_hidden_initial}
    return data | {f"{answer.context[form].prefix}-{name}": value for name, value in changes.items()}


def choose(answer, form: str, field: str, words: str) -> str:
    """The value of the choice with these words."""
    choices = answer.context[form].fields[field].choices
    return next(value for value, name in choices if words in name)


def test_sedena_reports_72_percent_as_of_1_june_on_one_page_with_two_fields(ana, otay, django_assert_num_queries):
    """Figure, body and qualifier stand there already: what is typed is a number and a day."""
    answer = ana.get(progress_report_url(otay))
    with django_assert_num_queries(13):
        answer = ana.get(progress_report_url(otay))
    data = sent(answer, "reading_form", value="72%", as_of_edtf="June 1, 2024", ready="on")
    read_back = ana.post(progress_report_url(otay), data)
    assert "The portal will save: June 1, 2024 / 1 de junio de 2024." in read_back.content.decode()
    assert record.Reading.objects.count() == 1
    saved = ana.post(progress_report_url(otay), data | {"reading-as_of_edtf-read": "2024-06-01"}, follow=True)
    assert error_texts(saved) == ["Saved: SEDENA reports 72, %, as of June 1, 2024."]
    reading = record.Reading.objects.get(order=2)
    assert (reading.value, reading.as_of_edtf, reading.reporting_body.key) == (Decimal(72), "2024-06-01", "sedena")
    assert reading.fact.ready
    assert reading.history.get().history_user.username == "ana"
    assert record.Initiative.objects.get().revision == 2


def test_a_report_without_the_mark_makes_a_draft(ana, otay):
    answer = ana.get(progress_report_url(otay))
    ana.post(progress_report_url(otay), sent(answer, "reading_form", value="72", as_of_edtf="2024-06-01"))
    figure = record.Fact.objects.get(key="progress")
    assert (figure.readings.count(), figure.ready) == (2, False)


def test_a_report_sent_twice_is_saved_once(ana, otay):
    data = sent(ana.get(progress_report_url(otay)), "reading_form", value="72", as_of_edtf="2024-06-01")
    ana.post(progress_report_url(otay), data)
    assert (
        "The latest value reported for this figure is already the same."
        in ana.post(progress_report_url(otay), data).content.decode()
    )
    assert record.Reading.objects.count() == 2


def test_a_source_is_chosen_from_the_list_with_its_place(ana, otay):
    source = make.make_source()
    data = sent(
        ana.get(progress_report_url(otay)), "reading_form", value="72", as_of_edtf="2024-06-01", source=source.pk
    )
    assert "Enter the location in the source." in ana.post(progress_report_url(otay), data).content.decode()
    ana.post(progress_report_url(otay), data | {"reading-locator": "p. 3"})
    citation = record.Citation.objects.get()
    assert (citation.reading.value, citation.source, citation.locator) == (72, source, "p. 3")


def test_a_new_figure_begins_on_the_same_page(ana, otay):
    answer = ana.get(progress_report_url(otay))
    data = sent(answer, "reading_form", figure="new", value="1,250.5", as_of_edtf="2024")
    assert "Enter what the new figure counts." in ana.post(progress_report_url(otay), data).content.decode()
    data |= {"reading-new_phrase": "pavement laid", "reading-new_measure": "count", "reading-new_unit": "meters"}
    assert ana.post(progress_report_url(otay), data).status_code == 302
    figure = record.Fact.objects.get(key="pavement-laid")
    assert (figure.side, figure.ready, figure.unit_en, figure.readings.get().value) == (
        "MX",
        False,
        "meters",
        Decimal("1250.5"),
    )


@pytest.mark.parametrize("value", ["", "seventy", "7e99999", "NaN", "9" * 40, "\0"])
def test_what_is_no_number_is_refused_and_stays_in_the_form(ana, otay, value):
    data = sent(ana.get(progress_report_url(otay)), "reading_form", value=value, as_of_edtf="2024-06-01")
    answer = ana.post(progress_report_url(otay), data)
    assert "value" in answer.context["reading_form"].errors
    assert record.Reading.objects.count() == 1


def test_a_figure_of_the_other_side_is_not_offered(cast, client, otay):
    client.force_login(cast.beth)
    answer = client.get(progress_report_url(otay))
    assert [value for value, _name in answer.context["reading_form"].fields["figure"].choices] == ["new"]
    theirs = record.Fact.objects.get(key="progress")
    data = sent(answer, "reading_form", figure=str(theirs.pk), value="72", as_of_edtf="2024")
    assert "figure" in client.post(progress_report_url(otay), data).context["reading_form"].errors


@pytest.mark.parametrize(("name", "status"), [("luis", 403), ("zoe", 403), ("beth", 200)])
def test_those_who_write_facts_report(cast, client, otay, name, status):
    client.force_login(getattr(cast, name))
    assert client.get(progress_report_url(otay)).status_code == status
    assert client.get("/admin/initiatives/initiative/999/report/").status_code == 302


def test_a_milestone_was_met(ana, otay):
    make.make_fact(otay)
    answer = ana.get(progress_report_url(otay))
    key = choose(answer, "milestone_form", "milestone", "works at the crossing (expected: December 2024)")
    data = sent(answer, "milestone_form", milestone=key, outcome="met", date_edtf="2024-11-30", ready="on")
    assert ana.post(progress_report_url(otay), data).status_code == 302
    fact = record.Fact.objects.get(key="works")
    assert (fact.modality, fact.date_edtf, fact.ready) == ("happened", "2024-11-30", True)
    change = fact.date_changes.get()
    assert (change.reason, change.old_modality, change.new_modality) == ("met", "expected", "happened")
    assert "milestone_form" in ana.get(progress_report_url(otay)).context
    assert ana.get(progress_report_url(otay)).context["milestone_form"].milestones == {}


def test_a_milestone_moved_with_its_reason(ana, otay):
    make.make_fact(otay)
    answer = ana.get(progress_report_url(otay))
    key = choose(answer, "milestone_form", "milestone", "works")
    data = sent(answer, "milestone_form", milestone=key, outcome="moved", date_edtf="2025-03")
    assert "Explain why the date changes." in ana.post(progress_report_url(otay), data).content.decode()
    data |= {"milestone-reason": "slipped"}
    assert "Explain in one sentence why it is later." in ana.post(progress_report_url(otay), data).content.decode()
    assert ana.post(progress_report_url(otay), data | {"milestone-text": "Rain."}).status_code == 302
    fact = record.Fact.objects.get(key="works")
    assert (fact.modality, fact.date_edtf, fact.ready) == ("expected", "2025-03", False)
    assert fact.date_changes.get().reason == "slipped"


def test_a_milestone_that_somebody_changed_meanwhile_is_looked_at_again(ana, otay):
    fact = make.make_fact(otay)
    answer = ana.get(progress_report_url(otay))
    key = choose(answer, "milestone_form", "milestone", "works")
    record.Fact.objects.filter(pk=fact.pk).update(date_edtf="2025-01")
    data = sent(answer, "milestone_form", milestone=key, outcome="met", date_edtf="2024-11")
    refused = ana.post(progress_report_url(otay), data).content.decode()
    assert "Someone else changed this milestone while you were editing." in refused
    assert record.Fact.objects.get(key="works").date_edtf == "2025-01"


# Both sections of the page


def fill_in_both(answer, **changes) -> dict:
    data = sent(answer, "reading_form", value="72", as_of_edtf="2024-06-01", ready="on")
    key = choose(answer, "milestone_form", "milestone", "works")
    values = {"milestone": key, "outcome": "moved", "date_edtf": "2025-03", "reason": "slipped", "text": "Rains."}
    return data | {f"milestone-{name}": value for name, value in values.items()} | changes


def test_both_sections_are_saved_together(ana, otay):
    make.make_fact(otay)
    saved = ana.post(progress_report_url(otay), fill_in_both(ana.get(progress_report_url(otay))), follow=True)
    assert len(error_texts(saved)) == 2
    assert record.Reading.objects.get(order=2).value == 72
    assert record.Fact.objects.get(key="works").date_edtf == "2025-03"


WRONG = {
    "the number is none": ({"reading-value": "seventy"}, "reading_form"),
    "the number was reported before": ({"reading-value": "60", "reading-as_of_edtf": "2024-04-19"}, "reading_form"),
    "the new date has no reason": ({"milestone-reason": ""}, "milestone_form"),
    "the milestone has the date already": ({"milestone-date_edtf": "2024-12"}, "milestone_form"),
    "a date is read back first": ({"milestone-date_edtf": "March 2025"}, "milestone_form"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_in_one_section_saves_neither_and_loses_nothing(ana, otay, name):
    make.make_fact(otay)
    wrong, section = WRONG[name]
    data = fill_in_both(ana.get(progress_report_url(otay)), **wrong)
    answer = ana.post(progress_report_url(otay), data)
    assert answer.status_code == 200
    assert answer.context[section].errors
    assert record.Reading.objects.count() == 1
    assert record.Fact.objects.get(key="works").date_edtf == "2024-12"
    shown = {
        bound.html_name: bound.value()
        for form in (answer.context["reading_form"], answer.context["milestone_form"])
        for bound in form
    }
    assert {field: str(shown[field]) for field in shown.keys() & data.keys()} | {"reading-ready": "on"} == {
        field: str(data[field]) for field in shown.keys() & data.keys()
    }
    assert shown["reading-ready"]


def test_nothing_typed_is_told(ana, otay):
    make.make_fact(otay)
    data = sent(ana.get(progress_report_url(otay)), "reading_form")
    assert ana.post(progress_report_url(otay), data).context["reading_form"].non_field_errors()
    assert ana.post(progress_report_url(otay), {}).context["reading_form"].non_field_errors()
    assert record.Reading.objects.count() == 1


def test_a_choice_alone_is_not_dropped(ana, otay):
    """Whoever chooses another figure and tells of a milestone is asked for the number."""
    make.make_fact(otay)
    answer = ana.get(progress_report_url(otay))
    data = fill_in_both(answer, **{"reading-value": "", "reading-as_of_edtf": "", "reading-figure": "new"})
    assert "value" in ana.post(progress_report_url(otay), data).context["reading_form"].errors
    assert record.Fact.objects.get(key="works").date_edtf == "2024-12"


def test_a_number_alone_is_saved_though_the_milestone_changed_meanwhile(ana, otay):
    """What was filled in from the record is compared with what its reader saw."""
    fact = make.make_fact(otay)
    data = sent(ana.get(progress_report_url(otay)), "reading_form", value="72", as_of_edtf="2024-06-01")
    record.Fact.objects.filter(pk=fact.pk).update(date_edtf="2025-01")
    assert ana.post(progress_report_url(otay), data).status_code == 302
    assert record.Reading.objects.count() == 2


def test_the_page_is_one_form(ana, otay):
    make.make_fact(otay)
    html = ana.get(progress_report_url(otay)).content.decode()
    content = html[html.index('id="content-main"') :]
    assert content.count("<form") == 1
    assert 'name="initial-milestone-milestone"' in content


def test_the_initiative_and_its_list_lead_there(ana, otay):
    for page in (f"/admin/initiatives/initiative/{otay.pk}/change/", "/admin/initiatives/initiative/"):
        assert progress_report_url(otay) in ana.get(page).content.decode()
