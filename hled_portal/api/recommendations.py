"""Recommendations, answers and consultations, for programs: only what `.public()` gives readers of the pages."""

from collections.abc import Iterable
from http import HTTPStatus

from django import forms
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import LANGUAGES
from initiatives.exports.tables import ExportContext
from stakeholders.public import published, tables
from stakeholders.public.filters import RecommendationFilter

from . import schemas as rows
from .pagination import as_of_members, export_context, paginate
from .parameters import KEY, MOMENT, PAGED, Parameter, Params
from .responses import Problem, api_view, invalid_parameters_problem


def _filter_parameters() -> Iterable[Parameter]:
    """The filters of the list of recommendations, described by themselves."""
    for name, each in RecommendationFilter.base_filters.items():
        many = issubclass(each.field_class, forms.MultipleChoiceField)
        choices = each.extra.get("choices")
        if choices and not callable(choices):
            schema = {"type": "string", "enum": [str(value) for value, _label in choices]}
        else:
            schema = KEY if many else {"type": "string", "minLength": 1}
        yield Parameter(name, each.extra.get("help_text") or each.label, schema, many)


RECOMMENDATION_PARAMETERS = tuple(_filter_parameters())


def _chosen(asked: Params, at: as_of.Moment) -> RecommendationFilter:
    chosen = RecommendationFilter(asked.query, at)
    if not chosen.is_valid():

        def errors() -> dict:
            # Read once more when they are told, in the language of people.
            return {name: list(texts) for name, texts in RecommendationFilter(asked.query, at).errors.items()}

        raise invalid_parameters_problem(errors)
    return chosen


@api_view(*MOMENT, *PAGED, *RECOMMENDATION_PARAMETERS)
def recommendation_list(request, asked: Params):
    """The published recommendations of a selection."""
    frame = export_context(request, asked)
    page, links = paginate(request, asked, _chosen(asked, frame.at).qs, frame.at)
    found = [tables.recommendation_row(told, frame) for told in tables.page_rows(page, frame)]
    return {**as_of_members(frame.at), **links, "results": [_in_both(row, frame, "recommendation") for row in found]}


@api_view(*MOMENT)
def recommendation(request, asked: Params, key: str):
    """One recommendation with its answers. Of what never was public not even the key is told."""
    frame = export_context(request, asked)
    row = published.public_recommendations(frame.at).filter(key=key).first()
    if row is None:
        raise _absent(frame, key)
    told = tables.page_rows([row], frame)[0]
    return {
        **_in_both(tables.recommendation_row(told, frame), frame, "recommendation"),
        "answers": [_in_both(tables.answer_row(answer, frame), frame, "recommendation") for answer in told.answers],
        "withdrawn": [marker for marker in tables.withdrawn_response_rows(frame) if marker["recommendation"] == key],
    }


def _absent(frame: ExportContext, key: str) -> Exception:
    if published.gone(key, frame.at) is not None:
        return Problem(HTTPStatus.GONE, _("This recommendation is no longer published."))
    return Http404()


@api_view(*MOMENT, *PAGED, *RECOMMENDATION_PARAMETERS)
def answers(request, asked: Params):
    """The answers to a selection of recommendations; a page holds all answers to so many recommendations."""
    frame = export_context(request, asked)
    chosen = _chosen(asked, frame.at).qs.filter(answered_on__isnull=False)
    page, links = paginate(request, asked, chosen, frame.at)
    found = [tables.answer_row(answer, frame) for told in tables.page_rows(page, frame) for answer in told.answers]
    results = [_in_both(row, frame, "recommendation") for row in found]
    return {**as_of_members(frame.at), **links, "withdrawn": tables.withdrawn_response_rows(frame), "results": results}


@api_view(*MOMENT, *PAGED)
def calls(request, asked: Params):
    """The public consultations, open and closed."""
    frame = export_context(request, asked)
    page, links = paginate(request, asked, tables.public_calls(frame), frame.at)
    found = tables.call_rows(page, frame)
    return {**as_of_members(frame.at), **links, "results": [_in_both(row, frame, "consultation") for row in found]}


def _in_both(row: dict, frame: ExportContext, page: str) -> dict:
    """The row with the address of its page in both languages."""
    row = dict(row)
    anchor = row.pop("address").partition("#")[2]
    key = row["key"] if "key" in row else row["recommendation"]
    for language in LANGUAGES:
        with override(language):
            row[f"address_{language}"] = frame.address(page, key, anchor)
    return row


# Schemas


def schemas(list_of) -> dict:
    """The schemas of these answers; `list_of` makes that of a list of rows."""
    found = {}
    for name, table in tables.ALL.items():
        found |= {
            f"row.{name}": rows.closed(_members(table)),
            f"list.{name}": list_of(f"row.{name}", table.has_markers),
        }
    marker = {"type": "array", "items": {"$ref": "#/components/schemas/withdrawn.answer"}}
    answered = {"type": "array", "items": {"$ref": "#/components/schemas/row.answers"}}
    one = _members(tables.RECOMMENDATIONS) | {"answers": answered, "withdrawn": marker}
    return found | {"one.recommendation": rows.closed(one), "withdrawn.answer": rows.closed(_marker())}


def _members(table: tables.RecommendationTable) -> dict:
    members = {}
    for column in table.all_columns:
        names = [f"address_{language}" for language in LANGUAGES] if column.name == "address" else [column.name]
        members |= {name: rows.describe(column) for name in names}
    return members


def _marker() -> dict:
    """The marker of a withdrawn answer: which it was, and the columns of markers."""
    named = ("recommendation", "side", "edition", "public_from")
    columns = [*(column for column in tables.RESPONSES_TABLE.columns if column.name in named), *tables.WITHDRAWN]
    return {column.name: rows.describe(column) for column in columns}
