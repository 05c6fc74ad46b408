"""Labels whose meaning depends on their context."""

from django.utils.translation import override

from initiatives.admin.fact_admin import action_choices
from initiatives.record.progress import PillarProgress
from initiatives.vocabulary.choices import PlaceKind, Stage


def test_actions_that_need_their_object_have_labels_of_their_own():
    with override("en"):
        english = dict(action_choices(""))
    with override("es"):
        spanish = dict(action_choices(""))
    assert (english["train"], english["visit"], english["begin"]) == ("train", "visit", "begin")
    assert (spanish["train"], spanish["visit"], spanish["begin"]) == ("capacitar", "visitar", "iniciar")


def test_counts_of_initiatives_are_in_the_plural():
    with override("es"):
        labels = [str(label) for _value, label, _count in PillarProgress(None).stage_counts]
        assert labels == ["planeadas", "en curso", "concluidas", "suspendidas", "canceladas", "con estatus no indicado"]
        assert str(Stage.COMPLETED.label) == "concluida"


def test_a_state_of_a_country_is_no_status():
    assert str(PlaceKind.STATE.label) == "state"
    with override("es"):
        assert str(PlaceKind.STATE.label) == "estado"
