"""A proposal as the page that readers would see: public templates, with its content in place of what is published.

Nothing is written: the text is copied in memory and told with public names, and those of texts on their way.
"""

import copy
from dataclasses import dataclass

from hled_portal import moments

from . import contents, differences, meetings, profile, proposals, record, reported, timeline
from .models import Edition
from .pillars import Pillars


@dataclass(frozen=True)
class Preview:
    """The template of a page and what it is given; `path` is where the page stands in public, after the language."""

    template: str
    path: str
    context: dict


def of(text: Edition) -> Preview:
    """The page as readers would see it; of an entry without such a page, its names in both languages."""
    shown = _as_published(text)
    names = proposals.register({*differences.named(text.data), *contents.needed(text.data)})
    names.contents.setdefault((text.subject_kind, text.subject_key), text.data)
    page = {"initiative": _initiative, "meeting": _meeting}.get(text.subject_kind, _entry)
    return page(shown, names)


def _as_published(text: Edition) -> Edition:
    """A copy that is never saved, with the columns that a release would work out."""
    shown = copy.copy(text)
    for name, value in contents.columns(text.data).items():
        setattr(shown, name, value)
    if shown.number is None:
        newest = text.siblings().filter(number__isnull=False).order_by("-number").values_list("number", flat=True)
        shown.number, shown.public_from = (newest.first() or 0) + 1, moments.today()
    return shown


def _initiative(shown: Edition, names: record.Register) -> Preview:
    at = moments.now()
    placed = profile.placed(shown, names)
    context = {
        "day": at.day,
        "edition": shown,
        "placed": placed,
        "ties": profile.ties(shown, names, at),
        "profile": profile.profile(shown, names),
        "timeline": timeline.of(shown.data, names, at.day, placed.cycle_ends, shown.last_reported),
        "editions": profile.editions_of(shown.subject_key, at),
        "goes_up_to": record.goes_up_to(at),
    }
    return Preview("initiatives/initiative.html", f"initiatives/{shown.subject_key}/", context)


def _meeting(shown: Edition, names: record.Register) -> Preview:
    at = moments.now()
    context = {
        "day": at.day,
        "edition": shown,
        "joint_text": record.source_line(shown.source_key, names) if shown.source_key else None,
        "meeting": meetings.page(shown.data, names),
        "timeline": timeline.of(shown.data, names, at.day, Pillars(at).cycle_ends(shown.data)),
        "reported": reported.reported(shown, names, at),
        "markers": reported.markers_of(shown, at),
        "goes_up_to": record.goes_up_to(at),
    }
    return Preview("initiatives/meeting.html", f"meetings/{shown.subject_key}/", context)


def _entry(shown: Edition, names: record.Register) -> Preview:
    """Pillars and entries of the register are told in the pages of others: what they say is shown whole."""
    context = {"edition": shown, "parts": proposals.between(None, shown.data, names)}
    return Preview("initiatives/entry_preview.html", "", context)
