"""What every page shows."""

import re

from django.conf import settings
from django.utils.translation import get_language

HTML_LANGUAGES = {"en": "en", "es": "es-MX"}


def portal(request) -> dict:
    day = request.GET.get("as_of", "")
    as_of = day if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day) else ""
    return {
        "as_of": as_of,
        "as_of_query": f"?as_of={as_of}" if as_of else "",
        "html_lang": HTML_LANGUAGES.get(get_language(), "en"),
        "site_owners": settings.SITE_OWNERS,
    }
