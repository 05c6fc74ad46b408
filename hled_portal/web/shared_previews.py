"""The preview of one proposal for somebody without an account: whoever holds the link reads it."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language_info, override
from django.views.decorators.http import require_safe

from hled_portal.i18n.bilingual import LANGUAGES, active_language
from hled_portal.publishing import preview_links
from hled_portal.publishing.preview_pages import PRIVATE_HEADERS, render_preview

from . import rate_limits

#: How failed attempts are counted.
ATTEMPTS = "preview link"


@login_not_required
@require_safe
def shared_preview(request, token):
    """Unknown, revoked, expired and settled: one answer. Who guesses too often gets none for an hour."""
    client = request.META["REMOTE_ADDR"]
    shared = None if rate_limits.is_exhausted(ATTEMPTS, client) else preview_links.find_shared_text(token)
    if shared is None:
        too_often = rate_limits.too_often(ATTEMPTS, client)
        response = render(request, "preview_gone.html", {"contact": settings.CONTACT}, status=429 if too_often else 404)
        if too_often:
            response.headers["Retry-After"] = rate_limits.HOUR
    else:
        link, text = shared
        preview_links.count_opening(link)
        response = render_preview(request, text, active_language(), link=link, others=_other_language(token))
    for name, value in PRIVATE_HEADERS.items():
        response.headers[name] = value
    return response


def _other_language(token: str) -> list[tuple[str, tuple[str, str]]]:
    """Code, name and address of the preview in the other language."""
    (code,) = [code for code in LANGUAGES if code != active_language()]
    with override(code):
        address = reverse("shared_preview", args=[token])
    return [(code, (get_language_info(code)["name_local"].capitalize(), address))]
