"""The usual news of an initiative: a body reports a number, a milestone was met, or its date moved."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from hled_portal.i18n.bilingual import Language, TranslationState
from initiatives.models import Citation, Fact, Initiative, Organization, Reading, Source
from initiatives.visibility import may_edit
from initiatives.vocabulary.actions import FactKind, Modality
from initiatives.vocabulary.choices import DateChangeReason, Measure
from initiatives.vocabulary.fact_status import FactStatus

from . import date_changes, ready_flag

DEFAULT_MEASURE = Measure.PHYSICAL_PROGRESS


@dataclass(frozen=True)
class ReportedProgress:
    """What a body reported of a figure, and where it says so."""

    value: Decimal | None
    qualifier: str
    as_of_edtf: str
    reporting_body: Organization | None
    source: Source | None = None
    locator: str = ""


@dataclass(frozen=True)
class MilestoneChange:
    """What became of a milestone: `met`, or moved to another date; why, in the words of its author."""

    met: bool
    date_edtf: str
    wordings: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    text: str = ""
    language: str = Language.ENGLISH


def add_reading(figure: Fact, news: ReportedProgress, author, *, ready: bool) -> Reading:
    """Add a reading to a figure of the author's side. Raises ValidationError."""
    with transaction.atomic():
        figure = _held(figure, author)
        last = figure.readings.order_by("-order").first()
        reading = Reading(fact=figure, order=last.order + 1 if last else 1)
        for name in ("value", "qualifier", "as_of_edtf", "reporting_body"):
            setattr(reading, name, getattr(news, name))
        if last is not None and _says_the_same(last, reading):
            raise ValidationError(_("The latest value reported for this figure is already the same."))
        reading.full_clean()
        reading.save()
        if news.source is not None:
            citation = Citation(reading=reading, order=1, source=news.source, locator=news.locator)
            citation.full_clean()
            citation.save()
        _set_ready_flag(figure, author, ready)
    return reading


def _says_the_same(one: Reading, other: Reading) -> bool:
    names = ("value", "qualifier", "as_of_edtf", "reporting_body_id")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def add_figure(initiative: Initiative, author, *, measure: str, phrase: str, unit: str, language: str) -> Fact:
    """Begin a figure of the author's side, a draft; its texts are in one language. Raises ValidationError."""
    if not author.delegation:
        raise ValidationError(_("This record belongs to the other delegation."))
    figure = Fact(initiative=initiative, kind=FactKind.FIGURE, side=author.delegation, measure=measure)
    figure.original_language, figure.translation_state = language, TranslationState.MISSING
    setattr(figure, f"object_{language}", phrase)
    setattr(figure, f"unit_{language}", unit)
    figure.key, figure.order = free_key(initiative, phrase), next_order(initiative)
    ready_flag.set_initial_flag(figure)
    figure.full_clean()
    figure.save()
    return figure


def move_milestone(milestone: Fact, move: MilestoneChange, author, *, ready: bool) -> Fact:
    """Record that a milestone of the author's side was met, or that its date moved. Raises ValidationError."""
    with transaction.atomic():
        fact = _held(milestone, author)
        was, known = (fact.date_edtf, fact.modality), date_changes.is_known(fact)
        if was != (milestone.date_edtf, milestone.modality):
            raise ValidationError(
                _("Someone else changed this milestone while you were editing. Check its date again.")
            )
        fact.date_edtf = move.date_edtf
        for name in ("date_wording_en", "date_wording_es"):
            setattr(fact, name, move.wordings.get(name, ""))
        if move.met:
            fact.modality = Modality.HAPPENED
        if was == (fact.date_edtf, fact.modality):
            raise ValidationError(_("The milestone already has this date."))
        fact.full_clean()
        fact.save()
        if known:
            explanation = {
                "reason": DateChangeReason.MET if move.met else move.reason,
                "original_language": move.language,
            }
            explanation |= {f"text_{move.language}": move.text}
            date_changes.record_date_change(fact, was, author, **explanation)
        _set_ready_flag(fact, author, ready)
    return fact


def _held(fact: Fact, author) -> Fact:
    """The fact as it is once all who write on its initiative at this moment are through."""
    Initiative.objects.select_for_update().get(pk=fact.initiative_id)
    fact = Fact.objects.select_for_update().get(pk=fact.pk)
    if not may_edit(author, fact.side):
        raise ValidationError(_("This record belongs to the other delegation."))
    return fact


def _set_ready_flag(fact: Fact, author, ready: bool) -> None:
    """The mark as the same save sets it."""
    if ready and ready_flag.has_draft(fact):
        ready_flag.mark_ready(fact, author)
    elif not ready:
        ready_flag.clear_ready_flag([fact])
    fact.initiative.touch()


# New facts


def next_order(subject) -> int:
    highest = subject.facts.order_by("-order").values_list("order", flat=True).first() or 0
    return min(highest + 1, 32767)


def free_key(subject, phrase: str) -> str:
    """A key made of the first words of the phrase that no fact of the subject has yet."""
    stem = key_of_words(phrase, Fact._meta.get_field("key").max_length) or "fact"
    return first_free(stem, set(subject.facts.values_list("key", flat=True)))


def key_of_words(text: str, longest: int) -> str:
    """The first words of a text as a key, with room for a number that makes it unique."""
    longest -= 3
    stem = re.sub("-+", "-", slugify(text).replace("_", "-"))
    if len(stem) > longest:
        stem = stem[: longest + 1].rpartition("-")[0] or stem[:longest]
    return stem.strip("-")


def first_free(stem: str, taken: set[str]) -> str:
    number, key = 2, stem
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key


# What a form offers


def reportable_figures(initiative: Initiative, user) -> list[Fact]:
    """The figures that the user may report on: physical progress first, then the one read last."""
    figures = initiative.facts.filter(kind=FactKind.FIGURE, side__in=[user.delegation, "joint"])
    figures = figures.prefetch_related("readings__reporting_body__names").order_by("order", "key")
    return sorted(figures, key=lambda figure: (figure.measure != DEFAULT_MEASURE, figure.side == "joint"))


def reportable_milestones(initiative: Initiative, user) -> list[Fact]:
    """The milestones without an outcome that the user may report on."""
    kept = initiative.facts.filter(kind=FactKind.MILESTONE, side__in=[user.delegation, "joint"])
    decided = Fact.status_conditions(timezone.localdate())
    kept = kept.exclude(decided[FactStatus.DONE] | decided[FactStatus.DISCONTINUED])
    return list(kept.order_by("date_latest", "order", "key"))


def last_reading(figure: Fact) -> Reading | None:
    """The reading that was entered last, of those that are loaded with the figure."""
    readings = sorted(figure.readings.all(), key=lambda reading: reading.order)
    return readings[-1] if readings else None
