"""The difference of two frozen contents: nothing untold, and told so that a reader understands it."""

import copy
import json

import pytest
from django.utils.translation import override

from hled_portal.tests.review import load_review
from initiatives.content.content_schema import content_schema
from initiatives.content.diff import Change, TextChange, compare_contents
from initiatives.content.fields import CONTENT_PARTS, FIELDS
from initiatives.models import Edition
from initiatives.wording.names import Names

NOBODY = Names({})
FACT = {
    "key": "works",
    "kind": "milestone",
    "order": 1,
    "side": "MX",
    "action": "complete",
    "object_en": "the works",
    "object_es": "las obras",
    "modality": "expected",
    "relation": "by",
    "date_edtf": "2024-06",
    "date_wording_en": "",
    "date_wording_es": "",
    "date_inferred": False,
    "duration": "",
    "mode": "",
    "series_position": None,
    "series_size": None,
    "series_rhythm": "",
    "end_edtf": "",
    "end_reason": "",
    "end_text_en": "",
    "end_text_es": "",
    "measure": "",
    "unit_en": "",
    "unit_es": "",
    "currency": "",
    "original_language": "en",
    "translation_state": "agreed",
    "places": [],
    "of": None,
    "participations": [],
    "citations": [],
    "date_changes": [],
    "readings": [],
}
READING = {
    "order": 1,
    "status": "actual",
    "value": "60",
    "qualifier": "almost",
    "as_of_edtf": "2024-04-19",
    "as_of_inferred": True,
    "period_edtf": "",
    "period_inferred": False,
    "duration": "",
    "places": [],
    "reporting_body": "sedena",
    "citations": [],
}
FIGURE = FACT | {
    "key": "progress",
    "kind": "figure",
    "order": 2,
    "action": "",
    "object_en": "new crossing",
    "object_es": "nuevo cruce",
    "modality": "",
    "relation": "",
    "date_edtf": "",
    "measure": "physical_progress",
    "readings": [READING],
}
CONTENT = {
    "schema_version": 1,
    "kind": "initiative",
    "key": "otay-mesa-ii",
    "pillar": "2021-1",
    "workstream": None,
    "parent": None,
    "replaced_by": None,
    "initiative_kind": "works",
    "title_en": "Otay Mesa II",
    "title_es": "Mesa de Otay II",
    "summary_en": "The works on the new crossing are going on.",
    "summary_es": "Las obras del nuevo cruce continúan.",
    "original_language": "en",
    "translation_state": "agreed",
    "stage": "under_way",
    "confidence": "not_stated",
    "places": ["tijuana"],
    "topics": [],
    "participations": [
        {"order": 1, "role": "lead", "organization": "sedena", "unnamed_en": "", "unnamed_es": ""},
        {"order": 2, "role": "partner", "organization": None, "unnamed_en": "two states", "unnamed_es": "dos estados"},
    ],
    "links": [],
    "reporting_duties": [],
    "citations": [],
    "facts": [FACT, FIGURE],
}
NAMES = Names(
    {
        ("organization", "sedena"): {
            "organization_kind": "ministry",
            "names": [
                {
                    "name_en": "Secretariat of National Defense",
                    "name_es": "Secretaría de la Defensa Nacional",
                    "acronym_en": "SEDENA",
                    "acronym_es": "SEDENA",
                    "article_en": "",
                    "article_es": "la",
                    "since_edtf": "",
                    "until_edtf": "",
                }
            ],
        },
        ("pillar", "2021-4"): {
            "name_en": "Workforce",
            "name_es": "Fuerza laboral",
            "workstreams": [{"key": "2021-4-1", "number": 1, "name_en": "Skills", "name_es": "Competencias"}],
        },
        ("meeting", "2024-04-19"): {"headings": [{"order": 3, "text_en": "Borders", "text_es": "Fronteras"}]},
    }
)


def changed(**columns) -> dict:
    return copy.deepcopy(CONTENT) | columns


def with_fact(index: int = 0, **columns) -> dict:
    data = copy.deepcopy(CONTENT)
    data["facts"][index] |= columns
    return data


def describe(old: dict, new: dict, names: Names = NAMES, language: str = "en") -> list[str]:
    """Each change in a line: `title (English): Otay Mesa [-II-] {+III+}`."""
    marks = {"": "{}", "del": "[-{}-]", "ins": "{{+{}+}}"}
    with override(language):
        return [
            f"{part.name or part.key} {change.label}: "
            + " ".join(marks[piece.mark].format(piece.text) for piece in change.pieces)
            for part in compare_contents(old, new, names, language)
            for change in part.changes
        ]


def test_equal_contents_do_not_differ():
    assert compare_contents(CONTENT, copy.deepcopy(CONTENT), NOBODY, "en") == []


def test_texts_differ_word_by_word_in_both_languages_the_readers_first():
    new = changed(
        summary_en="The works on the new crossing have begun.", summary_es="Las obras del nuevo cruce comenzaron."
    )
    (part,) = compare_contents(CONTENT, new, NOBODY, "es")
    assert (part.label, part.key, part.state) == ("", "", "changed")
    assert [change.language for change in part.changes] == ["es", "en"]
    assert part.changes[1] == Change(
        "summary (English)",
        "words",
        [
            TextChange("", "The works on the new crossing"),
            TextChange("del", "are going on."),
            TextChange("ins", "have begun."),
        ],
        "en",
    )


def test_texts_that_are_quite_different_are_told_whole():
    new = changed(title_en="Customs laboratories of the ports")
    assert describe(CONTENT, new) == [" title (English): [-Otay Mesa II-] {+Customs laboratories of the ports+}"]


def test_even_a_space_is_told():
    assert describe(CONTENT, changed(title_en="Otay Mesa  II")) == [
        " title (English): [-Otay Mesa II-] {+Otay Mesa  II+}"
    ]


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        ({"stage": "completed"}, [" status: [-in progress-] {+completed+}"]),
        ({"confidence": "at_risk"}, [" delivery outlook: [-not stated-] {+at risk+}"]),
        (
            {"pillar": "2021-4", "workstream": "2021-4-1"},
            [" pillar: [-2021-1-] {+Workforce+}", " workstream: {+Skills+}"],
        ),
        ({"places": ["mexicali", "tijuana"]}, [" places: {+mexicali+} tijuana"]),
        ({"replaced_by": "otay-mesa-east"}, [" replaced by: {+otay-mesa-east+}"]),
        (
            {"reporting_duties": [{"organization": "sedena", "every": "P3M"}]},
            [" reporting requirements: {+Secretariat of National Defense (SEDENA) (every 3 months)+}"],
        ),
        (
            {"links": [{"order": 1, "kind": "other_side", "initiative": "otay-mesa-east", "organization": None}
                       | {"unnamed_en": "", "unnamed_es": ""}]},
            [" links: {+other side of the same crossing: otay-mesa-east+}"],
        ),
        (
            {"citations": [{"order": 1, "source": "sheet", "locator": "item 7", "heading": "2024-04-19/3",
                            "heading_order": 2}]},
            [" sources: {+sheet, item 7, under the heading “Borders”, item 2 under that heading+}"],
        ),
        ({"participations": CONTENT["participations"][:1]}, [
            " organizations and roles: lead: Secretariat of National Defense (SEDENA) "
            "[-partner: two states / dos estados-]"
        ]),
    ],
)  # fmt: skip
def test_each_kind_of_field_in_words(new, lines):
    assert describe(CONTENT, changed(**new)) == lines


def test_words_are_in_the_readers_language():
    assert describe(CONTENT, changed(stage="completed"), language="es") == [" estatus: [-en curso-] {+concluida+}"]
    assert describe(CONTENT, changed(pillar="2021-4"), language="es") == [" pilar: [-2021-1-] {+Fuerza laboral+}"]


def test_a_date_that_was_changed_comes_with_its_reason():
    change = {"order": 1, "old_edtf": "2024-06", "old_modality": "expected", "new_edtf": "2024-09"}
    change |= {"new_modality": "expected", "reason": "slipped", "changed_on": "2024-10-01"}
    change |= {"text_en": "Heavy rain.", "text_es": "Lluvias."}
    assert describe(CONTENT, with_fact(date_edtf="2024-09", date_changes=[change])) == [
        "Complete the works date: [-June 2024-] {+September 2024+}",
        "Complete the works date changes: {+Date changed on October 1, 2024 from June 2024 (expected) to "
        "September 2024 (expected): later than expected. Heavy rain. / Lluvias.+}",
    ]


def test_a_reading_is_told_whole():
    second = READING | {"order": 2, "value": "75", "qualifier": "exactly", "as_of_edtf": "2024-10-01"}
    second |= {"as_of_inferred": False, "places": ["tijuana"], "period_edtf": "2024", "duration": "P3M"}
    assert describe(CONTENT, with_fact(1, readings=[READING, second])) == [
        "New crossing reported values: actual: almost 60%; as of: April 19, 2024 (inferred); reported by: "
        "Secretariat of National Defense (SEDENA) {+actual: 75%; as of: October 1, 2024; period: 2024; "
        "duration: 3 months; reported by: Secretariat of National Defense (SEDENA); where: tijuana+}"
    ]


def test_facts_that_are_new_or_gone_are_told_with_all_their_fields():
    new = changed(facts=[FIGURE, FACT | {"key": "signs", "order": 3, "object_en": "the signs", "places": ["tijuana"]}])
    parts = compare_contents(CONTENT, new, NOBODY, "en")
    assert [(part.label, part.name, part.key, part.state) for part in parts] == [
        ("milestone", "Complete the signs", "signs", "new"),
        ("milestone", "Complete the works", "works", "gone"),
    ]
    marks = [{piece.mark for change in part.changes for piece in change.pieces} for part in parts]
    assert marks == [{"ins"}, {"del"}]
    lines = [line for line in describe(CONTENT, new, NOBODY) if line.startswith("Complete the signs")]
    assert lines == [
        "Complete the signs type: {+milestone+}",
        "Complete the signs delegation: {+Mexico+}",
        "Complete the signs action: {+complete+}",
        "Complete the signs description (English): {+the signs+}",
        "Complete the signs description (Spanish): {+las obras+}",
        "Complete the signs date: {+June 2024+}",
        "Complete the signs type of date: {+expected+}",
        "Complete the signs on, by, since or until: {+by+}",
        "Complete the signs places: {+tijuana+}",
        "Complete the signs original language: {+English+}",
        "Complete the signs translation status: {+confirmed+}",
    ]


def test_numbers_of_order_alone_are_no_change_but_changed_places_are():
    assert describe(CONTENT, with_fact(1, order=7)) == []
    assert describe(CONTENT, with_fact(0, order=7)) == [" order: {+New crossing+} Complete the works [-New crossing-]"]


def test_what_no_words_tell_apart_is_told_as_it_stands():
    names = Names(
        {("place", key): {"name_en": "Nogales", "name_es": "Nogales"} for key in ("nogales-az", "nogales-son")}
    )
    old, new = changed(places=["nogales-az"]), changed(places=["nogales-son"])
    assert describe(old, new, names) == [' places: [-Nogales "nogales-az"-] {+Nogales "nogales-son"+}']


def test_a_field_that_this_software_does_not_know_is_told_as_it_stands():
    assert describe(CONTENT, changed(colour="red")) == [' colour: [-null-] {+"red"+}']


def test_the_table_of_fields_covers_the_schema():
    parts = {"fact": "fact", "initiative": "initiative", "pillar": "pillar", "meeting": "meeting"}
    parts |= {name: name for name in ("organization", "place", "topic", "source")}
    structure = {"schema_version", "key", "order", *CONTENT_PARTS}
    for part, name in parts.items():
        known = {column for each in FIELDS[part] for column in each.names}
        known |= {"cycle"} if part == "pillar" else set()
        known |= {"kind"} if part != "fact" else set()
        assert known == set(content_schema()["$defs"][name]["properties"]) - structure, part


# With the review


def leaves(value, path=()):
    """Each leaf of a content with its path; an empty list counts as one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def with_leaf(data: dict, path: tuple, value) -> dict:
    changed = copy.deepcopy(data)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


OTHERS = {
    "side": ("US", "MX"),
    "action": ("sign", "launch"),
    "stage": ("suspended", "completed"),
    "confidence": ("at_risk", "delayed"),
    "mode": ("virtual", "hybrid"),
    "relation": ("since", "until"),
    "end_reason": ("dropped", "merged"),
    "measure": ("trade", "count"),
    "currency": ("MXN", "USD"),
    "original_language": ("en", "es"),
    "language": ("en", "es"),
    "translation_state": ("agreed", "missing"),
    "qualifier": ("over", "about"),
    "status": ("target", "baseline"),
    "role": ("host", "funder"),
    "country": ("CA", "GT"),
    "delegation": ("US", "MX"),
    "reason": ("met", "corrected"),
    "heading": ("2024-04-19/1", "2024-04-19/2"),
    "kind": ("event", "update"),
    "link kind": ("informs", "complements"),
    "begins": ("2021-01-01", "2021-01-02"),
    "ends": ("2024-10-31", "2024-11-30"),
    "initiative_kind": ("study", "forum"),
    "meeting_kind": ("ministerial", "mid_year_review"),
    "organization_kind": ("law", "fund"),
    "place_kind": ("region", "state"),
    "source_kind": ("instrument", "publication"),
}


def other(name, value):
    """A value that the leaf could have instead."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, list):
        return None
    if name in OTHERS:
        return next(option for option in OTHERS[name] if option != value)
    if name.endswith("modality"):
        return "planned" if value != "planned" else "deadline"
    if name.endswith("edtf"):
        return "2031-05" if value != "2031-05" else "2031-06"
    if name in ("duration", "every", "series_rhythm"):
        return "P7W" if value != "P7W" else "P8W"
    if name in ("value", "latitude", "longitude"):
        return "7.5" if value != "7.5" else "8.5"
    if isinstance(value, int) or name in ("series_position", "series_size", "heading_order"):
        return (value or 0) + 40
    return f"{value}-x" if value else "x"


@pytest.fixture
def contents_of_the_review(db):
    load_review()
    return [json.loads(content) for content in Edition.objects.values_list("content", flat=True)]


def fullest(texts: list[dict]) -> list[dict]:
    """Of each kind the two longest."""
    by_kind: dict[str, list[dict]] = {}
    for data in sorted(texts, key=lambda data: -len(json.dumps(data))):
        by_kind.setdefault(data["kind"], []).append(data)
    return [data for best in by_kind.values() for data in best[:2]]


def test_no_change_of_a_value_goes_untold(contents_of_the_review):
    untold, tried = [], 0
    for data in fullest(contents_of_the_review):
        names = Names({(each["kind"], each["key"]): each for each in fullest(contents_of_the_review)})
        for path, value in leaves(data):
            steps = [step for step in path if isinstance(step, str)]
            if isinstance(value, list) or steps[-1] in ("order", "schema_version") or path in (("kind",), ("key",)):
                continue
            name = next(step for step in reversed(path) if isinstance(step, str))
            name = "link kind" if path[0] == "links" and name == "kind" else name
            tried += 1
            if not compare_contents(data, with_leaf(data, path, other(name, value)), names, "en"):
                untold.append((data["key"], path))
    assert untold == []
    assert tried > 500


def test_words_are_there_for_every_value_of_the_review(contents_of_the_review):
    """A content against one of which nothing is left: no text of the review breaks the telling, in any language."""
    for data in contents_of_the_review:
        empty = {name: ([] if isinstance(value, list) else value) for name, value in data.items()}
        for language in ("en", "es"):
            with override(language):
                parts = compare_contents(empty, data, NOBODY, language) + compare_contents(
                    data, empty, NOBODY, language
                )
                assert all(change.label and change.pieces for part in parts for change in part.changes)
