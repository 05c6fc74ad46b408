"""The first page of the desk: letters that wait to be split, and recommendations that wait for an answer."""

from django.db.models import Exists, F, OuterRef, Q
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hled_portal.panels import Line, Panel, Visit, address, days_between

from . import readers
from .models import Assignment, Letter, Objection, Recommendation
from .vocabulary import CaseState


def recommendations(visit: Visit) -> Panel | None:
    """What waits for this officer: overdue answers first, then objections and letters, then what is hers by its day."""
    if not readers.reads(visit.user):
        return None
    today = localdate(visit.now)
    late, ours = _waiting(visit.user, today)
    objections = Objection.objects.filter(answered_at=None).select_related("letter").order_by("created_at")
    letters = Letter.objects.filter(state=CaseState.RECEIVED, askings=None).order_by("created_at")
    count = late.count() + objections.count() + letters.count() + ours.count()
    lines = [_overdue(row, today) for row in visit.first(late)]
    lines += [_objection(row) for row in visit.first(objections)]
    lines += [_letter(row, visit) for row in visit.first(letters)]
    lines += [_mine(row) for row in visit.first(ours)]
    queue = f"{address('stakeholders_recommendation_changelist')}?standing=waiting"
    return Panel(
        _("Letters and recommendations"), _("Nothing waits."), visit.first(lines), count, queue, _("The whole queue")
    )


def _waiting(user, today):
    """Those whose day has passed, but for those of colleagues; and the others that are this user's."""
    open_ = Assignment.objects.filter(recommendation=OuterRef("pk"), delegation=user.delegation, ended_at__isnull=True)
    waiting = Recommendation.objects.waiting()
    mine, nobodys = Exists(open_.filter(to=user)), ~Exists(open_)
    late = waiting.filter(mine | nobodys, answer_due__lt=today).order_by("answer_due", "pk")
    others = waiting.filter(mine).filter(Q(answer_due=None) | Q(answer_due__gte=today))
    return late, others.order_by(F("answer_due").asc(nulls_last=True), "received_on", "pk")


def _page(row) -> str:
    return address(f"stakeholders_{row._meta.model_name}_change", row.pk)


def _overdue(row, today) -> Line:
    count = (today - row.answer_due).days
    told = ngettext("%(count)d day past its date", "%(count)d days past its date", count) % {"count": count}
    return Line(_("Recommendation %(key)s") % {"key": row.key}, _page(row), late=told)


def _mine(row) -> Line:
    due = _("Answer due on %(day)s.") % {"day": date_format(row.answer_due, "DATE_FORMAT")} if row.answer_due else ""
    return Line(_("Recommendation %(key)s, assigned to me") % {"key": row.key}, _page(row), due)


def _letter(row, visit: Visit) -> Line:
    count = days_between(row.created_at, visit.now)
    age = ngettext("Received %(count)d day ago.", "Received %(count)d days ago.", count) % {"count": count}
    return Line(_("Letter %(number)s waits to be split") % {"number": row.number}, _page(row), age)


def _objection(row) -> Line:
    return Line(_("The sender of letter %(number)s objects") % {"number": row.letter.number}, _page(row.letter))
