"""Two officers at the same moment, each in a process of its own: one does it, the other is told; on both databases."""

import pytest

from hled_portal.tests.factories import make_letter, make_officers, make_recommendation
from hled_portal.tests.processes import run_at_once
from stakeholders.models import Letter, Recommendation

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
ROWS = 12
#: Waits for the moment, then goes through the rows in order and says what became of each.
PERSON = """
from hled_portal.publishing.clearance import Refused
from hled_portal.models import User
from stakeholders.models import Letter, Recommendation
from stakeholders.triage import edit_conflicts, moves, splitting
me = User.objects.get(username="{name}")
rows = [(row, edit_conflicts.MoveVersion(row, me).token()) for row in {rows}]
meet()
for row, version in rows:
    try:
        {verb}
        print("DONE")
    except Refused as refused:
        print("REFUSED", refused.messages)
"""
LETTERS = "Letter.objects.order_by('pk')"
RECOMMENDATIONS = "Recommendation.objects.order_by('pk')"
SPLIT = "point = row.points.get(); splitting.split(row, [splitting.LetterPiece(point.text, point)], me, version)"
BACK = "splitting.join(other, [row], me)"


@pytest.fixture
def cast():
    return make_officers()


@pytest.fixture
def at_once(tmp_path):
    """Run two people against one database; returns what each said, and what asks that database afterwards."""

    def run(rows: str, **verbs: str):
        people = [PERSON.format(name=name, verb=verb, rows=rows) for name, verb in verbs.items()]
        return run_at_once(tmp_path, *people)

    return run


def test_a_letter_that_two_split_at_once_is_split_once_and_the_second_is_told(cast, at_once):
    for number in range(ROWS):
        make_letter(f"Punto {number}.")
    assert Letter.objects.count() == ROWS
    said, ask = at_once(LETTERS, rosa=SPLIT, ruth=SPLIT)
    assert sum(words.count("DONE") for words in said) == ROWS
    assert sum(words.count("REFUSED") for words in said) == ROWS
    assert sum(words.count("split into recommendations") for words in said) == ROWS
    assert ask("SELECT count(*), count(DISTINCT key) FROM stakeholders_recommendation") == [(ROWS, ROWS)]


@pytest.mark.attack
def test_of_two_who_set_a_date_at_once_the_second_is_told_of_the_first(cast, at_once):
    for number in range(ROWS):
        make_recommendation(cast.rosa, make_letter(f"Punto {number}."))
    verb = "import datetime; moves.set_due(row, me, datetime.date({year}, 1, 1), version)"
    said, ask = at_once(RECOMMENDATIONS, rosa=verb.format(year=2090), ruth=verb.format(year=2091))
    assert sum(words.count("DONE") for words in said) == ROWS
    assert sum(words.count("response due date set (209") for words in said) == ROWS
    assert ask("SELECT count(*) FROM stakeholders_move WHERE action = 'due'") == [(ROWS,)]


def test_two_that_are_joined_to_each_other_at_once_become_one(cast, at_once):
    keys = [make_recommendation(cast.rosa, make_letter(f"Punto {number}.")).key for number in range(2 * ROWS)]
    assert Recommendation.objects.count() == 2 * ROWS
    pairs = dict(zip(keys[::2], keys[1::2], strict=True))
    into = f"Recommendation.objects.filter(key__in={list(pairs)}).order_by('pk')"
    there = f"other = Recommendation(key={pairs}[row.key]); splitting.join(row, [other], me)"
    back = (
        f"other = Recommendation.objects.filter(key={pairs}[row.key]).first() or row; splitting.join(other, [row], me)"
    )
    said, ask = at_once(into, rosa=there, ruth=back)
    assert sum(words.count("DONE") for words in said) == ROWS
    assert sum(words.count("REFUSED") for words in said) == ROWS
    assert ask("SELECT count(*) FROM stakeholders_recommendation") == [(ROWS,)]
    assert ask("SELECT count(*) FROM stakeholders_asking") == [(2 * ROWS,)]
