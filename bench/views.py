"""Kept pages beside a bare view, and first views beside stock pages, at several sizes of the record."""

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from bench.synthetic import load_synthetic

SIZES = (34, 1_000, 10_000)
#: Page, address, and the stock page that shows the same.
PAGES = (
    ("home page", "/en/", "/stock/dashboard/"),
    ("list of initiatives", "/en/initiatives/", "/stock/list/"),
    ("filtered list", "/en/initiatives/?stage=under_way&kind=works", "/stock/list/?stage=under_way&kind=works"),
    ("one initiative", "/en/initiatives/otay-mesa-ii/", "/stock/otay-mesa-ii/"),
    ("one pillar", "/en/cycles/2021/pillars/1/", "/stock/list/?pillar_key=2021-1"),
    ("timeline", "/en/timeline/", "/stock/timeline/"),
    ("search", "/en/search/?q=otay+mesa", "/stock/search/?q=otay+mesa"),
)
ENCODED = {"Accept-Encoding": "br"}


def view_rows(ratio, sizes=SIZES):
    """Yield workload, reference, ratio and goal. Leaves a large record behind."""
    with override_settings(ROOT_URLCONF="bench.stock"):
        yield from _kept_rows(ratio)
        stores = ("serve_kept_pages", "answer_conditionally")
        plain = [name for name in settings.MIDDLEWARE if name.rpartition(".")[2] not in stores]
        with override_settings(MIDDLEWARE=plain):
            for size in sizes:
                load_synthetic(size)
                _analyze()
                for name, path, stock in PAGES:
                    goal = 2.5 if size == min(sizes) else 1
                    found = _first_view(ratio, path, stock)
                    yield f"first view of {name}, {size:,} initiatives", f"stock page {stock}", found, goal


def _first_view(ratio, path: str, stock: str) -> float:
    client = Client()
    return ratio(lambda: _get(client, path), lambda: _get(client, stock), turns=5)


def _kept_rows(ratio):
    client, path = Client(headers=ENCODED), "/en/initiatives/"
    caches["pages"].clear()
    tag = client.get(path)["ETag"]
    bare = lambda: _get(client, "/stock/bare/")  # noqa: E731
    kept = lambda: _get(client, path)  # noqa: E731
    same = lambda: client.get(path, headers={**ENCODED, "If-None-Match": tag})  # noqa: E731
    assert same().status_code == 304
    yield "kept page", "bare view behind the same middleware", ratio(kept, bare), 1.3
    yield "304 of a kept page", "bare view behind the same middleware", ratio(same, bare), 1.0
    yield "kept page of the list", "stock list", ratio(kept, lambda: _get(client, "/stock/list/")), 0.2


def _get(client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"


def _analyze() -> None:
    """What a database does by itself over time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
