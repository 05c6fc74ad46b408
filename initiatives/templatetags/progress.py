"""Texts of entries and bars of stages."""

from django import template
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import active_language
from initiatives.charts import bars
from initiatives.wording import sentences

register = template.Library()


@register.simple_tag
def entry_line(entry) -> str:
    """What an entry is about: the infinitive and its object."""
    language = active_language()
    return sentences.entry_line(entry.action, getattr(entry, f"object_{language}") or entry.object, language)


@register.simple_tag
def entry_date(entry) -> str:
    """The date of an entry in words."""
    return edtf_dates.to_text(entry.edtf, active_language(), entry.wording) or _("no date")


@register.simple_tag
def stage_bar(progress, longest: int):
    """The segments of one pillar's bar of stages."""
    return bars.stacked_bar(progress.stage_counts, longest)


@register.simple_tag
def met_bar(milestones, longest: int):
    """The segments of one pillar's bar of milestones: met, and due but not met."""
    parts = [("met", "", milestones.met), ("unmet", "", milestones.due - milestones.met)]
    return bars.stacked_bar(parts, longest)
