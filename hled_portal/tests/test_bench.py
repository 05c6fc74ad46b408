"""Figures of `make bench`: every workload runs, which way a goal points, how a score is taken, what the report says."""

import pytest
from django.conf import settings
from django.test.utils import override_settings

from bench import lighthouse, parts, record, report
from bench.rows import Row, ratio_row
from bench.timing import Measured


@pytest.mark.django_db
@pytest.mark.usefixtures("review")
def test_each_workload_runs_and_copies_are_listed_filtered_and_found(client, monkeypatch):
    monkeypatch.setattr(record, "load_record", lambda: None)
    with override_settings(STORAGES=settings.STORAGES):
        rows = parts.growth([34, 68], quick=True) + parts.memory(quick=True)
    assert len(rows) == 50
    assert len({(row["workload"], row["reference"], row["size"]) for row in rows}) == len(rows)
    assert all(row["figure"] > 0 for row in rows)
    assert client.get("/en/initiatives/").context["page"].paginator.count == 68
    assert client.get("/en/initiatives/?pillar=2021-3").context["page"].paginator.count == 2
    assert b"otay-mesa-ii-copy-1" in client.get("/en/search/?q=otay+mesa").content
    rows = [row | {"database": "sqlite"} for row in rows]
    text = report.text({"rows": rows, "machine": "one", "minutes": 1})
    assert all(row["workload"].partition(":")[0] in text for row in rows)
    assert report.picture(rows).startswith("<svg")


@pytest.mark.parametrize(
    ("figure", "goal", "least", "holds"),
    [
        (1.2, 1.3, False, True),
        (1.4, 1.3, False, False),
        (0.97, 0.95, True, True),
        (0.94, 0.95, True, False),
        (1, None, False, None),
    ],
)
def test_a_goal_is_the_most_or_the_least_that_holds(figure, goal, least, holds):
    row = Row("work", "reference", figure, goal, least=least).data(size=34)
    assert (row["figure"], row["holds"], row["size"]) == (figure, holds, 34)
    assert ratio_row("work", "reference", Measured(figure, 2), goal).figure == figure / 2


@pytest.mark.parametrize(("turns", "score"), [([0.99], 0.99), ([0.6, 0.97, 0.96], 0.96), ([0.9, 0.8, 0.97], 0.9)])
def test_a_low_performance_is_measured_twice_more_and_the_median_counts(monkeypatch, turns, score):
    waiting = iter(turns)
    monkeypatch.setattr(lighthouse, "_measure", lambda address: {"performance": next(waiting), "seo": 1})
    assert lighthouse.scores("http://localhost/") == {"performance": score, "seo": 1}
    assert list(waiting) == []
