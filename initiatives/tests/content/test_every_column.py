"""Each editable column of the record is frozen, compared, exported and imported, or is declared internal."""

import copy
import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models

from hled_portal.dates.as_of import Moment
from hled_portal.publishing.canonical_json import canonical
from hled_portal.search import fulltext
from hled_portal.tests import factories as make
from initiatives import models as record
from initiatives.admin.initiative_admin import with_remaining_columns
from initiatives.content import content_schema, diff, search_documents
from initiatives.content.fields import FIELDS, Field
from initiatives.editions import freezing
from initiatives.exports import tables
from initiatives.exports.tables import ExportContext, field_columns
from initiatives.imports.resources import FILES
from initiatives.imports.widgets import OneOfField
from initiatives.models.base import DurationField, EdtfField, KeyField, Row
from initiatives.wording import field_formatting
from initiatives.wording.names import Names

pytestmark = pytest.mark.django_db


class Place(NamedTuple):
    """Where the rows of a model stand in a frozen content, and who puts them into words.

    `words`: the kind of `FIELDS`, or the function that makes one line of a row. `owners`: foreign keys to the row
    that holds it, which the nesting tells.
    """

    kind: str
    path: tuple[str, ...]
    words: str | Callable
    owners: tuple[str, ...] = ()


PLACES = {
    record.Initiative: Place("initiative", (), "initiative"),
    record.Fact: Place("initiative", ("facts",), "fact", ("initiative", "meeting")),
    record.Reading: Place("initiative", ("facts", "readings"), field_formatting.reading, ("fact",)),
    record.DateChange: Place("initiative", ("facts", "date_changes"), field_formatting.date_change, ("fact",)),
    record.Participation: Place(
        "initiative", ("participations",), field_formatting.participation, ("initiative", "fact")
    ),
    record.Citation: Place(
        "initiative", ("citations",), field_formatting.citation, ("initiative", "fact", "reading", "attendance")
    ),
    record.Link: Place("initiative", ("links",), field_formatting.format_link, ("initiative",)),
    record.ReportingDuty: Place("initiative", ("reporting_duties",), field_formatting.duty, ("initiative",)),
    record.Pillar: Place("pillar", (), "pillar", ("cycle",)),
    record.Cycle: Place("pillar", ("cycle",), "cycle"),
    record.Workstream: Place("pillar", ("workstreams",), "workstream", ("pillar",)),
    record.Alias: Place("pillar", ("aliases",), field_formatting.alias, ("organization", "place", "pillar")),
    record.Meeting: Place("meeting", (), "meeting"),
    record.Attendance: Place("meeting", ("attendances",), "attendance", ("meeting",)),
    record.Heading: Place("meeting", ("headings",), "heading", ("meeting",)),
    record.Organization: Place("organization", (), "organization"),
    record.OrganizationName: Place("organization", ("names",), "name", ("organization",)),
    record.Succession: Place("organization", (), "organization", ("predecessor",)),
    record.Place: Place("place", (), "place"),
    record.Topic: Place("topic", (), "topic"),
    record.Source: Place("source", (), "source"),
}
#: Columns of rows without fields of their own, which a content holds under another name.
RENAMED = {
    (record.Link, "to_initiative"): "initiative",
    (record.Link, "to_organization"): "organization",
    (record.Succession, "successor"): "successors",
}
#: Columns that are not published, each with its reason. They are exported and imported all the same.
INTERNAL = {
    (record.Fact, "ready"): "whether a side lets its draft be proposed: what is frozen is ready",
    (record.ReportingDuty, "user"): "which member of staff answers for the duty",
    (record.DateChange, "changed_by"): "which member of staff changed the date",
} | {
    (model, column): "published for initiatives and facts; elsewhere it tells staff what is left to translate"
    for model in PLACES.keys() - {record.Initiative, record.Fact}
    for column in ("original_language", "translation_state")
}
#: Columns that files leave out, each with its reason.
NOT_IN_FILES = {
    (record.OrganizationName, "article_en"): "grammar of sentences, which the files hold ready made",
    (record.OrganizationName, "article_es"): "grammar of sentences, which the files hold ready made",
}
#: What stands in the place of an unnamed group.
UNNAMED = {"organization": None}
#: They tell which row it is and where it stands among the others, which is compared row by row.
IDENTITY = {"key", "order"}


def editable(model) -> list[models.Field]:
    columns = [*model._meta.fields, *model._meta.many_to_many]
    return [column for column in columns if column.editable and not column.primary_key]


def published(model, columns: Iterable[models.Field]) -> list[models.Field]:
    """Those that stand in the content under a name of their own."""
    return [
        column for column in columns if column.name not in PLACES[model].owners and (model, column.name) not in INTERNAL
    ]


def frozen_name(model, column: models.Field) -> str:
    fields = FIELDS.get(PLACES[model].words, ()) if isinstance(PLACES[model].words, str) else ()
    names = {name: key for field in fields for name, key in zip(field.columns, field.names, strict=True)}
    return RENAMED.get((model, column.name), names.get(column.name, column.name))


# A record with a row of each model, two where one may name another


@pytest.fixture
def world():
    pillar = make.make_pillar()
    workstreams = [
        record.Workstream.objects.create(pillar=pillar, key=key, number=n, name_en=key, name_es=key)
        for n, key in enumerate(("borders", "another"), 1)
    ]
    record.Alias.objects.create(pillar=pillar, text="I", language="en")
    bodies, places = ([build(key) for key in ("one", "another")] for build in (make.make_organization, make.make_place))
    record.Succession.objects.create(predecessor=bodies[0], successor=bodies[1])
    meeting, source = make.make_meeting(), make.make_source()
    make.make_topic("another")
    make.make_source("another", name_en="Another", name_es="Otra")
    make.make_meeting("2023-01-01")
    make.make_pillar(2)
    heading = record.Heading.objects.create(meeting=meeting, order=1, text_en="I", text_es="I", pillar=pillar)
    office = {"person": "Ana", "office_en": "Minister", "office_es": "Ministra", "organization": bodies[0]}
    record.Attendance.objects.create(meeting=meeting, order=1, delegation="MX", **office)
    initiative = make.make_initiative("one", workstream=workstreams[0])
    initiative.topics.add(make.make_topic())
    initiative.places.add(places[0])
    make.make_initiative("another")
    record.Link.objects.create(initiative=initiative, kind="informs", unnamed_en="others", unnamed_es="otras")
    record.ReportingDuty.objects.create(initiative=initiative, organization=bodies[0])
    record.Participation.objects.create(initiative=initiative, role="lead", organization=bodies[0])
    cited = {"source": source, "heading": heading, "heading_order": 1, "locator": "item"}
    record.Citation.objects.create(initiative=initiative, **cited)
    fact = make.make_fact(initiative)
    make.move_date(fact, "2025-01", text_en="Rain", text_es="Lluvia")
    figure = make.make_figure(initiative, order=2)
    share = {"out_of": 80, "every": "P1Y", "paid_by": bodies[0]}
    record.Reading.objects.create(fact=figure, value=60, reporting_body=bodies[0], as_of_edtf="2024-04-19", **share)
    subjects = [(kind, row.key) for kind, model in freezing.MODELS.items() for row in model.objects.all()]
    return {subject: json.loads(freezing.freeze(*subject)) for subject in subjects}


SUBJECTS = {"initiative": "one", "pillar": "2021-1", "meeting": "2024-04-19", "organization": "one", "place": "one"}
SUBJECTS |= {"topic": "supply-chains", "source": "2024-04-19-fact-sheet"}


def content_of(world: dict, model) -> dict:
    kind = PLACES[model].kind
    return world[kind, SUBJECTS[kind]]


def row_of(content: dict, model) -> dict:
    """A row of the model in a content."""
    found = content
    for name in PLACES[model].path:
        found = found[name]
        if isinstance(found, list):
            wanted = "figure" if model is record.Reading else "milestone"
            found = next(row for row in found if name != "facts" or row["kind"] == wanted)
    return found


# What is asked of a column


def unfrozen(world: dict, model, columns: Iterable[models.Field]) -> list[str]:
    row = row_of(content_of(world, model), model)
    return [column.name for column in published(model, columns) if frozen_name(model, column) not in row]


def uncompared(world: dict, model, columns: Iterable[models.Field]) -> list[str]:
    """Columns without a label of their own, or that the line of a row does not tell."""
    words = PLACES[model].words
    columns = [column for column in published(model, columns) if column.name not in IDENTITY]
    if isinstance(words, str):
        known = {name for each in FIELDS[words] for name in each.names}
        return [column.name for column in columns if frozen_name(model, column) not in known]
    formatter = field_formatting.FieldFormatter(Names(world), "en", {})
    missing = []
    for column in columns:
        old = row_of(content_of(world, model), model) | (UNNAMED if column.name.startswith("unnamed_") else {})
        fact = next(each for each in content_of(world, record.Fact)["facts"] if each["kind"] == "figure")
        if words(formatter, old, fact) == words(formatter, changed(old, model, column), fact):
            missing.append(column.name)
    return missing


def not_taken_away(world: dict, model, columns: Iterable[models.Field]) -> list[str]:
    """Columns that no table of `tables` holds: another value makes the same rows."""
    context = ExportContext(Moment(make.DAY), "https://dialogue.example")
    context.contents, context.names = world, Names(world, on=make.DAY)
    context.initiatives = {key for kind, key in world if kind == "initiative"}
    missing = []
    for column in published(model, columns):
        content = copy.deepcopy(content_of(world, model))
        before = rows_of(content, context)
        row = row_of(content, model)
        row |= changed(row, model, column)
        is_key = column.name == "key" and not PLACES[model].path  # Of the subject: its row begins with it.
        if before == rows_of(content, context) and not is_key and (model, column.name) not in NOT_IN_FILES:
            missing.append(column.name)
    return missing


def rows_of(content: dict, context: ExportContext) -> list[dict]:
    edition = record.Edition(subject_kind=content["kind"], subject_key=content["key"], content=canonical(content))
    names = {
        f"{name}_{language}": content.get(f"{name}_{language}", "")
        for name in ("title", "summary")
        for language in ("en", "es")
    }
    vars(edition).update(names)
    edition.content = canonical(content)
    selected = (table for table in tables.ALL.values() if content["kind"] in table.subjects)
    return [row for table in selected for row in table.make(edition, context)]


def not_in_resource(model, columns: Iterable[models.Field]) -> list[str]:
    """Columns that a file of the record does not hold, or that an import leaves alone."""
    fields = next(resource for resource in FILES.values() if resource._meta.model is model)().fields
    held = {name for name, field in fields.items() if not field.readonly}
    held |= {name for field in fields.values() if isinstance(field, OneOfField) for name in field.attributes}
    return [column.name for column in columns if column.name not in held]


def changed(row: dict, model, column: models.Field) -> dict:
    """The row with another value of the column."""
    name = frozen_name(model, column)
    return row | {name: another(column, row[name])} | (UNNAMED if name.startswith("unnamed_") else {})


def another(column: models.Field, value):
    if column.is_relation:
        return another_key(column, value)
    if column.choices:
        return next(code for code, _label in column.flatchoices if code and code != value)
    if isinstance(column, KeyField):
        return "other-key"
    if isinstance(column, EdtfField):
        return "2019-05"
    if isinstance(column, DurationField):
        return "P9D"
    if isinstance(column, models.BooleanField):
        return not value
    if isinstance(column, models.IntegerField):
        return (value or 0) + 1
    if isinstance(column, models.DecimalField):
        return "7"
    if isinstance(column, models.DateField):
        return "2019-05-06"
    return f"{value} anew"


def another_key(column: models.Field, value):
    keys = {"meeting": "2023-01-01", "pillar": "2021-2", "heading": "2024-04-19/9"}
    key = keys.get(column.related_model._meta.model_name, "another")
    return [key, *value] if isinstance(value, list) and key not in value else [] if isinstance(value, list) else key


# The tests


def test_every_model_of_the_record_has_its_place():
    loaded = {model for model in apps.get_app_config("initiatives").get_models() if issubclass(model, Row)}
    assert loaded == set(PLACES)
    assert {resource._meta.model for resource in FILES.values()} == set(PLACES)


@pytest.mark.parametrize("model", PLACES, ids=lambda model: model.__name__)
def test_each_column_goes_all_the_way(world, model):
    columns = editable(model)
    assert unfrozen(world, model, columns) == []
    assert uncompared(world, model, columns) == []
    assert not_taken_away(world, model, columns) == []
    assert not_in_resource(model, columns) == []


def test_what_is_declared_internal_is_there_and_is_in_no_content(world):
    """A reason outlives no column, and hides none that is published."""
    for model, column in [*INTERNAL, *NOT_IN_FILES]:
        if column in ("original_language", "translation_state") and not hasattr(model, column):
            continue
        assert column in {each.name for each in editable(model)}
    for model, column in INTERNAL:
        assert column not in row_of(content_of(world, model), model)


@pytest.mark.parametrize("model", [record.Initiative, record.Fact, record.Heading, record.Place])
def test_a_new_column_is_missed(world, model):
    column = models.TextField()
    column.name = "aim_en"
    assert unfrozen(world, model, [column]) == ["aim_en"]
    assert uncompared(world, model, [column]) == ["aim_en"]
    assert not_in_resource(model, [column]) == ["aim_en"]


@pytest.fixture
def added_field(monkeypatch):
    """A pair of columns that is in the model and in the table of fields, and nowhere else."""
    field = Field("aim", "aim (English)", "pair", label_es="aim (Spanish)", description="aim")
    monkeypatch.setitem(FIELDS, "initiative", (*FIELDS["initiative"], field))
    monkeypatch.setattr(record.Initiative, "aim_en", "Faster crossings", raising=False)
    monkeypatch.setattr(record.Initiative, "aim_es", "Cruces rápidos", raising=False)
    caches = (content_schema.content_schema, freezing.content_validator, field_columns._described)
    for cached in caches:
        cached.cache_clear()
    yield field
    for cached in caches:
        cached.cache_clear()


def test_a_field_of_the_table_goes_all_the_way(added_field):
    make.make_initiative("one")
    content = json.loads(freezing.freeze("initiative", "one"))
    texts = {"aim_en": "Faster crossings", "aim_es": "Cruces rápidos"}
    assert content.items() >= texts.items()
    earlier = {name: value for name, value in content.items() if name not in texts}
    (part,) = diff.compare_contents(earlier, content, Names({}), "en")
    assert [(change.label, change.language) for change in part.changes] == [
        ("aim (English)", "en"),
        ("aim (Spanish)", "es"),
    ]
    (passage,) = [
        row for row in search_documents.passages(content, Names({}), "es") if row.where == fulltext.Where.SUMMARY
    ]
    assert "Cruces rápidos" in passage.texts
    context = ExportContext(Moment(make.DAY), "https://dialogue.example")
    assert [column.name for column in field_columns.with_fields("initiative")][-2:] == ["aim_en", "aim_es"]
    assert field_columns.field_values("initiative", content, context).items() >= texts.items()
    assert field_columns.field_values("initiative", earlier, context).items() >= dict.fromkeys(texts, "").items()


def test_each_editable_column_of_an_initiative_has_a_place_on_its_form():
    names = {column.name for column in editable(record.Initiative)}
    fieldsets = [(None, {"fields": ("key", ("summary_en", "summary_es"))})]
    *_same, (_title, rest) = with_remaining_columns(record.Initiative, *fieldsets)
    assert ("title_en", "title_es") in rest["fields"]
    assert set(flatten_fieldsets([*fieldsets, (None, rest)])) == names
    assert set(flatten_fieldsets(admin.site._registry[record.Initiative].fieldsets)) == names
