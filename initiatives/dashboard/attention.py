"""Dashboard panels on what of the record needs attention; drafts of another side are never counted.

Each panel is a few queries, however many lines it has.
"""

import datetime
from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hled_portal.dashboard.registry import Panel, PanelContext, PanelLine, Warning, admin_url
from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import TranslationStatus
from hled_portal.i18n.delegations import Side
from hled_portal.publishing import prepared_queries
from initiatives.models import (
    Citation,
    Cycle,
    DateChange,
    Fact,
    Heading,
    Initiative,
    Link,
    Meeting,
    Organization,
    OrganizationName,
    Participation,
    Pillar,
    Place,
    Reading,
    ReportingDuty,
    Source,
    Topic,
    Workstream,
)
from initiatives.visibility import closed_to, visible_to
from initiatives.vocabulary.choices import Role, Stage
from initiatives.vocabulary.fact_status import FactStatus

#: An initiative under way of which nothing was changed or reported for so long is silent.
SILENT = datetime.timedelta(days=90)
#: Every table of texts in both languages, those that readers meet most first.
TEXTS = (
    Initiative,
    Fact,
    Meeting,
    Heading,
    Pillar,
    Workstream,
    Cycle,
    OrganizationName,
    Place,
    Topic,
    Source,
    Link,
    Participation,
    DateChange,
)


def _edits(user) -> bool:
    return bool(user.delegation) and user.has_perm("initiatives.change_initiative")


def _watches(user) -> bool:
    """Who edits, clears or audits the record."""
    named = ("initiatives.change_initiative", "initiatives.clear_edition", "hled_portal.view_publication")
    return user.has_perm("initiatives.view_initiative") and any(map(user.has_perm, named))


def _change(row) -> str:
    return admin_url(f"initiatives_{row._meta.model_name}_change", row.pk)


def _day(day: datetime.date) -> str:
    return date_format(day, "DATE_FORMAT")


def _editable_facts(user) -> Q:
    """Facts that the person's delegation keeps; of who speaks for none, all that may be seen."""
    return Q(side__in=[user.delegation, Side.JOINT]) if user.delegation else Q()


def _fact_title(fact: Fact) -> str:
    return f"{fact.subject}: {fact.object}"


def initiatives_of_delegation(user) -> Q:
    """Initiatives that a delegation answers for: its bodies report or lead, or it keeps a fact; all for the others."""
    if not user.delegation:
        return Q()
    duties = ReportingDuty.objects.filter(initiative=OuterRef("pk"), organization__country=user.delegation)
    leads = Participation.objects.filter(
        initiative=OuterRef("pk"), role=Role.LEAD, organization__country=user.delegation
    )
    facts = Fact.objects.filter(initiative=OuterRef("pk"), side=user.delegation)
    return Q(Exists(duties)) | Q(Exists(leads)) | Q(Exists(facts))


# What of my side's record is late or silent


def past_facts(user, day: datetime.date):
    """Facts expected by a day that has passed, with nothing entered since, that this person's side keeps."""
    rows = Fact.objects.filter(_editable_facts(user), Fact.status_conditions(day)[FactStatus.DATE_PASSED])
    return visible_to(user, rows).select_related("initiative", "meeting").order_by("date_latest", "pk")


def past(visit: PanelContext) -> Panel | None:
    if not _watches(visit.user):
        return None
    day = timezone.localdate(visit.now)
    rows, count = visit.first_of_all(past_facts, visit.viewer, day=day)
    lines = [
        PanelLine(
            _fact_title(fact),
            _change(fact),
            _("Expected by %(day)s.") % {"day": _day(fact.date_latest)},
            _passed(fact, day),
        )
        for fact in rows
    ]
    return Panel(_("Date passed, no update reported"), _("No dates have passed without an update."), lines, count)


def _passed(fact: Fact, day: datetime.date) -> str:
    count = (day - fact.date_latest).days
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def silent_initiatives(viewer, since: datetime.datetime, day: datetime.date):
    """Initiatives of a side under way of which nobody changed, and no source says, anything since that time and day.

    What a command loaded is no change by anybody: the dates of the sources and readings tell how old it is. Changes
    of drafts that another side keeps are unseen here too.
    """
    changed = {"history_date__gte": since, "history_user__isnull": False}
    unseen = Q(side__in=closed_to(viewer), ready=False)
    of_fact = Q(fact__side__in=closed_to(viewer), fact__ready=False)
    # As sets and not row by row: what was changed or cited of late is little beside the record.
    citations = visible_to(viewer, Citation.objects.filter(source__date_latest__gte=day))
    heard = [
        (Initiative.history.filter(**changed), "id"),
        (Fact.history.filter(**changed).exclude(unseen), "initiative_id"),
        (Reading.history.filter(**changed).exclude(of_fact), "fact__initiative_id"),
        *((citations, path) for path in ("initiative", "fact__initiative", "reading__fact__initiative")),
    ]
    keys = (rows.filter(**{f"{path}__isnull": False}).values(path) for rows, path in heard)
    rows = Initiative.objects.filter(initiatives_of_delegation(viewer), stage=Stage.UNDER_WAY, replaced_by=None)
    return rows.filter(*(~Q(pk__in=some) for some in keys)).order_by("pillar_id", "key")


def silent(visit: PanelContext) -> Panel | None:
    if not _watches(visit.user):
        return None
    since = visit.now - SILENT
    day = timezone.localdate(since)
    rows, count = visit.first_of_all(silent_initiatives, visit.viewer, since=since, day=day)
    lines = [PanelLine(initiative.title, _change(initiative)) for initiative in rows]
    title = _("In progress, no updates for %(count)d days") % {"count": SILENT.days}
    return Panel(title, _("All initiatives have recent updates."), lines, count)


# What lacks a language


def languages(visit: PanelContext) -> Panel | None:
    """Rows whose other language is missing, a working translation or older, table by table."""
    if not _edits(visit.user):
        return None
    counts = Counter(dict(prepared_queries.fetch_raw(_count_untranslated, visit.viewer)))
    lines: list[PanelLine] = []
    for model in TEXTS:
        room = None if visit.limit is None else visit.limit - len(lines)
        if counts[model.__name__] and room != 0:
            rows = prepared_queries.fetch(_untranslated, model, visit.viewer, room)
            lines += [PanelLine(_row_text(row), _change(row), describe_missing_translation(row)) for row in rows]
    title = _("Missing or unconfirmed translations")
    return Panel(title, _("All translations are confirmed."), lines, counts.total())


def describe_missing_translation(row) -> str:
    """In words, what the other language of a row lacks; empty where it is agreed, or there is no text."""
    gap = row.translation_gap()
    if gap == TranslationStatus.MISSING:
        missing = row.missing_texts()
        spanish = not missing or any(name.endswith("_es") for name in missing)
        return _("no Spanish text") if spanish else _("no English text")
    if gap == TranslationStatus.OLDER:
        return _("the translation is out of date")
    return _("draft translation, not confirmed") if gap else ""


def _count_untranslated(viewer) -> QuerySet:
    first, *others = (
        _untranslated(model, viewer).order_by().values(table=Value(model.__name__)).annotate(number=Count("pk"))
        for model in TEXTS
    )
    return first.union(*others, all=True)


def _untranslated(model, viewer, number: int | None = None) -> QuerySet:
    rows = visible_to(viewer, model._default_manager.filter(has_translation_gap=True)).order_by("pk")
    if model is Fact:
        rows = rows.filter(_editable_facts(viewer)).select_related("initiative", "meeting")
    if model in (DateChange, Participation):
        kept = Q(fact=None) if model is Participation else Q()
        rows = rows.filter(kept | Q(fact__side__in=[viewer.delegation, Side.JOINT]))
    return rows[:number]


def _row_text(row) -> str:
    kind = row._meta.verbose_name.capitalize()
    text = (
        _fact_title(row)
        if isinstance(row, Fact)
        else next(filter(None, (getattr(row, name) for name in row.pairs)), "")
    )
    return f"{kind}: {text}"


# Drafts and duties


def drafts(visit: PanelContext) -> Panel | None:
    """Facts of this person's side that are not marked ready: proposals leave them as they were."""
    if not _edits(visit.user):
        return None
    rows, count = visit.first_of_all(_drafts, visit.user.delegation)
    lines = [PanelLine(_fact_title(fact), _change(fact)) for fact in rows]
    return Panel(
        _("My delegation's drafts, not marked as ready"),
        _("All of your delegation's items are ready."),
        lines,
        count,
    )


def _drafts(side: str) -> QuerySet:
    facts = Fact.objects.filter(side=side, ready=False).select_related("initiative", "meeting")
    return facts.order_by("initiative_id", "meeting_id", "pk")


def reports(visit: PanelContext) -> Panel | None:
    """Initiatives on which this person, or a body that she works for, reports."""
    if not _edits(visit.user):
        return None
    rows, count = visit.first_of_all(_to_report, user=visit.user.pk)
    lines = [PanelLine(initiative.title, admin_url("initiatives_fact_report", initiative.pk)) for initiative in rows]
    return Panel(_("Report progress"), _("No initiative lists you or your agency as the reporting body."), lines, count)


def _to_report(user) -> QuerySet:
    duties = ReportingDuty.objects.filter(Q(user=user) | Q(organization__staff__user=user))
    return Initiative.objects.filter(pk__in=duties.values("initiative"), replaced_by=None).order_by("pillar", "key")


# Warnings


def ended_bodies(visit: PanelContext) -> Iterator[Warning]:
    """A body that has ended, without a successor, while it still leads or reports."""
    if not _watches(visit.user):
        return
    day = timezone.localdate(visit.now)
    for body in ended_without_successor(day):
        problem = _(
            "%(body)s no longer exists and has no successor, but is still listed as lead or reporting body."
        ) % {"body": body}
        todo = _("Add its successor, or assign another lead and reporting body to its initiatives.")
        yield Warning(problem, todo, _change(body))


def ended_without_successor(day: datetime.date) -> list[Organization]:
    """Two queries."""
    leads = Participation.objects.filter(organization=OuterRef("pk"), role=Role.LEAD, initiative__isnull=False)
    duties = ReportingDuty.objects.filter(organization=OuterRef("pk"))
    rows = Organization.objects.exclude(ended_edtf="").filter(successions=None, replaced_by=None)
    rows = rows.filter(Exists(leads) | Exists(duties)).order_by("key").prefetch_related("names")
    return [body for body in rows if (ended := edtf_dates.bounds(body.ended_edtf)[1]) and ended < day]
