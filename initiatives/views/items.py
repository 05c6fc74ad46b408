"""The list of dated items of all initiatives."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.filters.item_filters import ItemFilter, ItemPanel
from initiatives.record import name_lookup, upcoming

ITEMS_PER_PAGE = 100


@require_safe
def item_list(request):
    at = as_of.from_request(request)
    selection = ItemFilter(request.GET, at)
    page_number = request.GET.get("page", "")
    page = Paginator(selection.ids, ITEMS_PER_PAGE).get_page(page_number)
    page.object_list = entries = selection.rows(page.object_list)
    context = {
        "day": at.day,
        "filter": selection,
        "panel": ItemPanel(selection, page.paginator.count),
        "page": page,
        "rows": list(zip(entries, upcoming.format_entries(entries, selection.pillars, selection.names), strict=True)),
        "no_such_page": page_number if page_number not in ("", str(page.number)) else "",
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "goes_up_to": name_lookup.record_days(at),
        "markers": name_lookup.withdrawn_markers(at, "initiative"),
    }
    return render(request, "initiatives/items.html", context)
