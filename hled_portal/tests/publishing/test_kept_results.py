"""What is kept of the public record until it changes."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import kept_results, releasing
from hled_portal.tests.factories import DAY, make_cast, make_joint_text, make_published

pytestmark = pytest.mark.django_db


def test_a_result_is_kept_until_the_record_changes_and_is_that_of_a_day_and_a_language():
    cast, built = make_cast(), []

    @kept_results.keep()
    def build(at, key):
        built.append(key)
        return len(built)

    def read(day=DAY):
        return build(Moment(day), "a")

    text = make_published(cast)
    assert (read(), read()) == (1, 1)
    changes = [
        lambda: make_published(cast, "logistics"),
        lambda: releasing.withdraw(text, cast.luis, "error"),
        lambda: call_command("rebuild_index", verbosity=0),
    ]
    for number, change in enumerate(changes, 2):
        change()
        assert (read(), read()) == (number, number)
    with override("es"):
        assert read() == 5
    assert (read(DAY + datetime.timedelta(days=1)), read()) == (6, 4)
    assert build(Moment(DAY), "b") == 7


@pytest.mark.parametrize("path", ["", "initiatives/", "search/?q=supply", "timeline/?as_of=2024-05-01"])
def test_the_version_is_read_once_for_a_page(client, path):
    make_joint_text()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/en/{path}").status_code == 200
    assert sum('FROM "hled_portal_publicversion"' in query["sql"] for query in queries) == 1
