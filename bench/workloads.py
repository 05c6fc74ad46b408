"""What is timed beside what. Goals are the largest ratio that holds."""

import datetime
import tempfile
from functools import partial

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client, override_settings

from hled_portal.models import User
from hled_portal.settings import MIDDLEWARE

from . import stock

REVIEW = settings.BASE_DIR / "initiatives" / "reviews" / "2024-04-19"
DAY = datetime.date(2024, 4, 19)
#: First views of the portal, and the stock page that a reader would have instead.
COMPARED = {
    "home": ("/en/", "/"),
    "list of initiatives": ("/en/initiatives/", "/initiatives/"),
    "filtered list": ("/en/initiatives/?pillar=2021-1&stage=under_way", "/initiatives/?pillar=2021-1&stage=under_way"),
    "initiative": ("/en/initiatives/otay-mesa-ii/", "/initiatives/otay-mesa-ii/"),
    "pillar": ("/en/cycles/2021/pillars/1/", "/initiatives/?pillar=2021-1"),
    "timeline": ("/en/timeline/", "/timeline/"),
    "search": ("/en/search/?q=otay+mesa", "/search/?q=otay+mesa"),
}
KEPT = ("hled_portal.web.page_cache.serve_kept_pages", "hled_portal.web.http_cache.answer_conditionally")


def load_record() -> None:
    """Make the record of an empty database."""
    call_command("migrate", verbosity=0)
    call_command("load_dialogue", REVIEW, publish_as_of=DAY, verbosity=0)


def portal_client(*, kept: bool = False, staff: bool = False) -> Client:
    """A browser before the portal, whose pages are made anew unless they may be `kept`."""
    middleware = [each for each in MIDDLEWARE if kept or each not in KEPT]
    client = _client(middleware, "/en/sign-in/")
    if staff:
        user, _made = User.objects.get_or_create(username="bench", is_staff=True, delegation="MX")
        user.groups.set(Group.objects.filter(name__in=["editor", "officer"]))
        client.force_login(user)
    return client


def stock_client() -> Client:
    return _client(stock.MIDDLEWARE, "/")


def _client(middleware: list[str], address: str) -> Client:
    client = Client()
    with override_settings(MIDDLEWARE=middleware):
        client.get(address)  # The middleware is loaded with the first request.
    return client


def get(client: Client, address: str, status: int = 200, **headers) -> bytes:
    answer = client.get(address, **headers)
    assert answer.status_code == status, f"{address}: {answer.status_code}"
    return answer.content


def first_view_rows(ratio, goal: float):
    """Yield workload, reference, ratio and goal of each page beside the stock one, for the record as large as it is."""
    portal, plain = portal_client(), stock_client()
    for name, (address, reference) in COMPARED.items():
        measured = ratio(partial(get, portal, address), partial(get, plain, reference))
        yield f"first view: {name}", "equal stock page", measured, goal


def seconds_by_page(seconds) -> dict[str, float]:
    """The processor time of each page, and of the first page of the admin."""
    portal, staff = portal_client(), portal_client(staff=True)
    times = {name: seconds(partial(get, portal, address)) for name, (address, _stock) in COMPARED.items()}
    return times | {"admin's first page": seconds(partial(get, staff, "/admin/"))}


def all_rows(ratio):
    """Yield workload, reference, ratio and goal. The real review is the record."""
    yield from first_view_rows(ratio, 2.5)
    portal, plain, kept = portal_client(), stock_client(), portal_client(kept=True)
    home, bare = (partial(get, kept, address, HTTP_ACCEPT_ENCODING="gzip, br") for address in ("/en/", "/bare/"))
    home()
    with override_settings(ROOT_URLCONF="bench.stock"):
        yield "kept page", "bare view behind the same middleware", ratio(home, bare), 1.3
        etag = kept.get("/en/", HTTP_ACCEPT_ENCODING="gzip, br")["ETag"]
        again = partial(get, kept, "/en/", 304, HTTP_IF_NONE_MATCH=etag, HTTP_ACCEPT_ENCODING="gzip, br")
        yield "its 304", "bare view behind the same middleware", ratio(again, bare), 1.0
    yield "kept page", "stock list", ratio(home, partial(get, plain, "/initiatives/")), 0.2
    listed = [len(get(client, address)) for client, address in ((portal, "/en/initiatives/"), (plain, "/initiatives/"))]
    yield "HTML of a list page", "stock list", listed[0] / listed[1], 3
    page = lambda address: partial(get, portal, address)  # noqa: E731
    yield "home page, Spanish", "home page, English", ratio(page("/es/"), page("/en/")), 1.3
    yield "home page as of a day", "home page", ratio(page("/en/?as_of=2024-04-19"), page("/en/")), 1.3

    with tempfile.TemporaryDirectory() as folder:
        export = lambda: call_command("export_dialogue", folder, verbosity=0)  # noqa: E731
        again = lambda: call_command("load_dialogue", REVIEW, verbosity=0)  # noqa: E731
        yield "load the review again, unchanged", "export it", ratio(again, export, turns=1), 15
