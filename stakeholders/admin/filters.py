"""What the queue of recommendations is narrowed to: what waits, what is mine, what is due."""

import datetime

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..models import Assignment
from ..vocabulary import CaseState

WAITING = (CaseState.RECEIVED, CaseState.CONSIDERED)
SOON = datetime.timedelta(days=14)


class StandingFilter(SimpleListFilter):
    title = _("state")
    parameter_name = "standing"

    def lookups(self, request, model_admin):
        return [("waiting", _("waits for an answer")), *CaseState.choices]

    def queryset(self, request, queryset):
        if self.value() == "waiting":
            return queryset.filter(state__in=WAITING)
        return queryset.filter(state=self.value()) if self.value() in CaseState.values else queryset


class MineFilter(SimpleListFilter):
    """By whom of the reader's own delegation works on it; whom the other assigned is not told."""

    title = _("work of my delegation")
    parameter_name = "work"

    def lookups(self, request, model_admin):
        return [("mine", _("assigned to me")), ("ours", _("assigned to a colleague")), ("nobody", _("to nobody yet"))]

    def queryset(self, request, queryset):
        ours = Assignment.objects.filter(
            recommendation=OuterRef("pk"), delegation=request.user.delegation, ended_at__isnull=True
        )
        conditions = {
            "mine": Exists(ours.filter(to=request.user)),
            "ours": Exists(ours.exclude(to=request.user)),
            "nobody": ~Exists(ours),
        }
        return queryset.filter(conditions[self.value()]) if self.value() in conditions else queryset


class DueFilter(SimpleListFilter):
    title = _("answer due")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [("late", _("its day has passed")), ("soon", _("within 14 days")), ("none", _("no day set"))]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        waiting = queryset.filter(state__in=WAITING)
        found = {
            "late": waiting.filter(answer_due__lt=today),
            "soon": waiting.filter(answer_due__range=(today, today + SOON)),
            "none": waiting.filter(answer_due=None),
        }
        return found.get(self.value(), queryset)
