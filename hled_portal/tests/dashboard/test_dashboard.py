"""The first page of the admin, its guide, its language and its tables, for each role."""

import re
from contextlib import nullcontext

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hled_portal.admin import app_list
from hled_portal.admin.site import PortalAdminSite
from hled_portal.dashboard import registry
from hled_portal.models import User
from hled_portal.security.roles import ROLES
from hled_portal.tests import factories as make
from hled_portal.tests.pages import without_rendering

pytestmark = pytest.mark.django_db

EDITOR = ["returned", "proposed", "releases", "past", "silent", "languages", "drafts", "reports"]
OFFICER = ["my-key", "returned", "proposed", "releases", "past", "silent"]


@pytest.fixture
def cast(db):
    return make.make_cast()


def desk(client, user):
    client.force_login(user)
    answer = client.get("/admin/")
    assert answer.status_code == 200
    return answer


def test_the_site_of_the_admin_is_the_desk_with_every_table():
    assert isinstance(admin.site._wrapped, PortalAdminSite)
    assert User in admin.site._registry


def test_each_role_sees_the_panels_of_its_work_in_three_boxes_and_a_folded_list(cast, client):
    rita = make.make_user("rita", "recommendations", delegation="MX")
    sam = make.make_user("sam", "administrator")
    tess = make.make_user("tess", "auditor", audits="joint")
    zed = make.make_user("zed", "recommendations", delegation="US")
    zed.groups.set(Group.objects.all())
    found, boxes = {}, {}
    for user in (cast.ana, cast.luis, rita, sam, tess, zed):
        answer = desk(client, user)
        parts = [answer.context[part] for part in ("panels", "more_panels")]
        found[user.username] = [name for part in parts for name, _panel in part]
        boxes[user.username] = answer.content.decode().partition("<details")[0].count('class="desk-panel"')
    assert boxes == {"ana": 3, "luis": 3, "rita": 3, "sam": 0, "tess": 3, "zed": 3}
    assert {group.name for group in Group.objects.all()} == {role.name for role in ROLES}
    assert set(found.pop("zed")) >= {"recommendations", "my-key", "drafts"}
    assert found == {
        "ana": EDITOR,
        "luis": OFFICER,
        "rita": ["recommendations", "returned", "proposed", "releases"],
        "sam": [],
        "tess": ["releases", "past", "silent"],
    }


def test_who_reports_finds_an_initiative_from_the_first_page(cast, client):
    initiative = make.make_initiative()
    assert 'name="q"' in desk(client, cast.ana).content.decode()
    html = client.get("/admin/initiatives/initiative/", {"q": "Otay"}).content.decode()
    assert f'href="/admin/initiatives/initiative/{initiative.pk}/report/"' in html
    assert 'name="q"' not in desk(client, cast.luis).content.decode()


def test_who_may_read_the_log_finds_it_from_every_page(cast, client):
    for user, linked in ((cast.luis, True), (cast.ana, False), (make.make_user("sam", "administrator"), True)):
        assert ('href="/admin/log/"' in desk(client, user).content.decode()) is linked


def test_tables_stand_in_the_order_of_the_work(cast, client):
    groups = [group["app_label"] for group in desk(client, cast.ana).context["app_list"]]
    assert groups == ["record", "signing", "dialogue", "register", "people", "running"]
    sam = make.make_user("sam", "administrator")
    assert [group["app_label"] for group in desk(client, sam).context["app_list"]] == ["people", "running"]


def test_every_table_has_its_place():
    placed = {label for _name, _title, labels in app_list.GROUPS for label in labels.split()}
    assert {model._meta.label for model in admin.site._registry} - placed == set()


def test_a_table_without_a_place_comes_last_under_its_app():
    app = {"app_label": "x", "name": "X", "models": [{"object_name": "New", "name": "news"}]}
    assert app_list.grouped([app]) == [app]


def test_a_panel_shows_ten_lines_and_a_page_of_its_own_shows_all(cast, client):
    for n in range(12):
        make.make_edition(cast.ana, f"topic-{n}")
    text = desk(client, cast.luis).content.decode()
    assert text.count("Topic: Supply chains") == 10
    assert 'href="/admin/waiting/my-key/"' in text
    answer = client.get("/admin/waiting/my-key/")
    assert answer.content.decode().count("Topic: Supply chains") == 12
    assert client.get("/admin/waiting/drafts/").status_code == 404
    assert client.get("/admin/waiting/nothing/").status_code == 404


def test_a_panel_counts_to_a_limit(cast, client, monkeypatch):
    for number in range(13):
        initiative = make.make_initiative(f"one-{number:02}", stage="under_way")
        make.make_fact(initiative, side="MX", ready=False)
    assert '<span class="desk-count">13</span>' in desk(client, cast.ana).content.decode()
    monkeypatch.setattr(registry, "MOST_COUNTED", 12)
    html = desk(client, cast.ana).content.decode()
    assert html.count('<span class="desk-count">12+</span>') == 4
    assert "View all (12+)" in html
    assert "Total: 13." in client.get("/admin/waiting/drafts/").content.decode()


@pytest.mark.only_on("sqlite")
def test_items_past_their_date_and_drafts_are_found_by_an_index(cast, client):
    make.make_fact(make.make_initiative())
    with CaptureQueriesContext(connection) as queries:
        desk(client, cast.ana)
    statements = [query["sql"] for query in queries if 'FROM "initiatives_fact" LEFT' in query["sql"]]
    assert len(statements) == 3
    for statement in statements:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement.replace('%', '%%')}")
            assert "SCAN initiatives_fact" not in [row[3] for row in cursor.fetchall()], statement


def test_a_panel_needs_a_place():
    with pytest.raises(ValueError, match="no place"):
        registry.register_panel("weather", lambda visit: None)


@pytest.mark.parametrize("count", [1, 30])
def test_queries_of_the_first_page_do_not_grow(cast, client, django_assert_num_queries, count):
    for n in range(count):
        make.make_edition(cast.ana, f"topic-{n}")
        make.make_fact(make.make_initiative(f"initiative-{n}"), date_edtf="2020", ready=False)
    client.force_login(cast.ana)
    client.get("/admin/")
    with django_assert_num_queries(26 if count == 1 else 27):
        client.get("/admin/")


def test_the_guide_is_for_everybody_at_the_desk_and_names_whom_to_ask(client, settings):
    client.force_login(make.make_user("stranger"))
    settings.SITE_OWNERS = "SE and DOC"
    text = client.get("/admin/guide/").content.decode()
    assert "SE and DOC" in text
    assert "/admin/completeness/" not in text
    client.logout()
    assert client.get("/admin/guide/").status_code == 302


def test_who_sees_a_link_on_the_first_page_or_in_the_guide_may_follow_it(cast, client):
    superuser = make.make_user("root", is_superuser=True)
    opened = 0
    for user in (cast.ana, cast.luis, make.make_user("rita", "recommendations", delegation="MX"), superuser):
        client.force_login(user)
        text = client.get("/admin/").content.decode() + client.get("/admin/guide/").content.decode()
        with nullcontext() if user is superuser else without_rendering():
            for address in sorted(set(re.findall(r'href="(/admin/[^"#]+)"', text)) - {"/admin/password_change/"}):
                assert client.get(address.replace("&amp;", "&")).status_code == 200, (user.username, address)
                opened += 1
    assert opened > 100


def test_the_language_is_chosen_in_the_head_and_the_page_stays(cast, client):
    client.force_login(cast.ana)
    answer = client.post("/admin/language/", {"language": "es", "next": "/admin/guide/?a=b"}, follow=True)
    assert answer.redirect_chain == [("/admin/guide/?a=b", 302)]
    text = answer.content.decode()
    assert '<html lang="es"' in text
    assert "Guía del personal" in text
    assert 'value="/admin/guide/?a=b"' in text
    assert client.get("/admin/language/").status_code == 405


def test_the_language_is_chosen_before_signing_in_and_leads_to_no_other_host(client):
    answer = client.post("/admin/language/", {"language": "es", "next": "https://example.org/"})
    assert answer.url == "/"
    assert "Iniciar sesión" in client.get("/admin/login/", follow=True).content.decode()
