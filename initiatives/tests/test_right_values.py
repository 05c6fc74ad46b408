"""The right values over all shipped texts, in both languages: what readers should be told, row by row.

One load for the module, and each page is read once.
"""

import csv
import datetime
import html
import re
from pathlib import Path

import pytest

from hled_portal.dates.as_of import Moment
from hled_portal.publishing import verification
from hled_portal.tests.review import loaded_history
from initiatives.models import Edition
from initiatives.vocabulary.fact_status import FactStatus
from initiatives.wording.sentences import Names, sentence

SENTENCES = Path(__file__).with_name("history_sentences.csv")
#: The day of the reader where a row names none.
DAY = "2026-04-19"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("pages")]


@pytest.fixture(scope="module")
def pages(django_db_setup, django_db_blocker):
    """The HTML of each address that was read, by its address."""
    with django_db_blocker.unblock(), loaded_history():
        yield {}


@pytest.fixture
def read(client, pages):
    """The HTML of a page on the day of its row."""

    def read_page(language: str, path: str) -> str:
        address = f"/{language}/{path}"
        address += "" if "as_of=" in path else f"{'&' if '?' in path else '?'}as_of={DAY}"
        if address not in pages:
            answer = client.get(address)
            assert answer.status_code == 200, address
            pages[address] = answer.content.decode()
        return pages[address]

    return read_page


def text(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    words = html.unescape(re.sub(r"<(svg|style|script).*?</\1>|<[^>]*>", " ", main, flags=re.DOTALL))
    return re.sub(r" ([,.;:)])", r"\1", re.sub(r"\s+", " ", words)).replace("( ", "(")


#: What a page says in English and in Spanish.
SAID = [
    # Home tells the news.
    (
        "",
        "None of the 9 outcomes promised for a date that has since passed has been published.",
        "No se ha publicado ninguno de los 9 resultados comprometidos para una fecha que ya pasó.",
    ),
    (
        "",
        "24 other milestones were already met when they were first published.",
        "24 hitos más ya estaban cumplidos cuando se publicaron por primera vez.",
    ),
    (
        "",
        "In the High-Level Economic Dialogue, the governments of the United States and Mexico agree on joint economic"
        " work and review it at ministerial meetings and mid-year reviews.",
        "En el Diálogo Económico de Alto Nivel, México y los Estados Unidos acuerdan trabajos económicos conjuntos y"
        " los revisan en reuniones ministeriales y en revisiones intermedias.",
    ),
    ("", "All 11 items", "Los 11 elementos"),
    ("", "5 items are expected without a date.", "5 elementos están previstos sin fecha."),
    ("", "26 initiatives, as of April 19, 2024.", "26 iniciativas, al 19 de abril de 2024."),
    (  # A card with nothing past its date is short.
        "",
        "Pillar 3: Securing the Tools for Future Prosperity Completed: 1 1 initiative, as of April 19, 2024. Pillar 4",
        "Pilar 3: Asegurar las herramientas para la prosperidad futura Concluidas: 1 1 iniciativa, al 19 de abril de"
        " 2024. Pilar 4",
    ),
    (
        "",
        "4 more initiatives: no document names their pillar. 3 items in them have dates that passed with no update"
        " published.",
        "4 iniciativas más: ningún documento indica su pilar. En ellas hay 3 elementos cuya fecha prevista venció sin"
        " actualización publicada.",
    ),
    # The state of something is that of the last text that mentions it.
    ("initiatives/?q=supply", "in progress as of September 12, 2022", "en curso al 12 de septiembre de 2022"),
    ("timeline/", "In progress, as of April 19, 2024", "En curso al 19 de abril de 2024"),
    *(
        (
            path,
            "The period stated in the source has ended, and no update has been published.",
            "El periodo que indica la fuente ya concluyó y no se ha publicado ninguna actualización.",
        )
        for path in ("initiatives/community-college-pilot/", "items/?status=under_way")
    ),
    # The record goes up to the last text, whatever it is about, and begins with the first one.
    *(
        (
            f"{path}?as_of={day}",
            f"The most recent information is from {english}.",
            f"La información más reciente es del {spanish}.",
        )
        for path in ("", "initiatives/", "timeline/")
        for day, english, spanish in (
            ("2022-07-20", "July 14, 2022", "14 de julio de 2022"),
            ("2023-09-28", "July 28, 2023", "28 de julio de 2023"),
            ("2023-10-01", "September 29, 2023", "29 de septiembre de 2023"),
            ("2025-06-30", "April 19, 2024", "19 de abril de 2024"),
            *(
                (
                    day,
                    "July 1, 2025; on initiatives and meetings, from April 19, 2024",
                    "1 de julio de 2025; sobre iniciativas y reuniones, del 19 de abril de 2024",
                )
                for day in ("2025-07-01", DAY)
            ),
        )
    ),
    *(
        (
            f"{path}?as_of=2021-12-20",
            "The record starts on December 13, 2021.",
            "El registro comienza el 13 de diciembre de 2021.",
        )
        for path in ("", "meetings/", "compare/")
    ),
    # A meeting as its text had it, told by a later reader and on its day.
    (
        "meetings/2024-04-19/",
        "In April 2024, SEDENA expected to complete the construction of the Mexican side of the new crossing at Otay"
        " Mesa II by September 21, 2024. Details",
        "En abril de 2024, la SEDENA preveía concluir la construcción del lado mexicano del nuevo cruce en Mesa de"
        " Otay II para el 21 de septiembre de 2024. Detalle",
    ),
    (
        "meetings/2024-04-19/?as_of=2024-04-19",
        "SEDENA expects to complete the construction of the Mexican side of the new crossing at Otay Mesa II by",
        "La SEDENA prevé concluir la construcción del lado mexicano del nuevo cruce en Mesa de Otay II para el 21",
    ),
    (
        "meetings/2021-09-09/?as_of=2021-12-20",
        "Specific projects that the dialogue includes for now: over 10 (as of December 13, 2021).",
        "Proyectos concretos que el diálogo incluye por ahora: más de 10 (al 13 de diciembre de 2021).",
    ),
    # Whose text it is, by its kind and name.
    (
        "meetings/2021-09-09/",
        "Based on the joint document of December 13, 2021: Work plan of the dialogue. Only a part",
        "Texto elaborado a partir del documento conjunto del 13 de diciembre de 2021: Plan de trabajo del diálogo."
        " Solo se contó con una parte",
    ),
    (
        "initiatives/nogales-rail-line/",
        "Based on an announcement of one government (Secretariat of Foreign Affairs of Mexico, SRE) of July 14, 2022:",
        "Texto elaborado a partir de un comunicado de un solo gobierno (Secretaría de Relaciones Exteriores de México,"
        " SRE) del 14 de julio de 2022:",
    ),
    (
        "initiatives/supply-chain-working-group/",
        "Based on an announcement of one government (White House) of September 12, 2022:",
        "Texto elaborado a partir de un comunicado de un solo gobierno (Casa Blanca) del 12 de septiembre de 2022:",
    ),
    (
        "meetings/2022-09-12/",
        "Based on the joint document of September 12, 2022: Joint statement of the second ministerial meeting.",
        "Texto elaborado a partir del documento conjunto del 12 de septiembre de 2022: Declaración conjunta de la"
        " segunda reunión ministerial.",
    ),
    (
        "initiatives/sembrando-oportunidades/?as_of=2023-08-01",
        "Based on the joint document of July 28, 2023: Joint release of AMEXCID and USAID on Sembrando Oportunidades.",
        "Texto elaborado a partir del documento conjunto del 28 de julio de 2023: Comunicado conjunto de AMEXCID y"
        " USAID sobre Sembrando Oportunidades.",
    ),
    (
        "organizations/usaid/",
        "Based on an announcement of one government (Department of State) of July 1, 2025:",
        "Texto elaborado a partir de un comunicado de un solo gobierno (Departamento de Estado de los Estados Unidos)"
        " del 1 de julio de 2025:",
    ),
    # Where in a source, where on the border, how much, and by whom.
    ("initiatives/otay-mesa-ii/", "point 1, item b, subitem i.", "punto 1, inciso b, subinciso i."),
    (
        "initiatives/nogales-deconcini/",
        "Nogales DeConcini Port of Entry, Nogales, Arizona, United States",
        "Nogales DeConcini, Nogales, Arizona, Estados Unidos",
    ),
    ("map/", "Mexico (Nogales, Sonora)", "México (Nogales, Sonora)"),
    ("places/texas/", "Located in United States", "Se ubica en Estados Unidos"),
    (
        "initiatives/northern-border-customs/",
        "14,598,276,333.02 Mexican pesos",
        "14,598,276,333.02 pesos mexicanos",
    ),
    (
        "initiatives/otay-mesa-ii/",
        "Physical progress on the Mexican side of the new crossing: almost 60% (April 19, 2024)",
        "Avance físico del lado mexicano del nuevo cruce: casi 60% (19 de abril de 2024)",
    ),
    ("initiatives/nogales-rail-line/", "The source names no lead.", "La fuente no nombra a ninguna dependencia"),
    # Charts say what they leave out.
    (
        "timeline/",
        "The chart begins on July 1, 2022; the tables also have the earlier dates.",
        "La gráfica comienza el 1 de julio de 2022; las tablas tienen también las fechas anteriores.",
    ),
    (
        "timeline/",
        "Done: 27; In progress: 1; Date passed, no update published: 7.",
        "Concluido: 27; En curso: 1; Fecha prevista vencida, sin actualización publicada: 7.",
    ),
    # What became of promises between two days.
    (
        "compare/?from=2024-04-19&to=2026-04-19",
        "14 dates passed with no update published",
        "14 fechas vencidas sin actualización publicada",
    ),
    ("compare/?from=2022-09-12&to=2024-04-19", "New initiatives 32", "Iniciativas nuevas 32"),
    ("compare/?from=2022-09-12&to=2024-04-19", "Date changes 2", "Cambios de fecha 2"),
]


@pytest.mark.parametrize(("path", "english", "spanish"), SAID)
def test_a_page_says_the_right_value(read, path, english, spanish):
    assert english in text(read("en", path))
    assert spanish in text(read("es", path))


#: What a page does not say in either language, beside its choice of dates and its citation.
NOT_SAID = [
    ("organizations/usaid/?as_of=2024-04-19", "Ended|2025|Concluyó"),
    ("timeline/", "Outcome not published|No longer expected|Resultado no publicado"),
    ("initiatives/otay-mesa-ii/?as_of=2023-10-01", "September 21|60%|21 de septiembre"),
    ("meetings/2022-09-12/?as_of=2022-10-01", "2023|2024"),
    ("initiatives/otay-mesa-ii/", "[0-9a-f]{64}.*[0-9a-f]{64}"),
]
ASIDE = re.compile(
    r'<details class="portal-as-of__picker">.*?</details>|<details[^>]*>\s*<summary>(Cite|Citar).*?</details>',
    re.DOTALL,
)


@pytest.mark.parametrize(("path", "pattern"), NOT_SAID)
def test_a_page_does_not_say_what_is_not_so(read, path, pattern):
    for language in ("en", "es"):
        assert re.findall(pattern, text(ASIDE.sub("", read(language, path)))) == []


def test_home_has_the_news_first_then_what_passed_oldest_first_then_what_is_next_then_pillars(read):
    for language in ("en", "es"):
        page = read(language, "")
        parts = ['class="portal-lead"', 'id="past"', 'id="next"', 'id="pillars"']
        assert [page.index(part) for part in parts] == sorted(page.index(part) for part in parts)
        past = page.partition('id="past"')[2].partition("</section>")[0]
        titles = [re.search(r"/initiatives/([a-z-]+)/", row)[1] for row in past.split("<li>")[1:]]
        assert titles == [
            "santa-teresa",
            "douglas",
            "piedras-negras-eagle-pass-ii",
            "agricultural-innovation-guatemala",
            "competency-certification-dialogue",
            "otay-mesa-ii",
            "douglas",
            "trilateral-honduras",
            "nogales-deconcini",
            "reynosa-pharr",
        ]


def test_each_number_on_home_is_told_once_and_leads_to_as_many_rows(client, read):
    """Lists of both kinds; those of each pillar's status too."""
    page = read("es", "")
    links = re.findall(r'<a [^>]*href="(/es/(?:items|initiatives)/\?[^"]*)"[^>]*>([^<]*)</a>', page)
    numbers = {
        html.unescape(address): int(found[0]) for address, words in links if (found := re.findall(r"[0-9]+", words))
    }
    assert len(numbers) == sum(bool(re.search("[0-9]", words)) for _address, words in links)
    assert len(numbers) > 12
    rows = {}
    for address in numbers:
        context = client.get(address).context
        rows[address] = context["page"].paginator.count
    assert rows == numbers


#: The address of each text that is known, on a page that is based on it; none is made up for the others.
ADDRESSES = [
    ("meetings/2021-09-09/", "https://acustiknoticias.com/amp/2021/12/"),
    ("initiatives/nogales-rail-line/", "https://www.masnoticias.mx/mexico-invertira-en-modernizacion-de-sus-"),
    (
        "initiatives/supply-chain-working-group/",
        "https://www.whitehouse.gov/briefing-room/statements-releases/2022/09/12/fact-sheet-2022-u-s-mexico-",
    ),
    ("meetings/2022-09-12/", "https://ustr.gov/about-us/policy-offices/press-office/press-releases/2022/september/"),
    ("initiatives/sembrando-oportunidades/", "https://uatweb.usaid.gov/mexico/press-releases/07-28-2023-AMEXCID-"),
    ("meetings/2023-09-29/", "https://ustr.gov/about-us/policy-offices/press-office/press-releases/2023/september/"),
    ("initiatives/santa-teresa/", "https://www.state.gov/2024-u-s-mexico-high-level-economic-dialogue-mid-year-"),
    ("recommendations/one-stop-shop-for-investors/", ""),
]


@pytest.mark.parametrize(("path", "address"), ADDRESSES)
def test_each_text_links_its_address_where_that_is_known(read, path, address):
    for language in ("en", "es"):
        outside = re.findall(r'href="(https://[^"]*)"[^>]*rel="external', read(language, path).partition("<main")[2])
        assert any(found.startswith(address) for found in outside) if address else outside == []


def test_each_item_of_the_older_texts_makes_its_sentence():
    """On the day of its text, in both languages; those of April 2024 are in `review_sentences.csv`."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = {row["fact"]: row for row in rows}
    told = {}
    for day in sorted({row["day"] for row in rows}):
        on = datetime.date.fromisoformat(day)
        texts = list(Edition.objects.public(Moment(on)))
        contents = {
            (edition.subject_kind, edition.subject_key): edition.data
            for edition in texts
            if edition.subject_kind in ("organization", "place", "source")
        }
        names = Names(contents, on=on)
        for edition in texts:
            for fact in edition.data.get("facts", ()):
                key = f"{edition.name}#{fact['key']}"
                told.setdefault(key, {"fact": key, "day": day} | {la: sentence(fact, names, la) for la in ("en", "es")})
    assert told == expected


#: How many initiatives each place has, its country by its code too.
PLACES = {
    "texas": 7,
    "california": 3,
    "new-mexico": 1,
    "chihuahua": 2,
    "tijuana": 1,
    "baja-california": 2,
    "el-paso": 1,
    "tamaulipas": 2,
    "mexico": 18,
    "united-states": 13,
}


def test_a_place_counts_alike_in_its_filter_its_page_and_for_its_country(client, read):
    found = {}
    for place in PLACES:
        chosen = {edition.subject_key for edition in listed(client, place=place)}
        here = read("es", f"places/{place}/").partition('id="initiatives"')[2].partition("</section>")[0]
        assert set(re.findall(r"/es/initiatives/([a-z-]+)/", here)) == chosen, place
        found[place] = len(chosen)
    assert found == PLACES
    for place, code in (("mexico", "MX"), ("united-states", "US")):
        assert len(listed(client, country=code)) == PLACES[place]


def listed(client, **choices) -> list[Edition]:
    return list(client.get("/en/initiatives/", choices | {"as_of": DAY}).context["filter"].qs)


def test_the_timeline_is_full_and_its_legend_has_what_is_drawn(client):
    """No gap takes most of it, marks stand within it, and what goes on ends with the last text."""
    chart = client.get("/es/timeline/", {"as_of": DAY}).context["chronicle"]
    positions = sorted(float(sign.x.rstrip("%")) for sign in chart.signs)
    assert max(b - a for a, b in zip([0, *positions], [*positions, 100], strict=False)) < 40
    assert [status for status, _label in chart.statuses] == ["done", "under_way", "past"]
    assert [tick.label for tick in chart.ticks if tick.label] == ["jul 2022", "2023", "2024"]
    last_text = chart.days.share(datetime.date(2024, 4, 19), end=True) * 100
    going_on = [sign for sign in chart.signs if sign.status == FactStatus.UNDER_WAY]
    assert all(float(sign.x.rstrip("%")) <= last_text for sign in going_on)


def test_the_basis_of_a_page_is_told_once(read):
    for path, english, spanish in (
        ("initiatives/otay-mesa-ii/", "Based on", "Texto elaborado a partir"),
        ("meetings/2024-04-19/", "Based on", "Texto elaborado a partir"),
        ("", "All texts here are based on published documents", "Todos los textos de esta página se basan"),
    ):
        for language, words in (("en", english), ("es", spanish)):
            assert text(ASIDE.sub("", read(language, path))).count(words) == 1, path


#: Names of settings and keys of records, which no page says.
INTERNAL = re.compile(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b|\b(?:under_way|fact_sheet|joint_text|mid_year_review)\b")


def test_no_page_says_a_key_or_the_name_of_a_setting(read):
    keys = set(Edition.objects.filter(subject_key__contains="-").values_list("subject_key", flat=True))
    keys = {key for key in keys if re.search(r"[a-z]-[a-z]", key)}
    for path in (
        "",
        "initiatives/otay-mesa-ii/",
        "meetings/2024-04-19/",
        "timeline/",
        "map/",
        "organizations/usaid/",
        "items/?status=under_way",
        "compare/?from=2024-04-19&to=2026-04-19",
    ):
        for language in ("en", "es"):
            words = text(ASIDE.sub("", read(language, path)))
            assert INTERNAL.findall(words) == [], path
            assert keys & set(re.findall(r"(?<![/\w-])[a-z0-9]+(?:-[a-z0-9]+)+(?![/\w-])", words)) <= {"one-stop"}, path


def test_the_log_of_the_shipped_texts_holds():
    assert list(verification.verify()) == []
