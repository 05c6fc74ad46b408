"""The check of the Spanish catalogue finds each kind of fault."""

import pytest
from babel.messages.catalog import Catalog

from hled_portal.i18n import catalogues


def catalog(*entries) -> Catalog:
    made = Catalog(locale="es")
    for text, translation, *flags in entries:
        made.add(text, translation, flags=flags)
    return made


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([("Place %(name)s", "Lugar %(name)s")], None),
        ([], "not in the catalogue"),
        ([("Place %(name)s", "")], "not translated"),
        ([("Place %(name)s", "Lugar %(nombre)s")], "other placeholders"),
        ([("Place %(name)s", "Lugar %(name)s", "fuzzy")], "fuzzy"),
        ([("Place %(name)s", "Lugar %(name)s"), ("Gone", "Ido")], "no longer in the sources"),
    ],
)
def test_faults(entries, fault):
    found = list(catalogues.faults(catalog(*entries), catalog(("Place %(name)s", ""))))
    assert (found == []) if fault is None else (len(found) == 1 and fault in found[0])


def test_texts_of_templates_and_python_are_both_read():
    messages = {message.id for message in catalogues.extracted()}
    assert "Skip to main content" in messages
    assert "Responsible bodies: %(site_owners)s." in messages
    assert "A superuser cannot belong to a delegation." in messages
