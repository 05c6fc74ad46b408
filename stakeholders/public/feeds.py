"""Recommendations and responses as they became public, as an Atom feed.

A recommendation that is no longer public is left out.
"""

from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.i18n.bilingual import in_language
from initiatives.exports.feeds import MAX_ENTRIES, FeedAddresses, FeedEntry, build_feed, withdrawn_entries
from initiatives.exports.tables import ExportContext
from stakeholders.models import Response

from . import published


def recommendation_feed(selected, context: ExportContext, addresses: FeedAddresses) -> Atom1Feed:
    """The feed of a selection of recommendations."""
    return build_feed(
        _("Recommendations to the U.S.-Mexico High-Level Economic Dialogue"),
        _("Published recommendations and responses, newest first, up to %(number)s."),
        recommendation_entries(selected, context),
        addresses,
        timezone.get_current_timezone(),
    )


def recommendation_entries(selected, context: ExportContext) -> list[FeedEntry]:
    """The newest recommendations and responses of a selection, and every withdrawn response. Four queries at most."""
    rows = selected.order_by("-published_at", "key")[:MAX_ENTRIES]
    released = Response.objects.known(context.at).select_related("release")
    responses = released.filter(recommendation_key__in=selected.order_by().values("key")).exclude(state="withdrawn")
    responses = responses.order_by("-publication", "recommendation_key", "side")[:MAX_ENTRIES]
    public = published.public_recommendations(context.at).values("key")
    withdrawn = released.filter(state="withdrawn", recommendation_key__in=public)
    return [
        *(_recommendation(row, context) for row in rows),
        *(_response(row, context) for row in responses),
        *withdrawn_entries(
            withdrawn.defer("content").with_followed_from(),
            lambda row: _address(row.recommendation_key, context),
            lambda marker, withdrawn_at: (withdrawn_at, marker.text),
        ),
    ]


def _recommendation(row, context: ExportContext) -> FeedEntry:
    text, lines = f"recommendation/{row.key}", [row.summary or row.words]
    title = _("Recommendation published: %(key)s") % {"key": row.key}
    return _entry(text, _address(row.key, context), row.published_at, title, lines)


def _response(row: Response, context: ExportContext) -> FeedEntry:
    values = {"whose": published.RESPONSE_TITLES[row.side], "key": row.recommendation_key, "number": row.number}
    title = _("%(whose)s to %(key)s, version %(number)s") % values
    lines = [capfirst(row.get_outcome_display()), in_language(vars(row), "words")]
    address = f"{_address(row.recommendation_key, context)}#answer-{row.side}"
    return _entry(row.text, address, row.release.released_at, title, lines)


def _entry(text: str, address: str, at, title: str, lines: list[str]) -> FeedEntry:
    return FeedEntry(text, address, at, at, title, lines, (at, text))


def _address(key: str, context: ExportContext) -> str:
    return context.site + reverse("recommendation", args=[key])
