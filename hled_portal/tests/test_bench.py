"""Figures of `make bench`: which way a goal points, and how a score is taken."""

import pytest

from bench import lighthouse, run, synthetic


@pytest.mark.django_db
@pytest.mark.usefixtures("review")
def test_each_workload_runs():
    def once(job, reference, turns=1):
        job(), reference()
        return 0.1

    rows = run.in_process_rows(once, file_rows=20)
    assert len(rows) == 16
    assert len({(row["workload"], row["reference"]) for row in rows}) == len(rows)
    assert all(row["ratio"] > 0 for row in rows)


@pytest.mark.django_db
@pytest.mark.usefixtures("review")
def test_copies_for_measurements_are_listed_filtered_and_found(client):
    assert synthetic.fill(70) == 68
    assert client.get("/en/initiatives/").context["page"].paginator.count == 68
    assert client.get("/en/initiatives/?pillar=2021-3").context["page"].paginator.count == 2
    assert b"otay-mesa-ii-1" in client.get("/en/search/?q=otay+mesa").content


@pytest.mark.parametrize(
    ("found", "goal", "least", "holds"),
    [(1.2, 1.3, False, True), (1.4, 1.3, False, False), (0.97, 0.95, True, True), (0.94, 0.95, True, False)],
)
def test_a_goal_is_the_most_or_the_least_that_holds(found, goal, least, holds):
    row = run.result("work", "reference", found, goal, least=least)
    assert row == {"workload": "work", "reference": "reference", "ratio": found, "goal": goal, "holds": holds}


@pytest.mark.parametrize(("turns", "score"), [([0.99], 0.99), ([0.6, 0.97, 0.96], 0.96), ([0.9, 0.8, 0.97], 0.9)])
def test_a_low_performance_is_measured_twice_more_and_the_median_counts(monkeypatch, turns, score):
    waiting = iter(turns)
    monkeypatch.setattr(lighthouse, "_measure", lambda address: {"performance": next(waiting), "seo": 1})
    assert lighthouse.scores("http://localhost/") == {"performance": score, "seo": 1}
    assert list(waiting) == []
