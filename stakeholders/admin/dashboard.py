"""Panels of the staff site: letters that wait to be split, and recommendations that wait for an answer."""

import datetime

from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hled_portal.dashboard.registry import Panel, PanelContext, PanelLine, admin_url, days_between
from stakeholders.models import Asking, Assignment, Letter, Move, Objection, PublishedRecommendation, Recommendation
from stakeholders.models.querysets import consenting
from stakeholders.triage import access
from stakeholders.vocabulary import CaseState, MoveAction

#: How long the first page shows words that readers lost and that nothing can replace.
RECENT = datetime.timedelta(days=30)


def recommendations_panel(visit: PanelContext) -> Panel | None:
    """What waits for this officer: overdue answers first, then objections, lost words and letters.

    Then what is hers by its day. Under it, the lists of each kind with how much of it waits in the whole delegation,
    and how long.
    """
    if not access.can_read_letters(visit.user):
        return None
    today = localdate(visit.now)
    late, ours = _waiting(visit.user, today)
    objections = Objection.objects.filter(answered_at=None).select_related("letter").order_by("created_at")
    letters = Letter.objects.filter(state=CaseState.RECEIVED, askings=None).order_by("created_at")
    silenced = _silenced(visit)
    count = late.count() + objections.count() + silenced.count() + letters.count() + ours.count()
    lines = [_overdue(row, today) for row in visit.first(late)]
    lines += [_objection(row, visit) for row in visit.first(objections)]
    lines += [_lost(row) for row in visit.first(silenced)]
    lines += [_letter(row, visit) for row in visit.first(letters)]
    lines += [_assigned_line(row, today) for row in visit.first(ours)]
    queue = f"{admin_url('stakeholders_recommendation_changelist')}?standing=waiting"
    return Panel(
        _("Submissions and recommendations"),
        _("Nothing pending."),
        visit.first(lines),
        count,
        queue,
        _("All pending"),
        lists=_lists(objections, letters, visit),
    )


def awaiting_approval(visit: PanelContext) -> tuple[list, int]:
    """Words and summaries that the other delegation approved for publication. Two queries."""
    if not access.can_triage(visit.user):
        return [], 0
    rows = PublishedRecommendation.objects.filter(pending_officer__isnull=False, recommendation__isnull=False)
    rows = rows.exclude(pending_officer__delegation=visit.user.delegation).exclude(recommendation__state="restricted")
    rows = rows.select_related("recommendation").order_by("pk")
    note = _("Text and summaries to be published. The other delegation has approved them.")
    label = _("Recommendation %(key)s")
    lines = [
        (visit.now, PanelLine(label % {"key": row.recommendation.label}, _page(row.recommendation), note))
        for row in visit.first(rows)
    ]
    return lines, rows.count()


def _lists(objections, letters, visit: PanelContext) -> list[PanelLine]:
    """What of each kind waits, for whomever, and since when the oldest does. Empty kinds are left out."""
    recommendations, of_letters = (
        admin_url(f"stakeholders_{name}_changelist") for name in ("recommendation", "letter")
    )
    waiting, today = Recommendation.objects.waiting(), localdate(visit.now)
    late = _count_and_oldest(waiting.filter(answer_due__lt=today), "answer_due")
    unsplit, unanswered = _count_and_oldest(letters, "created_at"), _count_and_oldest(objections, "created_at")
    counts = [
        (late, _("Overdue responses"), f"{recommendations}?due=late"),
        (unanswered, _("Objections with no response"), f"{of_letters}?waits=objection"),
        (unsplit, _("Submissions to split"), f"{of_letters}?waits=split"),
        (
            _count_and_oldest(waiting, "received_on"),
            _("Recommendations with no response"),
            f"{recommendations}?standing=waiting",
        ),
    ]
    return [PanelLine(f"{label}: {n}", href, _longest_wait(oldest, visit)) for (n, oldest), label, href in counts if n]


def _count_and_oldest(rows, since: str) -> tuple[int, object]:
    """How many there are, and the moment or day since which the oldest waits."""
    totals = rows.order_by().aggregate(n=Count("pk"), oldest=Min(since))
    return totals["n"], totals["oldest"]


def _longest_wait(since, visit: PanelContext) -> str:
    moment = isinstance(since, datetime.datetime)
    days = days_between(since, visit.now) if moment else (localdate(visit.now) - since).days
    if not days:
        return _("longest wait: less than a day")
    return ngettext("longest wait: %(count)d day", "longest wait: %(count)d days", days) % {"count": days}


def _waiting(user, today):
    """Those whose day has passed, but for those of colleagues; and the others that are this user's."""
    open_ = Assignment.objects.filter(recommendation=OuterRef("pk"), delegation=user.delegation, ended_at__isnull=True)
    waiting = Recommendation.objects.waiting()
    own, unassigned = Exists(open_.filter(to=user)), ~Exists(open_)
    late = waiting.filter(own | unassigned, answer_due__lt=today).order_by("answer_due", "pk")
    others = waiting.filter(own).filter(Q(answer_due=None) | Q(answer_due__gte=today))
    return late, others.order_by(F("answer_due").asc(nulls_last=True), "received_on", "pk")


def _silenced(visit: PanelContext):
    """What readers read without its author's words, or no more at all, because a letter was withdrawn.

    While the words of another letter can be cleared in their place; else for a month after it happened.
    """
    lost = Move.objects.filter(
        recommendation=OuterRef("recommendation"), action=MoveAction.SILENCED, at__gt=visit.now - RECENT
    )
    others = Asking.objects.filter(consenting("letter__"), recommendation=OuterRef("recommendation"))
    rows = PublishedRecommendation.objects.filter(published_at__lte=visit.now, restricted_at=None).with_words()
    rows = rows.filter(Exists(lost) | Exists(others), words_gone=True).exclude(recommendation__state="restricted")
    return rows.annotate(clearable=Exists(others)).select_related("recommendation").order_by("pk")


def _lost(row) -> PanelLine:
    note = _("The summary and the responses stay public.")
    if row.clearable:
        note = _("The words of another submission can be approved in their place.")
    elif row.recommendation.state == CaseState.WITHDRAWN:
        note = _("It is no longer included in any submission. The public sees a notice in its place.")
    label = _("Recommendation %(key)s lost its words: a submission was withdrawn")
    label %= {"key": row.recommendation.label}
    return PanelLine(label, _page(row.recommendation), note)


def _page(row) -> str:
    return admin_url(f"stakeholders_{row._meta.model_name}_change", row.pk)


def _overdue(row, today) -> PanelLine:
    count = (today - row.answer_due).days
    late = ngettext("%(count)d day overdue", "%(count)d days overdue", count) % {"count": count}
    return PanelLine(_("Recommendation %(key)s") % {"key": row.label}, _page(row), late=late)


def _assigned_line(row, today) -> PanelLine:
    due = _("Response due on %(day)s.") % {"day": date_format(row.answer_due, "DATE_FORMAT")} if row.answer_due else ""
    note = f"{_received((today - row.received_on).days)} {due}".strip()
    return PanelLine(_("Recommendation %(key)s, assigned to me") % {"key": row.label}, _page(row), note)


def _received(count: int) -> str:
    if not count:
        return _("Received today.")
    return ngettext("Received %(count)d day ago.", "Received %(count)d days ago.", count) % {"count": count}


def _letter(row, visit: PanelContext) -> PanelLine:
    age = _received(days_between(row.created_at, visit.now))
    return PanelLine(_("Submission %(number)s: to be split") % {"number": row.number}, _page(row), age)


def _objection(row, visit: PanelContext) -> PanelLine:
    age = _received(days_between(row.created_at, visit.now))
    return PanelLine(_("Objection to submission %(number)s") % {"number": row.letter.number}, _page(row.letter), age)
