"""Lists of the admin: each answers all choices of its filters, and no question about a column that it hides."""

from contextlib import nullcontext

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.test import RequestFactory
from django.utils import translation

from hled_portal.admin.input_hardening import SafeAdmin
from hled_portal.models import Mail
from hled_portal.tests import factories as make
from hled_portal.tests.pages import page, without_rendering
from initiatives.models import Pillar
from stakeholders.models import Campaign, Follower, Letter, Tag

pytestmark = pytest.mark.django_db
reviewed = pytest.mark.usefixtures("review")
TABLES = list(admin.site._registry)
ROLES = ["editor", "officer", "recommendations", "auditor"]


@pytest.fixture
def letters():
    """Letters and recommendations that have something for every filter."""
    officers = make.make_officers()
    pillar = Pillar.objects.first()
    letter = make.make_letter(consultation=make.make_consultation("other"))
    letter.points.update(pillar_key=pillar.key)
    recommendation = make.make_recommendation(officers.rosa, letter, pillar=pillar)
    recommendation.campaign = Campaign.objects.create(key="labs", name_en="Laboratories", name_es="Laboratorios")
    recommendation.save()
    recommendation.tags.add(Tag.objects.create(key="labs", name_en="Laboratories", name_es="Laboratorios"))
    make.make_heard(officers, make.make_letter("Otra cosa."))
    make.make_follower()
    Mail.objects.create(event="x")
    return officers


def open_all(client, user) -> int:
    """Open every list that the user may see, then ask it for each choice of each filter; how many choices there were.

    The rows of a choice are read without drawing the page again, which takes most of the time. Lists are drawn for one
    of the delegations.
    """
    client.force_login(user)
    opened = 0
    for model in TABLES:
        with nullcontext() if user.delegation == "US" else without_rendering():
            answer = client.get(page(model, "changelist"))
        assert answer.status_code in (200, 403), model
        for query in choices(answer.context_data["cl"]) if answer.status_code == 200 else []:
            request = RequestFactory().get(query)
            request.user = user
            narrowed = admin.site._registry[model].get_changelist_instance(request)
            assert len(narrowed.result_list) <= narrowed.full_result_count, (model, query)
            assert choices(narrowed)
            opened += 1
    return opened


def choices(changelist) -> list[str]:
    """The choices of all filters of a list, and a day of its dates."""
    found = [choice["query_string"] for spec in changelist.filter_specs for choice in spec.choices(changelist)]
    if changelist.date_hierarchy:
        name, day = changelist.date_hierarchy, make.DAY
        found.append(f"?{name}__year={day.year}&{name}__month={day.month}&{name}__day={day.day}")
    return found


@reviewed
@pytest.mark.parametrize("delegation", ["US", "MX"])
def test_every_choice_of_every_filter_answers_a_delegation(letters, client, delegation):
    user = make.make_user("reader", "editor", "officer", "recommendations", delegation=delegation)
    assert open_all(client, user) > 100


@reviewed
def test_every_choice_answers_who_runs_the_portal(letters, client):
    assert open_all(client, make.make_user("sam", "administrator")) > 10


@reviewed
def test_letters_are_filtered_by_the_pillar_that_a_point_names(letters, client):
    client.force_login(letters.rosa)
    named = Letter.objects.exclude(points__pillar_key="").get()
    listed = client.get(page(Letter, "changelist"), {"pillar": named.points.get().pillar_key}).context["cl"]
    assert list(listed.result_list) == [named]


# What the address of a list may ask


def columns(model, path: str = "", depth: int = 2) -> list[str]:
    """Every column that an address can name, by the way of relations in both directions."""
    found = []
    for field in model._meta.get_fields():
        found.append(f"{path}{field.name}")
        if field.is_relation and field.related_model and depth > 1:
            found += columns(field.related_model, f"{path}{field.name}__", depth - 1)
    return found


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.label)
def test_a_list_is_asked_for_its_filters_alone(model):
    """`lookup_allowed` of each table; it does not ask who reads, so that this holds for every role."""
    page_of = admin.site._registry[model]
    assert isinstance(page_of, SafeAdmin)
    request = RequestFactory().get("/")
    filters = page_of.get_list_filter(request)
    filtered = {each if isinstance(each, str) else each[0] for each in filters if isinstance(each, str | tuple)}
    for name in columns(model):
        if name not in filtered:
            assert not page_of.lookup_allowed(name, "1", request), name
        for lookup in ("contains", "startswith", "regex", "gt", "range"):
            assert not page_of.lookup_allowed(f"{name}__{lookup}", "1", request), (name, lookup)
        if name.split("__")[0] not in filtered:
            for lookup in ("exact", "in", "isnull", "isempty", "date"):
                assert not page_of.lookup_allowed(f"{name}__{lookup}", "1", request), (name, lookup)


HIDDEN = [
    (Mail, "body__contains"),
    (Mail, "recipient__startswith"),
    (Mail, "recipient_digest"),
    (Follower, "address__contains"),
    (Follower, "handle__startswith"),
    (Follower, "follows__key"),
    (Letter, "secret_digest__startswith"),
]


@pytest.mark.parametrize("role", [*ROLES, "administrator"])
def test_no_role_reads_a_hidden_column_by_its_address(client, role):
    make.make_follower()
    Mail.objects.create(event="x", body="1", recipient="1@example.org")
    delegation = "" if role in ("auditor", "administrator") else "MX"
    client.force_login(make.make_user("reader", role, delegation=delegation, audits="MX" * (role == "auditor")))
    for model, lookup in HIDDEN:
        assert client.get(page(model, "changelist"), {lookup: "1"}).status_code in (400, 403), lookup


def test_every_column_of_stakeholders_has_a_heading_in_both_languages():
    untranslated = []
    for model, table in admin.site._registry.items():
        if model._meta.app_label != "stakeholders":
            continue
        for column in table.list_display:
            headings = set()
            for language in ("en", "es"):
                with translation.override(language):
                    headings.add(str(label_for_field(column, model, table)))
            if len(headings) == 1 and column != "pk":
                untranslated.append(f"{model._meta.label}.{column}")
    assert untranslated == []
