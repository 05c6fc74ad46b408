"""Files and the feed of a selection of recommendations, with their responses."""

from django.views.decorators.http import require_safe

from initiatives.exports.download_responses import export_context, feed_response, invalid_selection, table_response
from stakeholders.public import feeds, tables
from stakeholders.public.filters import RecommendationFilter


@require_safe
def table(request, name, form):
    context = export_context(request)
    selection = RecommendationFilter(request.GET, context.at)
    if not selection.is_valid():
        return _invalid(selection, form)
    export_table = tables.ALL[name]
    rows = export_table.rows(selection.qs, context)
    return table_response(export_table, rows, form, selection.query_string, context)


@require_safe
def atom(request):
    context = export_context(request)
    selection = RecommendationFilter(request.GET, context.at)
    if not selection.is_valid():
        return _invalid(selection, "atom")
    return feed_response(
        request,
        feeds.recommendation_feed,
        selection.qs,
        selection.query_string,
        "recommendation_list",
        "recommendations",
        context,
    )


def _invalid(selection: RecommendationFilter, form: str):
    return invalid_selection({name: list(messages) for name, messages in selection.errors.items()}, form)
