"""Texts of entries, bars of stages, and the lists behind counts."""

import datetime
from functools import lru_cache
from html import escape
from urllib.parse import urlencode

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import active_language, in_language
from initiatives.charts import bars
from initiatives.vocabulary.choices import InitiativeKind, Stage
from initiatives.vocabulary.fact_status import FactStatus, label_as_of
from initiatives.vocabulary.promise_result import PROMISES_DUE, PROMISES_MET
from initiatives.wording import sentences

from .downloads import moment_query

register = template.Library()
register.filter(label_as_of)


@register.simple_tag(takes_context=True)
def list_address(context, name: str, **filters) -> str:
    """The list that a count counts, at the moment of the page; `result` may be `due` or `met`, which are several."""
    several = {"due": PROMISES_DUE, "met": PROMISES_MET}
    values = {key: several.get(value, value) for key, value in filters.items() if value}
    return reverse(name) + moment_query(context, urlencode(values, doseq=True))


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
def stage(edition) -> SafeString:
    """The status of an initiative, and as of when."""
    return _stage(edition.stage, edition.last_reported, active_language())


@register.simple_tag(takes_context=True)
def initiative_summary(context, edition, heading: str, named_pillars=None) -> SafeString:
    """What a list tells of an initiative: a title, status and kind, its pillar where `named_pillars`, a summary.

    Made here: a page has dozens of them, and the tags of a template took a third of its time.
    """
    language, row = active_language(), vars(edition)
    address = f"{_initiatives_address(get_script_prefix(), language)}{edition.subject_key}/{context['as_of_query']}"
    parts = [_stage_and_kind(edition.stage, edition.last_reported, edition.kind, language)]
    if named_pillars:
        labels = named_pillars.labels.get(edition.pillar_key), named_pillars.workstreams.get(edition.workstream_key)
        parts += [escape(label) for label in labels if label]
    return SafeString(
        f'<{heading}><a href="{escape(address)}">{escape(in_language(row, "title", language))}</a></{heading}>\n'
        f"<p>{'<br>'.join(parts)}</p>\n<p>{escape(in_language(row, 'summary', language))}</p>"
    )


@register.simple_tag(takes_context=True)
def initiative_address(context, key: str) -> str:
    """The page of an initiative at the moment of the page, for lists of dozens."""
    return f"{_initiatives_address(get_script_prefix(), active_language())}{key}/{context['as_of_query']}"


@register.simple_tag
def as_of_day(day) -> str:
    return _as_of_day(day, active_language())


@register.simple_tag
def last_mentioned(day) -> str:
    return _last_mentioned(day, active_language()) if day else ""


# A list has dozens of dates, which are few days.


@lru_cache(maxsize=1000)
def _stage(value: str, day: datetime.date | None, language: str) -> SafeString:
    tag = format_html('<span class="portal-stage--{}">{}</span>', value, Stage(value).label)
    return format_html("{} {}", tag, _as_of_day(day, language)) if day else tag


@lru_cache(maxsize=16)
def _initiatives_address(_script_prefix: str, _language: str) -> str:
    return reverse("initiative", args=["key"]).removesuffix("key/")


@lru_cache(maxsize=1000)
def _stage_and_kind(stage_value: str, day: datetime.date | None, kind: str, language: str) -> str:
    label = capfirst(InitiativeKind(kind).label) if kind else ""
    return f"{_stage(stage_value, day, language)}<br>{escape(label)}"


@lru_cache(maxsize=1000)
def _as_of_day(day: datetime.date, _language: str) -> str:
    return _("as of %(date)s") % {"date": date_format(day, "DATE_FORMAT")}


@lru_cache(maxsize=1000)
def _last_mentioned(day: datetime.date, _language: str) -> str:
    return _("It was last mentioned on %(date)s.") % {"date": date_format(day, "DATE_FORMAT")}


@register.simple_tag
def entry_status(entry) -> str:
    """The status in words; of what nothing published has decided, how the text speaks of its date."""
    status = FactStatus(entry.status)
    if status == FactStatus.EXPECTED:
        return entry.get_modality_display()
    is_reported = status in (FactStatus.DONE, FactStatus.UNDER_WAY)
    return label_as_of(status.label, entry.edition.last_reported if is_reported else None)


@register.simple_tag
def stage_bar(progress, longest: int):
    """The segments of one pillar's bar of stages."""
    return bars.stacked_bar(progress.stage_counts, longest)


@register.simple_tag
def met_bar(milestones, longest: int):
    """The segments of one pillar's bar of milestones: met, and promised but not met."""
    parts = [("met", "", milestones.met), ("unmet", "", milestones.due - milestones.met)]
    return bars.stacked_bar(parts, longest)
