"""The current selection, and what belongs to it, as files, calendars and feeds."""

from urllib.parse import urlsplit

from django.core.exceptions import BadRequest
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.files import download_writers
from hled_portal.web import license
from hled_portal.web.absolute_urls import absolute
from hled_portal.web.context_processors import HTML_LANGUAGES
from initiatives.exports import calendars, data_dictionary, feeds, tables
from initiatives.exports.geojson import collection
from initiatives.exports.tables import ExportContext
from initiatives.filters import selection
from initiatives.models import Edition

#: Of which kinds of texts a selection tells what was withdrawn. Nothing is left of a withdrawn text to select it by,
#: so that every selection tells all of them.
WITHDRAWN = ("initiative",)


@require_safe
def table(request, name, form):
    frame = _frame(request)
    chosen = selection.parse_selection(request.GET, frame.at, facts=name == "facts")
    if chosen.errors:
        return _refused(chosen.errors, form)
    found = tables.SELECTION_TABLES[name]
    rows = found.rows(chosen.editions, frame)
    if chosen.fact_kinds:
        rows = (row for row in rows if row["kind"] in chosen.fact_kinds)
    answer = {"csv": _csv, "json": _json, "xlsx": _xlsx}[form]
    return _dated(answer(found, rows, frame, chosen.query), frame)


def _csv(table, rows, frame: ExportContext, query: str):
    names = [column.name for column in tables.marked(table)]
    rows = tables.with_markers(rows, table, frame, WITHDRAWN)
    return download_writers.streamed(download_writers.csv_parts(names, rows), "csv", _name(table, frame))


def _xlsx(table, rows, frame: ExportContext, query: str):
    names = [column.name for column in tables.marked(table)]
    sheets = {
        table.name: (names, tables.with_markers(rows, table, frame, WITHDRAWN)),
        "columns": (data_dictionary.DICTIONARY_COLUMNS, data_dictionary.rows([table])),
        "about": (["name", "value"], _about(frame, query)),
    }
    return download_writers.saved(download_writers.xlsx_file(sheets), "xlsx", _name(table, frame))


def _json(table, rows, frame: ExportContext, query: str):
    head = {"table": table.name} | {row["name"]: row["value"] for row in _about(frame, query)}
    head["withdrawn"] = tables.withdrawn_rows(frame, WITHDRAWN)
    return download_writers.streamed(download_writers.json_parts(head, "rows", rows), "json", _name(table, frame))


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
def geojson(request):
    frame = _frame(request)
    chosen = selection.parse_selection(request.GET, frame.at)
    if chosen.errors:
        return _refused(chosen.errors, "geojson")
    text = download_writers.json_text(collection(chosen.editions, frame))
    response = HttpResponse(text, content_type=download_writers.CONTENT_TYPES["geojson"])
    return _dated(download_writers.labelled(response, "geojson", _file_name("places", frame)), frame)


@require_safe
def calendar(request, meetings=False):
    """The dated facts of the selection; the `meetings` too where nothing is selected."""
    frame = _frame(request)
    chosen = selection.parse_selection(request.GET, frame.at)
    if chosen.errors:
        return _refused(chosen.errors, "ics")
    editions, name = chosen.editions, _("Dates of the dialogue: a selection")
    if meetings and not chosen.query:
        editions = Edition.objects.public(frame.at).filter(subject_kind__in=("initiative", "meeting"))
        name = _("Dates of the dialogue")
    diary = calendars.Diary(frame, absolute(request, request.get_full_path()), _authority(request))
    return _dated(download_writers.streamed(diary.parts(editions, name), "ics", _file_name("calendar", frame)), frame)


@require_safe
def atom(request):
    frame = _frame(request)
    chosen = selection.parse_selection(request.GET, frame.at)
    if chosen.errors:
        return _refused(chosen.errors, "atom")
    query = "&".join(filter(None, (chosen.query, frame.asked.query)))
    page = absolute(request, reverse("initiatives")) + (f"?{query}" if query else "")
    own = absolute(request, request.get_full_path())
    head = feeds.Head(own, page, HTML_LANGUAGES[frame.language], _authority(request))
    made = feeds.feed(chosen.editions, frame, head)
    response = HttpResponse(made.writeString("utf-8"), content_type=download_writers.CONTENT_TYPES["atom"])
    return _dated(download_writers.labelled(response, "atom", _file_name("initiatives", frame)), frame)


# What all of them share


def _frame(request) -> ExportContext:
    return ExportContext(as_of.from_request(request), absolute(request, ""))


def _authority(request) -> str:
    """The host that identifiers in calendars and feeds begin with."""
    return urlsplit(absolute(request, "")).hostname


def _name(table, frame: ExportContext) -> str:
    return _file_name(table.name, frame)


def _file_name(what: str, frame: ExportContext) -> str:
    """What it is, the day, the publication and the language."""
    return f"hled-{what}-{frame.at.day.isoformat()}-publication-{frame.at.publication}-{frame.language}"


def _dated(response, frame: ExportContext):
    """Search engines keep what is public now, not each day of the past."""
    if frame.asked.query:
        response["X-Robots-Tag"] = "noindex"
    return response


def _refused(errors: dict[str, list[str]], form: str):
    """Tell what is wrong: a program gets it as data, a reader as a page."""
    if form in ("json", "geojson"):
        return JsonResponse({"errors": errors}, status=400)
    raise BadRequest(" ".join(f"{name}: {' '.join(messages)}" for name, messages in errors.items()))
