"""Who is told of what became public, in which words, once."""

import contextlib
import datetime
import itertools
import threading

import pytest
import time_machine
from django.db import connection, transaction

from hled_portal.background import jobs, mail
from hled_portal.models import Mail, Publication
from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_cast,
    make_fact,
    make_figure,
    make_follower,
    make_initiative,
    make_joint_text,
    make_meeting,
    make_pillar,
    make_source,
    move_date,
    publish_with_keys,
)
from hled_portal.tests.kept_rows import kept
from initiatives.editions.joint_texts import enter_joint_text
from initiatives.models import Citation, Edition, Reading
from stakeholders.models import Digest, Follower
from stakeholders.notifications import change_digest, delivery, follower_notifications

pytestmark = pytest.mark.django_db
WEDNESDAY = datetime.datetime(2024, 4, 24, 18, tzinfo=datetime.UTC)
MONDAY = datetime.datetime(2024, 4, 29, 15, tzinfo=datetime.UTC)  # 9 o'clock in Mexico City.


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(WEDNESDAY):
        yield


@pytest.fixture
def record(db):
    return kept(make_record)


@pytest.fixture
def cast(request, db):
    """Those of the record where a test reads it, else a cast alone."""
    return request.getfixturevalue("record")[0] if "works" in request.fixturenames else make_cast()


@pytest.fixture
def works(record):
    """An initiative whose first edition was published before anybody followed."""
    return record[1]


def make_record():
    with time_machine.travel(WEDNESDAY - datetime.timedelta(hours=1)):
        cast, works = make_cast(), make_initiative()
        make_fact(works)
        publish_with_keys(cast, works)
    return cast, works


def newest() -> int:
    return Publication.objects.order_by("-position").first().number


def change(row, **columns):
    for name, value in columns.items():
        setattr(row, name, value)
    row.save()


def tell() -> list[tuple[str, str]]:
    """Run the jobs; what waits in the outbox afterwards: whom for, subject."""
    follower_notifications.notify_at_once(jobs.JobRun())
    return waiting()


def waiting() -> list[tuple[str, str]]:
    return list(Mail.objects.waiting().order_by("pk").values_list("recipient", "subject"))


def text() -> str:
    """The text of the one message."""
    return Mail.objects.waiting().get().body


# What is told


def test_the_first_load_before_anyone_followed_tells_nobody(works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    assert tell() == []


def test_publishing_calls_no_notice(cast, works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    change(works, stage="completed")
    publish_with_keys(cast, works)
    assert waiting() == []


def test_a_working_change_is_not_told_before_it_is_published(works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    change(works, stage="completed")
    assert tell() == []


def test_a_message_says_what_changed_in_a_line_each_and_links_the_page(cast, works, settings):
    settings.SITE_URL = "https://portal.example"
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    change(works, stage="completed")
    move_date(works.facts.get(), "2025-03")
    figure = make_figure(works, object_en="The bridge", object_es="El puente")
    Reading.objects.create(fact=figure, order=1, status="actual", value=60, qualifier="almost")
    publish_with_keys(cast, works)
    assert tell() == [("eva@example.org", "Update: Otay Mesa II")]
    body = text()
    assert body.startswith("Published or withdrawn:\n\nOtay Mesa II\n")
    assert "\nVersion 2, current from April 24, 2024\n" in body
    assert "- Changed: status: in progress → completed\n" in body
    assert "- Changed: milestone: Begin works at the crossing (date: December 2024 → March 2025" in body
    assert "- New: figure: The bridge\n" in body
    assert "\nhttps://portal.example/en/initiatives/otay-mesa-ii/\n" in body
    assert "joint document" not in body


def test_everyone_is_told_in_her_language(cast, works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest(), language="es")
    change(works, stage="completed")
    publish_with_keys(cast, works)
    assert tell() == [("eva@example.org", "Novedades: Mesa de Otay II")]
    assert "estatus: en curso → concluida" in text()
    assert "/es/initiatives/otay-mesa-ii/" in text()
    assert " the " not in text()


def test_what_was_entered_from_a_joint_text_says_so_and_is_told_to_followers_of_its_meeting():
    source = make_source(meeting=make_meeting())
    Citation.objects.create(initiative=make_initiative(), source=source, order=1)
    make_follower("eva@example.org", "meeting/2024-04-19")
    enter_joint_text(source)
    assert tell() == [("eva@example.org", "3 updates you subscribe to")]
    assert (
        text().count("; not approved by either government. The wording and the Spanish translation are this portal's.")
        == 3
    )  # The initiative, its pillar and the meeting.
    assert text().count("First published.") == 3


def test_a_withdrawal_is_told_by_its_marker_without_words(cast, works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    releasing.withdraw(Edition.objects.initiatives().get(), cast.luis, "personal_data", "A name.", "Un nombre.")
    assert tell() == [("eva@example.org", "Update: initiative/otay-mesa-ii")]
    assert "was withdrawn by the delegation of Mexico: it contains personal data. A name.\n" in text()
    assert "Otay Mesa II" not in text()


def test_a_withdrawal_is_told_to_everyone_in_her_language(cast, works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest(), language="es")
    make_follower("max@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    releasing.withdraw(Edition.objects.initiatives().get(), cast.luis, "personal_data", "A name.", "Un nombre.")
    tell()
    bodies = dict(Mail.objects.values_list("language", "body"))
    assert "por la delegación de México: contiene datos personales. Un nombre.\n" in bodies["es"]
    assert "A name." not in bodies["es"]
    assert "A name." in bodies["en"]


def test_what_was_withdrawn_before_the_job_ran_is_never_told_in_words(cast, works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    change(works, title_en="A secret", title_es="Un secreto")
    publish_with_keys(cast, works)
    releasing.withdraw(Edition.objects.initiatives().get(number=2), cast.carl, "error")
    assert tell() == [("eva@example.org", "Update: initiative/otay-mesa-ii")]
    assert "secret" not in text()


def test_what_still_waits_for_the_mail_server_is_written_anew_after_a_withdrawal(cast, works):
    other = make_initiative("other", title_en="Other", title_es="Otra")
    make_follower("eva@example.org", "selection/", notified_up_to=newest())
    make_follower("max@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    change(works, title_en="A secret", title_es="Un secreto")
    publish_with_keys(cast, works, other)
    assert [subject for _address, subject in tell()] == [
        "2 updates you subscribe to",
        "Update: A secret",
    ]
    releasing.withdraw(Edition.objects.initiatives().get(number=2), cast.carl, "error")
    tell()
    rows = Mail.objects.waiting().order_by("recipient", "queued_at").values_list("recipient", "subject")
    assert sorted(rows) == [
        ("eva@example.org", "Update: Other"),
        ("eva@example.org", "Update: initiative/otay-mesa-ii"),
        ("max@example.org", "Update: initiative/otay-mesa-ii"),
    ]
    assert not Mail.objects.filter(body__contains="secret").exists()


def test_what_comes_back_after_a_withdrawal_says_so(cast, works):
    releasing.withdraw(Edition.objects.initiatives().get(), cast.luis, "error")
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    change(works, summary_en="Another text.", summary_es="Otro texto.")
    publish_with_keys(cast, works)
    tell()
    assert "Published again after an earlier version was withdrawn." in text()


def test_a_long_release_is_told_in_a_message_of_bounded_length(cast, monkeypatch):
    monkeypatch.setattr(follower_notifications, "MAX_ITEMS", 2)
    make_follower("eva@example.org", "selection/")
    publish_with_keys(cast, *(make_initiative(f"works-{n}", title_en=f"Works {n}") for n in range(4)))
    assert tell() == [("eva@example.org", "4 updates you subscribe to")]
    assert "and 2 more texts; see all, newest first:\n" in text()
    assert "Works 3" not in text()


def test_a_clock_that_is_behind_that_of_the_release_misses_nothing(cast, works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    change(works, stage="completed")
    with time_machine.travel(WEDNESDAY + datetime.timedelta(days=1)):
        publish_with_keys(cast, works)
    assert len(tell()) == 1


# Whom it concerns


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("initiative/otay-mesa-ii", True),
        ("initiative/other", False),
        ("pillar/2021-1", True),
        ("pillar/2021-2", False),
        ("selection/", True),
        ("selection/stage=completed", True),
        ("selection/stage=under_way", True),
        ("selection/stage=planned", False),
        ("selection/pillar=2021-1&stage=completed", True),
        ("meeting/2024-04-19", False),
    ],
)
def test_a_change_concerns_who_follows_what_it_is_in_or_was_in(cast, works, subject, told):
    make_follower("eva@example.org", subject, notified_up_to=newest())
    change(works, stage="completed")
    publish_with_keys(cast, works)
    assert bool(tell()) == told
    assert Follower.objects.get().notified_up_to == newest()


def test_who_follows_a_pillar_hears_of_what_leaves_it(cast, works):
    make_follower("eva@example.org", "pillar/2021-1", notified_up_to=newest())
    make_follower("max@example.org", "pillar/2021-2", notified_up_to=newest())
    change(works, pillar=make_pillar(2, name_en="Two", name_es="Dos"))
    publish_with_keys(cast, works.pillar, works)
    assert [address for address, _subject in tell()] == ["eva@example.org", "max@example.org"]


@pytest.mark.parametrize(("query", "told"), [("", True), ("pillar=2021-1", True), ("pillar=2021-2", False)])
def test_a_withdrawal_is_told_to_who_follows_a_list_that_may_have_held_it(cast, works, query, told):
    make_follower("eva@example.org", f"selection/{query}", notified_up_to=newest())
    releasing.withdraw(Edition.objects.initiatives().get(), cast.luis, "error")
    assert bool(tell()) == told


def test_what_nobody_asked_for_is_told_to_nobody(works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    make_joint_text()  # A topic of the register.
    assert tell() == []
    assert Follower.objects.get().notified_up_to == newest()


def test_one_message_tells_all_that_concerns_a_follower(cast, works):
    other = make_initiative("other", title_en="Other", title_es="Otra")
    subjects = ("initiative/otay-mesa-ii", "pillar/2021-1", "selection/", "initiative/other")
    make_follower("eva@example.org", *subjects, notified_up_to=newest())
    change(works, stage="completed")
    publish_with_keys(cast, works, other)
    assert tell() == [("eva@example.org", "2 updates you subscribe to")]
    assert text().count("Otay Mesa II") == 1


def test_each_release_is_a_message_of_its_own(cast, works):
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    for stage in ("suspended", "completed"):
        change(works, stage=stage)
        publish_with_keys(cast, works)
    assert len(tell()) == 2
    bodies = list(Mail.objects.order_by("pk").values_list("body", flat=True))
    assert ["in progress → suspended" in bodies[0], "suspended → completed" in bodies[1]] == [True, True]


def test_what_was_published_before_one_followed_it_is_not_told(cast, works):
    eva = make_follower("eva@example.org", "pillar/2021-2", notified_up_to=newest())
    change(works, stage="completed")
    publish_with_keys(cast, works)
    eva.follows.create(kind="initiative", key="otay-mesa-ii", since=newest())
    assert tell() == []


# Once a week


@pytest.fixture
def weekly(works):
    follower_notifications.notify_weekly(jobs.JobRun())
    return make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest(), rhythm="weekly")


def tell_on(day: datetime.datetime) -> list[tuple[str, str]]:
    with time_machine.travel(day):
        follower_notifications.notify_weekly(jobs.JobRun())
    return tell()


def test_a_week_is_told_on_monday_with_what_changed_in_all(cast, works, weekly):
    for stage in ("suspended", "completed"):
        change(works, stage=stage)
        publish_with_keys(cast, works)
    assert tell_on(MONDAY - datetime.timedelta(hours=2)) == []
    assert tell_on(MONDAY) == [("eva@example.org", "This week: 1 update you subscribe to")]
    assert "in progress → completed" in text()
    assert "suspended" not in text()
    assert len(tell_on(MONDAY + datetime.timedelta(days=1))) == 1


def test_what_comes_after_the_weekly_message_waits_for_the_next(cast, works, weekly):
    assert tell_on(MONDAY) == []
    change(works, stage="completed")
    with time_machine.travel(MONDAY):
        publish_with_keys(cast, works)
    assert tell_on(MONDAY + datetime.timedelta(hours=1)) == []
    assert len(tell_on(MONDAY + datetime.timedelta(days=7))) == 1
    assert list(Digest.objects.order_by("monday").values_list("monday", flat=True)) == [
        datetime.date(2024, 4, 22),
        datetime.date(2024, 4, 29),
        datetime.date(2024, 5, 6),
    ]


def test_a_week_without_news_has_no_message(weekly):
    assert tell_on(MONDAY) == []


def test_who_changes_the_rhythm_misses_nothing_and_hears_nothing_twice(cast, works, weekly):
    change(works, stage="suspended")
    publish_with_keys(cast, works)
    Follower.objects.update(rhythm="at_once")
    assert len(tell()) == 1
    Follower.objects.update(rhythm="weekly")
    assert len(tell_on(MONDAY)) == 1
    change(works, stage="completed")
    with time_machine.travel(MONDAY):
        publish_with_keys(cast, works)
    Follower.objects.update(rhythm="at_once")
    assert len(tell()) == 2


# Killed between any two steps


class Killed(BaseException):
    pass


STEPS = [
    (follower_notifications, "_message"),
    (change_digest.ChangeDigest, "items"),
    (change_digest.ChangeDigest, "keys_for"),
    (change_digest.ChangeDigest, "concerned"),
    (mail, "compose"),
    (mail, "store"),
    (mail, "_rendered"),
    (delivery, "_store"),
    (follower_notifications, "_notify"),
]


@pytest.mark.database
@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _module, step in STEPS])
def test_killed_at_any_step_everyone_is_told_once(cast, works, monkeypatch, module, step):
    monkeypatch.setattr(delivery, "MESSAGES_A_TRANSACTION", 2)
    for number in range(5):
        make_follower(f"eva{number}@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    change(works, stage="completed")
    publish_with_keys(cast, works)
    for calls, is_after in itertools.product(range(3), (False, True)):
        with transaction.atomic():
            kill_at_call(calls, is_after, monkeypatch, module, step)
            moved = Follower.objects.filter(notified_up_to=newest()).values_list("address", flat=True)
            assert {address for address, _subject in waiting()} == set(moved), (calls, is_after)
            tell()
            addresses = sorted(address for address, _subject in waiting())
            assert addresses == [f"eva{n}@example.org" for n in range(5)], (calls, is_after)
            assert set(Follower.objects.values_list("notified_up_to", flat=True)) == {newest()}
            transaction.set_rollback(True)


def kill_at_call(number: int, is_after: bool, monkeypatch, module, step: str) -> None:
    """Run the job, which ends before or after this call of the step, the first being 0."""
    real, calls = getattr(module, step), []

    def killed(*args, **kwargs):
        calls.append(step)
        if len(calls) <= number:
            return real(*args, **kwargs)
        if is_after:
            real(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, step, killed)
        with contextlib.suppress(Killed):
            follower_notifications.notify_at_once(jobs.JobRun())


def test_a_turn_that_ends_is_taken_up_where_it_was(cast, works, monkeypatch):
    monkeypatch.setattr(delivery, "MESSAGES_A_TRANSACTION", 1)
    for number in range(3):
        make_follower(f"eva{number}@example.org", "selection/", notified_up_to=newest())
    change(works, stage="completed")
    publish_with_keys(cast, works)
    looks = []
    follower_notifications.notify_at_once(jobs.JobRun(lambda: len(looks) >= 3 or bool(looks.append(1))))
    assert len(waiting()) == 2
    assert len(tell()) == 3


@pytest.mark.only_on("postgresql")  # Tests on SQLite share one connection; test_work_command.py has processes on both.
@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_tell_everyone_once(cast, works, monkeypatch):
    monkeypatch.setattr(delivery, "MESSAGES_A_TRANSACTION", 3)
    for number in range(30):
        make_follower(f"eva{number}@example.org", "selection/", notified_up_to=newest())
    change(works, stage="completed")
    publish_with_keys(cast, works)
    failed = []

    def run():
        try:
            follower_notifications.notify_at_once(jobs.JobRun())
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert len(waiting()) == 30


# Queries


@pytest.mark.database
@pytest.mark.parametrize("count", [1, 30])
def test_the_queries_of_a_release_do_not_grow_with_followers_whom_it_does_not_concern(
    cast, works, count, django_assert_num_queries
):
    for number in range(count):
        make_follower(f"max{number}@example.org", "initiative/other", notified_up_to=newest())
    make_follower("eva@example.org", "initiative/otay-mesa-ii", notified_up_to=newest())
    change(works, stage="completed")
    publish_with_keys(cast, works)
    with django_assert_num_queries(22):
        follower_notifications.notify_at_once(jobs.JobRun())
