"""What is timed beside what. Goals are the largest ratio that holds."""

import datetime
import tempfile

from django.conf import settings
from django.core.management import call_command
from django.test import Client

REVIEW = settings.BASE_DIR / "initiatives" / "reviews" / "2024-04-19"
DAY = datetime.date(2024, 4, 19)


def load_record() -> None:
    """Make the record of an empty database."""
    call_command("migrate", verbosity=0)
    call_command("load_dialogue", REVIEW, publish_as_of=DAY, verbosity=0)


def all_rows(ratio):
    """Yield workload, reference, ratio and goal. The real review is the record."""
    client = Client()

    def get(path):
        answer = client.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"

    def page(path):
        return lambda: get(path)

    frame = page("/en/sign-in/")  # a page that reads nothing of the record
    yield "home page, English", "a page without records", ratio(page("/en/"), frame), 12
    yield "home page, Spanish", "home page, English", ratio(page("/es/"), page("/en/")), 1.3
    yield "home page as of a day", "home page", ratio(page("/en/?as_of=2024-04-19"), page("/en/")), 1.3
    yield "list of initiatives", "a page without records", ratio(page("/en/initiatives/"), frame), 12
    yield "map", "a page without records", ratio(page("/en/map/"), frame), 14
    yield "timeline of all initiatives", "a page without records", ratio(page("/en/timeline/"), frame), 16
    yield "search in English", "a page without records", ratio(page("/en/search/?q=otay+mesa+SEDENA"), frame), 15
    yield "search of a common word", "a page without records", ratio(page("/es/search/?q=México"), frame), 25

    with tempfile.TemporaryDirectory() as folder:
        export = lambda: call_command("export_dialogue", folder, verbosity=0)  # noqa: E731
        again = lambda: call_command("load_dialogue", REVIEW, verbosity=0)  # noqa: E731
        yield "load the review again, unchanged", "export it", ratio(again, export, turns=1), 15
