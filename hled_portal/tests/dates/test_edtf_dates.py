"""Dates with precision: what is read, what is refused, what is said in each language."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from hled_portal.dates.edtf_dates import (
    UnreadableDate,
    bounds,
    days_slipped,
    duration_to_text,
    phrase,
    to_text,
    validate_duration,
    validate_edtf,
)

BOUNDS = [
    ("2024-04-19", "2024-04-19", "2024-04-19"),
    ("2024-02", "2024-02-01", "2024-02-29"),
    ("1900-02", "1900-02-01", "1900-02-28"),
    ("2024-12", "2024-12-01", "2024-12-31"),
    ("2023", "2023-01-01", "2023-12-31"),
    ("1889-03-01", "1889-03-01", "1889-03-01"),
    ("2024-21", "2024-03-01", "2024-06-30"),
    ("2024-22", "2024-06-01", "2024-09-30"),
    ("2024-23", "2024-09-01", "2024-12-31"),
    ("2024-33", "2024-01-01", "2024-03-31"),
    ("2024-36", "2024-10-01", "2024-12-31"),
    ("2023-37", "2023-01-01", "2023-04-30"),
    ("2023-38", "2023-05-01", "2023-08-31"),
    ("2023-39", "2023-09-01", "2023-12-31"),
    ("2024-40", "2024-01-01", "2024-06-30"),
    ("2024-41", "2024-07-01", "2024-12-31"),
    ("2024-10~", "2024-10-01", "2024-10-31"),
    ("2024-01/2024-05", "2024-01-01", "2024-05-31"),
    ("2023-11-20/2024-02", "2023-11-20", "2024-02-29"),
    ("2024-21/2024-24", "2024-03-01", "2025-03-31"),
]


@pytest.mark.parametrize(("edtf", "earliest", "latest"), BOUNDS)
def test_bounds_are_the_earliest_and_latest_day(edtf, earliest, latest):
    assert bounds(edtf) == (date.fromisoformat(earliest), date.fromisoformat(latest))


def test_a_date_without_part_of_a_year_needs_no_library(monkeypatch):
    monkeypatch.delattr("hled_portal.dates.edtf_dates._parse")
    for edtf in ("2024", "2024-02", "2024-02-29", "2024-10~", "2024-01/2024-05-06", "2024/.."):
        bounds.__wrapped__(edtf)


def test_open_ends_and_the_unknown_date_have_no_bound_there():
    assert bounds("2024-03/..") == (date(2024, 3, 1), None)
    assert bounds("../2024-04-19") == (None, date(2024, 4, 19))
    assert bounds("") == (None, None)


def test_winter_reaches_into_the_next_year():
    assert bounds("2024-24") == (date(2024, 12, 1), date(2025, 3, 31))


@pytest.mark.parametrize(
    "edtf",
    [
        "2025/",  # the library invents ten years
        "/2025",
        "2023-02-29",  # the library accepts it
        "2024-05/2024-01",  # likewise
        "2024/2024",
        "2024-29",  # autumn of the south, which the library bounds as that of the north
        "2024-02-30",
        "2024-00",
        "2024-13",
        "2024-42",
        "2024-4",
        "201X",
        "2024?",
        "2024-22~",
        "[2024..]",
        "2024-04-19T10:00:00",
        "-2024",
        "0024",
        "../..",
        "..",
        " 2024",
        "2024\n",
        "\u0662\u0660\u0662\u0664",
        "soon",
    ],
)
def test_what_is_not_a_supported_date_is_refused(edtf):
    with pytest.raises(UnreadableDate) as refusal:
        bounds(edtf)
    assert refusal.value.text == edtf
    with pytest.raises(ValidationError) as invalid:
        validate_edtf(edtf)
    assert invalid.value.code == "unreadable_date"


def test_a_valid_date_passes_the_validator():
    validate_edtf("2024-01/2024-05")


WORDS = [
    ("2023-10-16", "October 16, 2023", "16 de octubre de 2023"),
    ("2024-06-01", "June 1, 2024", "1 de junio de 2024"),
    ("2024-04", "April 2024", "abril de 2024"),
    ("2024", "2024", "2024"),
    ("2024-21", "spring 2024", "primavera de 2024"),
    ("2024-24", "winter 2024–2025", "invierno de 2024-2025"),
    ("2024-34", "second quarter of 2024", "segundo trimestre de 2024"),
    ("2023-39", "late 2023", "finales de 2023"),
    ("2024-38", "mid-2024", "mediados de 2024"),
    ("2024-40", "first half of 2024", "primer semestre de 2024"),
    ("2024-10~", "about October 2024", "hacia octubre de 2024"),
    ("2024-10-16~", "about October 16, 2024", "hacia el 16 de octubre de 2024"),
    ("2024-01/2024-05", "January–May 2024", "enero a mayo de 2024"),
    ("2023-11/2024-02", "November 2023 to February 2024", "noviembre de 2023 a febrero de 2024"),
    ("2024/2025", "2024–2025", "2024 a 2025"),
    ("2023-10-16/2023-10-18", "October 16–18, 2023", "16 al 18 de octubre de 2023"),
    ("2024-04-30/2024-05-02", "April 30 to May 2, 2024", "30 de abril al 2 de mayo de 2024"),
    ("2023-12-30/2024-01-02", "December 30, 2023 to January 2, 2024", "30 de diciembre de 2023 al 2 de enero de 2024"),
    ("2024-21/2024-23", "spring 2024 to fall 2024", "primavera de 2024 al otoño de 2024"),
    ("2024-03-15/2024-05", "March 15, 2024 to May 2024", "15 de marzo de 2024 a mayo de 2024"),
    ("2024-03/..", "March 2024 onward", "a partir de marzo de 2024"),
    ("2024-03-01/..", "March 1, 2024 onward", "a partir del 1 de marzo de 2024"),
    (
        "../2024-04-19",
        "by April 19, 2024 (day not stated)",
        "a más tardar el 19 de abril de 2024 (no se indica el día)",
    ),
    ("../2024-05", "by May 2024 (day not stated)", "a más tardar en mayo de 2024 (no se indica el día)"),
    ("", "", ""),
]


@pytest.mark.parametrize(("edtf", "english", "spanish"), WORDS)
@pytest.mark.parametrize("active", ["en", "es", "es-mx"])
def test_words_follow_the_language_asked_for_not_the_active_one(edtf, english, spanish, active):
    with override(active):
        assert (to_text(edtf, "en"), to_text(edtf, "es")) == (english, spanish)


PHRASES = [
    ("2023-10-16", "on", "on October 16, 2023", "el 16 de octubre de 2023"),
    ("2024-04", "on", "in April 2024", "en abril de 2024"),
    ("2024", "on", "in 2024", "en 2024"),
    ("2024-21", "on", "in spring 2024", "en la primavera de 2024"),
    ("2024-22", "on", "in summer 2024", "en el verano de 2024"),
    ("2024-34", "on", "in the second quarter of 2024", "en el segundo trimestre de 2024"),
    ("2024-40", "on", "in the first half of 2024", "en el primer semestre de 2024"),
    ("2023-39", "on", "in late 2023", "a finales de 2023"),
    ("2024-37", "on", "in early 2024", "a principios de 2024"),
    ("2024-10~", "on", "about October 2024", "hacia octubre de 2024"),
    ("2024-01/2024-05", "on", "between January and May 2024", "entre enero y mayo de 2024"),
    ("2024-21/2024-23", "on", "between spring 2024 and fall 2024", "entre la primavera de 2024 y el otoño de 2024"),
    ("2023-10-16/2023-10-18", "on", "on October 16–18, 2023", "del 16 al 18 de octubre de 2023"),
    ("2024-04-30/2024-05-02", "on", "from April 30 to May 2, 2024", "del 30 de abril al 2 de mayo de 2024"),
    ("2024-03/2024-05-15", "on", "from March 2024 to May 15, 2024", "de marzo de 2024 al 15 de mayo de 2024"),
    ("2024-03/..", "on", "from March 2024 onward", "a partir de marzo de 2024"),
    ("2024-03/..", "since", "since March 2024", "desde marzo de 2024"),
    ("2024-03/..", "until", "from March 2024 onward", "a partir de marzo de 2024"),
    ("2024-09-21", "by", "by September 21, 2024", "para el 21 de septiembre de 2024"),
    ("2024-10", "by", "by October 2024", "para octubre de 2024"),
    ("2024-23", "by", "by fall 2024", "para el otoño de 2024"),
    ("2023-39", "by", "by late 2023", "para finales de 2023"),
    ("2024-10~", "by", "by about October 2024", "para aproximadamente octubre de 2024"),
    ("2024-01/2024-05", "by", "by May 2024", "para mayo de 2024"),
    ("2024-03", "since", "since March 2024", "desde marzo de 2024"),
    ("2024-03-01", "until", "until March 1, 2024", "hasta el 1 de marzo de 2024"),
    ("2024-04", "", "April 2024", "abril de 2024"),
    ("../2024-04-19", "on", "", ""),
    ("../2024-04-19", "", "", ""),
    ("", "on", "", ""),
]


@pytest.mark.parametrize(("edtf", "relation", "english", "spanish"), PHRASES)
def test_the_relation_chooses_preposition_and_article(edtf, relation, english, spanish):
    assert (phrase(edtf, relation, "en"), phrase(edtf, relation, "es")) == (english, spanish)


def test_a_given_wording_is_what_is_said():
    semester = "the January–May 2024 semester", "el semestre enero-mayo de 2024"
    assert to_text("2024-01/2024-05", "en", semester[0]) == "the January–May 2024 semester"
    assert phrase("2024-01/2024-05", "on", "en", semester[0]) == "during the January–May 2024 semester"
    assert phrase("2024-01/2024-05", "on", "es", semester[1]) == "durante el semestre enero-mayo de 2024"
    assert phrase("2024-01/2024-05", "by", "es", semester[1]) == "para el semestre enero-mayo de 2024"
    assert phrase("2023-39", "on", "en", "the close of 2023") == "in the close of 2023"
    assert phrase("2023-39", "on", "es", "fines de 2023") == "a fines de 2023"
    assert phrase("2023-39", "on", "es", "el último tercio de 2023") == "en el último tercio de 2023"


@pytest.mark.parametrize("say", [lambda edtf: to_text(edtf, "en"), lambda edtf: phrase(edtf, "on", "es")])
def test_an_unreadable_date_is_never_put_into_words(say):
    with pytest.raises(UnreadableDate):
        say("2025/")


@pytest.mark.parametrize(
    ("duration", "english", "spanish"),
    [
        ("P2D", "2 days", "2 días"),
        ("P1D", "1 day", "1 día"),
        ("P12W", "12 weeks", "12 semanas"),
        ("P1W", "1 week", "1 semana"),
        ("P3M", "3 months", "3 meses"),
        ("P5Y", "5 years", "5 años"),
        ("P1Y6M", "1 year and 6 months", "1 año y 6 meses"),
        ("P1Y2M3D", "1 year, 2 months and 3 days", "1 año, 2 meses y 3 días"),
        ("", "", ""),
    ],
)
def test_durations_are_said_in_their_own_unit(duration, english, spanish):
    assert (duration_to_text(duration, "en"), duration_to_text(duration, "es")) == (english, spanish)


@pytest.mark.parametrize(
    "duration", ["P", "P0D", "P2", "2D", "-P2D", "P1W2D", "P2.5Y", "PT3H", "P1M1Y", "p2d", "P2D\n"]
)
def test_other_durations_are_refused(duration):
    with pytest.raises(ValidationError) as invalid:
        validate_duration(duration)
    assert invalid.value.code == "unreadable_duration"
    with pytest.raises(UnreadableDate):
        duration_to_text(duration, "en")


def test_a_valid_duration_passes_the_validator():
    validate_duration("P12W")


@pytest.mark.parametrize(
    ("old", "new", "slipped"),
    [
        ("2024-04-19", "2024-04-26", (7, True)),
        ("2024-04-26", "2024-04-19", (-7, True)),
        ("2024-09", "2024-12-31", (92, False)),
        ("2024-04-19~", "2024-04-26", (7, False)),
        ("../2024-04-19", "2024-04-26", (7, False)),
        ("../2024-03", "2024-04-26", (26, False)),  # as long as an exact day
        ("2024-03/..", "2024-04-26", None),
        ("2024-03", "", None),
    ],
)
def test_days_slipped_go_from_latest_day_to_latest_day(old, new, slipped):
    assert days_slipped(old, new) == slipped
