"""The Word document of a release: read back with the library that wrote it, and as a screen reader would."""

import io
import time

import docx
import pytest
from docx.oxml.ns import qn
from docx.table import Table

from hled_portal.publishing import clearance, release_plans
from hled_portal.tests.factories import (
    make_cast,
    make_edition,
    make_fact,
    make_initiative,
    publish_with_keys,
    topic_content,
)
from initiatives.editions import proposing, release_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def plan(cast):
    """An initiative that changes a published one, keyed by Mexico, and a new topic."""
    works = make_initiative()
    make_fact(works, side="joint")
    publish_with_keys(cast, works)
    works.title_en, works.title_es = "Otay Mesa II opens", "Mesa de Otay II abre"
    works.agree_translation()
    works.save()
    text = proposing.propose("initiative", works.key, cast.ana)[0]
    clearance.clear(text, cast.luis, text.digest)
    plan = release_plans.make(cast.carl, "Ministerial\x0b & <night>", "2026-11-30")
    release_plans.add_texts(plan, [text, make_edition(cast.ana, "ports")], cast.carl)
    return plan


def read(plan, language="en", words="en"):
    return docx.Document(
        io.BytesIO(release_document.build_release_document(plan, release_plans.plan_texts(plan), language, words))
    )


def lines(document) -> list[str]:
    """The document as text: paragraphs with the level of headings, and rows of tables."""
    texts = []
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            texts += [" | ".join(cell.text for cell in row.cells) for row in part.rows]
        elif part.text:
            level = part.style.name.removeprefix("Heading ") if part.style.name.startswith("Heading") else ""
            texts.append(f"{'#' * int(level)} {part.text}" if level else part.text)
    return texts


def test_each_text_is_told_field_by_field_with_who_cleared_it(plan):
    document = lines(read(plan))
    text = release_plans.plan_texts(plan)[0]
    assert document[0] == "Ministerial & <night>"
    assert "Initiative: Otay Mesa II opens: approved only by Mexico" in document
    start = document.index("# Initiative: Otay Mesa II opens")
    assert document[start + 1 : start + 3] == [
        "Text: initiative/otay-mesa-ii",
        "Status: approved only by Mexico",
    ]
    assert f"Hash (SHA-256): {text.digest}" in document
    assert "United States: not yet approved." in document
    assert "Title (English) | Otay Mesa II opens" in document
    assert "Status | in progress" in document
    assert "### Milestone: Begin works at the crossing" in document
    assert "# Topic: Supply chains" in document
    assert not any("Mesa de Otay" in line for line in document)


def test_what_changes_against_the_published_edition_is_marked_in_words(plan):
    document = lines(read(plan))
    start = document.index("## Changes from version 1")
    assert document[start + 3] == "Title (English) | Otay Mesa II [new: opens]"
    assert document.index("Not yet public.") > document.index("# Topic: Supply chains")


def test_both_languages_stand_side_by_side(plan):
    document = lines(read(plan, "both", "es"))
    assert "Campo | Inglés | Español" in document
    assert "Título | Otay Mesa II opens | Mesa de Otay II abre" in document
    assert "Estatus | in progress | en curso" in document


@pytest.mark.parametrize(
    ("words", "tag", "notice"), [("en", "en-US", "Not public."), ("es", "es-MX", "No es público.")]
)
def test_each_page_says_that_it_is_not_public_and_the_document_its_language(plan, words, tag, notice):
    document = read(plan, words, words)
    assert [section.header.paragraphs[0].text.startswith(notice) for section in document.sections] == [True]
    assert document.core_properties.language == tag
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    assert defaults.get(qn("w:val")) == tag
    assert document.core_properties.title == "Ministerial & <night>"


def test_headings_leave_out_no_level_and_tables_have_a_head(plan):
    document = read(plan, "both", "en")
    names = [p.style.name for p in document.paragraphs if p.style.name.startswith("Heading")]
    levels = [int(name[-1]) for name in names]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    for table in document.tables:
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
    marked = {lang.get(qn("w:val")) for lang in document.element.iter(qn("w:lang"))}
    assert marked == {"es-MX"}  # What is not in the document's own language says so.


def test_140_texts_take_little_time(cast, django_assert_num_queries):
    plan = release_plans.make(cast.carl, "Ministerial")
    texts = [make_edition(cast.ana, f"topic-{n}", content=topic_content(f"topic-{n}")) for n in range(140)]
    release_plans.add_texts(plan, texts, cast.carl)
    begun = time.monotonic()
    document = read(plan, "both")
    assert time.monotonic() - begun < 10
    assert sum(p.style.name == "Heading 1" for p in document.paragraphs) == 140
