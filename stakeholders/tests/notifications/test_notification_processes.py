"""A release is told once to everyone, by processes that run at the same time and that are killed on their way."""

import re
import time

import pytest
from django.utils import timezone

from hled_portal.dates import as_of
from hled_portal.publishing import releasing
from hled_portal.tests.factories import (
    make_cast,
    make_cleared_answer,
    make_follower,
    make_heard,
    make_initiative,
    make_letter,
    make_officers,
    publish_with_keys,
)
from hled_portal.tests.letterbox import mail_server
from hled_portal.tests.processes import database_url, finish, starter, wait_for
from stakeholders.models import Move, NotifiedMove
from stakeholders.notifications import author_notifications

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
PEOPLE = [f"eva{number:02}@example.org" for number in range(50)]
AUTHORS = [f"ira{number:02}@example.org" for number in range(20)]


@pytest.fixture
def smtp(settings):
    with mail_server(settings) as letterbox:
        letterbox.start()
        yield letterbox


@pytest.fixture
def start(tmp_path, smtp):
    """Fifty people follow, and one release is not told yet."""
    make_news(make_cast())
    with commands(tmp_path, smtp) as start:
        yield start


@pytest.fixture
def start_telling_authors(tmp_path, smtp):
    """Twenty people wrote two letters each; one release answers all, and is not told yet."""
    cast, officers = make_cast(), make_officers()
    for number, address in enumerate(AUTHORS * 2):
        letter = make_letter(email=address, confirmed_at=timezone.now(), language="en")
        make_heard(officers, letter, key=f"share-{number}")
    author_notifications.enrol()
    moves = Move.objects.filter(action__in=author_notifications.MOVES).exclude(recommendation=None)
    for move in moves.prefetch_related("recommendation__askings__letter__author"):
        author = move.recommendation.askings.get().letter.author
        NotifiedMove.objects.create(author=author, move=move)
    answers = [make_cleared_answer(cast, f"share-{n}", text_en=f"Answer {n}.") for n in range(len(AUTHORS) * 2)]
    releasing.release(answers, cast.luis)
    with commands(tmp_path, smtp) as start:
        yield start


def commands(tmp_path, smtp):
    mail = f"smtp://127.0.0.1:{smtp.port}"
    return starter(DATABASE_URL=database_url(tmp_path), EMAIL_URL=mail, DEBUG="1")


def make_news(cast) -> None:
    works = make_initiative()
    publish_with_keys(cast, works)
    for address in PEOPLE:
        make_follower(address, "initiative/otay-mesa-ii", notified_up_to=as_of.newest_publication())
    works.stage = "completed"
    works.save()
    publish_with_keys(cast, works)


def received(smtp) -> list[tuple[str, str]]:
    """Whom each message went to, and its ID."""
    return [(to[0], text.partition("Message-ID: ")[2].partition("\r\n")[0]) for to, text in smtp.received]


def test_two_processes_at_once_tell_everyone_once(start, smtp):
    both = [start("work", "--once") for _ in range(2)]
    for process in both:
        code, said = finish(process)
        assert code == 0, said
    assert sorted(to for to, _id in received(smtp)) == PEOPLE


@pytest.mark.attack
def test_killed_again_and_again_everyone_is_told_once(start, smtp):
    smtp.seconds = 0.02
    for count in (1, 10, 25):
        process = start("work")
        wait_for(lambda count=count: len(smtp.received) >= count)
        process.kill()
        finish(process)
    code, said = finish(start("work", "--once"))
    assert code == 0, said
    messages = set(received(smtp))
    assert sorted(to for to, _id in messages) == PEOPLE
    assert len(smtp.received) <= len(PEOPLE) + 3  # One under way at each kill, under the same ID.


def answers_told(smtp) -> dict[str, set[str]]:
    """The answers that each address was told, by the last message under each ID."""
    found: dict[str, set[str]] = {}
    for to, text in smtp.received:
        found.setdefault(to[0], set()).update(re.findall(r"Answer \d+\.", text))
    return found


def expected() -> dict[str, set[str]]:
    """Each author hears both answers."""
    return {address: {f"Answer {n}.", f"Answer {n + len(AUTHORS)}."} for n, address in enumerate(AUTHORS)}


@pytest.mark.attack
def test_processes_at_once_tell_each_author_of_both_letters_in_one_message(start_telling_authors, smtp):
    for process in [start_telling_authors("work", "--once") for _ in range(2)]:
        code, said = finish(process)
        assert code == 0, said
    assert sorted(to for to, _id in received(smtp)) == AUTHORS
    assert answers_told(smtp) == expected()


def test_killed_again_and_again_each_author_is_told_once(start_telling_authors, smtp):
    smtp.seconds = 0.02
    for count in (1, 5, 12):
        process = start_telling_authors("work")
        wait_for(lambda count=count: len(smtp.received) >= count)
        process.kill()
        finish(process)
    code, said = finish(start_telling_authors("work", "--once"))
    assert code == 0, said
    assert sorted(to for to, _id in set(received(smtp))) == AUTHORS
    assert len(smtp.received) <= len(AUTHORS) + 3  # One under way at each kill, under the same ID.
    assert answers_told(smtp) == expected()


@pytest.mark.attack
def test_killed_at_any_time_while_it_writes_the_messages_each_author_is_told_once(start_telling_authors, smtp):
    smtp.stop()
    for seconds in (0.7, 0.9, 1.1, 1.4, 1.8, 2.4):
        process = start_telling_authors("work")
        time.sleep(seconds)
        process.kill()
        finish(process)
    smtp.start()
    code, said = finish(start_telling_authors("work", "--once"))
    assert code == 0, said
    assert sorted(to for to, _id in received(smtp)) == AUTHORS
    assert answers_told(smtp) == expected()
