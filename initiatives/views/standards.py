"""The record in the standards of other bodies: IATI for development work, OC4IDS for works at the border."""

import json

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import active_language
from hled_portal.web.absolute_urls import absolute
from initiatives.exports import iati, oc4ids
from initiatives.exports.tables.context import ExportContext


@require_safe
def activities(request):
    frame = _frame(request)
    found = iati.build_iati(frame)
    if found is None:
        return _nothing(_("The record holds no development work on that day."))
    return _dated(HttpResponse(found, content_type="application/xml"), request)


@require_safe
def projects(request):
    frame = _frame(request)
    uri = absolute(request, f"{request.path}?{frame.at.query}")
    found = oc4ids.package(frame, active_language(), uri, absolute(request, reverse("data")))
    if found is None:
        return _nothing(_("The record holds no works at the border on that day."))
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return _dated(HttpResponse(text, content_type="application/json"), request)


def _frame(request) -> ExportContext:
    return ExportContext(as_of.from_request(request), absolute(request, ""))


def _dated(response: HttpResponse, request) -> HttpResponse:
    """Robots are kept off dated addresses."""
    if as_of.from_request(request).query:
        response["X-Robots-Tag"] = "noindex"
    return response


def _nothing(reason: str) -> HttpResponse:
    """Both standards ask for one item at least: an empty file would be none of theirs."""
    return HttpResponse(f"{reason}\n", status=404, content_type="text/plain; charset=utf-8")
