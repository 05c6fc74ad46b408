"""What the queues of letters and recommendations are narrowed to: what waits, what is mine, what is due."""

import datetime

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import Pillar
from stakeholders.models import Asking, Assignment, Campaign, Correction, Objection, Point
from stakeholders.triage import access
from stakeholders.vocabulary import CaseState

WAITING = (CaseState.RECEIVED, CaseState.CONSIDERED)
SOON = datetime.timedelta(days=14)


class StandingFilter(SimpleListFilter):
    title = _("status")
    parameter_name = "standing"

    def lookups(self, request, model_admin):
        return [("waiting", _("awaiting a response")), *CaseState.choices]

    def queryset(self, request, queryset):
        if self.value() == "waiting":
            return queryset.filter(state__in=WAITING)
        return queryset.filter(state=self.value()) if self.value() in CaseState.values else queryset


class WaitsFilter(SimpleListFilter):
    """What a letter waits for; a correction that is confidential for the other delegation counts for it."""

    title = _("pending")
    parameter_name = "waits"

    def lookups(self, request, model_admin):
        return [
            ("split", _("to be split")),
            ("objection", _("objection with no response")),
            ("correction", _("unread correction")),
        ]

    def queryset(self, request, queryset):
        unread = access.open_to(request.user, Correction.objects.filter(letter=OuterRef("pk"), read_at=None))
        objected = Objection.objects.filter(letter=OuterRef("pk"), answered_at=None)
        choices = {
            "split": Q(state=CaseState.RECEIVED, askings=None),
            "objection": Exists(objected),
            "correction": Exists(unread),
        }
        return queryset.filter(choices[self.value()]) if self.value() in choices else queryset


class NamedPillarFilter(SimpleListFilter):
    """The pillar that a point of the letter names."""

    title = _("pillar chosen by the sender")
    parameter_name = "pillar"

    def lookups(self, request, model_admin):
        keys = Point.objects.exclude(pillar_key="").order_by().values("pillar_key").distinct()
        return [(row.key, str(row)) for row in Pillar.objects.filter(key__in=keys)]

    def queryset(self, request, queryset):
        named = Point.objects.filter(letter=OuterRef("pk"), pillar_key=self.value())
        return queryset.filter(Exists(named)) if self.value() else queryset


class CampaignFilter(SimpleListFilter):
    """The campaign of a recommendation that the letter includes."""

    title = _("campaign")
    parameter_name = "campaign"

    def lookups(self, request, model_admin):
        return [(row.key, row.name) for row in Campaign.objects.all()]

    def queryset(self, request, queryset):
        included = Asking.objects.filter(letter=OuterRef("pk"), recommendation__campaign__key=self.value())
        return queryset.filter(Exists(included)) if self.value() else queryset


class MineFilter(SimpleListFilter):
    """By who works on it in the reader's own delegation; whom the other assigned is not shown."""

    title = _("assignments of my delegation")
    parameter_name = "work"

    def lookups(self, request, model_admin):
        return [("mine", _("assigned to me")), ("ours", _("assigned to a colleague")), ("nobody", _("unassigned"))]

    def queryset(self, request, queryset):
        ours = Assignment.objects.filter(
            recommendation=OuterRef("pk"), delegation=request.user.delegation, ended_at__isnull=True
        )
        choices = {
            "mine": Exists(ours.filter(to=request.user)),
            "ours": Exists(ours.exclude(to=request.user)),
            "nobody": ~Exists(ours),
        }
        return queryset.filter(choices[self.value()]) if self.value() in choices else queryset


class DueFilter(SimpleListFilter):
    title = _("response due")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [("late", _("overdue")), ("soon", _("within 14 days")), ("none", _("no date set"))]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        waiting = queryset.filter(state__in=WAITING)
        choices = {
            "late": waiting.filter(answer_due__lt=today),
            "soon": waiting.filter(answer_due__range=(today, today + SOON)),
            "none": waiting.filter(answer_due=None),
        }
        return choices.get(self.value(), queryset)
