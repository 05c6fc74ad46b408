"""The site and its data set in the words of schema.org."""

import json
import re

import pytest

from hled_portal.web import linked_data

SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.mark.django_db
def test_home_tells_what_the_site_is(client, settings):
    settings.SITE_URL = "https://portal.example"
    told = json.loads(SCRIPT.search(client.get("/es/").content.decode())[1])
    assert (told["@type"], told["url"]) == ("WebSite", "https://portal.example/es/")
    assert told["name"] == "Diálogo Económico de Alto Nivel México-Estados Unidos"
    target = told["potentialAction"]["target"]["urlTemplate"]
    assert target == "https://portal.example/es/search/?q={search_term_string}"


def test_the_data_set_names_its_licence(rf, settings):
    settings.SITE_URL = "https://portal.example"
    told = linked_data.dataset(rf.get("/en/data/"))
    assert told["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert told["url"] == "https://portal.example/en/data/"


def test_nothing_in_it_can_end_the_script(rf, monkeypatch):
    monkeypatch.setitem(linked_data.BUILDERS, "website", lambda request: {"name": "</script><b>&"})
    assert linked_data.script(rf.get("/"), "website").count("<") == 2
