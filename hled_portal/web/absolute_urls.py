"""Whole addresses of pages, and the same page in the other language."""

from django.conf import settings


def absolute(request, path: str) -> str:
    """The address with scheme and host: those of SITE_URL, else those that the request came by."""
    return (settings.SITE_URL or f"{request.scheme}://{request.get_host()}") + path


def in_other_language(path: str, language: str) -> str:
    """The same page and query under `language`; its home page where the address has no language."""
    _, prefix, rest = (path.split("/", 2) + ["", ""])[:3]
    return f"/{language}/{rest}" if prefix.partition("?")[0] in dict(settings.LANGUAGES) else f"/{language}/"


def in_any_language(path: str) -> str:
    """The address without its language, which leads to that of the reader's browser."""
    _, prefix, rest = (path.split("/", 2) + ["", ""])[:3]
    return f"/{rest}" if prefix in dict(settings.LANGUAGES) else path
