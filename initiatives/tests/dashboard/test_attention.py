"""What of the record asks for attention; drafts of the other side are neither listed nor counted."""

import datetime

import pytest

from hled_portal.dashboard import registry
from hled_portal.files import bulk_insert
from hled_portal.models import User
from hled_portal.tests import factories as make
from initiatives.dashboard import attention
from initiatives.models import Citation, Initiative, Participation, ReportingDuty, Staff, Succession, Topic

pytestmark = [pytest.mark.database, pytest.mark.django_db]

NOW = datetime.datetime(2026, 5, 10, 18, tzinfo=datetime.UTC)


@pytest.fixture
def cast(db):
    return make.make_cast()


def visit(user, limit=registry.LINES_SHOWN, now=NOW):
    return registry.PanelContext(User.objects.get(pk=user.pk), now, limit)


def texts(panel):
    return [line.text for line in panel.lines]


def test_past_its_date_is_what_my_side_keeps(cast):
    initiative = make.make_initiative()
    make.make_fact(initiative, "mx", object_en="the bridge", date_edtf="2026-05-08")
    make.make_fact(initiative, "us", "US", object_en="the road", date_edtf="2026-05-09")
    make.make_fact(initiative, "both", "joint", object_en="the plan", date_edtf="2026-05-10")
    make.make_fact(initiative, "done", object_en="the study", date_edtf="2026-05-01", modality="happened")
    make.make_fact(initiative, "ended", object_en="the call", date_edtf="2026-05-01", end_reason="dropped")
    found = attention.past(visit(cast.ana))
    assert [(line.text, line.late) for line in found.lines] == [("Otay Mesa II: the bridge", "2 days")]
    assert texts(attention.past(visit(cast.carl))) == ["Otay Mesa II: the road"]


def test_drafts_of_the_other_side_are_not_counted(cast):
    initiative = make.make_initiative()
    make.make_fact(initiative, "secret", "US", object_en="a secret", date_edtf="2025", ready=False)
    root = make.make_user("root", is_superuser=True)
    for user in (cast.ana, root):
        assert attention.past(visit(user)).count == 0
    assert attention.past(visit(cast.carl)).count == 1
    assert texts(attention.drafts(visit(cast.beth))) == ["Otay Mesa II: a secret"]
    assert attention.drafts(visit(cast.ana)).count == 0
    assert not any("secret" in text for text in texts(attention.languages(visit(cast.ana, None))))
    assert any("secret" in text for text in texts(attention.languages(visit(cast.beth, None))))


def silent(user, now=NOW):
    return texts(attention.silent(visit(user, now=now)))


def changed(row, user, at):
    """The row saved by somebody at that moment."""
    row._history_user, row._history_date = user, at
    row.save()


def make_mexican(**columns):
    """An initiative that Mexico leads and that nobody has changed."""
    initiative = make.make_initiative(**columns)
    Participation.objects.create(initiative=initiative, role="lead", organization=make.make_organization())
    return initiative


def test_silent_is_what_nobody_changed_or_reported_for_90_days(cast):
    initiative = make_mexican()
    assert silent(cast.ana) == ["Otay Mesa II"]
    assert silent(cast.beth) == []  # Mexico's to answer for.
    changed(initiative, cast.ana, NOW - datetime.timedelta(days=89))
    assert silent(cast.ana) == []
    assert silent(cast.ana, NOW + datetime.timedelta(days=2)) == ["Otay Mesa II"]
    Initiative.objects.update(stage="completed")
    assert silent(cast.ana, NOW + datetime.timedelta(days=2)) == []


def test_a_source_that_cites_it_breaks_the_silence(cast):
    initiative = make_mexican()
    fact = make.make_fact(initiative)
    source = make.make_source(date_edtf="2026-04-19")
    Citation.objects.create(fact=fact, source=source)
    assert silent(cast.ana) == []


def test_a_change_of_an_unseen_draft_breaks_no_silence(cast):
    initiative = make_mexican()
    fact = make.make_fact(initiative, side="US", ready=False)
    changed(fact, cast.beth, NOW)
    assert silent(cast.ana) == ["Otay Mesa II"]
    fact.ready = True
    changed(fact, cast.beth, NOW)
    assert silent(cast.ana) == []


def test_what_lacks_a_language_says_how(cast):
    initiative = make.make_initiative(title_es="", summary_es="")
    make.agreed(initiative.pillar)
    make.agreed(initiative.pillar.cycle)
    topic = make.agreed(make.make_topic())
    topic.name_en = "Chains"
    topic.save()
    place = make.make_place()
    found = attention.languages(visit(cast.ana))
    assert {(line.text, line.note) for line in found.lines} == {
        ("Initiative: Otay Mesa II", "no Spanish text"),
        ("Topic: Chains", "the translation is out of date"),
        ("Place: Sonora", "draft translation, not confirmed"),
    }
    assert found.lines[2].href == f"/admin/initiatives/topic/{topic.pk}/change/"
    make.agreed(place)
    assert attention.languages(visit(cast.ana)).count == 2
    assert attention.languages(visit(cast.carl)) is None


def test_the_column_of_translation_gaps_follows_every_way_to_write_a_row(cast):
    def stored(key):
        return Topic.objects.values_list("has_translation_gap", flat=True).get(key=key)

    columns = {"name_en": "Chains", "name_es": "Cadenas", "translation_state": "working"}
    topic = Topic.objects.create(key="saved", **columns)
    Topic.objects.bulk_create([Topic(key="many", **columns)])
    new = Topic(pk=bulk_insert.reserve(Topic, 1)[0], key="imported", **columns)
    bulk_insert.insertion(Topic, [new]).run()
    assert [stored(key) for key in ("saved", "many", "imported")] == [True] * 3
    for row in (topic, new):
        row.agree_translation()
    topic.save()
    columns = ["agreed_digest", "translation_state", "has_translation_gap"]
    bulk_insert.replacement(Topic, [new], columns).run()
    assert [stored(key) for key in ("saved", "many", "imported")] == [False, True, False]
    topic.name_en = "Supply chains"
    topic.save()
    assert stored("saved")
    assert topic.history.first().has_translation_gap


def test_a_report_is_asked_of_who_has_the_duty(cast):
    mine, ours, other = (make.make_initiative(key) for key in ("mine", "ours", "other"))
    body, third = make.make_organization("sict"), make.make_organization("se")
    Staff.objects.create(user=cast.ana, organization=body)
    ReportingDuty.objects.create(initiative=mine, organization=third, user=cast.ana)
    ReportingDuty.objects.create(initiative=ours, organization=body)
    ReportingDuty.objects.create(initiative=other, organization=third)
    found = attention.reports(visit(cast.ana))
    assert found.count == 2
    assert all(str(key) in line.href for key, line in zip((mine.pk, ours.pk), found.lines, strict=True))
    assert attention.reports(visit(cast.luis)) is None


def test_who_does_not_watch_the_record_is_shown_nothing_of_it(cast):
    for user in (make.make_user("rita", "recommendations", delegation="MX"), make.make_user("sam", "administrator")):
        for source in (attention.past, attention.silent, attention.languages, attention.drafts, attention.reports):
            assert source(visit(user)) is None


def test_a_body_that_ended_without_a_successor_while_it_leads(cast):
    body = make.make_organization("usaid", name_en="USAID", ended_edtf="2025-07-01")
    make.make_organization("idle", ended_edtf="2025")
    assert list(attention.ended_bodies(visit(cast.ana))) == []
    ReportingDuty.objects.create(initiative=make.make_initiative(), organization=body)
    (warning,) = attention.ended_bodies(visit(cast.ana))
    assert warning.text == "USAID no longer exists and has no successor, but is still listed as lead or reporting body."
    assert attention.ended_without_successor(datetime.date(2025, 7, 1)) == []
    Succession.objects.create(predecessor=body, successor=make.make_organization("dos"))
    assert list(attention.ended_bodies(visit(cast.ana))) == []


@pytest.mark.parametrize("count", [1, 30])
def test_queries_do_not_grow_with_the_record(cast, django_assert_num_queries, count):
    body = make.make_organization("usaid", ended_edtf="2025")
    for n in range(count):
        initiative = make.make_initiative(f"initiative-{n}")
        make.make_fact(initiative, date_edtf="2025", ready=False)
        ReportingDuty.objects.create(initiative=initiative, organization=body, user=cast.ana)
    visitor = visit(cast.ana)
    assert not visitor.user.has_perm("x")
    counted = 1 if count <= registry.LINES_SHOWN else 2
    for source, queries, found in (
        (attention.past, counted, count),
        (attention.drafts, counted, count),
        (attention.reports, counted, count),
        # The counts of all tables, and the lines of each until there are ten.
        (attention.languages, 6 if count == 1 else 2, 2 * count + 3),
    ):
        with django_assert_num_queries(queries):
            assert source(visitor).count == found
    with django_assert_num_queries(2):
        assert len(list(attention.ended_bodies(visitor))) == 1
    with django_assert_num_queries(counted):
        assert attention.silent(visitor).count == count
