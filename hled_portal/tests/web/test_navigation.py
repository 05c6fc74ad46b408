"""The menu and the foot of each page."""

import pytest
from django.utils import translation

from hled_portal.web import navigation


def test_the_menu_is_grouped_and_keeps_the_moment():
    groups = navigation.menu("/en/", "?as_of=2024-04-19")
    assert [[link.label for link in group] for group in groups] == [
        ["Progress", "Initiatives", "Meetings"],
        ["Timeline", "Calendar", "Compare"],
        ["Map", "Places", "Organizations"],
        ["Recommendations", "Responses"],
        ["Data", "About"],
    ]
    assert all(link.href.endswith("/?as_of=2024-04-19") for group in groups for link in group)


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/en/", {"Progress": "page"}),
        ("/en/initiatives/", {"Initiatives": "page"}),
        ("/en/initiatives/otay-mesa-ii/", {"Initiatives": "true"}),
        ("/en/about/privacy/", {"About": "true"}),
        ("/en/search/", {}),
    ],
)
def test_where_the_reader_is_stands_in_the_menu(path, current):
    links = [link for group in navigation.menu(path) for link in group]
    assert {str(link.label): link.current for link in links if link.current} == current


def test_a_page_that_is_not_built_has_no_link(monkeypatch):
    monkeypatch.setattr(navigation, "MENU", ((("home", "Home"), ("no_such_page", "None")), (("no_such_page", "None"),)))
    assert [[link.label for link in group] for group in navigation.menu("/en/")] == [["Home"]]
    assert navigation.named_url("no_such_page") == ""


def test_links_are_in_the_language_of_the_page():
    with translation.override("es"):
        assert navigation.foot("/es/")[0].href == "/es/about/"
        assert str(navigation.foot("/es/")[0].label) == "Acerca de este portal"
