"""Pages of readers and staff: first views, kept pages, the staff site's first page, and memory of a worker."""

import os
from functools import partial
from itertools import cycle, islice

from django.contrib.auth.models import Group
from django.test import Client, override_settings

from hled_portal.models import User
from hled_portal.publishing import kept_results
from hled_portal.settings import MIDDLEWARE
from initiatives.models import Edition

from . import stock, timing
from .rows import Row, ratio_row, seconds_row

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
#: A page of every kind, for the memory of a worker; each in both languages, and each initiative only once.
KINDS = (
    "",
    "initiatives/",
    "initiatives/?pillar=2021-1",
    "items/",
    "timeline/",
    "calendar/",
    "map/",
    "search/?q=otay",
    "cycles/2021/pillars/1/",
    "organizations/",
    "organizations/sict/",
    "places/",
    "meetings/2024-04-19/",
    "compare/?from=2024-04-18&to=2024-04-19",
    "recommendations/",
    "data/",
    "initiatives.atom",
)
MEMORY_PAGES = 500


def portal_client(*, kept: bool = False, staff: bool = False) -> Client:
    """A browser before the portal, whose pages are made anew unless they may be `kept`."""
    middleware = [each for each in MIDDLEWARE if kept or each not in KEPT]
    client = _client(middleware, "/en/sign-in/")
    if staff:
        client.force_login(make_editor())
    return client


def make_editor() -> User:
    user, _made = User.objects.get_or_create(username="bench", is_staff=True, delegation="MX")
    user.groups.set(Group.objects.filter(name__in=["editor", "officer"]))
    return user


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


def first_view_rows(goal: float, turns: int):
    """Each page beside the stock one, for the record as large as it is."""
    portal, plain = portal_client(), stock_client()
    for name, (address, reference) in COMPARED.items():
        measured = timing.compare_seconds(partial(get, portal, address), partial(get, plain, reference), turns)
        yield ratio_row(f"first view: {name}", "equal stock page", measured, goal)
    for name in ("home", "pillar", "search"):
        job = partial(_get_after_publication, portal, COMPARED[name][0])
        yield seconds_row(f"after a publication: {name}", timing.median_seconds(job, turns), None)
    listed = [len(get(client, address)) for client, address in ((portal, "/en/initiatives/"), (plain, "/initiatives/"))]
    yield Row("HTML of a list page", "stock list", round(listed[0] / listed[1], 2), 3)


def _get_after_publication(client: Client, address: str) -> None:
    kept_results.forget_results()
    get(client, address)


def admin_row(turns: int) -> Row:
    staff = portal_client(staff=True)
    return seconds_row("admin's first page", timing.median_seconds(partial(get, staff, "/admin/"), turns), None)


def kept_rows(turns: int):
    plain, kept = stock_client(), portal_client(kept=True)
    home, bare = (partial(get, kept, address, HTTP_ACCEPT_ENCODING="gzip, br") for address in ("/en/", "/bare/"))
    etag = kept.get("/en/", HTTP_ACCEPT_ENCODING="gzip, br")["ETag"]
    again = partial(get, kept, "/en/", 304, HTTP_IF_NONE_MATCH=etag, HTTP_ACCEPT_ENCODING="gzip, br")
    stock_list = partial(get, plain, "/initiatives/")
    with override_settings(ROOT_URLCONF="bench.stock"):
        yield ratio_row("kept page", "bare view, same middleware", timing.compare_seconds(home, bare, turns), 1.3)
        yield ratio_row(
            "304 of a kept page", "bare view, same middleware", timing.compare_seconds(again, bare, turns), 1
        )
    yield ratio_row("kept page", "stock list", timing.compare_seconds(home, stock_list, max(turns // 5, 2)), 0.2)


def memory_row(pages: int = MEMORY_PAGES) -> Row:
    """Resident memory of this process after so many different pages, as a multiple of that after the first."""
    client = portal_client()
    get(client, "/en/")
    start = _resident_bytes()
    keys = Edition.objects.initiatives().published().values_list("subject_key", flat=True)[: pages // 2]
    addresses = [f"/{language}/{kind}" for kind in KINDS for language in ("en", "es")]
    addresses += [f"/en/initiatives/{key}/" for key in keys]
    for address in islice(cycle(addresses), pages):
        get(client, address)
    ratio = _resident_bytes() / start
    return Row(f"memory of a worker after {pages} pages", "after its first page", round(ratio, 2), 1.5)


def _resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
