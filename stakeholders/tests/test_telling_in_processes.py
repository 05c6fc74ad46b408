"""A release is told once to everyone, by processes that run at the same time and that are killed on their way."""

import pytest

from hled_portal import moments
from hled_portal.tests.factories import make_cast, make_follower, make_initiative, publish_with_keys
from hled_portal.tests.letterbox import mail_server
from hled_portal.tests.processes import database_url, finish, starter, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = [f"eva{number:02}@example.org" for number in range(50)]


@pytest.fixture
def smtp(settings):
    with mail_server(settings) as letterbox:
        letterbox.start()
        yield letterbox


@pytest.fixture
def start(tmp_path, smtp):
    """Fifty people follow, and one release is not told yet."""
    cast, works = make_cast(), make_initiative()
    publish_with_keys(cast, works)
    for address in PEOPLE:
        make_follower(address, "initiative/otay-mesa-ii", told_up_to=moments.newest_publication())
    works.stage = "completed"
    works.save()
    publish_with_keys(cast, works)
    mail = f"smtp://127.0.0.1:{smtp.port}"
    with starter(DATABASE_URL=database_url(tmp_path), EMAIL_URL=mail, DEBUG="1") as start:
        yield start


def received(smtp) -> list[tuple[str, str]]:
    """Whom each message went to, and its ID."""
    return [(to[0], text.partition("Message-ID: ")[2].partition("\r\n")[0]) for to, text in smtp.received]


def test_two_processes_at_once_tell_everyone_once(start, smtp):
    both = [start("work", "--once") for _ in range(2)]
    for process in both:
        code, said = finish(process)
        assert code == 0, said
    assert sorted(to for to, _id in received(smtp)) == PEOPLE


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
