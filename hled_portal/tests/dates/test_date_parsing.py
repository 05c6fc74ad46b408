"""Dates as people type them: what is read, and what is refused with a reason."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hled_portal.dates.date_parsing import Reading, day_order, parse_date, settle_day
from hled_portal.dates.edtf_dates import UnreadableDate, bounds, phrase, to_text, validate_edtf
from initiatives.vocabulary.choices import Relation

from .test_edtf_dates import WORDS

READINGS = {
    "2024-04-19": [
        "April 19, 2024",
        "19 April 2024",
        "19 de abril de 2024",
        "el 19 de abril del 2024",
        "Apr. 19th, 2024",
    ],
    "2024-04-12": ["12 de abril de 2024"],  # the library makes it December
    "2024-06-01": ["1º de junio de 2024", "1 de junio de 2024", "1.º de junio de 2024", "primero de junio de 2024"],
    "2024-10": ["oct 2024", "Oct. 2024", "OCTUBRE DE 2024", "octubre 2024", "October, 2024", "  october   2024 "],
    "2024-09": ["Sept. 2024", "setiembre de 2024"],
    "2024-01": ["ene 2024"],
    "2024": ["2024"],
    "2024-21": ["spring 2024", "primavera de 2024", "la primavera de 2024", "Spring of 2024"],
    "2024-23": ["fall 2024", "autumn 2024", "otoño de 2024", "otono de 2024"],
    "2024-24": ["winter 2024-25", "winter 2024–2025", "invierno de 2024-2025"],
    "2024-34": ["Q2 2024", "second quarter of 2024", "the 2nd quarter of 2024", "segundo trimestre de 2024"],
    "2024-40": ["first half of 2024", "primer semestre de 2024", "la primera mitad de 2024"],
    "2024-10~": ["about October 2024", "hacia octubre de 2024", "2024-10~"],
    "2024-10-16~": ["hacia el 16 de octubre de 2024"],
    "2024-01/2024-05": [
        "January-May 2024",
        "January – May 2024",
        "enero-mayo de 2024",
        "January to May 2024",
        "de enero a mayo de 2024",
        "between January and May 2024",
        "entre enero y mayo de 2024",
        "2024-01/2024-05",
    ],
    "2023-10-16/2023-10-18": ["October 16-18, 2023", "16-18 October 2023", "del 16 al 18 de octubre de 2023"],
    "2024-04-30/2024-05-02": ["April 30 - May 2, 2024", "del 30 de abril al 2 de mayo de 2024"],
    "2023-11/2024-02": ["November 2023 to February 2024", "noviembre de 2023 a febrero de 2024"],
    "2024/2025": ["2024-2025", "2024 to 2025", "2024 a 2025"],
    "2024-03/..": ["March 2024 onward", "a partir de marzo de 2024"],
    "2024-05-15/2024-05-16": [
        "15 y 16 de mayo de 2024",
        "los días 15 y 16 de mayo de 2024",
        "May 15 and 16, 2024",
        "15th and 16th of May 2024",
    ],
    "2023-12-31/2024-01-01": ["31 de diciembre de 2023 y 1 de enero de 2024"],
    "2024-03/2024-04": ["March and April 2024", "marzo y abril de 2024"],
    "2022-07-14": ["14/07/2022", "07/14/2022", "jueves 14 de julio de 2022", "Thursday, July 14, 2022"],
    "2024-07": ["julio/2024", "7/2024", "07/2024"],
    "2024-36": [
        "4o trimestre de 2024",
        "4.º trimestre de 2024",
        "4to trimestre 2024",
        "último trimestre de 2024",
        "T4 2024",
        "4T2024",
        "Q4 2024",
        "2024-Q4",
        "4th quarter of 2024",
    ],
    "2024-35": ["3er trimestre de 2024", "T3 2024"],
    "2024-41": ["2o semestre de 2024", "2.º semestre de 2024", "H2 2024", "S2 2024", "2nd half of 2024"],
    "2024/..": ["2024 onward", "a partir de 2024", "2024/.."],
    "../2024-04-19": ["../2024-04-19"],
}


@pytest.mark.parametrize(("edtf", "text"), [(edtf, text) for edtf, texts in READINGS.items() for text in texts])
def test_typed_dates_are_read_in_both_languages(edtf, text):
    assert parse_date(text) == Reading(edtf)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("late 2023", Reading("2023-39", "late 2023", "finales de 2023")),  # the library makes it the year
        ("a fines del 2023", Reading("2023-39", "late 2023", "finales de 2023")),
        ("end of 2024", Reading("2024-39", "late 2024", "finales de 2024")),
        ("at the end of 2024", Reading("2024-39", "late 2024", "finales de 2024")),
        ("fin de 2024", Reading("2024-39", "late 2024", "finales de 2024")),
        ("al cierre de 2024", Reading("2024-39", "late 2024", "finales de 2024")),
        ("early 2024", Reading("2024-37", "early 2024", "principios de 2024")),
        ("principios de 2024", Reading("2024-37", "early 2024", "principios de 2024")),
        ("Mid-2024", Reading("2024-38", "mid-2024", "mediados de 2024")),
        ("mediados de 2024", Reading("2024-38", "mid-2024", "mediados de 2024")),
    ],
)
def test_thirds_of_a_year_keep_their_wording(text, reading):
    assert parse_date(text) == reading


@pytest.mark.parametrize(
    ("others", "day"),
    [
        (["13/05/2024"], "2024-03-05"),
        (["5-13-2024", "oct 2024", ""], "2024-05-03"),
        (["04/04/2024", "2024-05-13"], "05/03/2024"),
        (["13/05/2024", "05/13/2024"], "05/03/2024"),
    ],
)
def test_the_dates_of_a_file_settle_which_number_is_the_day(others, day):
    assert settle_day("05/03/2024", day_order(["05/03/2024", *others])) == day
    assert settle_day("May 2024", "DMY") == "May 2024"


def test_an_empty_text_is_an_unknown_date():
    assert parse_date("  ") == Reading("")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12/04/2024", "differently in each country"),
        ("12-04-2024", "differently in each country"),
        ("since March 2024", "Enter only a date."),
        ("desde marzo de 2024", "Enter only a date."),
        ("by 19 April 2024, day not stated", "Enter only a date."),
        ("winter 2024", "can mean two winters."),
        ("invierno de 2024", "can mean two winters."),
        ("winter 2024-26", "can mean two winters."),
        ("2025/", "is not in a date format this portal accepts."),
        ("2023-39~", "is not in a date format this portal accepts."),
        ("February 30, 2024", "is not in a date format this portal accepts."),
        ("May to January 2024", "ends before it begins"),
        ("November-February 2024", "ends before it begins"),
        ("January - 2024", "Examples"),
        ("about late 2024", "is not in a date format this portal accepts."),
        ("late October 2023", "Examples"),
        ("April", "Examples"),
        ("April 19", "Examples"),
        ("soon", "Examples"),
        ("15 y 20 de mayo de 2024", "do not follow each other"),
        ("lunes 14 de mayo de 2024", "another day of the week"),
        ("31 y 32 de enero de 2024", "is not in a date format this portal accepts."),
        ("Monday, 2024", "Examples"),
        ("2024 Q4 2025", "Examples"),
        ("pronto", "Examples"),
        ("2024 2025", "Examples"),
        ("19 de abril de 24", "Examples"),
        ("-" * 5000, "is not in a date format this portal accepts."),
    ],
)
def test_what_is_not_known_is_refused_with_a_reason(text, reason):
    with pytest.raises(UnreadableDate, match=reason) as refusal:
        parse_date(text)
    assert refusal.value.text == text


@pytest.mark.parametrize(("edtf", "english", "spanish"), [row for row in WORDS if not row[0].startswith("../")])
def test_what_is_said_can_be_typed_back(edtf, english, spanish):
    assert parse_date(english).edtf == parse_date(spanish).edtf == edtf


DAYS = st.dates(date(1800, 1, 1), date(2199, 12, 31)).map(str)
CODES = [*range(1, 13), *range(21, 25), *range(33, 42)]
PERIODS = st.builds("{}-{:02}".format, st.integers(1800, 2199), st.sampled_from(CODES))
POINTS = DAYS | PERIODS | st.integers(1800, 2199).map(str)
SPANS = st.builds(
    lambda first, days, cut: f"{str(first)[:cut]}/{str(first + timedelta(days))[:cut]}",
    st.dates(date(1800, 1, 1), date(2190, 1, 1)),
    st.integers(366, 3000),
    st.sampled_from([4, 7, 10]),
)


ABOUT = st.sampled_from([4, 7, 10]).flatmap(lambda length: DAYS.map(lambda day: f"{day[:length]}~"))


def _is_storable(edtf: str) -> bool:
    try:
        validate_edtf(edtf)
    except ValidationError:
        return False
    return True


OPEN_ENDS = POINTS.map("{}/..".format).filter(_is_storable)
OPEN_STARTS = POINTS.map("../{}".format).filter(_is_storable)
MIXED_SPANS = st.builds("{}/{}".format, POINTS, POINTS).filter(_is_storable)
#: Every form of date that a column of the record can hold.
STORABLE = POINTS | SPANS | MIXED_SPANS | ABOUT | OPEN_ENDS | OPEN_STARTS


@settings(deadline=None, max_examples=60)
@given(POINTS | SPANS | ABOUT | OPEN_ENDS, st.sampled_from(["en", "es"]))
def test_words_are_read_back_as_the_same_date(edtf, language):
    assert parse_date(to_text(edtf, language)).edtf == edtf


@settings(deadline=None, max_examples=50)
@given(STORABLE, st.sampled_from(["en", "es"]), st.sampled_from(["", *Relation.values]))
@example("2024/..", "en", "on")
def test_every_date_that_can_be_stored_is_read_as_it_stands_and_put_into_words(edtf, language, relation):
    validate_edtf(edtf)
    assert parse_date(edtf) == Reading(edtf)
    assert to_text(edtf, language)
    assert phrase(edtf, relation, language) or edtf.startswith("../")


@settings(deadline=None, max_examples=60)
@given(st.text() | st.text("0123456789-/.~ adeinyo", max_size=24) | POINTS | SPANS)
def test_what_is_read_is_never_inverted_and_nothing_else_is_raised(text):
    try:
        earliest, latest = bounds(parse_date(text).edtf)
    except UnreadableDate:
        return
    assert None in (earliest, latest) or earliest <= latest
