"""The draft of the fact sheet of April 2024 against the real one, and what each record does to it."""

import copy
import datetime
import re
from dataclasses import replace

import pytest
from babel.dates import get_month_names

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from initiatives.factsheets import gaps
from initiatives.factsheets.draft import draft_fact_sheet
from initiatives.factsheets.outline import Part
from initiatives.factsheets.records import gather_records
from initiatives.models import Edition
from initiatives.tests.test_review import rows

pytestmark = [pytest.mark.usefixtures("review"), pytest.mark.django_db]

AT = Moment(datetime.date(2024, 4, 19))
#: Terms of the real text that the draft says in other words of the same meaning.
SAME = {
    "High-Level Economic Dialogue (HLED) Mid-Year Review": "mid-year review",
    "semiconductor supply chain coordination": "coordination of semiconductor supply chains",
    "U.S.-funded": "funded by the Government of the United States",
    "U.S. Embassy": "Embassy of the United States",
    "Organization for Economic Cooperation and Development": "Organisation for Economic Co-operation and Development",
    "second session": "second webinar",
    "Eastern Regional BBBXG": "eastern regional meeting",
    "BIL-funded": "funding from the Bipartisan Infrastructure Law (BIL)",
    "Americas region": "the Americas",
    "International Medical Device Regulators' Forum (IMDRF)": "International Medical Device Regulators Forum (IMDRF)",
    "NIST's": "National Institute of Standards and Technology (NIST)",
    "TecNM by its acronym in Spanish": "(TecNM)",
    "Ministry of Economy": "SE and SEP",
    "Ministry of Public Education": "SE and SEP",
    "Secretariat of Economy": "SE",
}
#: What the record keeps elsewhere than in a sentence: the law of a fund, and the place of the initiative.
NOT_SAID = {"CHIPS and Science Act", "US-Mexico border region"}
#: "21st Century" is "Siglo XXI"; "second of two" is "2 de 2".
NUMBERS_IN_OTHER_WORDS = {
    "initiative/border-coordination#executive-steering-committee",
    "initiative/scrap-tire-webinars#second-webinar",
}
WORDS = dict(zip("two three four five six seven eight nine ten eleven twelve".split(), range(2, 13), strict=True))


@pytest.fixture
def records():
    meeting = Edition.objects.public(AT).of_kind("meeting").get(subject_key="2024-04-19")
    return gather_records(meeting, AT)


def by_pillar(sheet) -> dict[str, str]:
    """The words under each pillar, `intro` for those before."""
    texts = {"intro": " ".join([sheet.title, *(s.text for paragraph in sheet.introduction for s in paragraph)])}
    for section in sheet.sections:
        if section.level == 1:
            pillar = re.match(r"\w+ ([IVX]+):", section.heading)[1]
        items = [" ".join([item.title, *(sentence.text for sentence in _all(item))]) for item in section.items]
        texts[pillar] = " ".join([texts.get(pillar, ""), section.heading, section.introduction, *items])
    return texts


def _all(item):
    yield from item.sentences
    for part in item.parts:
        yield from _all(part)


MONTHS = dict(zip(get_month_names(locale="en").values(), get_month_names(locale="es").values(), strict=True))


def _in_spanish(term: dict) -> str:
    """The Spanish words of a term: those of the list, or its date, name or number as it stands."""
    words = term["term_es"] or re.sub(r"^(\w+) (\d+), (\d{4})$", r"\2 de \1 de \3", term["term_en"])
    for english, spanish in MONTHS.items():
        words = re.sub(rf"\b{english} (?=\d{{4}}$)", f"{spanish} de ", words)
        words = re.sub(rf"\b{english}\b", spanish, words)
    return words


def _is_said(term: dict, text: str, language: str) -> bool:
    words = term["term_en"]
    if language == "es":
        forms = [_in_spanish(term)]
    else:
        forms = [words, SAME.get(words, words), term["expected"], words.replace("$", "")]
        forms.append(re.sub(r"\bPOE\b", "port of entry", words))
    if any(form.lower() in text.lower() for form in forms):
        return True
    digits = re.findall(r"\d[\d,.]*\d|\d", words)
    digits += [str(WORDS[word]) for word in re.findall(r"[a-z]+", words.lower()) if word in WORDS]
    are_said = all(re.search(rf"\b{re.escape(number)}\b", text) for number in digits)
    return term["kind"] in ("number", "date") and bool(digits) and are_said


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_draft_says_what_the_real_fact_sheet_says_under_the_same_pillar(records, language):
    texts = by_pillar(draft_fact_sheet(records, language))
    terms = rows("ticked_terms.csv")
    missing = {}
    for term in terms:
        place = term["locator"].split()[0].split("-")[0]
        if not _is_said(term, texts["intro" if place in ("intro", "title") else place], language):
            missing[term["term_en"]] = term["locator"]
    assert set(missing) == NOT_SAID
    assert len(terms) == 278


def test_both_languages_say_the_same_records_with_the_same_numbers(records):
    english, spanish = (draft_fact_sheet(records, language) for language in ("en", "es"))

    def numbers(sheet):
        by_record = {}
        for sentence in sheet.sentences():
            for record in sentence.records:
                by_record.setdefault(record, set()).update(re.findall(r"\d[\d,.]*\d|\d", sentence.text))
        return by_record

    first, second = numbers(english), numbers(spanish)
    assert first.keys() == second.keys()
    assert {key for key in first if first[key] != second[key]} <= NUMBERS_IN_OTHER_WORDS


def test_headings_stand_in_the_order_of_the_document(records):
    for language in ("en", "es"):
        sheet = draft_fact_sheet(records, language)
        expected = [
            row[f"text_{language}"] for row in sorted(records.meeting["headings"], key=lambda row: row["order"])
        ]
        assert [section.heading for section in sheet.sections] == expected
        assert [section.level for section in sheet.sections] == [1, 2, 2, 2, 2, 1, 1, 1, 2]


def test_each_language_names_its_own_delegation_first(records):
    english, spanish = (
        [sentence.text for sentence in draft_fact_sheet(records, language).introduction[0]] for language in ("en", "es")
    )
    assert english[1].startswith("The U.S. delegation was led by Under Secretary of Commerce")
    assert spanish[1].startswith("La delegación mexicana fue encabezada por el subsecretario de Comercio Exterior")


def test_facts_of_an_initiative_become_a_paragraph(records):
    english, spanish = (_paragraphs(draft_fact_sheet(records, language)) for language in ("en", "es"))
    assert english["vui"][1].startswith("In 2024, Mexico promoted the VUI")
    assert spanish["vui"][1].startswith("En 2024, México promovió la VUI")
    assert english["canieti-forums"][2].endswith("in Baja California, another in Chihuahua and another in Mexico City.")
    assert spanish["canieti-forums"][2].endswith("en Baja California, otro en Chihuahua y otro en la Ciudad de México.")
    assert english["canieti-forums"][1] == "The number of participants in the first forum was over 160."


def test_a_paragraph_does_not_repeat_what_it_said(records):
    """The day of the meeting, who leads the initiative, and a number that the sentence before has in words."""
    english, spanish = (draft_fact_sheet(records, language) for language in ("en", "es"))
    texts = {
        record: (first.text, second.text)
        for first, second in zip(english.sentences(), spanish.sentences(), strict=True)
        for record in first.records
    }
    assert texts["initiative/otay-mesa-ii#progress"][0] == (
        "The physical progress on the Mexican side of the new crossing stood at almost 60%."
    )
    calls = "initiative/southern-mexico-development#calls"
    assert "two calls for proposals" in texts[calls][0]
    assert texts["initiative/southern-mexico-development#number-of-calls"] == texts[calls]
    assert "dos convocatorias" in texts[calls][1]
    assert "(as of December 2023)" in texts["initiative/sembrando-oportunidades#beneficiaries"][0]


def _paragraphs(sheet) -> dict[str, list[str]]:
    return {item.initiative: [row.text for row in item.sentences] for part in sheet.sections for item in part.items}


def test_a_body_has_its_whole_name_at_its_first_mention_alone(records):
    for language, name in (
        ("en", "General Services Administration (GSA)"),
        ("es", "Administración de Servicios Generales (GSA)"),
    ):
        text = " ".join(sentence.text for sentence in draft_fact_sheet(records, language).sentences())
        assert text.count(name) == 1
        assert text.index(name) < text.index(re.sub(r".*\(|\)", "", name), text.index(name) + len(name))


def test_what_was_done_before_the_period_is_context(records):
    sentences = {record: s for s in draft_fact_sheet(records, "en").sentences() for record in s.records}
    assert sentences["initiative/sembrando-oportunidades#launch"].part == Part.CONTEXT
    assert sentences["initiative/bridge-of-the-americas#feasibility-study"].part == Part.DONE
    assert sentences["initiative/nogales-deconcini#feasibility-study"].part == Part.NEXT


def test_what_only_a_text_from_before_the_period_says_is_background(records):
    older = {
        subject: row | {"date_edtf": "2023-07-28"} if subject[0] == "source" else row
        for subject, row in records.register.items()
    }
    before, after = (
        {record: s for s in draft_fact_sheet(rows, "en").sentences() for record in s.records}
        for rows in (records, replace(records, register=older))
    )
    for record, was, now in (
        ("initiative/nogales-deconcini#feasibility-study", Part.NEXT, Part.EARLIER),
        ("initiative/bridge-of-the-americas#feasibility-study", Part.DONE, Part.DONE),
        ("initiative/semiconductor-action-plan#coordinate", Part.STANDING, Part.EARLIER),
    ):
        assert (before[record].part, after[record].part) == (was, now), record
        assert after[record].is_context == (now == Part.EARLIER)


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_record_changes_exactly_its_sentences(records, language):
    """No sentence states what its records do not. Three change at once, others together in the other language."""
    before = draft_fact_sheet(records, language).sentences()
    facts = [(index, number) for index, row in enumerate(records.initiatives) for number, _ in enumerate(row["facts"])]
    assert len(facts) == 90
    turns = (0, 7, 13) if language == "es" else (0, 0, 0)
    for first in range(30):
        initiatives, changed = copy.deepcopy(records.initiatives), set()
        for third, turn in enumerate(turns):
            index, number = facts[third * 30 + (first + turn) % 30]
            fact = initiatives[index]["facts"][number]
            fact[f"object_{language}"] += " XYZ"
            changed.add(f"initiative/{initiatives[index]['key']}#{fact['key']}")
        assert len({name.partition("#")[0] for name in changed}) == 3
        after = draft_fact_sheet(replace(records, initiatives=initiatives), language).sentences()
        different = {row.records for row in set(before) ^ set(after)}
        reasons = {
            group: {own for own in changed if own in group or _was_with(own, group, before)} for group in different
        }
        assert all(reasons.values()), (changed, different)
        assert set().union(*reasons.values()) == changed


def _was_with(own: str, group: tuple[str, ...], before) -> bool:
    """Whether what changed shared its sentence with the record before."""
    return any(own in row.records and set(group) <= set(row.records) for row in before)


def test_every_sentence_names_its_records_and_their_sources(records):
    sheet = draft_fact_sheet(records, "en")
    assert all(sentence.records for sentence in sheet.sentences())
    facts = [sentence for sentence in sheet.sentences() if any("#" in record for record in sentence.records)]
    assert {key for sentence in facts for key in sentence.sources} == {"2024-04-19-fact-sheet"}
    assert sheet.sources == {"2024-04-19-fact-sheet": "Fact sheet of the 2024 mid-year review, April 19, 2024"}


def test_a_period_without_news_says_so():
    meeting = Edition.objects.public(AT).of_kind("meeting").get(subject_key="2023-09-29")
    for language, words in (("en", "No progress has been published"), ("es", "no ha publicado avances")):
        sheet = draft_fact_sheet(gather_records(meeting, Moment(datetime.date(2026, 4, 19))), language)
        assert sheet.sections == []
        assert words in sheet.sentences()[-1].text


def test_a_meeting_without_a_document_is_ordered_by_pillar_and_workstream(records):
    meeting = records.meeting | {"headings": [], "date_edtf": "2024-10-01", "key": "next"}
    after = type(records)(
        **{**vars(records), "meeting": meeting, "previous": records.meeting, "day": datetime.date(2024, 10, 1)}
    )
    sheet = draft_fact_sheet(after, "en")
    assert sheet.sections[0].heading == "Pillar I: Building Back Together"
    said = {record for sentence in sheet.sentences() for record in sentence.records}
    assert "initiative/nogales-deconcini#feasibility-study" in said
    assert "initiative/bridge-of-the-americas#feasibility-study" not in said


def test_gaps_name_what_is_missing(records):
    found = gaps.find_gaps(replace(records, day=datetime.date(2024, 12, 1)), "en")
    late = {gap.initiative for gap in found if gap.kind == gaps.GapKind.DATE_PASSED}
    assert late >= {"otay-mesa-ii", "nogales-deconcini"}
    bare = copy.deepcopy(records.initiatives)
    bare[0]["facts"], bare[1]["title_es"] = [], ""
    other = gaps.find_gaps(replace(records, initiatives=bare), "en")
    assert (gaps.GapKind.NO_ITEM, bare[0]["key"]) in {(gap.kind, gap.initiative) for gap in other}
    assert (gaps.GapKind.ONE_LANGUAGE, bare[1]["key"]) in {(gap.kind, gap.initiative) for gap in other}


PILLARS_2013 = (
    ("Promoting Competitiveness and Connectivity", "Promover la competitividad y la conectividad"),
    (
        "Fostering Economic Growth, Productivity and Innovation",
        "Fomentar el crecimiento, la productividad y la innovación",
    ),
    ("Partnering for Regional and Global Leadership", "Asociarse para el liderazgo regional y global"),
)


def test_a_cycle_with_other_pillars_is_drafted_by_its_own(records):
    cycle = records.pillars[0]["cycle"] | {"key": "2013", "begins": "2013-09-20", "ends": "2016-12-31"}
    names = ("name_en", "name_es")
    pillars = [
        records.pillars[0]
        | dict(zip(names, words, strict=True))
        | {"key": f"2013-{number}", "number": number, "cycle": cycle, "workstreams": []}
        for number, words in enumerate(PILLARS_2013, 1)
    ]
    meeting = records.meeting | {"key": "2015-01-06", "cycle": "2013", "date_edtf": "2015-01-06", "headings": []}
    template = next(row for row in records.initiatives if row["key"] == "nogales-deconcini")
    initiatives = [
        template
        | {"key": f"works-{number}", "pillar": f"2013-{number}", "workstream": None, "citations": []}
        | {"facts": [fact | {"date_edtf": "2015-06", "citations": []} for fact in template["facts"]]}
        for number in (1, 3)
    ]
    old = replace(
        records,
        meeting=meeting,
        previous=None,
        pillars=pillars,
        initiatives=initiatives,
        day=datetime.date(2015, 1, 6),
    )
    for index, language in enumerate(("en", "es")):
        sheet = draft_fact_sheet(old, language)
        word = ("Pillar", "Pilar")[index]
        assert [section.heading for section in sheet.sections] == [
            f"{word} {roman}: {PILLARS_2013[number][index]}" for roman, number in (("I", 0), ("III", 2))
        ]
        assert "2015" in sheet.sections[0].items[0].sentences[0].text
        pillar_line = next(row for row in sheet.sentences() if "pillar/2013-1" in row.records).text
        assert ("three pillars", "tres pilares")[index] in pillar_line


def test_every_other_meeting_of_the_review_has_a_draft():
    meetings = Edition.objects.public(AT).of_kind("meeting").exclude(subject_key="2024-04-19")
    assert len(meetings) == 5
    for meeting in meetings:
        for language in ("en", "es"):
            sheet = draft_fact_sheet(gather_records(meeting, Moment(datetime.date(2026, 4, 19))), language)
            assert sheet.introduction[0][0].text.count(edtf_dates.to_text(meeting.data["date_edtf"], language)) == 1


def test_many_initiatives_take_no_more_queries(records, django_assert_num_queries):
    meeting = Edition.objects.public(AT).of_kind("meeting").get(subject_key="2024-04-19")
    with django_assert_num_queries(2):
        gather_records(meeting, AT)
    with django_assert_num_queries(0):
        draft_fact_sheet(records, "en")


def test_an_office_of_either_gender_takes_no_article(records):
    offices = ("representante comercial", "jefa de Unidad")
    attendances = copy.deepcopy(records.meeting["attendances"])[:2]
    for row, office in zip(attendances, offices, strict=True):
        row["office_es"] = office
    changed = replace(records, meeting=records.meeting | {"attendances": attendances})
    text = " ".join(row.text for row in draft_fact_sheet(changed, "es").introduction[0])
    assert f"{attendances[0]['person']}, representante comercial" in text
    assert "la jefa de Unidad" in text


def test_what_came_after_the_meeting_is_not_in_its_introduction(records):
    facts = copy.deepcopy(records.meeting["facts"])
    dated = [fact for fact in facts if fact["modality"] == "happened" and fact["date_edtf"] == "2024-04-19"]
    for fact in dated:
        fact["date_edtf"] = "2024-04-20"
    changed = replace(records, meeting=records.meeting | {"facts": facts})
    after = {record for row in draft_fact_sheet(changed, "en").sentences() for record in row.records}
    assert dated
    assert not after & {f"meeting/2024-04-19#{fact['key']}" for fact in dated}
