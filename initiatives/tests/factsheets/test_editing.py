"""The draft of a fact sheet from its first words to its publication, and who may do what."""

import io
import re

import docx
import pytest
from django.urls import reverse

from hled_portal.models import ReleasePlan
from hled_portal.publishing import clearance, releasing
from hled_portal.publishing.clearance import Refused
from hled_portal.tests import factories as make
from initiatives.factsheets import editing
from initiatives.models import Edition, FactSheet, FactSheetDraft, Initiative

pytestmark = [pytest.mark.usefixtures("review"), pytest.mark.django_db]

KEY = "2024-04-19"
PAGE = f"/admin/fact-sheets/{KEY}/"
PUBLIC = f"/en/meetings/{KEY}/fact-sheet/"


@pytest.fixture
def cast():
    return make.make_cast()


@pytest.fixture
def meeting():
    return Edition.objects.published().of_kind("meeting").get(subject_key=KEY)


def current(meeting) -> dict:
    return editing.drafted(editing.records_for_staff(meeting))


def find_line(draft, meeting, record: str, language: str = "en") -> editing.Line:
    rows = editing.compare_lines(draft.content, current(meeting))[language]
    return next(line for _place, line in rows if record in line.records)


def save(draft, meeting, user, texts=None, accepted=(), added=()) -> FactSheetDraft:
    return editing.save_draft(meeting, user, str(draft.revision), texts or {}, set(accepted), set(added))


def approved(cast, meeting, author) -> FactSheet:
    draft = FactSheetDraft.objects.get(meeting_key=KEY)
    text = editing.propose_fact_sheet(meeting, author, str(draft.revision))
    clearance.clear(text, cast.luis, text.digest)
    return clearance.clear(text, cast.carl, text.digest)


def test_sentences_of_the_records_match_until_they_are_edited(cast, meeting):
    draft = editing.start_draft(meeting, cast.ana)
    lines = [line for rows in editing.compare_lines(draft.content, current(meeting)).values() for _place, line in rows]
    assert len(lines) > 150
    assert not any(line.is_edited or line.has_update or line.is_gone or line.is_new for line in lines)
    line = find_line(draft, meeting, "initiative/vui#launch")
    draft = save(draft, meeting, cast.beth, {line.name: "SE  launched\nthe VUI."})
    line = find_line(draft, meeting, "initiative/vui#launch")
    assert (line.text, line.is_edited, line.has_update) == ("SE launched the VUI.", True, False)
    assert line.made.startswith("In 2023, SE launched")


def change_vui(cast, words: str) -> None:
    """A new edition of the initiative whose launch reads otherwise, with the approval of both."""
    initiative = Initiative.objects.get(key="vui")
    fact = initiative.facts.get(key="launch")
    fact.object_en = fact.object_es = words
    fact.save()
    for row in (initiative, *initiative.facts.all()):
        make.agreed(row)
        row.save()
    make.publish_with_keys(cast, initiative)


def test_a_changed_record_is_offered_and_never_taken_over_by_itself(cast, meeting):
    draft = editing.start_draft(meeting, cast.ana)
    change_vui(cast, "the new window")
    line = find_line(draft, meeting, "initiative/vui#launch")
    assert line.has_update
    assert "the new window" in line.now
    assert "the new window" not in line.text
    draft = save(draft, meeting, cast.ana, {line.name: line.text})
    assert "the new window" not in find_line(draft, meeting, "initiative/vui#launch").text
    draft = save(draft, meeting, cast.ana, {line.name: line.text}, accepted=[line.name])
    line = find_line(draft, meeting, "initiative/vui#launch")
    assert "the new window" in line.text
    assert not line.has_update


def test_new_records_are_offered_and_gone_ones_named(cast, meeting):
    draft = editing.start_draft(meeting, cast.ana)
    for sheet in draft.content.values():
        for rows, place in editing._containers(sheet):
            if place == "vui":
                rows[:] = [row for row in rows if row["records"] != ["initiative/vui#promotion"]]
                rows.append(dict(rows[0], records=["initiative/vui#old"], text="Old.", made="Old."))
    draft.save()
    new, gone = (find_line(draft, meeting, f"initiative/vui#{key}") for key in ("promotion", "old"))
    assert (new.is_new, gone.is_gone) == (True, True)
    draft = save(draft, meeting, cast.ana, added=[new.name])
    assert not find_line(draft, meeting, "initiative/vui#promotion").is_new
    assert find_line(draft, meeting, "initiative/vui#old").text == "Old."
    spanish = find_line(draft, meeting, "initiative/vui#promotion", "es")
    assert spanish.is_new


def test_an_empty_sentence_is_left_out_of_the_proposal(cast, meeting):
    draft = editing.start_draft(meeting, cast.ana)
    line = find_line(draft, meeting, "initiative/vui#launch")
    save(draft, meeting, cast.ana, {line.name: "  "})
    text = approved(cast, meeting, cast.ana)
    records = [record for _place, row in editing.sentences(text.data["languages"]["en"]) for record in row["records"]]
    assert "initiative/vui#launch" not in records
    assert "initiative/vui#promotion" in records


def test_of_two_who_save_the_second_is_refused_and_keeps_the_words(client, cast, meeting):
    draft = editing.start_draft(meeting, cast.ana)
    line = find_line(draft, meeting, "initiative/vui#launch")
    save(draft, meeting, cast.beth, {line.name: "Hers."})
    client.force_login(cast.ana)
    data = {"revision": str(draft.revision), f"text-{line.name}": "Mine.", "save": "1"}
    page = client.post(PAGE, data).content.decode()
    assert "Someone else changed this draft" in page
    assert "Mine." in page
    assert find_line(FactSheetDraft.objects.get(), meeting, "initiative/vui#launch").text == "Hers."


def test_it_becomes_public_with_both_approvals_in_four_forms_and_as_of_before_there_is_none(client, cast, meeting):
    draft = editing.start_draft(meeting, cast.ana)
    line = find_line(draft, meeting, "initiative/vui#launch")
    save(draft, meeting, cast.ana, {line.name: "The window was launched by hand."})
    text = approved(cast, meeting, cast.ana)
    assert "launched by hand" not in client.get(PUBLIC).content.decode()
    assert client.get(f"/en/meetings/{KEY}/fact-sheet.pdf").status_code == 404
    releasing.release([text], cast.luis)
    page = client.get(PUBLIC).content.decode()
    assert "The window was launched by hand." in page
    assert "Neither government has approved it" not in page
    markdown = client.get(f"/en/meetings/{KEY}/fact-sheet.md")
    assert "The window was launched by hand." in markdown.content.decode()
    assert client.get(f"/es/meetings/{KEY}/fact-sheet.pdf").content.startswith(b"%PDF-1.7")
    word = docx.Document(io.BytesIO(client.get(f"/en/meetings/{KEY}/fact-sheet.docx").content))
    assert any("launched by hand" in paragraph.text for paragraph in word.paragraphs)
    assert "launched by hand" not in client.get(f"{PUBLIC}?as_of=2024-04-19").content.decode()


def test_a_withdrawn_fact_sheet_leaves_a_notice(client, cast, meeting):
    editing.start_draft(meeting, cast.ana)
    text = approved(cast, meeting, cast.ana)
    releasing.release([text], cast.luis)
    releasing.withdraw(text, cast.carl, "error")
    page = client.get(PUBLIC).content.decode()
    assert "has not published a fact sheet" in page
    assert "Withdrawn" in page
    assert client.get(f"/en/meetings/{KEY}/fact-sheet.md").status_code == 404


def test_it_is_part_of_a_release(cast, meeting):
    editing.start_draft(meeting, cast.ana)
    text = approved(cast, meeting, cast.ana)
    plan = ReleasePlan.objects.create(name="April", meeting_key=KEY, created_by=cast.luis)
    text.plan = plan
    text.save()
    assert list(plan.factsheets.all()) == [text]


@pytest.mark.parametrize("name", ["zoe", "nobody"])
def test_who_belongs_to_no_delegation_edits_nothing(client, cast, meeting, name):
    user = cast.zoe if name == "zoe" else make.make_user("nobody")
    client.force_login(user)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"start": "1"}).status_code == 403
    with pytest.raises(Refused):
        editing.start_draft(meeting, user)


def test_the_author_does_not_approve(cast, meeting):
    editing.start_draft(meeting, cast.carl)
    draft = FactSheetDraft.objects.get()
    text = editing.propose_fact_sheet(meeting, cast.carl, str(draft.revision))
    with pytest.raises(Refused):
        clearance.clear(text, cast.carl, text.digest)


def test_the_same_text_is_not_proposed_twice_and_a_stale_page_proposes_nothing(cast, meeting):
    draft = editing.start_draft(meeting, cast.ana)
    editing.propose_fact_sheet(meeting, cast.ana, str(draft.revision))
    with pytest.raises(Refused, match="already awaiting approval"):
        editing.propose_fact_sheet(meeting, cast.ana, str(draft.revision))
    with pytest.raises(Refused, match="changed after you opened"):
        editing.propose_fact_sheet(meeting, cast.ana, "0")


def test_outside_debug_nobody_reads_a_draft(client, settings, meeting):
    settings.DEBUG = False
    page = client.get(PUBLIC).content.decode()
    assert "has not published a fact sheet" in page
    assert "Fact sheet of the 2024 mid-year review" in page
    settings.DEBUG = True
    answer = client.get(f"{PUBLIC}?as_of=2024-04-19")
    assert "Neither government has approved it" in answer.content.decode()
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert client.get(f"/en/meetings/{KEY}/fact-sheet.md")["Cache-Control"] == "no-store"


def test_staff_take_the_draft_as_files_in_both_papers(client, cast, meeting):
    client.force_login(cast.beth)
    page = client.get(PAGE).content.decode()
    assert "Start editing this draft" in page
    for language in ("en", "es"):
        for form in ("docx", "pdf", "md"):
            address = reverse("admin:hled_portal_fact_sheet_file", args=[KEY, language, form])
            assert address in page
            answer = client.get(f"{address}?paper=a4")
            assert answer.status_code == 200
            assert "no-store" in answer["Cache-Control"]


def test_each_sentence_leads_to_its_records_and_sources(client, cast, meeting):
    editing.start_draft(meeting, cast.ana)
    text = approved(cast, meeting, cast.ana)
    releasing.release([text], cast.luis)
    page = client.get(PUBLIC).content.decode()
    numbers = re.findall(r'id="sentence-(\d+)" href="#note-\1"', page)
    sentences = [row for _place, row in editing.sentences(text.data["languages"]["en"])]
    assert len(numbers) == len({tuple(row["records"]) for row in sentences})
    notes = dict(re.findall(r'<li id="note-(\d+)">(.*?)</li>', page, re.DOTALL))
    assert numbers == list(notes)
    launch = next(note for note in notes.values() if "/initiatives/vui/#launch" in note)
    assert "Fact sheet of the 2024 mid-year review, April 19, 2024" in launch
    assert any('href="/en/cycles/2021/pillars/1/"' in note for note in notes.values())
    assert any(f'href="/en/meetings/{KEY}/#attendance-1"' in note for note in notes.values())
    assert "<i>In December 2021" in page


def test_a_long_draft_has_pages_and_saving_one_keeps_the_others(client, cast, meeting, monkeypatch):
    monkeypatch.setattr("initiatives.admin.fact_sheets.PARAGRAPHS_PER_PAGE", 10)
    draft = editing.start_draft(meeting, cast.ana)
    client.force_login(cast.ana)
    first, second = (client.get(f"{PAGE}?p={number}").content.decode() for number in (1, 2))
    fields = [set(re.findall(r'name="(text-\S+)"', page)) for page in (first, second)]
    assert fields[0]
    assert fields[1]
    assert not fields[0] & fields[1]
    assert "Save and open page 2" in first
    line = find_line(draft, meeting, "initiative/vui#launch")
    assert f"text-{line.name}" in fields[0]
    data = {"revision": str(draft.revision), "page": "1", f"text-{line.name}": "By hand.", "save": "1"}
    assert client.post(f"{PAGE}?p=2", data)["Location"] == f"{PAGE}?p=2"
    rows = [
        line
        for lines in editing.compare_lines(FactSheetDraft.objects.get().content, current(meeting)).values()
        for _place, line in lines
    ]
    assert [line.text for line in rows if line.is_edited] == ["By hand."]
    stale = client.post(f"{PAGE}?p=2", data | {f"text-{line.name}": "Mine."}).content.decode()
    assert "Mine." in stale


def test_a_word_file_has_title_language_headings_and_the_paper(client, cast):
    client.force_login(cast.beth)
    for paper, width in (("letter", 215.9), ("a4", 210)):
        content = client.get(f"/admin/fact-sheets/{KEY}/es.docx?paper={paper}").content
        word = docx.Document(io.BytesIO(content))
        assert word.core_properties.language == "es-MX"
        assert word.core_properties.title.startswith("Diálogo Económico de Alto Nivel")
        assert round(word.sections[0].page_width.mm, 1) == width
        headings = [paragraph.text for paragraph in word.paragraphs if paragraph.style.name == "Heading 1"]
        assert headings[0] == "Pilar I: Reconstruir juntos"


def test_a_pdf_is_tagged_with_language_title_and_bookmarks(client, cast):
    client.force_login(cast.beth)
    content = client.get(f"/admin/fact-sheets/{KEY}/es.pdf").content
    assert b"/Lang" in content
    assert b"/MarkInfo" in content
    assert b"/Outlines" in content
    assert b"/MediaBox[0 0 612 792]" in content
    assert b"/MediaBox[0 0 595.2" in client.get(f"/admin/fact-sheets/{KEY}/es.pdf?paper=a4").content


def test_queries_of_the_public_page(client, cast, meeting, django_assert_num_queries):
    editing.start_draft(meeting, cast.ana)
    releasing.release([approved(cast, meeting, cast.ana)], cast.luis)
    with django_assert_num_queries(8):
        client.get(PUBLIC)
