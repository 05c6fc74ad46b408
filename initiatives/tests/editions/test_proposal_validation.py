"""What readers could not follow from one edition to the next is refused by the verb, whoever proposes."""

import datetime

import pytest

from hled_portal.publishing.clearance import Refused
from hled_portal.tests.factories import agreed, make_cast, make_fact, make_initiative, make_source, publish_with_keys
from initiatives.editions import freezing, proposing
from initiatives.models import Citation, DateChange

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def fact(cast):
    """A milestone that was published as expected for December 2024."""
    initiative = make_initiative()
    fact = make_fact(initiative)
    publish_with_keys(cast, initiative)
    fact.refresh_from_db()
    return fact


def reasons() -> list[str]:
    return [refusal.message for refusal in freezing.freeze_refusals("initiative", "otay-mesa-ii")]


def change(fact, **columns) -> DateChange:
    given = {"old_edtf": "2024-12", "old_modality": "expected", "new_edtf": "2025-03", "new_modality": "expected"}
    given |= {"reason": "slipped", "changed_on": datetime.date(2024, 11, 1), "fact": fact}
    return agreed(DateChange(**given | columns))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"date_edtf": "2025-03"}, "published date was December 2024 (expected) and is now March 2025 (expected)"),
        ({"modality": "deadline"}, "published date was December 2024 (expected) and is now December 2024 (deadline)"),
        ({"date_edtf": ""}, "is now no date (expected)"),
    ],
)
def test_a_published_date_does_not_move_without_its_reason(fact, columns, told):
    for name, value in columns.items():
        setattr(fact, name, value)
    fact.save()
    found = reasons()
    assert len(found) == 1
    assert told in found[0]
    assert found[0].endswith("Add a date change with a reason.")


def test_a_change_with_its_reason_lets_the_date_move(fact, cast):
    fact.date_edtf = "2025-03"
    fact.save()
    change(fact)
    assert reasons() == []
    assert proposing.propose("initiative", "otay-mesa-ii", cast.ana)


def test_the_newest_change_gives_the_present_date(fact):
    change(fact)
    fact.date_edtf = "2025-06"
    fact.save()
    assert "is now June 2025" in reasons()[0]
    change(fact, order=2, old_edtf="2025-03", new_edtf="2025-06")
    assert reasons() == []


def test_a_date_that_nobody_published_moves_freely(cast):
    initiative = make_initiative()
    agreed(initiative), agreed(initiative.pillar), agreed(initiative.pillar.cycle)
    fact = agreed(make_fact(initiative))
    fact.date_edtf = "2025-03"
    fact.save()
    assert reasons() == []


def test_a_first_date_needs_no_reason(cast):
    initiative = make_initiative()
    fact = make_fact(initiative, date_edtf="")
    publish_with_keys(cast, initiative)
    fact.date_edtf = "2025-03"
    fact.save()
    fact.refresh_from_db()
    agreed(fact)
    assert reasons() == []


@pytest.mark.parametrize("reason", ["dropped", "replaced", "merged"])
def test_a_milestone_that_is_given_up_says_why_in_both_languages(fact, reason):
    fact.end_edtf, fact.end_reason = "2024-11", reason
    agreed(fact)
    assert len(reasons()) == 1
    assert "Explain this to the public in both languages." in reasons()[0]
    fact.end_text_en = "No budget."
    agreed(fact)
    assert any("Explain this to the public in both languages." in reason for reason in reasons())
    fact.end_text_es = "Sin presupuesto."
    agreed(fact)
    assert reasons() == []


def test_a_milestone_that_was_met_needs_no_explanation(fact):
    fact.end_edtf, fact.end_reason, fact.modality = "2024-12", "met", "happened"
    agreed(fact)
    change(fact, new_edtf="2024-12", new_modality="happened", reason="met")
    assert reasons() == []


def test_the_verb_refuses_what_the_list_tells(fact, cast):
    fact.date_edtf = "2025-03"
    fact.save()
    with pytest.raises(Refused) as refused:
        proposing.propose("initiative", "otay-mesa-ii", cast.ana)
    assert refused.value.messages == reasons()


def test_what_one_side_holds_back_is_refused_to_nobody(fact, cast):
    fact.date_edtf, fact.ready = "2025-03", False
    fact.save()
    assert reasons() == []


def test_each_refusal_names_its_row_and_column(fact):
    fact.object_es = ""
    fact.save()
    refusals = freezing.freeze_refusals("initiative", "otay-mesa-ii")
    assert [(refusal.row, refusal.column) for refusal in refusals][0] == (fact, "object_es")


@pytest.mark.parametrize(
    ("modality", "date", "sources", "refused"),
    [
        ("happened", "2035-04", ["2024-04-19"], True),
        ("happened", "2024-04", ["2024-04-19"], False),
        ("happened", "2024-05-02", ["2024-04-19", "2024-06-01"], False),
        ("happened", "2024-05-02", ["2024-04-19", ""], False),
        ("expected", "2035-04", ["2024-04-19"], False),
    ],
)
def test_a_text_cannot_know_what_happened_after_its_day(modality, date, sources, refused):
    fact = make_fact(make_initiative(), modality=modality, date_edtf=date)
    for order, day in enumerate(sources, 1):
        Citation.objects.create(fact=fact, order=order, source=make_source(f"source-{order}", date_edtf=day))
    found = [message for message in reasons() if "cannot say that it happened later" in message]
    assert len(found) == refused
    assert not found or ("April 2035" in found[0] and "April 19, 2024" in found[0])
