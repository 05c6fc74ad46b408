"""The check of wording in `make test-style`."""

import runpy

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from hled_portal.i18n import catalogues

refused_wordings = runpy.run_path(str(settings.BASE_DIR / ".ci" / "check_wording.py"))["refused_wordings"]


def catalogue_of(*messages) -> Catalog:
    catalogue = Catalog(locale="es")
    for english, spanish, *context in messages:
        catalogue.add(english, spanish, context=context[0] if context else None)
    return catalogue


def test_no_wording_is_refused():
    assert refused_wordings(catalogues.load()) == []


@pytest.mark.parametrize(
    ("english", "spanish", "word"),
    [
        ("Your letter was received.", "Recibimos su escrito.", "letter"),
        ("Open the fact", "Abrir el elemento", "fact"),
        ("What runs", "En curso", "What"),
        ("The portal waits for an approval.", "Falta un visto bueno.", "waits for"),
        ("Cancelled", "Cancelada", "Cancelled"),
        ("Submissions", "Cartas", "Cartas"),
        ("Row 1", "Renglón 1", "Renglón"),
        ("the hash", "la «huella»", "«"),
        (("%(n)d text", "%(n)d of the letters"), ("%(n)d texto", "%(n)d textos"), "letters"),
    ],
)
def test_a_refused_word_is_named_with_its_message(english, spanish, word):
    lines = refused_wordings(catalogue_of((english, spanish)))
    assert len(lines) == 1
    assert lines[0].startswith(f"“{word}” in: ")


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("Joint fact sheet", "Comunicado conjunto"),
        ("for screen readers", "para lectores de pantalla"),
        ("File %(letter)s of {reading}", "Archivo %(letter)s de {reading}"),
        ("Column edition_key", "Columna edition_key"),
        ("What do you propose?", "¿Qué propone?"),
    ],
)
def test_other_words_placeholders_and_names_of_columns_pass(english, spanish):
    assert refused_wordings(catalogue_of((english, spanish))) == []


def test_one_thing_said_with_two_wordings_is_named_in_either_language():
    twice = catalogue_of(
        ("Each email has a link.", "Cada correo tiene un enlace."),
        ("Every email has a link:", "Cada correo tiene un enlace:"),
    )
    assert refused_wordings(twice) == [
        "two wordings for “cada correo tiene un enlace”: each email has a link / every email has a link"
    ]
    assert (
        len(
            refused_wordings(catalogue_of(("Date and time of release", "Fecha"), ("date and time of release:", "Hora")))
        )
        == 1
    )


def test_short_labels_and_messages_with_a_context_may_share_a_translation():
    labels = catalogue_of(("From", "Desde"), ("since", "Desde"))
    contexts = catalogue_of(
        ("by the end of May", "a más tardar en mayo", "date"), ("by the end of May", "para mayo", "x")
    )
    assert refused_wordings(labels) == refused_wordings(contexts) == []
