"""Recommendations: the queue of a delegation, the page of one, what is done with it, and groups."""

import datetime
from functools import wraps

from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, F, OuterRef, Subquery, Sum
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.accounts import reauthentication
from hled_portal.i18n.delegations import Side
from initiatives.admin.inlines import PartForm, PartFormSet, TableOfParts
from stakeholders.models import Asking, Assignment, Campaign, InitiativeLink, Recommendation, Response, ResponseDraft
from stakeholders.models.concerns import open_concerns
from stakeholders.triage import access, edit_conflicts, moves, publishing, similarity, splitting
from stakeholders.vocabulary import MoveAction, Restriction

from .base import TypedData, WrittenAdmin, submitted_version
from .bulk_actions import BulkActionsMixin, colleagues
from .list_filters import DueFilter, MineFilter, StandingFilter


class LinkInline(TableOfParts):
    model = InitiativeLink
    form = PartForm
    formset = PartFormSet
    fields = ("initiative", "shaped", "version_token")
    autocomplete_fields = ("initiative",)
    extra = 1

    def has_view_permission(self, request, obj=None):
        return access.can_read_letters(request.user)

    def has_add_permission(self, request, obj=None):
        return access.can_triage(request.user)

    has_change_permission = has_delete_permission = has_add_permission


def _follow_merge(view):
    """Where the recommendation was joined to another meanwhile, go on there, with a message and what was typed."""

    @wraps(view)
    def answer(self, request, object_id, *args, **kwargs):
        try:
            return view(self, request, object_id, *args, **kwargs)
        except Http404:
            move, message = self.find_merge(object_id)
            if move is None:
                raise
            self.message_user(request, message, messages.WARNING)
            if request.method == "POST":
                return self.row_page(request, move.recommendation, request.POST)
            return HttpResponseRedirect(self.change_url(move.recommendation))

    return answer


@admin.register(Recommendation)
class RecommendationAdmin(BulkActionsMixin, WrittenAdmin):
    list_display = ("key", "words", "pillar", "number_of_letters", "state", "due", "assigned")
    list_filter = (StandingFilter, MineFilter, DueFilter, "pillar", "area", "campaign", "tags", "consultation")
    search_fields = ("key", "text", "summary_en", "summary_es")
    search_help_text = _("Search by number, or by words in the recommendation or its summaries.")
    list_select_related = ("pillar",)
    ordering = (F("answer_due").asc(nulls_last=True), "received_on", "key")
    autocomplete_fields = ("tags",)
    fieldsets = (
        (None, {"fields": ("pillar", "area", "consultation", "tags")}),
        (_("Public summary, in both languages"), {"fields": ("summary_en", "summary_es")}),
    )
    set_once = ()
    inlines = (LinkInline,)

    def has_add_permission(self, request):
        return False

    def get_queryset(self, request):
        """With how many letters ask for it, and who of the reader's own delegation works on it."""
        ours = Assignment.objects.filter(
            recommendation=OuterRef("pk"), delegation=request.user.delegation, ended_at__isnull=True
        )
        asked = Asking.objects.filter(recommendation=OuterRef("pk")).order_by().values("recommendation")
        copies = asked.annotate(n=Sum("letter__copies"))
        return (
            super()
            .get_queryset(request)
            .annotate(askings_count=Subquery(copies.values("n")), assigned_to=Subquery(ours.values("to__username")[:1]))
        )

    @admin.display(description=_("author's words"))
    def words(self, row):
        return Truncator(row.summary or row.text).chars(110)

    @admin.display(description=_("submissions"), ordering="askings_count")
    def number_of_letters(self, row):
        return row.askings_count or 0

    @admin.display(description=_("response due date"), ordering="answer_due")
    def due(self, row):
        return date_format(row.answer_due, "SHORT_DATE_FORMAT") if row.answer_due else "–"

    @admin.display(description=_("assigned"))
    def assigned(self, row):
        return row.assigned_to or "–"

    def get_urls(self):
        view, name = self.admin_site.admin_view, "stakeholders_recommendation"
        own = [
            path("<str:object_id>/edit/", view(self.edit_view), name=f"{name}_edit"),
            path("<str:object_id>/group/", view(self.group_view), name=f"{name}_group"),
        ]
        own += [
            path(f"<str:object_id>/{verb}/", view(self.verb_view), {"verb": verb}, name=f"{name}_{verb}")
            for verb in self.verbs
        ]
        return own + super().get_urls()

    @staticmethod
    def find_merge(object_id: str):
        """What a recommendation that is gone was joined to, and the words for it."""
        of_table = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Recommendation))
        entry = of_table.filter(object_id=object_id, action_flag=DELETION).first()
        move = edit_conflicts.find_merge(entry.object_repr) if entry else None
        return move, edit_conflicts.describe_merge(entry.object_repr, move) if move else ""

    # The page

    @_follow_merge
    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self.row_page(request, self.get_row(request, object_id))

    @_follow_merge
    def edit_view(self, request, object_id):
        """The fields that are written by hand."""
        row = self.get_row(request, object_id, change=True)
        more = {"title": _t("Edit recommendation %(key)s") % {"key": row.label}, "subtitle": None}
        more |= {"show_save_and_continue": False}
        return super().change_view(request, object_id, extra_context=more)

    def response_change(self, request, obj):
        self.message_user(request, _t("The recommendation was saved."), messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(obj))

    def row_page(self, request, row, typed=None):
        user = request.user
        voice, published = publishing.quoted_asking(row), getattr(row, "published", None)
        content = publishing.public_content(row, voice) if voice else {}
        digest = publishing.content_digest(content)
        own = access.own_rows(user, row.assignments.filter(ended_at=None)).select_related("to").first()
        return self.respond(
            request,
            "recommendation",
            _t("Recommendation %(key)s") % {"key": row.label},
            row=row,
            askings=list(row.askings.select_related("letter")),
            links=list(row.links.select_related("initiative")),
            published=published,
            voice=voice,
            content=content,
            digest=digest,
            cleared_by=publishing.cleared_by(published, digest),
            concerns=open_concerns(row.key, user.delegation),
            lacking=publishing.publication_refusals(row, voice),
            drafts=list(access.drafts(user).filter(recommendation=row)),
            sides=self._unwritten(request, row),
            responses=list(Response.objects.filter(recommendation_key=row.key).order_by("pk"))
            if user.has_perm("stakeholders.view_response")
            else [],
            assigned=own,
            colleagues=list(colleagues(user)),
            following=_next_waiting(row),
            notes=list(access.own_rows(user, row.notes).select_related("author")),
            moves=list(access.visible_moves(user, row).select_related("by")),
            allowed_verbs=self._allowed_verbs(request, row),
            restrictions=Restriction.choices,
            today=timezone.localdate(),
            typed=TypedData(typed),
        )

    @staticmethod
    def _unwritten(request, row) -> list[tuple[str, str]]:
        """Sides whose answer this officer can begin."""
        if not access.can_triage(request.user) or row.state in moves.PUT_ASIDE:
            return []
        existing_sides = set(row.drafts.values_list("side", flat=True))
        return [
            (side, Side(side).label) for side in (Side.JOINT, request.user.delegation) if side not in existing_sides
        ]

    def _allowed_verbs(self, request, row) -> set[str]:
        """What this officer may do with it in its state; the verbs check once more."""
        if not access.can_triage(request.user):
            return set()
        verbs = {"note", "assign", "due", "edit"}
        verbs |= {"consider"} if moves.is_allowed(row, MoveAction.CONSIDERED) else set()
        verbs |= {"restrict"} if moves.is_allowed(row, MoveAction.RESTRICTED) else set()
        verbs |= {"lift"} if moves.is_allowed(row, MoveAction.UNRESTRICTED) else set()
        verbs |= {"group", "part"} if row.state not in moves.PUT_ASIDE else set()
        return verbs

    # Verbs

    @_follow_merge
    def verb_view(self, request, object_id, verb: str):
        return super().verb_view(request, object_id, verb)

    def _consider(self, request, row):
        moves.consider(row, request.user)
        return _t("Now under review.")

    def _assign(self, request, row):
        key = request.POST.get("to", "")
        to = next((each for each in colleagues(request.user) if str(each.pk) == key), None)
        if key and to is None:
            raise ValidationError(_t("Assign it to a recommendations officer in your own delegation."))
        moves.assign(row, request.user, to, submitted_version(request))
        return _t("Assigned to %(person)s.") % {"person": to} if to else _t("Not assigned to anyone.")

    def _due(self, request, row):
        typed = request.POST.get("due", "").strip()
        try:
            day = datetime.date.fromisoformat(typed) if typed else None
        except ValueError:
            raise ValidationError(_t("Enter the date as year-month-day, for example 2026-11-30.")) from None
        moves.set_due(row, request.user, day, submitted_version(request))
        return _t("The response due date is set.") if day else _t("The response due date was removed.")

    def _note(self, request, row):
        moves.write_note(row, request.user, request.POST.get("note", ""))
        return _t("The note was saved. Only your delegation can read it.")

    def _restrict(self, request, row):
        moves.restrict(
            row,
            request.user,
            request.POST.get("restriction", ""),
            request.POST.get("reason", ""),
            submitted_version(request),
        )
        return _t("The recommendation is restricted and was removed from the public pages.")

    def _lift(self, request, row):
        moves.lift(row, request.user, request.POST.get("reason", ""), submitted_version(request))
        return _t("The restriction was removed.")

    def _publish(self, request, row):
        reauthentication.require_recent(request)
        if "confirmed" not in request.POST and publishing.is_last_approval(row, request.user):
            return self._confirm_publication(request, row)
        seen, word = (request.POST.get(name, "") for name in ("seen", "word"))
        made = publishing.clear(row, request.user, seen, word)
        if made.pending_officer_id:
            return _t("Approved by your delegation. It will be published once the other delegation approves it.")
        return _t("Approved by both delegations and published.")

    def _confirm_publication(self, request, row):
        """Say what becomes public, before the approval that publishes it."""
        return self.respond(
            request,
            "confirm_publication",
            _t("Publish now"),
            row=row,
            back=self.change_url(row),
            content=publishing.public_content(row, publishing.quoted_asking(row)),
            hidden={name: request.POST.get(name, "") for name in ("seen", "word", "version")},
        )

    def _take_off(self, request, row):
        publishing.unpublish(row, request.user, request.POST.get("reason", ""), submitted_version(request))
        return _t("Removed from the public pages.")

    def _part(self, request, row):
        key = request.POST.get("asking", "")
        asking = row.askings.filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
        if asking is None:
            version = edit_conflicts.MoveVersion(row, request.user, (MoveAction.PARTED, MoveAction.JOINED))
            changes = version.changes_since(submitted_version(request) or "")
            raise ValidationError([*changes, _t("This submission is no longer linked to it.")])
        made = splitting.split_off(asking, request.user, request.POST.get("reason", ""))
        message = _t("The submission is now linked to %(key)s.") % {"key": made.label}
        self.message_user(request, message, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(made))

    def _answer(self, request, row):
        """Begin the answer of a side, or go on with it."""
        side = request.POST.get("side", "")
        if side not in access.readable_sides(request.user):
            raise PermissionDenied
        if row.state in moves.PUT_ASIDE:
            values = {"row": row, "state": row.get_state_display()}
            raise ValidationError(_t("Status of %(row)s: %(state)s. It cannot receive a response.") % values)
        language = "es" if request.user.delegation == "MX" else "en"
        draft, _made = ResponseDraft.objects.get_or_create(
            recommendation=row, side=side, defaults={"original_language": language}
        )
        return HttpResponseRedirect(reverse("admin:stakeholders_responsedraft_change", args=[draft.pk]))

    verbs = {
        "consider": _consider,
        "assign": _assign,
        "due": _due,
        "note": _note,
        "restrict": _restrict,
        "lift": _lift,
        "publish": _publish,
        "take-off": _take_off,
        "part": _part,
        "answer": _answer,
    }

    # Groups

    @_follow_merge
    def group_view(self, request, object_id):
        """Recommendations that say nearly the same: make them one, or put them into a campaign."""
        row = self.get_row(request, object_id, change=True)
        if request.method == "POST":
            answer = self._group(request, row)
            if answer is not None:
                return answer
        suggestions = similarity.suggestions(row)
        campaigns = Campaign.objects.annotate(letters=Count("recommendations__askings__letter", distinct=True))
        return self.respond(
            request,
            "group",
            _t("Recommendations similar to %(key)s") % {"key": row.label},
            row=row,
            suggestions=suggestions,
            versions=edit_conflicts.version_tokens([row, *(alike.recommendation for alike in suggestions)]),
            campaigns=list(campaigns),
            chosen=request.POST.getlist("row"),
            typed=TypedData(request.POST),
        )

    def _group(self, request, row):
        keys = [*request.POST.getlist("row"), *request.POST.get("keys", "").replace(",", " ").split()]
        try:
            others = splitting.recommendations_by_key(keys)
            versions = {
                each.key: version
                for each in (row, *others)
                if (version := submitted_version(request, f"version_{each.key}")) is not None
            }
            if "join" in request.POST:
                self._join(request, row, others, versions)
                message = _t("Their submissions are now linked to %(key)s.") % {"key": row.label}
            else:
                campaign = self._put_into(request, [row, *others], versions)
                message = _t("They are now in the campaign “%(campaign)s”.") % {"campaign": campaign}
                message = message if campaign else _t("They are no longer in a campaign.")
        except ValidationError as refused:
            for reason in refused.messages:
                self.message_user(request, reason, messages.ERROR)
            return None
        self.message_user(request, message, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(row))

    def _join(self, request, row, others, versions) -> None:
        """With a line in the log by which addresses of what was joined lead on."""
        with transaction.atomic():
            splitting.join(row, others, request.user, versions)
            message = _t("Merged with %(key)s.") % {"key": row.key}
            LogEntry.objects.log_actions(request.user.pk, others, DELETION, change_message=message)

    @staticmethod
    def _put_into(request, rows, versions) -> Campaign | None:
        """A new campaign is made only where something is put into it."""
        with transaction.atomic():
            campaign = campaign_of_form(request.POST)
            splitting.set_campaign(campaign, rows, request.user, versions)
            return campaign


def _next_waiting(row: Recommendation) -> Recommendation | None:
    """The one that awaits a response after this one, by its number; after the last, the first."""
    waiting = Recommendation.objects.waiting().exclude(pk=row.pk).order_by("key")
    return waiting.filter(key__gt=row.key).first() or waiting.first()


def campaign_of_form(data) -> Campaign | None:
    """The campaign that was chosen, or a new one with the names that were typed. Raises ValidationError."""
    names = {name: data.get(name, "").strip() for name in ("key", "name_en", "name_es")}
    if any(names.values()):
        made = Campaign(**names)
        made.full_clean()
        made.save()
        return made
    if not data.get("campaign"):
        return None
    campaign = Campaign.objects.filter(key=data["campaign"]).first()
    if campaign is None:
        raise ValidationError(_t("This campaign no longer exists."))
    return campaign
