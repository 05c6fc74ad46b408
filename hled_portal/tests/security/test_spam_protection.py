"""The pace of forms that need no account."""

import pytest
import time_machine

from hled_portal.security import spam_protection

HERE, THERE = "192.0.2.1", "198.51.100.2"


def test_refused_attempts_of_one_address_leave_the_others_their_number(settings):
    settings.SUBMISSION_LIMITS = [1, 3]
    assert [spam_protection.too_often("letter", HERE) for _time in range(9)] == [False, *[True] * 8]
    assert [spam_protection.too_often("letter", THERE) for _time in range(2)] == [False, True]
    assert not spam_protection.too_often("letter", "203.0.113.3")
    assert spam_protection.too_often("letter", "203.0.113.4")


def test_attempts_that_all_together_made_too_often_are_not_counted_for_the_address(settings):
    settings.SUBMISSION_LIMITS = [2, 1]
    with time_machine.travel(0, tick=False) as clock:
        assert not spam_protection.too_often("letter", THERE)
        clock.shift(spam_protection.HOUR / 2)
        assert [spam_protection.too_often("letter", HERE) for _time in range(5)] == [True] * 5
        clock.shift(spam_protection.HOUR / 2 + 1)
        assert not spam_protection.too_often("letter", HERE)


def test_one_form_leaves_the_others_their_number(settings):
    settings.SUBMISSION_LIMITS = [1, 1]
    assert [spam_protection.too_often(form, HERE) for form in ("letter", "follow", "letter")] == [False, False, True]


@pytest.mark.parametrize("limits", [[0], [0, 0]])
def test_no_limit_refuses_nobody(settings, limits):
    settings.SUBMISSION_LIMITS = limits
    assert not any(spam_protection.too_often("letter", HERE) for _time in range(20))
