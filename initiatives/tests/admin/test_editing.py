"""Editing at the desk: nothing is overwritten unseen, drafts stay drafts, and dates are read back."""

from urllib.parse import urlencode

import pytest

from hled_portal.i18n.bilingual import TranslationStatus
from hled_portal.tests import factories as make
from hled_portal.tests.pages import act, error_texts, errors, form_data, get_form, page
from initiatives import models as record
from initiatives.editions import joint_texts, proposing

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return make.make_cast()


@pytest.fixture
def ana(cast, client):
    client.force_login(cast.ana)
    return client


def save(client, row, **changes):
    """Open the page of a row and save it with these changes."""
    address = page(type(row), "change", row.pk)
    return client.post(address, form_data(get_form(client, address)) | changes)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


# What its reader saw


ROWS = {
    "initiative": (make.make_initiative, "title_en"),
    "fact": (lambda: make.make_fact(make.make_initiative()), "object_en"),
    "pillar": (make.make_pillar, "name_en"),
    "cycle": (make.make_cycle, "name_en"),
    "meeting": (make.make_meeting, "name_en"),
    "place": (make.make_place, "name_en"),
    "topic": (make.make_topic, "name_en"),
    "source": (make.make_source, "name_en"),
    "organization": (make.make_organization, "ended_edtf"),
    "name": (lambda: make.make_organization().names.get(), "name_en"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_second_save_over_a_change_is_refused_and_tells_it(cast, client, name):
    build, column = ROWS[name]
    row = build()
    if isinstance(row, record.Fact):
        record.Fact.objects.update(side="joint")
    address = page(type(row), "change", row.pk)
    client.force_login(cast.ana)
    seen = form_data(get_form(client, address))
    client.force_login(cast.beth)
    theirs, mine = ("2021", "2022") if column.endswith("edtf") else ("By Beth", "By Ana")
    assert client.post(address, seen | {column: theirs}).status_code == 302
    client.force_login(cast.ana)
    answer = client.post(address, seen | {column: mine})
    refused = " ".join(errors(answer)["__all__"])
    assert "Your text is not lost." in refused
    assert "beth, " in refused
    label = str(type(row)._meta.get_field(column).verbose_name)
    assert f"{label} (now “{theirs}”)" in refused
    assert answer.context["adminform"].form[column].value() == mine
    assert getattr(fresh(row), column) == theirs
    assert client.post(address, form_data(answer) | {column: mine}).status_code == 302
    assert getattr(fresh(row), column) == mine


def test_a_save_that_changes_nothing_overwrites_nothing(cast, client):
    topic = make.make_topic()
    address = page(record.Topic, "change", topic.pk)
    client.force_login(cast.ana)
    seen = form_data(get_form(client, address))
    assert client.post(address, seen | {"name_en": "Ports"}).status_code == 302
    assert client.post(address, seen | {"name_en": "Ports"}).status_code == 302


def test_a_form_without_what_was_seen_is_refused(ana):
    topic = make.make_topic()
    assert "Someone else changed" in errors(save(ana, topic, name_en="x", version_token=""))["__all__"][0]


def test_a_part_that_changed_meanwhile_is_refused_and_the_rest_of_the_page_stays(cast, client):
    figure = make.make_figure(make.make_initiative(), side="joint")
    reading = record.Reading.objects.create(fact=figure, order=1, value=60)
    address = page(record.Fact, "change", figure.pk)
    client.force_login(cast.ana)
    seen = form_data(get_form(client, address))
    client.force_login(cast.beth)
    assert save(client, reading, value="61").status_code == 302
    client.force_login(cast.ana)
    answer = client.post(address, seen | {"readings-0-value": "62", "object_en": "by Ana"})
    refused = " ".join(errors(answer)["readings-0"]["__all__"])
    assert "beth, " in refused
    assert "value (now “61" in refused
    assert (fresh(reading).value, fresh(figure).object_en) == (61, "works at the crossing")
    assert client.post(address, form_data(answer)).status_code == 302
    assert (fresh(reading).value, fresh(figure).object_en) == (62, "by Ana")


def test_saves_of_different_facts_of_one_initiative_do_not_stand_in_each_others_way(cast, client):
    initiative = make.make_initiative()
    mine, theirs = make.make_fact(initiative, "mine"), make.make_fact(initiative, "theirs", side="US")
    address = page(record.Fact, "change", mine.pk)
    client.force_login(cast.ana)
    seen = form_data(get_form(client, address))
    client.force_login(cast.beth)
    assert save(client, theirs, object_en="half-done").status_code == 302
    client.force_login(cast.ana)
    assert client.post(address, seen | {"object_en": "by Ana"}).status_code == 302


# Typed dates


def test_a_typed_date_is_read_back_in_both_languages_before_it_is_saved(ana):
    fact = make.make_fact(make.make_initiative(), ready=False)
    answer = save(ana, fact, date_edtf="primavera de 2025")
    refused = errors(answer)["date_edtf"][0]
    assert refused.startswith("You entered “primavera de 2025”. The portal will save: spring 2025 / primavera de 2025.")
    assert fresh(fact).date_edtf == "2024-12"
    html = answer.content.decode()
    assert 'name="date_edtf-read" value="2025-21"' in html
    again = form_data(answer) | {"date_edtf-read": "2025-21"}
    assert ana.post(page(record.Fact, "change", fact.pk), again).status_code == 302
    assert fresh(fact).date_edtf == "2025-21"


@pytest.mark.parametrize("typed", ["2025 onward", "a partir de 2025"])
def test_a_year_onward_is_read_back_saved_and_opened(ana, typed):
    fact = make.make_fact(make.make_initiative(), ready=False)
    answer = save(ana, fact, date_edtf=typed)
    assert "2025 onward / a partir de 2025" in errors(answer)["date_edtf"][0]
    assert save(ana, fact, date_edtf=typed, **{"date_edtf-read": "2025/.."}).status_code == 302
    assert fresh(fact).date_edtf == "2025/.."
    assert "a partir de 2025" in ana.get(page(record.Fact, "change", fact.pk)).content.decode()
    assert save(ana, fact, object_en="other works").status_code == 302
    assert fresh(fact).date_edtf == "2025/.."


@pytest.mark.parametrize(("typed", "kept"), [("2025-21", "2025-21"), ("2025", "2025"), ("", ""), ("2025/..",) * 2])
def test_edtf_needs_no_reading_back(ana, typed, kept):
    fact = make.make_fact(make.make_initiative(), ready=False)
    assert save(ana, fact, date_edtf=typed).status_code == 302
    assert fresh(fact).date_edtf == kept


def test_a_reading_of_other_words_confirms_nothing(ana):
    fact = make.make_fact(make.make_initiative(), ready=False)
    answer = save(ana, fact, date_edtf="oct 2024", **{"date_edtf-read": "2025-21"})
    assert "October 2024 / octubre de 2024" in errors(answer)["date_edtf"][0]


def test_what_cannot_be_read_is_refused_with_the_readers_words(ana):
    fact = make.make_fact(make.make_initiative(), ready=False)
    answer = save(ana, fact, date_edtf="04/12/2024")
    assert "is read differently in each country" in errors(answer)["date_edtf"][0]
    assert answer.context["adminform"].form["date_edtf"].value() == "04/12/2024"


def test_words_are_kept_where_the_notation_has_none_and_go_with_their_date(ana):
    fact = make.make_fact(make.make_initiative(), ready=False)
    save(ana, fact, date_edtf="finales de 2023", **{"date_edtf-read": "2023-39"})
    fact = fresh(fact)
    assert (fact.date_edtf, fact.date_wording_en, fact.date_wording_es) == ("2023-39", "late 2023", "finales de 2023")
    save(ana, fact, date_edtf="2024-05", change_reason="corrected")
    fact = fresh(fact)
    assert (fact.date_edtf, fact.date_wording_en, fact.date_wording_es) == ("2024-05", "", "")


def test_the_script_asks_how_a_date_is_read(ana):
    address = "/admin/initiatives/initiative/read-date/"
    found = ana.get(address, {"text": "spring 2024"}).json()
    assert found == {"edtf": "2024-21", "en": "spring 2024", "es": "primavera de 2024"}
    assert ana.get(address, {"text": "2024/.."}).json()["es"] == "a partir de 2024"
    assert "portal can read" in ana.get(address, {"text": "soon"}).json()["refused"]
    ana.logout()
    assert ana.get(address, {"text": "2024"}).status_code == 302


# Facts


def add(client, initiative, kind, **columns):
    address = f"{page(record.Fact, 'add')}?initiative={initiative.pk}&kind={kind}"
    empty = form_data(get_form(client, address))
    return client.post(address, empty | columns)


def test_a_fact_has_the_fields_of_its_kind(ana):
    initiative = make.make_initiative()
    fields = {}
    for kind in ("milestone", "event", "update", "figure", "objective"):
        answer = ana.get(f"{page(record.Fact, 'add')}?initiative={initiative.pk}&kind={kind}")
        form = answer.context["adminform"].form
        fields[kind] = set(form.fields)
        assert form.initial["initiative"] == str(initiative.pk)
        assert [value for value, _label in form.fields["kind"].choices] == [kind]
        assert "meeting" not in form.fields
    assert "end_reason" in fields["milestone"]
    assert "end_reason" not in fields["event"] | fields["figure"]
    assert "series_position" in fields["event"]
    assert "series_position" not in fields["milestone"] | fields["figure"]
    assert {"measure", "unit_es", "currency"} <= fields["figure"]
    assert not {"action", "modality", "date_edtf"} & (fields["figure"] | fields["objective"])
    assert "measure" not in fields["objective"] | fields["update"]


def test_a_new_fact_is_a_draft_with_a_key_and_an_order_of_its_own(ana):
    initiative = make.make_initiative()
    make.make_fact(initiative, "conclusion-de-las-obras", order=7)
    columns = {"action": "complete", "modality": "expected", "object_es": "Conclusión de las obras"}
    answer = add(ana, initiative, "milestone", **columns)
    assert answer.status_code == 302, errors(answer)
    fact = record.Fact.objects.get(key="conclusion-de-las-obras-2")
    assert (fact.order, fact.side, fact.ready, fact.original_language) == (8, "MX", False, "es")
    assert (fact.object_en, fact.translation_standing()) == ("", TranslationStatus.MISSING)
    answer = add(ana, initiative, "milestone", **columns, ready="on")
    assert record.Fact.objects.get(key="conclusion-de-las-obras-3").ready


def test_the_original_of_a_row_cannot_be_missing(ana):
    initiative = make.make_initiative()
    answer = add(ana, initiative, "objective", object_en="Faster crossings")
    refused = errors(answer)["object_es"][0]
    assert refused == "Enter “description (Spanish)”: the original of this record is in Spanish."
    assert add(ana, initiative, "objective", object_en="Faster", original_language="en").status_code == 302


def test_a_rule_over_a_column_that_the_form_leaves_out_is_told(ana):
    """The kind of a saved item is in no form."""
    figure = make.make_figure(make.make_initiative())
    assert errors(save(ana, figure, measure="")) == {"__all__": ["Select what the figure measures."]}


# The ready mark


def propose(user, initiative):
    return proposing.propose("initiative", initiative.key, user)


def test_one_sides_half_done_edit_neither_blocks_nor_rides_along(cast, client):
    initiative = make.make_initiative()
    mexican = make.make_fact(initiative, "works")
    make.make_fact(initiative, "study", side="US")
    make.publish_with_keys(cast, initiative)
    client.force_login(cast.ana)
    assert save(client, mexican, object_en="half-done words", object_es="").status_code == 302
    assert not fresh(mexican).ready
    assert save(client, mexican, object_es="a medias").status_code == 302
    client.force_login(cast.beth)
    study = record.Fact.objects.get(key="study")
    changes = {"object_en": "the finished study", "ready": "on", "translation_state-agree": "on"}
    assert save(client, study, **changes).status_code == 302
    text = propose(cast.beth, initiative)[0]
    held = {fact["key"]: fact["object_en"] for fact in text.data["facts"]}
    assert held == {"works": "works at the crossing", "study": "the finished study"}


@pytest.mark.parametrize("part", ["reading", "citation", "participation"])
def test_a_save_on_a_part_takes_the_mark_off(ana, part):
    figure, source = make.make_figure(make.make_initiative()), make.make_source()
    reading = record.Reading.objects.create(fact=figure, order=1, value=60)
    rows = {
        "reading": (reading, {"value": "61"}),
        "citation": (record.Citation.objects.create(reading=reading, source=source, locator="p. 1"), {"locator": "2"}),
        "participation": (
            record.Participation.objects.create(fact=figure, role="lead", organization=make.make_organization()),
            {"role": "partner"},
        ),
    }
    row, changes = rows[part]
    assert save(ana, row).status_code == 302
    assert fresh(figure).ready
    answer = save(ana, row, **changes)
    assert answer.status_code == 302, errors(answer)
    assert not fresh(figure).ready
    assert fresh(figure).history.first().history_user.username == "ana"


def test_the_parts_of_a_page_take_the_mark_off_unless_the_same_save_sets_it(ana):
    figure = make.make_figure(make.make_initiative())
    record.Reading.objects.create(fact=figure, order=1, value=60)
    save(ana, figure, **{"readings-0-value": "61", "ready": "on"})
    assert fresh(figure).ready
    answer = save(ana, figure, **{"readings-0-value": "62"})
    assert answer.status_code == 302
    assert not fresh(figure).ready
    assert any(
        "The item changed. It will be proposed again once your delegation marks it as ready." in line
        for line in error_texts(ana.get("/admin/"))
    )


def test_joint_facts_have_no_draft(ana):
    fact = make.make_fact(make.make_initiative(), side="joint")
    assert save(ana, fact, object_en="changed").status_code == 302
    assert fresh(fact).ready


def test_marks_are_set_from_the_list_by_the_side_that_keeps_the_fact(cast, client):
    initiative = make.make_initiative()
    own, theirs = make.make_fact(initiative, ready=False), make.make_fact(initiative, "theirs", side="US")
    client.force_login(cast.ana)
    assert "1 item updated." in error_texts(act(client, record.Fact, "mark_ready", [own]))
    assert fresh(own).ready
    assert "works at the crossing: This record belongs to the other delegation." in error_texts(
        act(client, record.Fact, "take_back", [theirs])
    )
    assert fresh(theirs).ready
    client.force_login(cast.luis)
    act(client, record.Fact, "take_back", [own])
    assert fresh(own).ready


# Dates that move


def test_a_known_date_moves_with_a_reason_that_is_kept(cast, ana):
    initiative = make.make_initiative()
    fact = make.make_fact(initiative)
    make.publish_with_keys(cast, initiative)
    answer = save(ana, fact, date_edtf="2025-03")
    assert errors(answer)["change_reason"] == ["The date changes from December 2024 to March 2025. Explain why."]
    assert fresh(fact).date_edtf == "2024-12"
    answer = save(ana, fact, date_edtf="2025-03", change_reason="met")
    assert "only if it has already happened." in errors(answer)["change_reason"][0]
    changes = {"date_edtf": "2025-03", "change_reason": "slipped", "change_text_en": "Rain."}
    assert save(ana, fact, **changes).status_code == 302
    change = record.DateChange.objects.get()
    assert (change.old_edtf, change.new_edtf, change.reason, change.text_en) == (
        "2024-12",
        "2025-03",
        "slipped",
        "Rain.",
    )
    assert (change.changed_by, change.order) == (cast.ana, 1)
    without = errors(save(ana, fact, date_edtf="2025-04", change_reason="slipped"))
    assert without == {"change_text_en": ["Explain in one sentence why it is later."]}
    assert save(ana, fact, date_edtf="2025-04", change_reason="slipped", change_text_en="Rain.").status_code == 302
    change = record.DateChange.objects.get()  # The same person goes on with the change of the same day.
    assert (change.old_edtf, change.new_edtf) == ("2024-12", "2025-04")
    assert errors(save(ana, change, text_en="")) == {"text_en": ["Explain in one sentence why it is later."]}
    wrong = errors(save(ana, fact, **{"date_changes-0-text_en": ""}))
    assert wrong == {"date_changes-0": {"text_en": ["Explain in one sentence why it is later."]}}
    assert save(ana, fact, date_edtf="2024-12", change_reason="corrected").status_code == 302
    assert not record.DateChange.objects.exists()


def test_the_date_of_a_draft_that_nobody_else_saw_moves_without_a_reason(ana):
    fact = make.make_fact(make.make_initiative(), ready=False)
    assert save(ana, fact, date_edtf="2025-03").status_code == 302
    assert save(ana, fact, ready="on").status_code == 302
    assert save(ana, fact, date_edtf="2025-05").status_code == 200
    assert not record.DateChange.objects.exists()


def test_a_milestone_that_ends_says_why(ana):
    fact = make.make_fact(make.make_initiative(), ready=False)
    assert "end_reason" in errors(save(ana, fact, end_edtf="2025"))
    assert "Explain why" in errors(save(ana, fact, end_edtf="2025", end_reason="dropped"))["end_text_en"][0]
    ended = {"end_edtf": "2025", "end_reason": "dropped", "end_text_en": "No funds."}
    assert save(ana, fact, **ended).status_code == 302


def test_a_changed_published_value_has_a_reason_that_the_history_shows(ana):
    source = make.make_source(meeting=make.make_meeting())
    figure = make.make_figure(make.make_initiative())
    reading = record.Reading.objects.create(fact=figure, order=1, value=60)
    record.Citation.objects.create(initiative=figure.initiative, source=source, order=1, locator="1")
    assert save(ana, reading, value="61").status_code == 302
    record.Fact.objects.update(ready=True)
    joint_texts.enter_joint_text(source)
    assert "Explain in a sentence" in errors(save(ana, reading, value="62"))["change_reason"][0]
    assert save(ana, figure, **{"readings-0-value": "62"}).status_code == 200
    assert fresh(reading).value == 61
    reason = "The ministry corrected its report"
    assert save(ana, figure, **{"readings-0-value": "62", "readings-0-change_reason": reason}).status_code == 302
    assert save(ana, reading, value="63", change_reason="A slip of the pen").status_code == 302
    html = ana.get(f"/admin/initiatives/reading/{reading.pk}/history/").content.decode()
    assert reason in html
    assert "A slip of the pen" in html


# Where a save leads


def test_a_save_leads_back_to_the_initiative_or_to_where_one_came_from(ana):
    initiative = make.make_initiative()
    fact, figure = make.make_fact(initiative), make.make_figure(initiative)
    reading = record.Reading.objects.create(fact=figure, order=1, value=60)
    part = record.Participation.objects.create(fact=fact, role="lead", unnamed_en="officials", unnamed_es="autoridades")
    home = page(record.Initiative, "change", initiative.pk)
    for row in (initiative, fact, figure, reading, part):
        assert save(ana, row).headers["Location"] == home
    meeting = make.make_meeting()
    source = make.make_source(meeting=meeting)
    assert save(ana, source).headers["Location"] == page(record.Source, "changelist")
    address = page(record.Fact, "change", fact.pk)
    data = form_data(get_form(ana, address))
    for back, leads in (
        (page(record.Initiative, "propose", initiative.pk), None),
        ("https://example.org/admin/", home),
        ("//example.org/admin/", home),
        ("/en/", home),
    ):
        answer = ana.post(f"{address}?{urlencode({'back': back})}", data)
        assert answer.headers["Location"] == (leads or back)


def add_first(client, *inlines: dict, seen: dict | None = None, **columns):
    """Fill in the page of a new initiative, `seen` already or not, with the first row of each of its parts."""
    address = page(record.Initiative, "add")
    seen = form_data(get_form(client, address)) if seen is None else seen
    data = seen | {"title_en": "A new bridge", "title_es": "Un puente nuevo"}
    data |= {"summary_en": "It joins two towns.", "summary_es": "Une dos ciudades.", "kind": "works"}
    data |= {"stage": "under_way", "pillar": make.make_pillar().pk, "original_language": "es"} | columns
    for prefix, row in inlines:
        start = prefix if prefix[-2:] in ("-0", "-1") else f"{prefix}-0"
        data |= {f"{start}-{name}": value for name, value in row.items()}
    return client.post(address, data)


MILESTONE = {
    "action": "begin",
    "object_en": "works",
    "object_es": "obras",
    "date_edtf": "2026",
    "modality": "expected by",
}
FIGURE = {
    "object_en": "progress",
    "object_es": "avance",
    "measure": "physical_progress",
    "unit_en": "%",
    "unit_es": "%",
}
VALUE = {"qualifier": "about", "value": "85%", "as_of_edtf": "2024-09"}


def test_an_initiative_is_added_with_its_first_items_in_one_save(ana):
    body, place = make.make_organization(), make.make_place()
    lead = {"role": "lead", "organization": body.pk}
    parts = [
        ("participations", lead),
        ("participations-1", lead),
        ("facts", MILESTONE),
        ("facts-2", FIGURE | VALUE | {"reporting_body": body.pk}),
    ]
    answer = add_first(ana, *parts, places=[place.pk])
    initiative = record.Initiative.objects.get()
    assert answer.headers["Location"] == page(record.Initiative, "change", initiative.pk)
    assert initiative.key == "a-new-bridge"
    assert list(initiative.participations.values_list("order", "organization")) == [(1, body.pk), (2, body.pk)]
    facts = {fact.kind: fact for fact in initiative.facts.all()}
    milestone, figure = facts["milestone"], facts["figure"]
    assert (milestone.key, milestone.side, milestone.ready, milestone.original_language) == ("obras", "MX", False, "es")
    assert (milestone.modality, milestone.relation, milestone.order) == ("expected", "by", 1)
    assert (figure.key, figure.order, str(figure.readings.get().value)) == ("avance", 2, "85.0000")
    again = add_first(ana)
    assert again.status_code == 302
    assert set(record.Initiative.objects.values_list("key", flat=True)) == {"a-new-bridge", "a-new-bridge-2"}
    assert record.Fact.objects.count() == 2


WRONG_FIRST_ITEMS = [
    ("facts", MILESTONE | {"action": ""}, "action"),
    ("facts", MILESTONE | {"modality": ""}, "modality"),
    ("facts", MILESTONE | {"object_es": ""}, "object_es"),
    ("facts", MILESTONE | {"date_edtf": "soon"}, "date_edtf"),
    ("facts", MILESTONE | {"side": "US"}, "side"),
    ("facts-2", FIGURE | VALUE, "reporting_body"),
    ("facts-2", FIGURE | VALUE | {"value": "many"}, "value"),
    ("facts-2", FIGURE | VALUE | {"measure": ""}, "measure"),
    ("participations", {"role": "lead"}, "organization"),
]


def test_what_is_wrong_with_a_first_item_is_said_beside_it_and_nothing_is_saved(ana):
    seen = form_data(get_form(ana, page(record.Initiative, "add")))
    for prefix, row, wrong in WRONG_FIRST_ITEMS:
        found = errors(add_first(ana, (prefix, row), seen=seen))
        assert wrong in found[f"{prefix}-0"], (prefix, wrong)
        assert not record.Initiative.objects.exists()


def test_a_figure_is_entered_with_its_first_value(ana):
    initiative, body = make.make_initiative(), make.make_organization()
    address = f"{page(record.Fact, 'add')}?initiative={initiative.pk}&kind=figure"
    shown = ana.get(address)
    data = form_data(shown) | {"object_en": "progress", "object_es": "avance", "measure": "physical_progress"}
    data |= {"original_language": "en", "readings-0-qualifier": "about", "readings-0-value": "85"}
    data |= {"readings-0-as_of_edtf": "2024-09", "readings-0-reporting_body": body.pk, "readings-0-status": "actual"}
    data |= {"readings-0-version_token": ""}
    wrong = ana.post(address, data | {"readings-0-value": "many"})
    assert errors(wrong)["readings-0"]["value"]
    assert not record.Fact.objects.exists()
    assert ana.post(address, data).status_code == 302
    reading = record.Reading.objects.get()
    assert (reading.fact.key, reading.fact.side, reading.order) == ("progress", "MX", 1)
    assert (reading.value, reading.as_of_edtf, reading.reporting_body) == (85, "2024-09", body)


@pytest.mark.parametrize(
    ("kept", "chosen", "saved"),
    [
        (("expected", "by"), None, ("expected", "by")),
        (("planned", ""), None, ("planned", "")),
        (("planned", "until"), None, ("planned", "until")),
        (("expected", ""), "deadline by", ("deadline", "by")),
        (("expected", "by"), "expected on", ("expected", "on")),
        (("expected", "by"), "happened", ("happened", "")),
    ],
)
def test_how_a_date_is_meant_is_one_choice(ana, kept, chosen, saved):
    fact = make.make_fact(make.make_initiative(), modality=kept[0], relation=kept[1], ready=False)
    assert save(ana, fact, **({"modality": chosen} if chosen else {"object_en": "changed"})).status_code == 302
    fact = fresh(fact)
    assert (fact.modality, fact.relation) == saved
    assert "modality" in errors(save(ana, fact, modality="expected never"))


def test_the_side_is_that_of_the_account_unless_the_box_is_ticked(cast, ana):
    fact = make.make_fact(make.make_initiative())
    for given, side in (({"side": "joint"}, "joint"), ({}, "MX")):
        address = page(record.Fact, "change", fact.pk)
        data = {name: value for name, value in form_data(get_form(ana, address)).items() if name != "side"}
        assert ana.post(address, data | given).status_code == 302
        assert fresh(fact).side == side
    assert "side" in errors(save(ana, fact, side="US"))


# Texts in two languages


def test_each_row_tells_what_the_other_language_is_worth_and_is_agreed_by_a_control(ana):
    topic = make.make_topic()
    shown = ana.get(page(record.Topic, "change", topic.pk)).content.decode()
    assert "Spanish: draft translation" in shown
    assert save(ana, topic, **{"translation_state-agree": "on"}).status_code == 302
    assert fresh(topic).translation_standing() == TranslationStatus.AGREED
    assert save(ana, topic, name_en="Ports").status_code == 302
    shown = ana.get(page(record.Topic, "change", topic.pk)).content.decode()
    assert "Spanish: out of date: changed after it was confirmed (name)" in shown
    assert save(ana, topic, **{"translation_state-agree": "on"}).status_code == 302
    assert fresh(topic).translation_standing() == TranslationStatus.AGREED
    assert save(ana, topic, name_es="").status_code == 302
    assert fresh(topic).translation_state == "missing"
    answer = save(ana, topic, translation_state="agreed")
    assert errors(answer)["translation_state"] == [
        "Complete these fields before you confirm the translation: name (Spanish)."
    ]
    assert save(ana, topic, name_es="Puertos").status_code == 302
    assert fresh(topic).translation_state == "working"


# Large pages


def test_an_initiative_with_60_milestones_and_200_readings_opens_and_saves(ana, django_assert_num_queries):
    initiative = make.make_initiative()
    for number in range(60):
        make.make_fact(initiative, f"milestone-{number}", order=number)
    figure = make.make_figure(initiative)
    record.Reading.objects.bulk_create(record.Reading(fact=figure, order=n, value=n) for n in range(1, 201))
    address = page(record.Initiative, "change", initiative.pk)
    ana.get(address)
    with django_assert_num_queries(19):
        answer = ana.get(address)
    data = form_data(answer)
    assert len(data) < 100
    assert ana.post(address, data | {"title_en": "Changed"}).status_code == 302
    address = page(record.Fact, "change", figure.pk)
    answer = ana.get(address)
    assert len(form_data(answer)) < 100
    assert ana.post(address, form_data(answer) | {"object_en": "changed", "ready": "on"}).status_code == 302
    assert (fresh(figure).object_en, figure.readings.count()) == ("changed", 200)


def test_a_form_that_is_too_large_is_given_back(ana, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 50
    topic = make.make_topic()
    typed = {f"field-{number}": "words" for number in range(60)} | {"name_en": "Long words of mine"}
    address, body = page(record.Topic, "change", topic.pk), urlencode(typed)
    answer = ana.post(address, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    html = answer.content.decode()
    for words in ("Form too large. Nothing was saved", "go back in your browser", "name_en: Long words of mine"):
        assert words in html
    assert 'lang="es-MX"' in html
    kind, elsewhere = "application/x-www-form-urlencoded", {"Sec-Fetch-Site": "cross-site"}
    other = ana.post(address, body, content_type=kind, headers=elsewhere)
    assert (other.status_code, "Long words of mine" in other.content.decode()) == (413, False)


# Stage against facts


def test_editors_are_told_where_facts_contradict_the_stage(cast, client):
    initiative = make.make_initiative(stage="planned")
    make.make_fact(initiative, modality="happened", date_edtf="2024-01")
    make.make_fact(initiative, "hidden", side="US", ready=False)
    address = page(record.Initiative, "change", initiative.pk)
    client.force_login(cast.ana)
    assert "All milestones are met or closed, but the status is “planned”." in client.get(address).content.decode()
    client.force_login(cast.beth)
    html = client.get(address).content.decode()
    assert "Something has already happened or is in progress, but the status is “planned”." in html


def test_facts_stand_beside_the_form_with_their_state(cast, client):
    initiative = make.make_initiative()
    make.make_fact(initiative, "old")
    changed = make.make_fact(initiative, "moved", side="joint")
    make.publish_with_keys(cast, initiative)
    make.make_fact(initiative, "draft", side="MX", ready=False)
    make.make_fact(initiative, "theirs", side="US", ready=False)
    make.make_fact(initiative, "new", side="US")
    client.force_login(cast.ana)
    save(client, changed, object_en="changed")
    groups = client.get(page(record.Initiative, "change", initiative.pk)).context["fact_groups"]
    states = {line.fact.key: line.state for line in groups[0].lines}
    assert states == {"old": "published", "moved": "changed", "draft": "draft", "new": "ready"}
    assert groups[1].add.endswith(f"/fact/add/?initiative={initiative.pk}&kind=event")
    client.force_login(cast.luis)
    groups = client.get(page(record.Initiative, "change", initiative.pk)).context["fact_groups"]
    assert [group.add for group in groups] == [""] * 5
