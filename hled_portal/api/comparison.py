"""What changed between two days, for programs: keys, to be joined with the rows of each day."""

from dataclasses import fields

from django.utils.translation import gettext_lazy as _

from hled_portal.dates import as_of
from hled_portal.dates.as_of import Moment
from initiatives.exports.tables.table import joins
from initiatives.models import Edition
from initiatives.record import comparison
from initiatives.record.fact_changes import FactChanges

from . import schemas as rows
from .parameters import DAY_PARAMETER, LANGUAGE_PARAMETER, PUBLICATION, Parameter, Params
from .responses import api_view, invalid_parameters_problem

FROM = Parameter("from", _("The earlier date."), DAY_PARAMETER, required=True)
TO = Parameter("to", _("The later date. If missing, today."), DAY_PARAMETER)
#: What a fact did: its date moved, a milestone was met, another fact took place, a figure has other readings.
CHANGE_FIELDS = tuple(field.name for field in fields(FactChanges))


@api_view(FROM, TO, PUBLICATION, LANGUAGE_PARAMETER)
def compare(request, params: Params):
    """The initiatives that are new, that changed and that were withdrawn between the ends of two days."""
    publication = as_of.newest_publication() if params.at.publication is None else params.at.publication
    days = _days(params)
    changes = comparison.compare_moments(*(Moment(day, publication, read={}) for day in days))
    return {
        "from": days[0],
        "to": days[1],
        "publication": publication,
        "withdrawn": _withdrawn(changes.earlier, changes.later),
        "new": [_describe_edition(edition) for edition in changes.new],
        "again": [_describe_edition(edition) for edition in changes.again],
        "changed": [_changed(row) for row in changes.changed],
        "others": [_describe_edition(row.edition) for row in changes.others],
    }


def _days(params: Params) -> tuple:
    today, errors = as_of.today(), {}
    days = {"from": as_of.parsed_day(params.query["from"]), "to": today}
    if "to" in params.query:
        days["to"] = as_of.parsed_day(params.query["to"])
    for name, day in days.items():
        if day is None:
            errors[name] = [_("Enter a date as year, month and day, for example 2024-04-19.")]
        elif day > today:
            errors[name] = [_("This date is in the future.")]
    if not errors and days["to"] < days["from"]:
        errors["to"] = [_("This date is before the earlier date.")]
    if errors:
        raise invalid_parameters_problem(lambda: errors)
    return days["from"], days["to"]


def _withdrawn(*moments_: Moment) -> list[dict]:
    """The markers of what would have been public at one of the moments."""
    editions = {edition.pk: edition for at in moments_ for edition in Edition.objects.withdrawn(at)}
    return rows.withdrawn_markers(list(editions.values()))


def _describe_edition(edition: Edition) -> dict:
    return joins(edition) | {"title_en": edition.title_en, "title_es": edition.title_es}


def _changed(row: comparison.Changed) -> dict:
    moved = {name: [fact.key for fact in getattr(row.movements, name)] for name in CHANGE_FIELDS}
    return _describe_edition(row.new) | {
        "edition_before": row.old.number,
        "stage_before": row.old.data["stage"],
        "stage": row.new.data["stage"],
        "facts": moved,
    }


# Schemas

TEXT_SCHEMA, NUMBER = {"type": "string"}, {"type": "integer"}


def schemas() -> dict:
    members = {
        "subject": TEXT_SCHEMA,
        "key": TEXT_SCHEMA,
        "edition": NUMBER,
        "title_en": TEXT_SCHEMA,
        "title_es": TEXT_SCHEMA,
    }
    keys = {"type": "array", "items": TEXT_SCHEMA}
    before = {"edition_before": NUMBER, "stage_before": TEXT_SCHEMA, "stage": TEXT_SCHEMA}
    changed = rows.closed(members | before | {"facts": rows.closed(dict.fromkeys(CHANGE_FIELDS, keys))})
    lists = dict.fromkeys(("new", "again", "others"), _list("compare.told")) | {"changed": _list("compare.changed")}
    days = {"from": DAY_PARAMETER, "to": DAY_PARAMETER, "publication": NUMBER, "withdrawn": _list("withdrawn")}
    return {"compare": rows.closed(days | lists), "compare.told": rows.closed(members), "compare.changed": changed}


def _list(name: str) -> dict:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
