"""The page of what can be taken away, and its data dictionary in both languages."""

import re

import pytest
from django.utils import translation

from hled_portal.tests.factories import make_initiative, make_meeting, make_source
from initiatives.editions import joint_texts
from initiatives.exports import data_dictionary, tables
from initiatives.models import Citation
from stakeholders.public import tables as heard

pytestmark = [pytest.mark.usefixtures("kept_connection"), pytest.mark.django_db]
WORDS = {
    "en": (
        "Data dictionary",
        "Complete record",
        "value, not rounded; empty if unknown",
        "almost: almost",
    ),
    "es": ("Diccionario de datos", "El registro completo", "valor, sin redondear; vacío si no se conoce", "casi"),
}


@pytest.fixture(autouse=True)
def _record():
    source = make_source(meeting=make_meeting())
    Citation.objects.create(initiative=make_initiative(), source=source, order=1, locator="item 1")
    joint_texts.enter_joint_text(source)


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_explains_every_column_of_every_table(client, language):
    text = page(client, f"/{language}/data/")
    for words in WORDS[language]:
        assert words in text
    told = re.findall(r"<dt><code>([a-z_]+)</code>", text)
    columns = [column for table in tables.ALL.values() for column in table.file_columns]
    columns += [column for table in heard.ALL.values() for column in table.all_columns]
    assert set(told) == {column.name for column in columns}
    for name in (*tables.ALL, *heard.ALL):
        assert f'id="table-{name}"' in text
    assert "https://creativecommons.org/licenses/by/4.0/" in text


@pytest.mark.parametrize("query", ["", "?as_of=2024-04-18", "?as_of=2024-04-19&publication=1"])
def test_every_link_of_it_answers(client, query):
    text = page(client, f"/en/data/{query}")
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(?:http://testserver)?(/en/[^"#]+)"', text)}
    files = {link for link in links if re.search(r"\.(csv|xlsx|json|geojson|ics|atom|zip|xml)(\?|$)", link)}
    assert len(files) > 20
    # The record of this test knows neither SEP nor development work, and both say so.
    for link in {link for link in files if "organization=sep" not in link and "iati.xml" not in link}:
        answer = client.get(link)
        assert answer.status_code == 200, link
        answer.close()


def test_links_keep_the_moment(client):
    text = page(client, "/es/data/?as_of=2024-04-19&publication=1")
    assert 'href="/es/data/package.zip?as_of=2024-04-19&amp;publication=1"' in text
    assert 'href="/es/facts.csv?as_of=2024-04-19&amp;publication=1"' in text


def test_the_dictionary_is_the_same_in_either_language():
    english = list(data_dictionary.rows(tables.ALL.values()))
    with translation.override("es"):
        assert list(data_dictionary.rows(tables.ALL.values())) == english
    for row in english:
        assert set(row) == set(data_dictionary.DICTIONARY_COLUMNS)
        assert row["description_en"] != row["description_es"], row["column"]
        assert len(row["values_en"]) == len(row["values_es"])


def test_it_tells_the_newest_publication(client):
    assert "Latest publication number: 1." in page(client, "/en/data/")


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_takes_few_queries(client, django_assert_num_queries, language):
    with django_assert_num_queries(6):
        client.get(f"/{language}/data/")


def test_links_to_files_of_other_standards_are_there_where_the_files_are(client):
    for day in ("2024-04-18", "2024-04-19"):
        html = client.get(f"/en/data/?as_of={day}").content.decode()
        for name in ("iati.xml", "oc4ids.json"):
            is_there = client.get(f"/en/data/{name}?as_of={day}").status_code == 200
            assert (f"/data/{name}" in html) == is_there
