"""Recommendations and responses as they became public, as an Atom feed.

A recommendation that is no longer public is left out.
"""

import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.i18n.bilingual import in_language
from initiatives.exports import feeds
from initiatives.exports.feeds import FeedAddresses, FeedEntry, Order, build_feed, withdrawn_entries
from initiatives.exports.tables import ExportContext
from stakeholders.models import Response

from . import published

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
RECOMMENDATION, RESPONSE = range(2)


def recommendation_feed(
    selected, context: ExportContext, addresses: FeedAddresses, before: Order | None = None
) -> Atom1Feed:
    """The feed of a selection of recommendations."""
    return build_feed(
        _("Recommendations to the U.S.-Mexico High-Level Economic Dialogue"),
        _("Published recommendations and responses, newest first, up to %(number)s."),
        recommendation_entries(selected, context, before),
        addresses,
        before,
        timezone.get_current_timezone(),
    )


def recommendation_entries(selected, context: ExportContext, before: Order | None = None) -> list[FeedEntry]:
    """The newest recommendations and responses of a selection, and every withdrawn response. Four queries at most."""
    rows = selected.filter(_is_before(before, RECOMMENDATION, "published_at"))
    rows = rows.order_by("-published_at", "-pk")[: feeds.MAX_ENTRIES + 1]
    released = Response.objects.known(context.at).select_related("release")
    responses = released.filter(recommendation_key__in=selected.order_by().values("key")).exclude(state="withdrawn")
    responses = responses.filter(_is_before(before, RESPONSE, "release__released_at"))
    responses = responses.order_by("-release__released_at", "-pk")[: feeds.MAX_ENTRIES + 1]
    public = published.public_recommendations(context.at).values("key")
    withdrawn = released.filter(state="withdrawn", recommendation_key__in=public)
    return [
        *(_recommendation(row, context) for row in rows),
        *(_response(row, context) for row in responses),
        *withdrawn_entries(
            withdrawn.defer("content").with_followed_from(),
            lambda row: _address(row.recommendation_key, context),
            lambda row, _marker, withdrawn_at: _order(withdrawn_at, RESPONSE, row.pk),
        ),
    ]


def _order(at: datetime.datetime, kind: int, pk: int) -> Order:
    return (at - EPOCH) // MICROSECOND, kind, pk


def _is_before(before: Order | None, kind: int, column: str) -> Q:
    if not before:
        return Q()
    at = EPOCH + before[0] * MICROSECOND
    same = Q(**{column: at})
    if kind == before[1]:
        same &= Q(pk__lt=before[2])
    return Q(**{f"{column}__lt": at}) | (same if kind <= before[1] else Q(pk__in=()))


def _recommendation(row, context: ExportContext) -> FeedEntry:
    text, lines = f"recommendation/{row.key}", [row.summary or row.words]
    title = _("Recommendation published: %(key)s") % {"key": row.key}
    order = _order(row.published_at, RECOMMENDATION, row.pk)
    return _entry(text, _address(row.key, context), row.published_at, title, lines, order)


def _response(row: Response, context: ExportContext) -> FeedEntry:
    values = {"whose": published.RESPONSE_TITLES[row.side], "key": row.recommendation_key, "number": row.number}
    title = _("%(whose)s to %(key)s, version %(number)s") % values
    lines = [capfirst(row.get_outcome_display()), in_language(vars(row), "words")]
    address = f"{_address(row.recommendation_key, context)}#answer-{row.side}"
    at = row.release.released_at
    return _entry(row.text, address, at, title, lines, _order(at, RESPONSE, row.pk))


def _entry(text: str, address: str, at, title: str, lines: list[str], order: Order) -> FeedEntry:
    return FeedEntry(text, address, at, at, title, lines, order)


def _address(key: str, context: ExportContext) -> str:
    return context.site + reverse("recommendation", args=[key])
