"""docs/privacy.md decides on every column that can hold personal data, and says the periods that the settings have."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from simple_history.models import HistoricalChanges

from hled_portal.background import retention

DOCUMENT = settings.BASE_DIR / "docs" / "privacy.md"
#: Types that hold words, files, addresses or names; a choice of a closed list is none of them.
WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.FileField)
WORDS += (models.GenericIPAddressField, models.UUIDField)
#: Hashes and identifiers of texts, never of persons.
IDENTIFIERS = re.compile(r"(.*_)?(digest|hash|key|edtf|state|duration|currency)|every|series_rhythm|translation_state")


def can_be_personal(field) -> bool:
    if field.is_relation:
        return field.related_model is get_user_model()
    return isinstance(field, WORDS) and not field.choices and not IDENTIFIERS.fullmatch(field.name)


def columns() -> set[str]:
    """Columns that can hold personal data, as `table.column`; copies of the history go by the table of their rows."""
    found = set()
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy and not model._meta.auto_created:
            is_history = issubclass(model, HistoricalChanges) or model.__name__.startswith("Historical")
            table = model._meta.db_table.replace("_historical", "_", 1)
            for field in model._meta.concrete_fields:
                if can_be_personal(field):
                    is_own = is_history and field.name.startswith("history_")
                    found.add(f"history.{field.name}" if is_own else f"{table}.{field.name}")
    return found


def decided(heading: str) -> list[str]:
    """Columns of the tables under a heading: the first cell names a table, the second its columns."""
    section = DOCUMENT.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", section, re.MULTILINE)
    assert rows
    return [f"{table}.{column}" for table, names in rows for column in re.findall(r"`(\w+)`", names)]


PERSONAL, NOT_PERSONAL = "What is kept", "What is not personal"


def test_every_column_that_can_be_personal_has_a_decision():
    personal, others = decided(PERSONAL), decided(NOT_PERSONAL)
    assert sorted(columns() - {*personal, *others}) == []
    assert len(personal + others) == len({*personal, *others})


def test_what_is_decided_exists():
    existing = {
        f"{model._meta.db_table}.{field.name}" for model in apps.get_models() for field in model._meta.concrete_fields
    }
    existing |= {name for name in columns() if name.startswith("history.")}
    assert sorted({*decided(PERSONAL), *decided(NOT_PERSONAL)} - existing) == []


def test_a_new_column_without_a_decision_is_named(monkeypatch):
    monkeypatch.setattr(f"{__name__}.WORDS", (*WORDS, models.BooleanField))
    with pytest.raises(AssertionError, match="axes_accessfailurelog.locked_out"):
        test_every_column_that_can_be_personal_has_a_decision()


def test_the_periods_are_those_of_the_settings():
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(KEEP_\w+)` \| (\d+) \|", text, re.MULTILINE))
    names = {name for name in dir(settings) if re.fullmatch(r"KEEP_\w+_DAYS", name)}
    assert rows == {name: str(getattr(settings, name)) for name in names}
    used = {kind.days for kind in retention.registered_kinds() if isinstance(kind.days, str)}
    assert names - used == {"KEEP_SIGN_INS_DAYS"}, "its job is older: sessions.delete_old_sign_ins"
