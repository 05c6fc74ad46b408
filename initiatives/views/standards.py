"""The record in the standards of other bodies: IATI for development work, OC4IDS for works at the border."""

import json

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hled_portal.i18n.bilingual import active_language
from hled_portal.web.absolute_urls import absolute
from initiatives.exports import iati, oc4ids
from initiatives.exports.download_responses import export_context, undated_only


@require_safe
def activities(request):
    context = export_context(request)
    text = iati.build_iati(context)
    if text is None:
        return _nothing(_("There were no development activities in the record on that date."))
    return undated_only(HttpResponse(text, content_type="application/xml"), context)


@require_safe
def projects(request):
    context = export_context(request)
    uri = absolute(request, f"{request.path}?{context.at.query}")
    package = oc4ids.package(context, active_language(), uri, absolute(request, reverse("data")))
    if package is None:
        return _nothing(_("There were no border works in the record on that date."))
    text = json.dumps(package, ensure_ascii=False, indent=1)
    return undated_only(HttpResponse(text, content_type="application/json"), context)


def _nothing(reason: str) -> HttpResponse:
    """Both standards ask for one item at least: an empty file would be invalid."""
    return HttpResponse(f"{reason}\n", status=404, content_type="text/plain; charset=utf-8")
