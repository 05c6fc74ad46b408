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
from initiatives.exports.tables.table import WITHDRAWN
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


def _chosen(params: Params, at: as_of.Moment) -> RecommendationFilter:
    selection = RecommendationFilter(params.query, at)
    if not selection.is_valid():

        def errors() -> dict:
            # Evaluated again in the language of people.
            return {name: list(texts) for name, texts in RecommendationFilter(params.query, at).errors.items()}

        raise invalid_parameters_problem(errors)
    return selection


@api_view(*MOMENT, *PAGED, *RECOMMENDATION_PARAMETERS)
def recommendation_list(request, params: Params):
    """The published recommendations of a selection."""
    context = export_context(request, params)
    page, links = paginate(request, params, _chosen(params, context.at).qs, context.at)
    results = [tables.recommendation_row(one, context) for one in tables.page_rows(page, context)]
    return {
        **as_of_members(context.at),
        **links,
        "results": [_in_both(row, context, "recommendation") for row in results],
    }


@api_view(*MOMENT)
def recommendation(request, params: Params, key: str):
    """One recommendation with its answers. The key of one that never was public is unknown."""
    context = export_context(request, params)
    row = published.public_recommendations(context.at).filter(key=key).first()
    if row is None:
        raise _absent(context, key)
    public = tables.page_rows([row], context)[0]
    return {
        **_in_both(tables.recommendation_row(public, context), context, "recommendation"),
        "answers": [
            _in_both(tables.answer_row(answer, context), context, "recommendation") for answer in public.answers
        ],
        "withdrawn": [marker for marker in tables.withdrawn_response_rows(context) if marker["recommendation"] == key],
    }


def _absent(context: ExportContext, key: str) -> Exception:
    if published.gone(key, context.at) is not None:
        return Problem(HTTPStatus.GONE, _("This recommendation is no longer published."))
    return Http404()


@api_view(*MOMENT, *PAGED, *RECOMMENDATION_PARAMETERS)
def answers(request, params: Params):
    """The answers to a selection of recommendations; a page holds all answers to so many recommendations."""
    context = export_context(request, params)
    chosen = _chosen(params, context.at).qs.filter(answered_on__isnull=False)
    page, links = paginate(request, params, chosen, context.at)
    answer_rows = [
        tables.answer_row(answer, context) for one in tables.page_rows(page, context) for answer in one.answers
    ]
    results = [_in_both(row, context, "recommendation") for row in answer_rows]
    return {
        **as_of_members(context.at),
        **links,
        "withdrawn": tables.withdrawn_response_rows(context),
        "results": results,
    }


@api_view(*MOMENT, *PAGED)
def calls(request, params: Params):
    """The public consultations, open and closed."""
    context = export_context(request, params)
    page, links = paginate(request, params, tables.public_calls(context), context.at)
    call_rows = tables.call_rows(page, context)
    return {
        **as_of_members(context.at),
        **links,
        "results": [_in_both(row, context, "consultation") for row in call_rows],
    }


def _in_both(row: dict, context: ExportContext, page: str) -> dict:
    """The row with the address of its page in both languages."""
    row = dict(row)
    anchor = row.pop("address").partition("#")[2]
    key = row["key"] if "key" in row else row["recommendation"]
    for language in LANGUAGES:
        with override(language):
            row[f"address_{language}"] = context.address(page, key, anchor)
    return row


# Schemas


def schemas(list_of) -> dict:
    """The schemas of these answers; `list_of` makes that of a list of rows."""
    members = {}
    for name, table in tables.ALL.items():
        members |= {
            f"row.{name}": rows.closed(_members(table)),
            f"list.{name}": list_of(f"row.{name}", table.has_markers),
        }
    marker = {"type": "array", "items": {"$ref": "#/components/schemas/withdrawn.answer"}}
    answered = {"type": "array", "items": {"$ref": "#/components/schemas/row.answers"}}
    one = _members(tables.RECOMMENDATIONS) | {"answers": answered, "withdrawn": marker}
    return members | {"one.recommendation": rows.closed(one), "withdrawn.answer": rows.closed(_marker())}


def _members(table: tables.RecommendationTable) -> dict:
    members = {}
    for column in table.all_columns:
        names = [f"address_{language}" for language in LANGUAGES] if column.name == "address" else [column.name]
        members |= {name: rows.describe(column) for name in names}
    return members


def _marker() -> dict:
    """The marker of a withdrawn answer: which it was, and the columns of markers."""
    named = ("recommendation", "side", "edition", "public_from")
    columns = [*(column for column in tables.RESPONSES_TABLE.columns if column.name in named), *WITHDRAWN]
    return {column.name: rows.describe(column) for column in columns}
