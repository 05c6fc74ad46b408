"""A pillar's progress for other sites: a page that they may frame, the only one, and a chart to take away."""

from csp.utils import build_policy
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.files.png import svg_to_png
from hled_portal.web.absolute_urls import absolute
from initiatives.record import progress

#: The fills of `_charts.scss`: a file that is taken away has no style sheet.
FILLS = {
    "planned": "#a9aeb1",
    "under_way": "#66508f",
    "completed": "#3b2162",
    "suspended": "#71767a",
    "cancelled": "#3d4551",
}

#: Units of the drawing.
CHART_WIDTH = 640


@require_safe
@xframe_options_exempt
def pillar_embed(request, cycle, number):
    context = _context(request, cycle, number)
    response = render(request, "initiatives/embed.html", context)
    # On the response, and not by a decorator: a page that is kept has only its headers.
    response["Content-Security-Policy"] = build_policy(replace={"frame-ancestors": ["*"]})
    return response


@require_safe
def pillar_chart(request, cycle, number, form):
    context = _context(request, cycle, number)
    segments = context["pillar"].stage_segments
    context["segments"] = [(segment, FILLS[segment.name], 96 + 22 * row) for row, segment in enumerate(segments)]
    context["width"] = CHART_WIDTH
    context["height"] = 182 + 22 * len(segments)
    drawing = render_to_string("initiatives/progress_chart.html", context, request)
    if form == "png":
        response = HttpResponse(svg_to_png(drawing, CHART_WIDTH), content_type="image/png")
    else:
        response = HttpResponse(drawing, content_type="image/svg+xml")
    response["Content-Disposition"] = f'inline; filename="hled-pillar-{cycle}-{number}-{context["day"]}.{form}"'
    return response


def _context(request, cycle, number) -> dict:
    at = as_of.from_request(request)
    pillar = progress.pillar_progress(f"{cycle}-{number}", at)
    if pillar is None:
        raise Http404
    query = f"?{at.query}" if at.query else ""
    return {
        "day": at.day,
        "pillar": pillar,
        "address": absolute(request, reverse("pillar", args=[cycle, number]) + query),
    }
