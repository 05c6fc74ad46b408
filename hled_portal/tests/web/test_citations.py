"""References as text, BibTeX and RIS, read again by the libraries of readers."""

import datetime

import bibtexparser
import pytest
import rispy
import time_machine
from bibtexparser.middlewares import LatexDecodingMiddleware
from django.test import RequestFactory
from django.utils.translation import override

from hled_portal.tests.factories import make_cast, make_joint_text, make_published, topic_content
from hled_portal.web import citations

TODAY = time_machine.travel(datetime.datetime(2024, 7, 25, 18, tzinfo=datetime.UTC), tick=False)
ODD = 'Fuerza laboral & 100% "Ñandú" — #1_a~b c\\d, ¿cómo? ¡Así! à ü ç í “x” $5'


def made(**columns) -> citations.Reference:
    columns = {
        "title": "Otay Mesa II",
        "authors": ["Portal of the dialogue"],
        "site": "Portal of the dialogue",
        "address": "https://example.org/en/initiatives/otay-mesa-ii/?as_of=2024-04-19&publication=7",
        "as_of": datetime.date(2024, 4, 19),
        "publication": 7,
        "accessed": datetime.date(2024, 7, 25),
        "language": "en",
        "key": "hled-otay-mesa-ii-2024-04-19-7",
    } | columns
    return citations.Reference(**columns)


def parsed_bibtex(text: str, *middleware) -> dict:
    library = bibtexparser.parse_string(text, append_middleware=middleware)
    assert library.failed_blocks == []
    (entry,) = library.entries
    return {"kind": entry.entry_type, "key": entry.key} | {each.key: each.value for each in entry.fields}


def test_text_names_all_that_gives_the_same_record_again():
    reference = made(edition=3, notes=["Not cleared"])
    assert reference.text == (
        "Portal of the dialogue. “Otay Mesa II.” Portal of the dialogue. Version 3. Record as of April 19, 2024, "
        "publication 7. Not cleared. Accessed July 25, 2024: "
        "https://example.org/en/initiatives/otay-mesa-ii/?as_of=2024-04-19&publication=7"
    )


def test_bibtex_is_read_again():
    found = parsed_bibtex(made(edition=3, authors=["SE, México", "USTR and others"]).bibtex)
    assert found["kind"] == "misc"
    assert found["key"] == "hled-otay-mesa-ii-2024-04-19-7"
    assert found["author"] == r"{SE, M{\'{e}}xico} and {USTR and others}"
    assert found["year"] == "2024"
    assert found["edition"] == "3"
    assert found["url"] == "https://example.org/en/initiatives/otay-mesa-ii/?as_of=2024-04-19&publication=7"
    assert found["urldate"] == "2024-07-25"
    assert found["note"] == "Version 3. Record as of April 19, 2024, publication 7"
    assert found["langid"] == "english"


def test_bibtex_escapes_what_latex_reads_otherwise():
    bibtex = made(title=ODD).bibtex
    assert bibtex.isascii()
    assert r"laboral \& 100\%" in bibtex
    assert parsed_bibtex(bibtex, LatexDecodingMiddleware(keep_braced_groups=False))["title"] == ODD


def test_a_brace_of_a_title_does_not_end_the_field():
    bibtex = made(title="a } b { c } d").bibtex
    assert parsed_bibtex(bibtex)["title"] == (r"{a \textbraceright{} b \textbraceleft{} c \textbraceright{} d}")


def test_authors_stand_in_braces_of_their_own():
    assert "author = {{SE, M{\\'{e}}xico} and {USTR}}," in made(authors=["SE, México", "USTR"]).bibtex


def test_ris_is_read_again():
    title = "Otay\nMesa  II – 100% {ñ}"
    ris = made(title=title, edition=3, authors=["SE", "USTR"], notes=["Not cleared"], language="es").ris
    assert ris.endswith("ER  - \r\n")
    (found,) = rispy.loads(ris)
    assert found["type_of_reference"] == "ELEC"
    assert found["title"] == "Otay Mesa II – 100% {ñ}"
    assert found["authors"] == ["SE", "USTR"]
    assert found["year"] == "2024"
    assert found["date"] == "2024/04/19"
    assert found["edition"] == "3"
    assert found["language"] == "es"
    assert found["urls"] == ["https://example.org/en/initiatives/otay-mesa-ii/?as_of=2024-04-19&publication=7"]
    assert found["notes"] == ["Version 3", "Record as of April 19, 2024, publication 7", "Not cleared"]


# Of a request


def request_for(path: str):
    return RequestFactory().get(path)


@TODAY
@pytest.mark.django_db
def test_the_address_names_the_day_and_the_head_of_the_log(settings):
    settings.SITE_URL = "https://example.org"
    make_joint_text()
    found = citations.build_reference(
        request_for("/en/initiatives/?stage=completed&stage=planned&page=2"), "Initiatives"
    )
    assert found.address == (
        "https://example.org/en/initiatives/?stage=completed&stage=planned&as_of=2024-07-25&publication=1"
    )
    assert (found.edition, found.notes) == (None, [])
    assert found.key == "hled-record-2024-07-25-1"


@TODAY
@pytest.mark.django_db
def test_a_moment_that_was_asked_for_is_the_one_that_is_cited(settings):
    settings.SITE_URL = ""
    for key in ("one", "two"):
        make_joint_text(key)
    found = citations.build_reference(request_for("/en/?as_of=2024-05-01&publication=1"), "Progress")
    assert found.address == "http://testserver/en/?as_of=2024-05-01&publication=1"
    assert (found.as_of, found.publication) == (datetime.date(2024, 5, 1), 1)


@TODAY
@pytest.mark.django_db
def test_what_no_government_cleared_is_cited_so(settings):
    settings.SITE_OWNERS = "Secretaría de Economía; Department of Commerce"
    edition = make_joint_text()
    note = "Based on a news report of April 19, 2024; not approved by either government."
    found = citations.build_reference(request_for("/en/x/"), "Supply chains", edition, note=note)
    assert found.notes == [note.rstrip(".")]
    assert found.authors == ["Secretaría de Economía", "Department of Commerce"]
    assert found.edition == 1
    cleared = make_published(make_cast(), "cleared", content=topic_content("cleared"))
    assert citations.build_reference(request_for("/en/x/"), "Cleared", cleared, note=note).notes == []


@TODAY
@pytest.mark.django_db
def test_without_responsible_bodies_the_portal_is_the_author(settings):
    settings.SITE_OWNERS = ""
    with override("es"):
        found = citations.build_reference(request_for("/es/x/"), "Cadenas de suministro", make_joint_text())
        assert found.language == "es"
        assert found.authors == [found.site]
