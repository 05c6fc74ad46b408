"""Unique constraints in every form of the admin: what is taken is refused beside its field, with all that was typed."""

import copy

import pytest
from django.contrib import admin
from django.db import models

from hled_portal.admin.input_hardening import ReadOnlyAdmin
from hled_portal.admin.unique_constraints import unique_constraints
from hled_portal.tests import factories as make
from hled_portal.tests.pages import form_data, page, without_rendering
from hled_portal.tests.plugin import rolled_back
from initiatives import models as record
from stakeholders.models import InitiativeLink, Recommendation

from .test_admin_pages import fill

pytestmark = pytest.mark.django_db

#: Columns of which a row fills one: what it hangs on.
PARENTS = {
    record.Citation: ("initiative", "fact", "reading", "attendance"),
    record.Participation: ("initiative", "fact"),
    record.Alias: ("organization", "place", "pillar"),
    record.Fact: ("initiative", "meeting"),
}
FORMS = [model for model, table in admin.site._registry.items() if not isinstance(table, ReadOnlyAdmin)]
FORMS = [model for model in [*FORMS, InitiativeLink] if unique_constraints(model)]
RULES = [(model, rule) for model in FORMS for rule in unique_constraints(model)]
NAMES = [rule.name for _model, rule in RULES]


@pytest.fixture(scope="module")
def _rows(django_db_setup, django_db_blocker):
    with rolled_back(django_db_blocker):
        yield make_rows()


@pytest.fixture
def rows(_rows, db):
    return copy.deepcopy(_rows)


@pytest.fixture(autouse=True)
def _forms_alone():
    with without_rendering():
        yield


def make_rows() -> dict:
    """A row of every table of the record, and a link of a recommendation."""
    cast = make.make_cast()
    found = fill(cast)
    officers = make.make_officers()
    recommendation = make.make_recommendation(officers.rosa)
    link = InitiativeLink.objects.create(recommendation=recommendation, initiative=found[record.Initiative])
    found |= {Recommendation: recommendation, InitiativeLink: link, "ana": cast.ana, "rosa": officers.rosa}
    found["root"] = make.make_user("root", is_superuser=True)
    return found


def sign_in(client, rows, model):
    name = "rosa" if model._meta.app_label == "stakeholders" else "ana"
    client.force_login(rows["root" if model is record.Staff else name])


def pair_of_rows(rows, model, rule):
    """Two rows with the same parent that the constraint tells apart."""
    if model not in rows:
        return None
    one = rows[model]
    parents = PARENTS.get(model, ())
    if parents and getattr(one, rule.fields[0]) is None:
        one = copied(one, **dict.fromkeys(parents))
        related = model._meta.get_field(rule.fields[0]).related_model
        setattr(one, rule.fields[0], rows[related])
        one.save()
    other = copied(one)
    name = rule.condition and sorted(rule.condition.referenced_base_fields)[0] or rule.fields[-1]
    setattr(other, name, another(model._meta.get_field(name), getattr(one, name)))
    for unique in model._meta.fields:  # A key of its own.
        if unique.unique and not unique.primary_key:
            setattr(other, unique.name, f"{getattr(one, unique.name)}-b")
    for number in ("order", "number"):
        if name != number and any(field.name == number for field in model._meta.fields):
            setattr(other, number, getattr(one, number) + 1)
    if model is record.OrganizationName:  # One name is the present one.
        other.until_edtf = "2020"
    other.save()
    return one, other, name


def copied(row, **columns):
    found = copy.copy(row)
    found._state = copy.copy(row._state)
    found._state.fields_cache = {}
    found.pk, found._state.adding = None, True
    for name, value in columns.items():
        setattr(found, name, value)
    return found


def another(column, value):
    """Another value of a column."""
    if isinstance(column, models.ForeignKey):
        if column.related_model is record.Initiative:
            return make.make_initiative("another")
        return make.make_organization("another")
    if isinstance(column, models.IntegerField):
        return value + 1
    if column.choices:
        return next(choice for choice, _label in column.choices if choice != value)
    return f"{value}-b" if not column.name.endswith("_edtf") else "2020"


def value_in_form(row, name):
    return getattr(row, row._meta.get_field(name).attname)


@pytest.mark.parametrize(("model", "rule"), RULES, ids=NAMES)
def test_a_row_that_is_changed_to_one_that_is_there_is_refused_beside_a_field(rows, client, model, rule):
    pair = pair_of_rows(rows, model, rule)
    if pair is None or model is InitiativeLink:
        return  # It has no form of its own: the next tests open that of its parent.
    one, other, name = pair
    sign_in(client, rows, model)
    address = page(model, "change", other.pk)
    answer = client.get(address)
    form = answer.context_data["adminform"].form
    if name not in form.fields:
        return  # Set once: no form can change it.
    data = form_data(answer) | {name: value_in_form(one, name) or ""}
    typed = {
        field for field, column in form.fields.items() if column.has_changed(form.initial.get(field), data.get(field))
    }
    refused = client.post(address, data)
    assert refused.status_code == 200
    errors = refused.context_data["adminform"].form.errors
    assert errors.keys() & set(form.fields), errors
    assert "__all__" not in errors
    assert value_in_form(type(other).objects.get(pk=other.pk), name) == value_in_form(other, name)
    assert typed >= set(refused.context_data["adminform"].form.errors)


@pytest.mark.parametrize(("model", "rule"), RULES, ids=NAMES)
def test_rows_of_an_inline_are_compared_with_each_other(rows, client, model, rule):
    pair = pair_of_rows(rows, model, rule)
    shown = pair and opened(client, rows, model, rule, pair[0])
    if not shown:
        return  # No page shows these rows as a part.
    one, other, name = pair
    address, answer, formset = shown
    forms = {form.instance.pk: form for form in formset.initial_forms}
    first, second = (forms[row.pk].add_prefix(name) for row in (one, other))
    number = isinstance(model._meta.get_field(name), models.IntegerField)
    before = list(model.objects.order_by("pk").values_list("pk", name))
    # What is refused writes nothing, so that the next case finds the page as it was opened.
    for case in ("the same twice", "a new row", "two new rows", "exchanged"):
        data = form_data(answer)
        if case == "the same twice":
            data[second] = data.get(first, "")
        elif case == "exchanged":
            data[first], data[second] = data.get(second, ""), data.get(first, "")
        else:
            added = 1 if case == "a new row" else 2
            for index in range(added):
                data |= new_row(data, formset, forms[one.pk], index)
                if added == 2 and number:
                    place = int(formset.total_form_count()) - len(formset.extra_forms) + index
                    data[f"{formset.prefix}-{place}-{name}"] = 77
        saved = client.post(address, data)
        after = list(model.objects.order_by("pk").values_list("pk", name))
        if case == "exchanged" and (number or saved.status_code == 302):
            assert saved.status_code == 302, saved.context_data and found_errors(saved, model)
            assert [row for row in after if row not in before]
            continue
        assert saved.status_code == 200, case
        assert after == before, case
        wrong = found_errors(saved, model)
        assert wrong, case
        assert all(set(errors) <= set(forms[one.pk].fields) for errors in wrong), (case, wrong)


def opened(client, rows, model, rule, row):
    """The page of the parent by which the constraint is, and the formset of the rows there."""
    parent = getattr(row, rule.fields[0], None)
    if not isinstance(parent, models.Model) or type(parent) not in admin.site._registry:
        return None
    sign_in(client, rows, type(parent))
    address = page(type(parent), "edit" if model is InitiativeLink else "change", parent.pk)
    answer = client.get(address)
    if answer.status_code != 200:
        return None
    shown = [each.formset for each in answer.context_data["inline_admin_formsets"] if each.formset.model is model]
    editable = [formset for formset in shown if formset.fk.name == rule.fields[0] and formset.initial_forms]
    return (address, answer, editable[0]) if editable else None


def new_row(data, formset, form, index) -> dict:
    """What the browser sends of one more row, which says the same as one that is there."""
    place = len(formset.initial_forms) + index
    old, new = f"{form.prefix}-", f"{formset.prefix}-{place}-"
    added = {new + name.removeprefix(old): value for name, value in data.items() if name.startswith(old)}
    for gone in ("id", "version_token"):
        added.pop(new + gone, None)
    return added | {f"{formset.prefix}-TOTAL_FORMS": place + 1}


def found_errors(answer, model) -> list[dict]:
    formsets = [each.formset for each in answer.context_data["inline_admin_formsets"] if each.formset.model is model]
    return [errors for formset in formsets for errors in formset.errors if errors]


# The orders of links and participations, as people meet them


def two_links(rows):
    link = rows[record.Link]
    return link, record.Link.objects.create(
        initiative=link.initiative, kind="informs", order=link.order + 1, unnamed_en="a port", unnamed_es="un puerto"
    )


def test_an_order_that_a_deleted_row_had_is_free(rows, client):
    one, other = two_links(rows)
    client.force_login(rows["root"])  # Who may delete.
    address = page(record.Initiative, "change", one.initiative_id)
    answer = client.get(address)
    formset = next(s.formset for s in answer.context_data["inline_admin_formsets"] if s.formset.model is record.Link)
    forms = {form.instance.pk: form for form in formset.initial_forms}
    data = form_data(answer) | {
        forms[one.pk].add_prefix("order"): other.order,
        forms[other.pk].add_prefix("DELETE"): "on",
    }
    assert client.post(address, data).status_code == 302
    assert list(record.Link.objects.values_list("pk", "order")) == [(one.pk, other.order)]


def test_an_organization_is_renamed_on_one_page(rows, client):
    """The earlier name gets its last day, and the new one is added, with one save."""
    body = rows[record.Organization]
    client.force_login(rows["ana"])
    address = page(record.Organization, "change", body.pk)
    answer = client.get(address)
    formset = next(
        s.formset for s in answer.context_data["inline_admin_formsets"] if s.formset.model is record.OrganizationName
    )
    data = form_data(answer)
    (form,) = formset.initial_forms
    data |= new_row(data, formset, form, 0)
    data[f"{formset.prefix}-1-order"] = ""
    data[f"{formset.prefix}-1-name_en"] = "Renamed"
    assert client.post(address, data).status_code == 200
    data[form.add_prefix("until_edtf")] = "2024-01-31"
    assert client.post(address, data).status_code == 302
    assert list(body.names.order_by("order").values_list("until_edtf", flat=True)) == ["2024-01-31", ""]
