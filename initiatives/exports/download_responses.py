"""Selections as responses: tables, feeds and other files, for the views of both apps."""

from collections.abc import Callable, Iterator

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from hled_portal.dates import as_of
from hled_portal.files import download_writers
from hled_portal.web import license
from hled_portal.web.absolute_urls import absolute
from hled_portal.web.context_processors import HTML_LANGUAGES

from . import data_dictionary
from .feeds import FeedAddresses, parse_before
from .tables import ExportContext, ExportTable


def export_context(request) -> ExportContext:
    return ExportContext(as_of.from_request(request), absolute(request, ""))


#: In the identifiers of calendars and feeds, which stay the same whatever host a reader asks.
AUTHORITY = "hled-portal"


def file_name(content: str, context: ExportContext) -> str:
    """The content, the day, the publication and the language."""
    return f"hled-{content}-{context.at.day.isoformat()}-publication-{context.at.publication}-{context.language}"


def undated_only(response, context: ExportContext):
    """Keep dated addresses out of search engines."""
    if context.requested.query:
        response["X-Robots-Tag"] = "noindex"
    return response


def invalid_selection(errors: dict[str, list[str]], form: str) -> JsonResponse:
    """Status 400: errors as data for a program, as a page for a reader."""
    if form in ("json", "geojson"):
        return JsonResponse({"errors": errors}, status=400)
    raise BadRequest(" ".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items()))


def text_response(text: str, form: str, content: str, context: ExportContext):
    response = HttpResponse(text, content_type=download_writers.CONTENT_TYPES[form])
    return undated_only(download_writers.labelled(response, form, file_name(content, context)), context)


def table_response(table: ExportTable, rows: Iterator[dict], form: str, query: str, context: ExportContext):
    """The rows of a selection, which is `query`, as CSV, workbook or JSON."""
    write = {"csv": _csv, "json": _json, "xlsx": _xlsx}[form]
    return undated_only(write(table, rows, query, context, file_name(table.name, context)), context)


def _csv(table: ExportTable, rows, _query: str, context: ExportContext, name: str):
    columns = [column.name for column in table.file_columns]
    return download_writers.streamed(download_writers.csv_parts(columns, table.file_rows(rows, context)), "csv", name)


def _xlsx(table: ExportTable, rows, query: str, context: ExportContext, name: str):
    about = ({"name": key, "value": value} for key, value in _about(context, query).items())
    sheets = {
        table.name: ([column.name for column in table.file_columns], table.file_rows(rows, context)),
        "columns": (data_dictionary.DICTIONARY_COLUMNS, data_dictionary.rows([table])),
        "about": (["name", "value"], about),
    }
    short = {table.name: (f"{table.name}-short", [n.format(context.language) for n in table.short_columns])}
    file = download_writers.xlsx_file(sheets, short=short if table.short_columns else None)
    return download_writers.saved(file, "xlsx", name)


def _json(table: ExportTable, rows, query: str, context: ExportContext, name: str):
    head = {"table": table.name} | _about(context, query)
    if table.has_markers:
        head["withdrawn"] = table.marker_rows(context)
    return download_writers.streamed(download_writers.json_parts(head, "rows", rows), "json", name)


def _about(context: ExportContext, query: str) -> dict:
    return {
        "selection": query,
        "as_of": context.at.day,
        "publication": context.at.publication,
        "language": context.language,
        "licence": license.ADDRESS,
        "dictionary": context.site + reverse("data"),
    }


def feed_response(request, build: Callable, selected, query: str, list_name: str, content: str, context: ExportContext):
    """The feed that `build` makes of a selection of the list with this URL name, or its entries `before` one."""
    try:
        before = parse_before(request.GET.get("before", ""))
    except ValueError:
        return invalid_selection({"before": [_("Use the link to older entries that the feed gives.")]}, "atom")
    params = request.GET.copy()
    params.pop("before", None)
    path = f"{request.path}?{params.urlencode()}" if params else request.path
    query = "&".join(filter(None, (query, context.requested.query)))
    addresses = FeedAddresses(
        feed=absolute(request, request.get_full_path()),
        path=path if before else request.get_full_path(),
        first=absolute(request, path),
        page=absolute(request, reverse(list_name)) + (f"?{query}" if query else ""),
        language=HTML_LANGUAGES[context.language],
        authority=AUTHORITY,
    )
    return text_response(build(selected, context, addresses, before).writeString("utf-8"), "atom", content, context)
