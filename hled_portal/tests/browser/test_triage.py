"""The desk of letters in Chromium: no barrier from queue to answer, and a letter split with and without script."""

import pytest
from playwright.sync_api import expect

from hled_portal.tests import factories as make
from stakeholders.models import Campaign, Letter, Objection, Recommendation, Response, ResponseDraft, Tag
from stakeholders.triage import moves, responses, splitting

from .conftest import WIDE

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
TABLET, PHONE = 820, 390
#: Colours of the admin change slowly, and those that are inherited after the others.
END_TRANSITIONS = """
() => {
  for (let turn = 0; turn < 20; turn += 1) {
    for (const each of document.getAnimations()) each.finish();
  }
}
"""
TEXT = "Que se abra una ventanilla única para inversionistas. Que publique los plazos."
OPEN, PUBLISH = "Que se abra una ventanilla única para inversionistas.", "Que publique los plazos."


@pytest.fixture
def cast(server):
    """Officers, a letter with everything that can hang on one, and a recommendation with an answer on its way."""
    cast = make.make_officers()
    letter = make.make_letter(TEXT, email="eva@example.org", introduction="Estimados miembros del Diálogo:")
    letter.parts.create(order=1, text="Nuestro costo es de 7 millones.", addressed="joint")
    letter.corrections.create(text="Donde dice plazos, léase plazos máximos.", once_digest="1")
    splitting.split(letter, [splitting.LetterPiece(PUBLISH, letter.points.get())], cast.rosa)
    Objection.objects.create(letter=letter, once_digest="1", text="Falta la ventanilla.")
    asked = make.make_recommendation(cast.rosa, make.make_letter("Que publiquen los plazos."))
    other = make.make_letter("Que publiquen pronto los plazos.")
    splitting.split(
        other, [splitting.LetterPiece("Que publiquen pronto los plazos.", other.points.get(), asked)], cast.ruth
    )
    asked.tags.add(Tag.objects.create(key="borders", name_en="Border", name_es="Frontera"))
    asked.links.create(initiative=make.make_initiative())
    Campaign.objects.create(key="deadlines", name_en="Deadlines", name_es="Plazos")
    moves.assign(asked, cast.rosa, cast.rosa)
    moves.write_note(asked, cast.rosa, "Preguntar a Sonora.")
    make.make_consultation()
    _answer(cast, asked)
    return cast


def _answer(cast, asked):
    texts = {"outcome": "adopted", "text_en": "They are published.", "text_es": "Ya se publican."}
    draft = ResponseDraft.objects.create(recommendation=asked, side="joint", original_language="en", **texts)
    make.agreed(draft)
    responses.propose(draft, cast.ruth)


def pages() -> list[str]:
    letter, asked = Letter.objects.order_by("pk").first(), Recommendation.objects.get(tags__isnull=False)
    draft, response = ResponseDraft.objects.get(), Response.objects.get()
    desk = "/admin/stakeholders"
    of_letter, of_asked = f"{desk}/letter/{letter.pk}", f"{desk}/recommendation/{asked.pk}"
    return [
        "/admin/",
        f"{desk}/letter/?waits=objection",
        f"{of_letter}/change/",
        f"{of_letter}/split/",
        f"{desk}/letter/take-over/",
        f"{desk}/recommendation/?standing=waiting&work=mine",
        *(f"{of_asked}/{page}/" for page in ("change", "edit", "group")),
        f"{desk}/responsedraft/",
        *(f"{desk}/responsedraft/{draft.pk}/{page}/" for page in ("change", "propose")),
        f"{desk}/response/{response.pk}/change/",
        f"{desk}/campaign/",
        f"{desk}/consultation/",
        f"{desk}/consultation/add/",
    ]


@pytest.mark.parametrize(
    ("name", "language", "looks"),
    [("rosa", "es", [("light", WIDE), ("dark", PHONE)]), ("ruth", "en", [("dark", TABLET)])],
)
def test_the_desk_of_letters_is_clean_at_every_width(page, inspect, cast, sign_in, name, language, looks):
    page.emulate_media(reduced_motion="reduce")
    sign_in(getattr(cast, name), language)
    faults = []
    for path in pages():
        assert page.goto(path).status == 200, path
        assert "/sign-in/" not in page.url
        page.evaluate("document.querySelectorAll('.letters details').forEach(each => { each.open = true; })")
        for scheme, width in looks:
            page.emulate_media(color_scheme=scheme)
            page.evaluate(END_TRANSITIONS)
            page.set_viewport_size({"width": width, "height": 900})
            try:
                inspect()
            except AssertionError as fault:
                faults.append(f"{path} at {width}: {fault}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("language", "word"), [("en", "error"), ("es", "error")])
def test_a_file_of_letters_is_checked_on_a_page_without_barriers(page, inspect, cast, sign_in, language, word):
    sign_in(cast.rosa, language)
    columns = "number,language,sender_kind,organization,sector,country,text_1"
    rows = f"{columns}\n1,es,university,UNISON,education,MX,Abran.\n"
    for width, content in ((WIDE, rows), (TABLET, rows), (PHONE, f"{rows}2,xx,nobody,,,,\n")):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/admin/stakeholders/letter/take-over/")
        file = {"name": "letters.csv", "mimeType": "text/csv", "buffer": content.encode()}
        page.set_input_files("[type=file]", file)
        page.select_option("[name=channel]", "sheet")
        with page.expect_navigation():
            page.click(".letters button[type=submit]")
        inspect()
    assert word in page.inner_text("table")
    page.set_viewport_size({"width": WIDE, "height": 900})
    with page.expect_navigation():
        page.click("[name=drop]")
    inspect()


# Splitting

MARK = """
([number, words]) => {
  const text = document.querySelectorAll("#letter-words p")[number].firstChild;
  const from = text.data.indexOf(words);
  document.getSelection().setBaseAndExtent(text, from, text, from + words.length);
}
"""


@pytest.fixture
def letter(cast):
    return make.make_letter(TEXT)


def test_what_is_marked_in_a_letter_becomes_a_passage(page, inspect, letter, cast, sign_in):
    sign_in(cast.rosa)
    page.goto(f"/admin/stakeholders/letter/{letter.pk}/split/")
    page.fill("[name=text_1]", "")
    page.click("#mark-passage")
    assert page.input_value("[name=text_1]") == ""
    for words in (OPEN, PUBLISH):
        page.evaluate(MARK, [0, words])
        page.wait_for_function("words => document.getSelection().toString() === words", arg=words)
        page.click("#mark-passage")
    assert [page.input_value(f"[name=text_{number}]") for number in (1, 2)] == [OPEN, PUBLISH]
    assert page.locator("fieldset legend").all_inner_texts() == ["Passage 1", "Passage 2"]
    assert page.evaluate("document.activeElement.name") == "text_2"
    expect(page.get_by_label("Author's words")).to_have_count(2)
    inspect()
    with page.expect_navigation():
        page.click("#split button.default")
    assert set(letter.askings.values_list("text", flat=True)) == {OPEN, PUBLISH}


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_a_letter_is_split_without_script(chromium, server, page, letter, cast, sign_in, width):
    sign_in(cast.ruth)
    context = chromium.new_context(
        base_url=server.url, java_script_enabled=False, viewport={"width": width, "height": 900}
    )
    context.add_cookies(page.context.cookies())
    bare = context.new_page()
    bare.goto(f"/admin/stakeholders/letter/{letter.pk}/split/")
    expect(bare.locator("#mark-passage")).to_be_hidden()
    bare.fill("[name=text_1]", OPEN)
    bare.click("[name=more]")
    bare.fill("[name=text_2]", PUBLISH)
    bare.click("#split button.default")
    expect(bare.locator(".messagelist")).to_have_text("2 recommendations were created from it.")
    context.close()
    assert set(letter.askings.values_list("text", flat=True)) == {OPEN, PUBLISH}


def test_who_splits_what_somebody_split_meanwhile_reads_who_did_it(page, inspect, letter, cast, sign_in):
    sign_in(cast.ruth)
    page.goto(f"/admin/stakeholders/letter/{letter.pk}/split/")
    page.fill("[name=text_1]", OPEN)
    splitting.split(letter, [splitting.LetterPiece(OPEN, letter.points.get())], cast.rosa)
    with page.expect_navigation():
        page.click("#split button.default")
    assert "rosa (mexico)" in page.inner_text(".messagelist").lower()
    assert page.input_value("[name=text_1]") == OPEN
    inspect()
    assert letter.askings.count() == 1
