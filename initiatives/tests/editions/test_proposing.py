"""Freezing, proposing, joint texts, as-of and the index."""

import datetime
import json
from pathlib import Path

import jsonschema
import pytest
from django.core.management import call_command
from django.utils.formats import date_format

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from hled_portal.publishing import clearance, releasing
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused
from hled_portal.tests.factories import (
    agreed,
    make_cast,
    make_fact,
    make_figure,
    make_initiative,
    make_meeting,
    make_pillar,
    make_source,
)
from initiatives.content import snapshot_content
from initiatives.content.content_schema import content_schema
from initiatives.editions import freezing, joint_texts, proposing
from initiatives.imports.directory_loader import load_directory
from initiatives.models import Citation, Edition, Entry, Facet, Fact, Initiative, Pillar, Reading, Source
from initiatives.record import name_lookup

pytestmark = [pytest.mark.database, pytest.mark.django_db]
OTHER_CYCLE = Path(__file__).parents[1] / "cycle_2013"
DAY = datetime.date(2016, 2, 25)


@pytest.fixture
def statement():
    load_directory(OTHER_CYCLE)
    return Source.objects.get()


@pytest.fixture
def cast():
    return make_cast()


def agree(*rows):
    for row in rows:
        row.agree_translation()
        row.save()


def agreed_initiative(**columns) -> Initiative:
    initiative = make_initiative(**columns)
    agree(initiative, initiative.pillar, initiative.pillar.cycle)
    return initiative


def publish(kind, key, cast):
    texts = proposing.propose(kind, key, cast.ana)
    for text in texts:
        clearance.clear(text, cast.luis, text.digest)
        clearance.clear(text, cast.carl, text.digest)
    return releasing.release(texts, cast.carl)


@pytest.mark.only_on("sqlite")
def test_every_frozen_content_fits_the_schema_and_is_canonical(statement):
    joint_texts.enter_joint_text(statement)
    jsonschema.Draft202012Validator.check_schema(content_schema())
    for edition in Edition.objects.all():
        data = json.loads(edition.content)
        jsonschema.validate(data, content_schema())
        assert canonical(data) == edition.content
        assert digest(edition.content) == edition.digest


@pytest.mark.only_on("sqlite")
def test_an_unknown_version_is_refused_by_name():
    with pytest.raises(snapshot_content.UnknownVersion, match="version 2; this software knows 1"):
        snapshot_content.parse_content('{"schema_version":2}')


def test_a_joint_text_publishes_what_it_names_as_of_its_day(statement):
    joint_texts.enter_joint_text(statement)
    public = Edition.objects.public(Moment(DAY))
    assert sorted(public.values_list("subject_kind", "subject_key")) == [
        ("initiative", "border-study"),
        ("meeting", "2014-06-27"),
        ("meeting", "2016-02-25"),
        ("organization", "se"),
        ("pillar", "2013-1"),
        ("pillar", "2013-2"),
        ("pillar", "2013-3"),
        ("place", "mexico"),
        ("place", "mexico-city"),
        ("source", "2016-02-25-statement"),
    ]
    assert set(public.values_list("basis", "number", "public_from", "publication")) == {("joint_text", 1, DAY, 1)}
    assert not Edition.objects.public(Moment(DAY - datetime.timedelta(days=1))).exists()


def test_a_correction_is_a_second_edition_and_as_of_shows_the_first(statement):
    joint_texts.enter_joint_text(statement)
    Initiative.objects.update(stage="completed")
    later = Source.objects.create(
        key="2016-06-01-sheet", name_en="Later", name_es="Posterior", kind="fact_sheet", date_edtf="2016-06-01"
    )
    Citation.objects.create(initiative=Initiative.objects.get(), order=2, source=later, locator="¶1")
    made = joint_texts.enter_joint_text(later)
    assert sorted(text.name for text in made) == ["initiative/border-study", "source/2016-06-01-sheet"]
    then = Edition.objects.public(Moment(DAY)).initiatives().get()
    now = Edition.objects.public(Moment(datetime.date(2016, 6, 1))).initiatives().get()
    assert (then.number, then.stage, then.last_reported) == (1, "under_way", DAY)
    assert (now.number, now.stage, now.last_reported) == (2, "completed", datetime.date(2016, 6, 1))
    assert Edition.objects.public(Moment(datetime.date(2016, 6, 1), 1)).initiatives().get() == then


def test_an_older_joint_text_makes_an_older_edition(statement):
    joint_texts.enter_joint_text(statement)
    older = Source.objects.create(
        key="2015-01-06-sheet", name_en="Older", name_es="Anterior", kind="fact_sheet", date_edtf="2015-01-06"
    )
    Citation.objects.create(initiative=Initiative.objects.get(), order=2, source=older, locator="¶1")
    joint_texts.enter_joint_text(older)
    then, now = (
        Edition.objects.public(Moment(datetime.date.fromisoformat(day))).initiatives().get()
        for day in ("2015-01-06", "2016-02-25")
    )
    assert (then.number, then.state, then.stage, then.data["facts"]) == (2, "superseded", "not_stated", [])
    assert [citation["source"] for citation in then.data["citations"]] == ["2015-01-06-sheet"]
    assert (now.number, now.state, now.stage) == (3, "published", "under_way")
    assert {citation["source"] for citation in now.data["citations"]} == {statement.key, "2015-01-06-sheet"}
    assert joint_texts.enter_joint_text(older) == []


def test_a_joint_text_never_goes_over_what_officers_cleared(cast):
    initiative = agreed_initiative()
    publish("initiative", initiative.key, cast)
    meeting = make_meeting()
    source = make_source(meeting=meeting)
    Citation.objects.create(initiative=initiative, source=source, locator="¶1")
    source.date_edtf = "2099-01-01"
    source.save()
    with pytest.raises(Refused) as caught:
        joint_texts.enter_joint_text(source)
    assert "Initiative: Otay Mesa II was approved by the delegations. A document cannot be loaded over it." in (
        caught.value.messages
    )


def test_a_joint_text_takes_working_translations_but_no_missing_one(statement):
    Fact.objects.filter(key="begin").update(object_es="")
    with pytest.raises(Refused) as caught:
        joint_texts.enter_joint_text(statement)
    assert caught.value.messages == ["item “the study”: description (Spanish) is missing."]
    assert not Edition.objects.exists()


def test_a_proposal_refuses_a_working_translation_and_an_older_one(cast):
    initiative = make_initiative()
    with pytest.raises(Refused, match="initiative “Otay Mesa II”: the translation is not confirmed."):
        proposing.propose("initiative", initiative.key, cast.ana)
    agree(initiative, initiative.pillar, initiative.pillar.cycle)
    initiative.summary_en = "A new crossing, and more."
    initiative.save()
    with pytest.raises(Refused, match="translation out of date in summary .Spanish."):
        proposing.propose("initiative", initiative.key, cast.ana)
    assert not Edition.objects.exists()


def test_a_proposal_brings_the_entries_that_are_not_public(cast):
    agreed_initiative()
    texts = proposing.propose("initiative", "otay-mesa-ii", cast.ana)
    assert [text.name for text in texts] == ["initiative/otay-mesa-ii", "pillar/2021-1"]
    with pytest.raises(Refused, match="is already awaiting approval without changes."):
        proposing.propose("initiative", "otay-mesa-ii", cast.beth)


def test_an_initiative_does_not_go_out_without_the_entries_it_names(cast):
    agreed_initiative()
    texts = proposing.propose("initiative", "otay-mesa-ii", cast.ana)
    for text in texts:
        clearance.clear(text, cast.luis, text.digest)
        clearance.clear(text, cast.carl, text.digest)
    with pytest.raises(
        Refused, match="Initiative: Otay Mesa II mentions Pillar: Building back together, which has not been published"
    ):
        releasing.release(texts[:1], cast.luis)
    assert not Edition.objects.filter(number__isnull=False).exists()


@pytest.mark.only_on("sqlite")
def test_only_editors_of_a_delegation_propose(cast):
    agreed_initiative()
    for user in (cast.zoe, cast.luis):
        with pytest.raises(Refused, match="You do not have permission to propose versions."):
            proposing.propose("initiative", "otay-mesa-ii", user)


def test_nothing_new_is_not_proposed_again(cast):
    agreed_initiative()
    publish("initiative", "otay-mesa-ii", cast)
    with pytest.raises(Refused, match="has not changed since"):
        proposing.propose("initiative", "otay-mesa-ii", cast.ana)


def test_a_published_milestone_or_reading_never_just_disappears(cast):
    initiative = agreed_initiative()
    step, figure = make_fact(initiative), make_figure(initiative)
    agree(step, figure)
    Reading.objects.create(fact=figure, value=60)
    publish("initiative", initiative.key, cast)
    Reading.objects.all().delete()
    with pytest.raises(Refused, match="value of “Works at the crossing” .Initiative: Otay Mesa II. has been removed"):
        proposing.propose("initiative", initiative.key, cast.ana)
    step.delete()
    figure.delete()
    with pytest.raises(Refused) as caught:
        proposing.propose("initiative", initiative.key, cast.ana)
    assert caught.value.messages == [
        "“Works at the crossing” (Initiative: Otay Mesa II) has been removed. Close it and give the reason.",
        "“Begin works at the crossing” (Initiative: Otay Mesa II) has been removed. Close it and give the reason.",
    ]


@pytest.mark.parametrize(("as_of", "day"), [("2024-09", datetime.date(2024, 9, 30)), ("2150", None), ("", ...)])
def test_last_reported_follows_a_report_without_a_source_up_to_its_publication(client, cast, as_of, day):
    initiative = agreed_initiative()
    figure, done = make_figure(initiative), make_fact(initiative, modality="happened", date_edtf="2024-08-02")
    agree(figure, done)
    Reading.objects.create(fact=figure, value=85, as_of_edtf=as_of)
    Reading.objects.create(fact=figure, order=2, value=100, as_of_edtf="2024-12", status="target")
    publish("initiative", initiative.key, cast)
    edition = Edition.objects.published().initiatives().get()
    assert edition.last_reported == (datetime.date(2024, 8, 2) if day is ... else day or edition.public_from)
    shown = f"The most recent information is from {date_format(edition.last_reported, 'DATE_FORMAT')}."
    assert shown in client.get("/en/initiatives/").content.decode()


def test_rebuilding_the_index_makes_the_same_again(statement):
    joint_texts.enter_joint_text(statement)

    def index():
        columns = [name.attname for name in Edition._meta.fields]
        entries = Entry.objects.order_by("edition", "order").values()
        return (
            list(Edition.objects.order_by("pk").values(*columns)),
            sorted(Facet.objects.values_list("edition", "kind", "key", "role")),
            [{name: value for name, value in row.items() if name != "id"} for row in entries],
        )

    before = index()
    assert sorted(Facet.objects.values_list("kind", "key", "role")) == [
        ("organization", "se", "lead"),
        ("organization", "se", "reporting_body"),
        ("place", "mexico-city", ""),
    ]
    Entry.objects.all().delete()
    Facet.objects.all().delete()
    Edition.objects.update(stage="", title_en="", last_reported=None)
    call_command("rebuild_index", verbosity=0)
    assert index() == before


def test_a_withdrawn_newest_edition_revives_nothing(cast):
    initiative = agreed_initiative()
    publish("initiative", initiative.key, cast)
    initiative.stage = "completed"
    initiative.save()
    publish("initiative", initiative.key, cast)
    newest = Edition.objects.published().initiatives().get()
    assert newest.number == 2
    releasing.withdraw(newest, cast.carl, "error")
    at = Moment(newest.public_from)
    assert not Edition.objects.public(at).initiatives().exists()
    (marker,) = name_lookup.withdrawal_markers(Edition.objects.withdrawn(at).initiatives())
    assert (marker.text, marker.delegation, marker.reason) == (
        f"initiative/{initiative.key}/2",
        "United States",
        "it contains an error",
    )
    assert marker.since == marker.until == newest.public_from
    known_before = Moment(newest.public_from, newest.publication - 1)
    assert Edition.objects.public(known_before).initiatives().get().number == 1


def test_a_withdrawn_edition_leaves_no_word_in_the_index(cast):
    initiative = agreed_initiative()
    publish("initiative", initiative.key, cast)
    edition = Edition.objects.published().initiatives().get()
    releasing.withdraw(edition, cast.luis, "error")
    for _turn in ("withdrawn", "rebuilt"):
        edition.refresh_from_db()
        assert (edition.title_en, edition.summary_es, edition.stage) == ("", "", "")
        assert edition.pillar_key == initiative.pillar.key
        assert not edition.facets.exists()
        assert not edition.entries.exists()
        call_command("rebuild_index", verbosity=0)


def test_both_keys_bring_a_withdrawn_subject_back(cast):
    initiative = agreed_initiative()
    publish("initiative", initiative.key, cast)
    releasing.withdraw(Edition.objects.published().initiatives().get(), cast.luis, "error")
    publish("initiative", initiative.key, cast)
    edition = Edition.objects.public(as_of.now()).initiatives().get()
    assert (edition.number, edition.title_en) == (2, "Otay Mesa II")


# What a side has not marked ready


def facts_of(initiative) -> dict[str, str]:
    facts = json.loads(freezing.freeze("initiative", initiative.key))["facts"]
    return {fact["key"]: fact["object_en"] for fact in facts}


def test_a_new_fact_stays_out_until_its_side_marks_it_ready():
    initiative = agreed_initiative()
    make_fact(initiative, "own", side="MX", ready=False)
    make_fact(initiative, "joint", side="joint", ready=False)
    make_figure(initiative, "part", side="US", of=Fact.objects.get(key="own"))
    assert set(facts_of(initiative)) == {"joint"}
    Fact.objects.filter(key="own").update(ready=True)
    assert set(facts_of(initiative)) == {"joint", "own", "part"}


def test_half_done_work_of_one_side_neither_rides_along_nor_blocks(cast):
    initiative = agreed_initiative()
    fact = agreed(make_fact(initiative, "own", side="MX", object_en="works"))
    publish("initiative", initiative.key, cast)
    fact.object_en, fact.object_es, fact.ready = "half a thought", "", False
    fact.save()
    assert [refusal.message for refusal in freezing.freeze_refusals("initiative", initiative.key)] == []
    with pytest.raises(Refused, match="has not changed"):
        proposing.propose("initiative", initiative.key, cast.ana)
    initiative.stage = "completed"
    initiative.save()
    proposal, *_entries = proposing.propose("initiative", initiative.key, cast.beth)
    assert [row["object_en"] for row in proposal.data["facts"]] == ["works"]


def test_a_fact_that_is_ready_again_is_held_to_the_rules(cast):
    initiative = agreed_initiative()
    agreed(make_fact(initiative, "own", object_en="works"))
    Fact.objects.update(object_es="")
    assert any(
        "description (Spanish) is missing" in reason
        for reason in [refusal.message for refusal in freezing.freeze_refusals("initiative", initiative.key)]
    )


def test_the_pillar_of_a_cycle_freezes_with_it():
    pillar = make_pillar()
    data = json.loads(freezing.freeze("pillar", pillar.key))
    assert data["cycle"]["key"] == "2021"
    assert snapshot_content.needed(data) == set()
    assert Pillar.objects.get().key == data["key"]
