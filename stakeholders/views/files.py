"""The current selection of recommendations, with its answers, as files and as a feed."""

from urllib.parse import urlsplit

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.files import download_writers
from hled_portal.web import license
from hled_portal.web.absolute_urls import absolute
from hled_portal.web.context_processors import HTML_LANGUAGES
from initiatives.exports import data_dictionary
from initiatives.exports.feeds import Head
from initiatives.exports.tables import ExportContext
from stakeholders.public import feeds, tables
from stakeholders.public.filters import RecommendationFilter


@require_safe
def table(request, name, form):
    frame, chosen = _parse_request(request)
    if not chosen.is_valid():
        return _refused(chosen, form)
    found = tables.ALL[name]
    rows = found.rows(chosen.qs, frame)
    answer = {"csv": _csv, "json": _json, "xlsx": _xlsx}[form](found, rows, frame, chosen.query_string)
    return _dated(answer, frame)


def _csv(table, rows, frame: ExportContext, query: str):
    names = [column.name for column in table.of_file]
    rows = tables.with_markers(rows, table, frame)
    return download_writers.streamed(download_writers.csv_parts(names, rows), "csv", _name(table.name, frame))


def _xlsx(table, rows, frame: ExportContext, query: str):
    names = [column.name for column in table.of_file]
    sheets = {
        table.name: (names, tables.with_markers(rows, table, frame)),
        "columns": (data_dictionary.DICTIONARY_COLUMNS, data_dictionary.dictionary_rows(table.name, table.of_file)),
        "about": (["name", "value"], _about(frame, query)),
    }
    return download_writers.saved(download_writers.xlsx_file(sheets), "xlsx", _name(table.name, frame))


def _json(table, rows, frame: ExportContext, query: str):
    head = {"table": table.name} | {row["name"]: row["value"] for row in _about(frame, query)}
    if table.markers:
        head["withdrawn"] = tables.withdrawn_response_rows(frame)
    return download_writers.streamed(download_writers.json_parts(head, "rows", rows), "json", _name(table.name, frame))


def _about(frame: ExportContext, query: str) -> list[dict]:
    """What the file is: the selection, the moment, the licence and where the columns are explained."""
    told = {
        "selection": query,
        "as_of": frame.at.day,
        "publication": frame.at.publication,
        "language": frame.language,
        "licence": license.ADDRESS,
        "dictionary": frame.site + reverse("data"),
    }
    return [{"name": name, "value": value} for name, value in told.items()]


@require_safe
def atom(request):
    frame, chosen = _parse_request(request)
    if not chosen.is_valid():
        return _refused(chosen, "atom")
    query = "&".join(filter(None, (chosen.query_string, frame.asked.query)))
    page = absolute(request, reverse("recommendation_list")) + (f"?{query}" if query else "")
    own = absolute(request, request.get_full_path())
    head = Head(own, page, HTML_LANGUAGES[frame.language], urlsplit(absolute(request, "")).hostname)
    made = feeds.feed(chosen.qs, frame, head)
    response = HttpResponse(made.writeString("utf-8"), content_type=download_writers.CONTENT_TYPES["atom"])
    return _dated(download_writers.labelled(response, "atom", _name("recommendations", frame)), frame)


def _parse_request(request) -> tuple[ExportContext, RecommendationFilter]:
    frame = ExportContext(as_of.from_request(request), absolute(request, ""))
    return frame, RecommendationFilter(request.GET, frame.at)


def _name(what: str, frame: ExportContext) -> str:
    """What it is, the day, the publication and the language."""
    return f"hled-{what}-{frame.at.day.isoformat()}-publication-{frame.at.publication}-{frame.language}"


def _dated(response, frame: ExportContext):
    """Search engines keep what is public now, not each day of the past."""
    if frame.asked.query:
        response["X-Robots-Tag"] = "noindex"
    return response


def _refused(chosen: RecommendationFilter, form: str):
    """Tell what is wrong: a program gets it as data, a reader as a page."""
    errors = {name: list(messages) for name, messages in chosen.errors.items()}
    if form == "json":
        return JsonResponse({"errors": errors}, status=400)
    raise BadRequest(" ".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items()))
