"""The rate of forms that need no account."""

import pytest
import time_machine

from hled_portal.models import AttemptCount
from hled_portal.tests.processes import run_at_once
from hled_portal.web import rate_limits

HERE, THERE = "192.0.2.1", "198.51.100.2"


def attempts(client: str, times: int, what: str = "letter") -> list[bool]:
    return [rate_limits.too_often(what, client) for _time in range(times)]


@pytest.mark.django_db
def test_refused_attempts_of_one_address_leave_the_others_their_number(settings):
    settings.SUBMISSION_LIMITS = [2, 4]
    assert attempts(HERE, 9) == [False, False, *[True] * 7]
    assert attempts(THERE, 3) == [False, False, True]


@pytest.mark.django_db
def test_who_sends_once_is_served_when_others_used_up_the_limit_of_all(settings):
    settings.SUBMISSION_LIMITS = [3, 3]
    assert attempts(HERE, 3) == [False] * 3
    assert [attempts(f"203.0.113.{n}", 2) for n in range(27)] == [[False, True]] * 27
    assert attempts(THERE, 1) == [True]  # Ten times the limit: no further.


@pytest.mark.django_db
def test_one_address_refuses_none_of_a_hundred_others(settings):
    settings.SUBMISSION_LIMITS = [10, 300]
    refused = 0
    for n in range(100):
        attempts(HERE, 20)
        refused += rate_limits.too_often("letter", f"203.0.113.{n}")
    assert refused == 0


@pytest.mark.django_db
def test_an_hour_later_all_is_as_before_and_a_clock_that_was_ahead_is_forgotten(settings):
    settings.SUBMISSION_LIMITS = [1, 1]
    with time_machine.travel(10**6, tick=False) as clock:
        assert attempts(HERE, 2) == [False, True]
        clock.shift(rate_limits.HOUR + 1)
        assert attempts(HERE, 2) == [False, True]
        clock.move_to(10**6)
        assert attempts(HERE, 2) == [False, True]
        clock.shift(2 * rate_limits.HOUR)
        rate_limits.delete_old_counts(None)
        assert not AttemptCount.objects.exists()


@pytest.mark.django_db
def test_clocks_of_two_servers_may_be_seconds_apart(settings):
    settings.SUBMISSION_LIMITS = [3, 300]
    with time_machine.travel(10**6, tick=False) as clock:
        assert attempts(HERE, 2) == [False, False]
        clock.shift(-30)
        assert attempts(HERE, 2) == [False, True]


@pytest.mark.django_db
def test_a_network_of_ipv6_is_one_client(settings):
    settings.SUBMISSION_LIMITS = [1, 300]
    assert [attempts(f"2001:db8::{n}", 1) for n in (1, 2)] == [[False], [True]]
    assert attempts("2001:db8:0:1::1", 1) == [False]


@pytest.mark.django_db
def test_one_form_leaves_the_others_their_number(settings):
    settings.SUBMISSION_LIMITS = [1, 1]
    assert [rate_limits.too_often(form, HERE) for form in ("letter", "follow", "letter")] == [False, False, True]


@pytest.mark.django_db
@pytest.mark.parametrize("limits", [[0], [0, 0]])
def test_no_limit_refuses_nobody(settings, limits):
    settings.SUBMISSION_LIMITS = limits
    assert not any(attempts(HERE, 20))


ATTEMPTS = """
from django.conf import settings
from hled_portal.web import rate_limits
settings.SUBMISSION_LIMITS = [10, 300]
meet()
print(sum(not rate_limits.too_often("letter", "192.0.2.1") for _time in range(10)))
"""


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_processes_share_the_counts(tmp_path):
    said, _rows = run_at_once(tmp_path, ATTEMPTS, ATTEMPTS)
    assert sum(int(words.split()[-1]) for words in said) == 10
