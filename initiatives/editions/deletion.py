"""Why rows of the record cannot be deleted: what was published, or waits for approval, ends with a reason instead.

What was never published is deleted by who may edit it. A published participation, link or citation is removed, and the
next version records that.
"""

import contextlib
from collections.abc import Iterable

from django.apps import apps
from django.db import transaction
from django.db.models import Model, ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from hled_portal.models import Removal
from hled_portal.publishing.signed_text import OPEN, RELEASED
from initiatives.models import DateChange, Edition, Fact, Reading
from initiatives.visibility import owning_fact

from .freezing import MODELS

#: Parts of a fact that are kept with it, and their place in its content.
PARTS = {Reading: "readings", DateChange: "date_changes"}
#: On the list of removals.
DELETED_ROW = "row deleted"


def list_deletion(sender, instance, **_kwargs) -> None:
    """Before a row is deleted: by its table and number, which say nothing of what was in it."""
    Removal.objects.create(kind=DELETED_ROW, name=f"{sender._meta.label_lower} {instance.pk}")


def delete_again(name: str, _detail: str) -> None:
    """After a restore: a row that was deleted after the backup, unless a text or another row needs it."""
    table, number = name.split()
    row = apps.get_model(table)._default_manager.filter(pk=number).first()
    if row is not None and not deletion_refusals([row]):
        with contextlib.suppress(ProtectedError, RestrictedError), transaction.atomic():
            row.delete()


def deletion_refusals(rows: Iterable[Model]) -> list[str]:
    """A line for each row that is frozen in a version or in an open proposal. One query for each subject."""
    facts_of_subject: dict[tuple[str, str], dict[str, list[dict]]] = {}
    refusals = []
    for row in rows:
        if _is_frozen(row, facts_of_subject):
            refusals.append(_("“%(row)s” was published or is awaiting approval. It cannot be deleted.") % {"row": row})
    return list(dict.fromkeys(refusals))


def _is_frozen(row: Model, facts_of_subject: dict) -> bool:
    kind = row._meta.model_name
    if kind in MODELS and isinstance(row, MODELS[kind]):
        return _frozen(kind, row.key).exists()
    if not isinstance(row, Fact | Reading | DateChange):
        return False
    fact = owning_fact(row)
    subject = (fact.subject._meta.model_name, fact.subject.key)
    if subject not in facts_of_subject:
        facts: dict[str, list[dict]] = {}
        for edition in _frozen(*subject):
            for frozen in edition.data["facts"]:
                facts.setdefault(frozen["key"], []).append(frozen)
        facts_of_subject[subject] = facts
    versions = facts_of_subject[subject].get(fact.key, [])
    if isinstance(row, Fact):
        return bool(versions)
    return any(part["order"] == row.order for version in versions for part in version[PARTS[type(row)]])


def _frozen(kind: str, key: str):
    return Edition.objects.filter(subject_kind=kind, subject_key=key, state__in=[*OPEN, *RELEASED])
