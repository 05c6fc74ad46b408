"""What every page shows."""

from django.conf import settings
from django.utils.translation import get_language

HTML_LANGUAGES = {"en": "en", "es": "es-MX"}


def portal(request) -> dict:
    return {
        "html_lang": HTML_LANGUAGES.get(get_language(), "en"),
        "site_owners": settings.SITE_OWNERS,
    }
