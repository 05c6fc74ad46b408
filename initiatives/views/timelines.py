"""When: the timeline of all initiatives, and the calendar of what is next."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.filters.initiative_filters import InitiativeFilter
from initiatives.filters.period_forms import PeriodForm, PillarForm
from initiatives.record import name_lookup, timeline_chart, upcoming

TIMELINE_ROWS_PER_PAGE = 60


@require_safe
def timeline(request):
    at = as_of.from_request(request)
    chosen = InitiativeFilter(request.GET, at)
    form = PeriodForm(request.GET, chosen.pillars.labels, timeline_chart.years(at))
    page = Paginator(chosen.ids if form.is_valid() else [], TIMELINE_ROWS_PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = chosen.rows(page.object_list)
    first, last = form.span()
    context = {
        "day": at.day,
        "filter": chosen,
        "form": form,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        "chronicle": timeline_chart.build_timeline_chart(list(page), chosen.pillars, at.day, first, last),
        "goes_up_to": name_lookup.record_days(at),
        "markers": name_lookup.withdrawn_markers(at, "initiative"),
    }
    return render(request, "initiatives/timeline.html", context)


@require_safe
def calendar(request):
    at = as_of.from_request(request)
    chosen = InitiativeFilter(request.GET, at)
    context = {
        "day": at.day,
        "filter": chosen,
        "form": PillarForm(request.GET, chosen.pillars.labels),
        "agenda": upcoming.build_agenda(at, chosen.qs, chosen.pillars, chosen.names),
        "goes_up_to": name_lookup.record_days(at),
        "markers": name_lookup.withdrawn_markers(at, "initiative", "meeting"),
    }
    return render(request, "initiatives/calendar.html", context)
