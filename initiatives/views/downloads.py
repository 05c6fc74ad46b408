"""Files, calendars and feeds of a selection of initiatives."""

from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hled_portal.files import download_writers
from initiatives.exports import download_responses, feeds, tables
from initiatives.exports.download_responses import export_context, invalid_selection, table_response, text_response
from initiatives.exports.geojson import collection
from initiatives.filters.selection import parse_selection
from initiatives.models import Edition


@require_safe
def table(request, name, form):
    context = export_context(request)
    selection = parse_selection(request.GET, context.at, facts=name == "facts")
    if selection.errors:
        return invalid_selection(selection.errors, form)
    export_table = tables.SELECTION_TABLES[name]
    rows = export_table.rows(selection.editions, context)
    if selection.fact_kinds:
        rows = (row for row in rows if row["kind"] in selection.fact_kinds)
    return table_response(export_table, rows, form, selection.query, context)


@require_safe
def geojson(request):
    context = export_context(request)
    selection = parse_selection(request.GET, context.at)
    if selection.errors:
        return invalid_selection(selection.errors, "geojson")
    text = download_writers.json_text(collection(selection.editions, context))
    return text_response(text, "geojson", "places", context)


@require_safe
def calendar(request, meetings=False):
    """The dated facts of the selection, `since` a day; the `meetings` too where nothing is selected."""
    from initiatives.exports import calendars

    context = export_context(request)
    selection = parse_selection(request.GET, context.at)
    errors = selection.errors
    try:
        since = calendars.parse_since(request.GET.get("since", ""), context)
    except ValueError:
        errors = errors | {"since": [_("Enter a date such as 2024-04-19, or “all”.")]}
    if errors:
        return invalid_selection(errors, "ics")
    editions, title = selection.editions, _("Dates of the dialogue: a selection")
    if meetings and not selection.query:
        editions = Edition.objects.public(context.at).filter(subject_kind__in=("initiative", "meeting"))
        title = _("Dates of the dialogue")
    diary = calendars.Diary(context, request.get_full_path(), download_responses.AUTHORITY, since)
    name = download_responses.file_name("calendar", context)
    response = download_writers.streamed(diary.parts(editions, title), "ics", name)
    return download_responses.undated_only(response, context)


@require_safe
def atom(request):
    context = export_context(request)
    selection = parse_selection(request.GET, context.at)
    if selection.errors:
        return invalid_selection(selection.errors, "atom")
    return download_responses.feed_response(
        request, feeds.edition_feed, selection.editions, selection.query, "initiatives", "initiatives", context
    )
