"""Amounts and readings in words, in both languages."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initiatives.wording.names import Names
from initiatives.wording.quantities import amount, as_of_text, number, reading_line, reading_value

AMOUNTS = [
    # value, units, measure, currency, qualifier, English, Spanish
    (
        "160",
        ("participants", "participantes"),
        "count",
        "",
        "over",
        "over 160 participants",
        "más de 160 participantes",
    ),
    ("60", ("%", "%"), "physical_progress", "", "almost", "almost 60%", "casi 60%"),
    ("44.0000", ("", ""), "physical_progress", "", "exactly", "44%", "44%"),
    ("30", ("percent design", "por ciento de diseño"), "design_stage", "", "exactly", "30% design", "30% de diseño"),
    (
        "5106",
        ("enrolled students", "estudiantes con inscripción"),
        "count",
        "",
        "initial",
        "5,106 enrolled students initially",
        "inicialmente 5,106 estudiantes con inscripción",
    ),
    (
        "799000000000",
        ("dollars", "dólares"),
        "trade",
        "",
        "exactly",
        "799 billion dollars",
        "799 mil millones de dólares",
    ),
    (
        "33000000",
        ("dollars", "dólares"),
        "mobilized",
        "",
        "over",
        "over 33 million dollars",
        "más de 33 millones de dólares",
    ),
    (
        "1000000",
        ("people", "personas"),
        "count",
        "",
        "about",
        "about 1 million people",
        "alrededor de 1 millón de personas",
    ),
    (
        "17500000",
        ("", ""),
        "announced",
        "",
        "exactly",
        "17.5 million (the text does not name the currency)",
        "17.5 millones (el texto no indica la moneda)",
    ),
    (
        "33000000",
        ("in investments", "en inversiones"),
        "mobilized",
        "",
        "over",
        "over 33 million in investments (the text does not name the currency)",
        "más de 33 millones en inversiones (el texto no indica la moneda)",
    ),
    ("2500", ("", ""), "committed", "MXN", "up_to", "up to 2,500 Mexican pesos", "hasta 2,500 pesos mexicanos"),
    (
        "2500000",
        ("dollars", "dólares"),
        "committed",
        "USD",
        "at_least",
        "at least 2.5 million United States dollars",
        "al menos 2.5 millones de dólares estadounidenses",
    ),
    (
        "1250000000",
        ("", ""),
        "trade",
        "CAD",
        "",
        "1.25 billion Canadian dollars",
        "1,250 millones de dólares canadienses",
    ),
    ("12345678", ("people", "personas"), "count", "", "", "12,345,678 people", "12,345,678 personas"),
    (None, ("people", "personas"), "count", "", "about", "not stated", "no se indica"),
    (None, ("", ""), "announced", "", "", "not stated", "no se indica"),
]


@pytest.mark.parametrize(("value", "units", "measure", "currency", "qualifier", "english", "spanish"), AMOUNTS)
def test_amount_in_both_languages(value, units, measure, currency, qualifier, english, spanish):
    assert amount(value, units[0], measure, currency, qualifier, "en") == english
    assert amount(value, units[1], measure, currency, qualifier, "es") == spanish


@given(st.decimals(min_value=0, max_value=10**15, places=4), st.sampled_from(["en", "es"]))
def test_a_number_is_never_rounded_nor_told_in_billones(value, language):
    scales = {"trillion": 10**12, "billion": 10**9, "million": 10**6}
    scales |= {"mil millones": 10**9, "millones": 10**6, "millón": 10**6}
    words, _space, word = number(value, language).partition(" ")
    assert Decimal(words.replace(",", "")) * scales.get(word, 1) == value
    assert word in scales or not word
    assert "bill" not in word or language == "en"


DAYS = [
    ("2024-04-19", "as of April 19, 2024", "al 19 de abril de 2024"),
    ("2023-12", "as of December 2023", "a diciembre de 2023"),
    ("2023", "as of 2023", "a 2023"),
    ("2024-21", "as of spring 2024", "a la primavera de 2024"),
    ("2024-33", "as of the first quarter of 2024", "al primer trimestre de 2024"),
    ("2023-39", "as of late 2023", "a finales de 2023"),
    ("", "", ""),
]


@pytest.mark.parametrize(("edtf", "english", "spanish"), DAYS)
def test_as_of(edtf, english, spanish):
    assert (as_of_text(edtf, "en"), as_of_text(edtf, "es")) == (english, spanish)


SEDENA = {
    "organization_kind": "ministry",
    "names": [
        {
            "order": 1,
            "name_en": "Secretariat of National Defense",
            "name_es": "Secretaría de la Defensa Nacional",
            "article_en": "the",
            "article_es": "la",
            "acronym_en": "SEDENA",
            "acronym_es": "SEDENA",
            "since_edtf": "",
            "until_edtf": "",
        }
    ],
}
NAMES = Names(
    {
        ("organization", "sedena"): SEDENA,
        ("place", "honduras"): {"place_kind": "country", "parent": None, "name_en": "Honduras", "name_es": "Honduras"},
        ("place", "el-salvador"): {"place_kind": "country", "parent": None, "name_en": "El Salvador", "name_es": ""},
    }
)


def make_reading(**columns):
    reading = {"order": 1, "status": "actual", "value": "60", "qualifier": "exactly", "as_of_edtf": ""}
    reading |= {"as_of_inferred": False, "period_edtf": "", "period_inferred": False, "duration": "", "places": []}
    return reading | {"reporting_body": None, "citations": []} | columns


def make_figure(**columns):
    figure = {"kind": "figure", "object_en": "", "object_es": "", "measure": "count", "unit_en": "", "unit_es": ""}
    return figure | {"currency": "", "readings": []} | columns


def lines(reading, figure):
    return tuple(reading_line(reading, figure, NAMES, language) for language in ("en", "es"))


def test_a_reading_names_its_body_and_its_day_and_marks_what_was_inferred():
    reading = make_reading(qualifier="almost", as_of_edtf="2024-04-19", as_of_inferred=True, reporting_body="sedena")
    assert lines(reading, make_figure(measure="physical_progress")) == (
        "almost 60% (SEDENA, as of April 19, 2024, inferred date)",
        "casi 60% (SEDENA, al 19 de abril de 2024, fecha inferida)",
    )


def test_over_a_duration_cannot_be_read_as_more_than_it():
    reading = make_reading(value="33000000", qualifier="over", duration="P2Y")
    figure = make_figure(measure="mobilized", unit_en="dollars", unit_es="dólares")
    assert lines(reading, figure) == (
        "over 33 million dollars over a period of 2 years",
        "más de 33 millones de dólares durante 2 años",
    )


def test_baseline_and_target_are_marked_and_unknown_is_said():
    figure = make_figure(unit_en="people", unit_es="personas")
    assert lines(make_reading(status="target", value="10"), figure) == ("Target: 10 people", "Meta: 10 personas")
    assert lines(make_reading(status="baseline", value=None), figure) == (
        "Baseline: not stated",
        "Línea base: no se indica",
    )


def test_period_and_places_of_a_reading():
    reading = make_reading(
        value="3300", places=["honduras", "el-salvador"], period_edtf="2023", period_inferred=True, as_of_edtf="2023-12"
    )
    figure = make_figure(unit_en="young people", unit_es="personas jóvenes")
    assert lines(reading, figure) == (
        "3,300 young people in 2023 (inferred date) in Honduras and El Salvador (as of December 2023)",
        "3,300 personas jóvenes en 2023 (fecha inferida) en Honduras y El Salvador (a diciembre de 2023)",
    )


@pytest.mark.parametrize(
    ("value", "english", "spanish", "right"),
    [
        ("1", "plants", "plantas", ("1 plant", "1 planta")),
        (
            "1",
            "enrolled students",
            "estudiantes con inscripción",
            ("1 enrolled student", "1 estudiante con inscripción"),
        ),
        ("1", "meetings", "reuniones", ("1 meeting", "1 reunión")),
        ("1", "people", "personas físicas", ("1 person", "1 persona física")),
        ("1", "dollars", "dólares", ("1 dollar", "1 dólar")),
        ("1", "agencies", "meses", ("1 agency", "1 mes")),
        ("1", "%", "%", ("1%", "1%")),
        ("1000000", "plants", "plantas", ("1 million plants", "1 millón de plantas")),
        ("1500000000", "plants", "plantas", ("1.5 billion plants", "1,500 millones de plantas")),
        ("0", "accidents", "accidentes", ("0 accidents", "0 accidentes")),
    ],
)
def test_one_takes_a_singular_unit(value, english, spanish, right):
    assert (
        tuple(amount(value, unit, "count", "", "", lang) for unit, lang in ((english, "en"), (spanish, "es"))) == right
    )


FIGURES = [
    # A range is one value, a part is told with its whole, a frequency with its period.
    ({"value": "5000", "value_to": "7000"}, "jobs", "empleos", "5,000 to 7,000 jobs", "de 5,000 a 7,000 empleos"),
    (
        {"value": "5000000", "value_to": "7000000", "qualifier": "about"},
        "dollars",
        "dólares",
        "about 5 million to 7 million dollars",
        "alrededor de 5 millones a 7 millones de dólares",
    ),
    ({"value": "5", "out_of": "6"}, "plans", "planes", "5 of 6 plans", "5 de 6 planes"),
    ({"value": "3", "every": "P1Y"}, "meetings", "reuniones", "3 meetings a year", "3 reuniones al año"),
    ({"value": "1", "every": "P2M"}, "meetings", "reuniones", "1 meeting every 2 months", "1 reunión cada 2 meses"),
    ({"value": None}, "jobs", "empleos", "not stated", "no se indica"),
    ({"value": None, "qualifier": "over"}, "", "", "above the level of 2019", "por encima del nivel de 2019"),
]


@pytest.mark.parametrize(("columns", "english", "spanish", "right_english", "right_spanish"), FIGURES)
def test_a_figure_keeps_what_its_text_gives(columns, english, spanish, right_english, right_spanish):
    baseline = make_reading(status="baseline", value=None, period_edtf="2019")
    figure = make_figure(unit_en=english, unit_es=spanish, readings=[baseline])
    reading = make_reading(**columns)
    assert (reading_value(reading, figure, "en"), reading_value(reading, figure, "es")) == (
        right_english,
        right_spanish,
    )


def test_each_share_of_a_shared_cost_says_who_pays():
    reading = make_reading(value="1500000", duration="P3Y", paid_by="sedena")
    assert lines(reading, make_figure(measure="committed", currency="USD")) == (
        "1.5 million United States dollars over a period of 3 years paid by SEDENA",
        "1.5 millones de dólares estadounidenses durante 3 años a cargo de la SEDENA",
    )
