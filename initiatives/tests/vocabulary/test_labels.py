"""Labels whose meaning depends on their context."""

import pytest
from django.apps import apps
from django.utils.translation import override

from initiatives.admin.fact_admin import action_choices
from initiatives.admin.fact_form import USUAL
from initiatives.record.progress import PillarProgress
from initiatives.vocabulary.choices import PlaceKind, Stage


def test_actions_that_need_their_object_have_labels_of_their_own():
    with override("en"):
        english = dict(action_choices(""))
    with override("es"):
        spanish = dict(action_choices(""))
    assert (english["train"], english["visit"], english["begin"]) == ("train", "visit", "begin")
    assert (spanish["train"], spanish["visit"], spanish["begin"]) == ("capacitar", "visitar", "iniciar")


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_list_offers_one_word_twice(language):
    """Two choices that read the same cannot be told apart: “expected” and “planned” were one word in Spanish."""
    apps_ = (apps.get_app_config(name) for name in ("hled_portal", "initiatives", "stakeholders"))
    columns = [field for app in apps_ for model in app.get_models() for field in model._meta.fields if field.choices]
    lists = {str(field): field.flatchoices for field in columns} | {"modality and relation": USUAL.items()}
    with override(language):
        labels = {name: [str(label) for _value, label in choices] for name, choices in lists.items()}
    assert len(labels) > 40
    assert {name: words for name, words in labels.items() if len(set(words)) != len(words)} == {}


def test_counts_of_initiatives_are_in_the_plural():
    with override("es"):
        labels = [str(label) for _value, label, _count in PillarProgress(None).stage_counts]
        assert labels == ["planeadas", "en curso", "concluidas", "suspendidas", "canceladas", "con estatus no indicado"]
        assert str(Stage.COMPLETED.label) == "concluida"


def test_a_state_of_a_country_is_no_status():
    assert str(PlaceKind.STATE.label) == "state"
    with override("es"):
        assert str(PlaceKind.STATE.label) == "estado"
