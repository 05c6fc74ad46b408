"""Roles: what is declared is what the groups hold."""

import pytest
from django.contrib.auth.models import Group, Permission

from hled_portal.security.roles import FROZEN, ROLES, install_roles

pytestmark = pytest.mark.django_db


def held(role: str) -> set[str]:
    rows = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{app_label}.{codename}" for app_label, codename in rows}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_each_group_holds_what_its_role_declares(role):
    assert held(role.name) == role.codenames()
    assert role.codenames()


def test_an_officer_changes_no_working_table():
    rights = held("officer")
    assert {"initiatives.clear_edition", "initiatives.release_edition", "initiatives.view_fact"} <= rights
    changed = [name for name in rights if name.partition(".")[2].startswith(("add_", "change_", "delete_"))]
    assert sorted(changed) == ["hled_portal.add_releaseplan", "hled_portal.change_releaseplan"]


def test_an_editor_changes_working_tables_and_no_frozen_text():
    rights = held("editor")
    assert {"initiatives.change_fact", "initiatives.propose_edition", "initiatives.view_edition"} <= rights
    assert not [name for name in rights if name.endswith("clear_edition")]
    assert {"edition", "factsheet", "response", "release", "publication"} <= FROZEN
    actions = ("add", "change", "delete")
    assert not [f"initiatives.{a}_{m}" for a in actions for m in FROZEN if f"initiatives.{a}_{m}" in rights]


def test_an_auditor_only_views():
    assert all(name.partition(".")[2].startswith("view_") for name in held("auditor"))


def test_installing_again_mends_a_group_and_changes_nothing_else(django_assert_num_queries):
    officers = Group.objects.get(name="officer")
    officers.permissions.add(Permission.objects.get(codename="change_fact"))
    install_roles()
    assert "initiatives.change_fact" not in held("officer")
    with django_assert_num_queries(11):  # permissions, then each of five groups and what it holds
        install_roles()
