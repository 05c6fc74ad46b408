"""Recommendations and answers as they became public, as an Atom feed (RFC 4287).

An entry keeps its identifier for ever. When an answer is withdrawn its marker takes the place of the words under the
same identifier; a recommendation that is no longer public is no longer told.
"""

import datetime
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.files.download_writers import printable
from hled_portal.i18n.bilingual import in_language
from hled_portal.models import Publication
from hled_portal.web import license
from initiatives.exports.feeds import NEWEST, Head
from initiatives.exports.tables import ExportContext
from initiatives.record import name_lookup
from stakeholders.models import Response

from . import published


@dataclass(frozen=True)
class RecommendationFeedEntry:
    """One thing that became public, or what stays of it."""

    name: str
    key: str
    anchor: str
    published: datetime.datetime
    updated: datetime.datetime
    title: str
    told: list[str]


def recommendation_entries(chosen, frame: ExportContext) -> list[RecommendationFeedEntry]:
    """The newest recommendations and answers of a selection, and every withdrawn answer. Four queries at most."""
    rows = list(chosen.order_by("-published_at", "key")[:NEWEST])
    found = [_recommendation(row) for row in rows]
    released = Response.objects.known(frame.at).select_related("release")
    answers = released.filter(recommendation_key__in=chosen.order_by().values("key")).exclude(state="withdrawn")
    found += [_answer(row) for row in answers.order_by("-publication", "recommendation_key", "side")[:NEWEST]]
    public = published.public_recommendations(frame.at).values("key")
    gone = released.filter(state="withdrawn", recommendation_key__in=public).defer("content").with_followed_from()
    found += _withdrawn(list(gone))
    return sorted(found, key=lambda entry: (entry.updated, entry.name), reverse=True)[:NEWEST]


def _recommendation(row) -> RecommendationFeedEntry:
    title = _("Recommendation published: %(key)s") % {"key": row.key}
    at = row.published_at
    return RecommendationFeedEntry(f"recommendation/{row.key}", row.key, "", at, at, title, [row.summary or row.words])


def _answer(row: Response) -> RecommendationFeedEntry:
    values = {"whose": published.RESPONSE_TITLES[row.side], "key": row.recommendation_key, "number": row.number}
    title = _("%(whose)s to %(key)s, edition %(number)s") % values
    told = [capfirst(row.get_outcome_display()), in_language(vars(row), "words")]
    at = row.release.released_at
    return RecommendationFeedEntry(row.text, row.recommendation_key, f"answer-{row.side}", at, at, title, told)


def _withdrawn(rows: list[Response]) -> list[RecommendationFeedEntry]:
    by_text = {row.text: row for row in rows}
    logged = Publication.objects.filter(action="withdrawn", text__in=by_text) if rows else ()
    at = {row.text: datetime.datetime.fromisoformat(row.data["at"]) for row in logged}
    found = []
    for marker in name_lookup.withdrawal_markers(rows):
        row = by_text[marker.text]
        values = {"text": marker.text, "delegation": marker.whose}
        title = _("%(text)s was withdrawn by the delegation of %(delegation)s") % values
        told = [str(part) for part in (marker.reason, marker.words) if part]
        begun = row.release.released_at
        found.append(
            RecommendationFeedEntry(marker.text, row.recommendation_key, "", begun, at[marker.text], title, told)
        )
    return found


def feed(chosen, frame: ExportContext, head: Head) -> Atom1Feed:
    """The feed of a selection."""
    made = Atom1Feed(
        title=_("Recommendations to the U.S.-Mexico High-Level Economic Dialogue"),
        link=head.page,
        description=None,
        subtitle=_("Each recommendation and each answer that was made public, the newest first, at most %(number)s.")
        % {"number": NEWEST},
        language=head.language,
        feed_url=head.address,
        feed_guid=head.address,
        author_name=_("U.S.-Mexico High-Level Economic Dialogue"),
        feed_copyright=license.ADDRESS,
    )
    for entry in recommendation_entries(chosen, frame):
        anchor = f"#{entry.anchor}" if entry.anchor else ""
        made.add_item(
            title=printable(entry.title),
            link=frame.site + reverse("recommendation", args=[entry.key]) + anchor,
            description=printable("".join(f"<p>{escape(line)}</p>" for line in entry.told)),
            unique_id=f"tag:{head.authority},2024:{entry.name}",
            pubdate=timezone.localtime(entry.published),
            updateddate=timezone.localtime(entry.updated),
        )
    return made
