"""A proposal as the public page that it would become. Nothing is saved: the edition is copied in memory."""

import copy

from hled_portal.dates import as_of
from hled_portal.publishing.preview_pages import PreviewPage
from initiatives.content import diff, snapshot_content
from initiatives.models import Edition
from initiatives.record import initiative_profile, meeting_report, meetings, name_lookup, timeline
from initiatives.record.pillars import Pillars

from . import proposal_review


def build_preview(text: Edition) -> PreviewPage:
    """The page as readers would see it; of an entry without such a page, its names in both languages."""
    shown = _as_published(text)
    names = proposal_review.review_names({*diff.referenced_subjects(text.data), *snapshot_content.needed(text.data)})
    names.contents.setdefault((text.subject_kind, text.subject_key), text.data)
    page = {"initiative": _initiative, "meeting": _meeting}.get(text.subject_kind, _entry)
    return page(shown, names)


def _as_published(text: Edition) -> Edition:
    """An unsaved copy with the columns that a release would compute."""
    shown = copy.copy(text)
    for name, value in snapshot_content.columns(text.data).items():
        setattr(shown, name, value)
    if shown.number is None:
        newest = text.siblings().filter(number__isnull=False).order_by("-number").values_list("number", flat=True)
        shown.number, shown.public_from = (newest.first() or 0) + 1, as_of.today()
    return shown


def _initiative(shown: Edition, names: name_lookup.Register) -> PreviewPage:
    at = as_of.now()
    placed = initiative_profile.pillar_position(shown, names)
    context = {
        "day": at.day,
        "edition": shown,
        "placed": placed,
        "ties": initiative_profile.ties(shown, names, at),
        "joint_text": name_lookup.basis_line(shown, names),
        "profile": initiative_profile.profile(shown, names),
        "timeline": timeline.build_timeline(shown.data, names, at.day, placed.cycle_ends, shown.last_reported),
        "editions": initiative_profile.initiative_editions(shown.subject_key, at),
        "goes_up_to": name_lookup.record_days(at),
    }
    return PreviewPage("initiatives/initiative.html", f"initiatives/{shown.subject_key}/", context)


def _meeting(shown: Edition, names: name_lookup.Register) -> PreviewPage:
    at = as_of.now()
    context = {
        "day": at.day,
        "edition": shown,
        "joint_text": name_lookup.basis_line(shown, names),
        "meeting": meetings.build_meeting_page(shown.data, names),
        "timeline": timeline.build_timeline(shown.data, names, at.day, Pillars(at).cycle_ends(shown.data)),
        "reported": meeting_report.reported(shown, names, at),
        "markers": meeting_report.markers_of(shown, at),
        "goes_up_to": name_lookup.record_days(at),
    }
    return PreviewPage("initiatives/meeting.html", f"meetings/{shown.subject_key}/", context)


def _entry(shown: Edition, names: name_lookup.Register) -> PreviewPage:
    """Pillars and register entries have no page of their own: all their fields are listed."""
    context = {"edition": shown, "parts": proposal_review.compare_for_review(None, shown.data, names)}
    return PreviewPage("initiatives/entry_preview.html", "", context)
