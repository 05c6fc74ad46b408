"""What every page shows."""

from django.conf import settings
from django.utils.translation import get_language

HTML_LANGUAGES = {"en": "en", "es": "es-MX"}


def portal(request) -> dict:
    moment = getattr(request, "moment", None)  # Set by `as_of.from_request`.
    query = moment.query if moment else ""
    return {
        "moment": moment,
        "as_of_query": f"?{query}" if query else "",
        "html_lang": HTML_LANGUAGES.get(get_language(), "en"),
        "site_owners": settings.SITE_OWNERS,
    }
