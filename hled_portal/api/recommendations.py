"""Recommendations, answers and consultations, for programs: only what `.public()` gives readers of the pages."""

from collections.abc import Iterable
from http import HTTPStatus

from django import forms
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import LANGUAGES
from initiatives.exports.tables import Frame
from stakeholders.public import published, tables
from stakeholders.public.filters import RecommendationFilter

from . import schemas as rows
from .pagination import frame_of, moment_of, page_of
from .parameters import KEY, MOMENT, PAGED, Asked, Parameter
from .responses import Problem, reads, wrong_parameters


def _of_filter() -> Iterable[Parameter]:
    """The filters of the list of recommendations, described by themselves."""
    for name, each in RecommendationFilter.base_filters.items():
        many = issubclass(each.field_class, forms.MultipleChoiceField)
        choices = each.extra.get("choices")
        if choices and not callable(choices):
            schema = {"type": "string", "enum": [str(value) for value, _label in choices]}
        else:
            schema = KEY if many else {"type": "string", "minLength": 1}
        yield Parameter(name, each.extra.get("help_text") or each.label, schema, many)


SELECTION = tuple(_of_filter())


def _chosen(asked: Asked, at: as_of.Moment) -> RecommendationFilter:
    chosen = RecommendationFilter(asked.query, at)
    if not chosen.is_valid():

        def errors() -> dict:
            # Read once more when they are told, in the language of people.
            return {name: list(texts) for name, texts in RecommendationFilter(asked.query, at).errors.items()}

        raise wrong_parameters(errors)
    return chosen


@reads(*MOMENT, *PAGED, *SELECTION)
def recommendations(request, asked: Asked):
    """The published recommendations of a selection."""
    frame = frame_of(request, asked)
    page, links = page_of(request, asked, _chosen(asked, frame.at).qs, frame.at)
    found = [tables.recommendation_row(told, frame) for told in tables.of_page(page, frame)]
    return {**moment_of(frame.at), **links, "results": [_in_both(row, frame, "recommendation") for row in found]}


@reads(*MOMENT)
def recommendation(request, asked: Asked, key: str):
    """One recommendation with its answers. Of what never was public not even the key is told."""
    frame = frame_of(request, asked)
    row = published.public(frame.at).filter(key=key).first()
    if row is None:
        raise _absent(frame, key)
    told = tables.of_page([row], frame)[0]
    return {
        **_in_both(tables.recommendation_row(told, frame), frame, "recommendation"),
        "answers": [_in_both(tables.answer_row(answer, frame), frame, "recommendation") for answer in told.answers],
        "withdrawn": [marker for marker in tables.markers(frame) if marker["recommendation"] == key],
    }


def _absent(frame: Frame, key: str) -> Exception:
    if published.gone(key, frame.at) is not None:
        return Problem(HTTPStatus.GONE, _("This recommendation is no longer published."))
    return Http404()


@reads(*MOMENT, *PAGED, *SELECTION)
def answers(request, asked: Asked):
    """The answers to a selection of recommendations; a page holds all answers to so many recommendations."""
    frame = frame_of(request, asked)
    chosen = _chosen(asked, frame.at).qs.filter(answered_on__isnull=False)
    page, links = page_of(request, asked, chosen, frame.at)
    found = [tables.answer_row(answer, frame) for told in tables.of_page(page, frame) for answer in told.answers]
    results = [_in_both(row, frame, "recommendation") for row in found]
    return {**moment_of(frame.at), **links, "withdrawn": tables.markers(frame), "results": results}


@reads(*MOMENT, *PAGED)
def calls(request, asked: Asked):
    """The public consultations, open and closed."""
    frame = frame_of(request, asked)
    page, links = page_of(request, asked, tables.public_calls(frame), frame.at)
    found = tables.call_rows(page, frame)
    return {**moment_of(frame.at), **links, "results": [_in_both(row, frame, "consultation") for row in found]}


def _in_both(row: dict, frame: Frame, page: str) -> dict:
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
        found |= {f"row.{name}": rows.closed(_members(table)), f"list.{name}": list_of(f"row.{name}", table.markers)}
    marker = {"type": "array", "items": {"$ref": "#/components/schemas/withdrawn.answer"}}
    answered = {"type": "array", "items": {"$ref": "#/components/schemas/row.answers"}}
    one = _members(tables.RECOMMENDATIONS) | {"answers": answered, "withdrawn": marker}
    return found | {"one.recommendation": rows.closed(one), "withdrawn.answer": rows.closed(_marker())}


def _members(table: tables.Table) -> dict:
    members = {}
    for column in table.whole:
        names = [f"address_{language}" for language in LANGUAGES] if column.name == "address" else [column.name]
        members |= {name: rows.describe(column) for name in names}
    return members


def _marker() -> dict:
    """The marker of a withdrawn answer: which it was, and the columns of markers."""
    named = ("recommendation", "side", "edition", "public_from")
    columns = [*(column for column in tables.ANSWERS.columns if column.name in named), *tables.WITHDRAWN]
    return {column.name: rows.describe(column) for column in columns}
