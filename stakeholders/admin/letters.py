"""Letters: the list, the page of one with what this officer may read of it, its files, and splitting."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from hled_portal.i18n.bilingual import Language
from stakeholders.letters import attachments, bulk_intake, virus_scanning
from stakeholders.models import LONGEST_POINT, Campaign, Letter, Recommendation
from stakeholders.triage import access, campaigns, edit_conflicts, moves, similarity, splitting
from stakeholders.vocabulary import Channel, MoveAction, Restriction, ScanState

from .base import LettersAdmin, TypedData, submitted_version
from .bulk_actions import BulkActionsMixin
from .bulk_intake import BulkMixin
from .letter_export import ExportMixin
from .letter_list import LetterChangeList
from .list_filters import CampaignFilter, NamedPillarFilter, WaitsFilter
from .recommendations import campaign_of_form


@admin.register(Letter)
class LetterAdmin(BulkMixin, ExportMixin, BulkActionsMixin, LettersAdmin):
    list_display = ("number", "received", "sender", "beginning", "campaigns", "similar", "state", "parts_made")
    list_filter = (
        WaitsFilter,
        "state",
        CampaignFilter,
        NamedPillarFilter,
        "consultation",
        "channel",
        "sender_kind",
        "sector",
        "country",
        "language",
    )
    search_fields = (
        "number",
        "sender_name",
        "email",
        "organization",
        "represented",
        "channel_key",
        "points__text",
    )
    search_help_text = _("Search by receipt number, name, email address, organization or text.")
    actions = ("accept_points", *BulkActionsMixin.actions)
    list_per_page = 100
    date_hierarchy = "created_at"
    change_list_template = "admin/stakeholders/letter_list.html"

    @admin.display(description=_("date received"), ordering="created_at")
    def received(self, letter):
        return date_format(localtime(letter.created_at), "SHORT_DATE_FORMAT")

    @admin.display(description=_("sender"), ordering="organization")
    def sender(self, letter):
        return ", ".join(filter(None, (letter.sender_name, letter.organization))) or "–"

    @admin.display(description=_("first words"))
    def beginning(self, letter):
        return Truncator(letter.first_words or "–").chars(90)

    @admin.display(description=_("campaign"))
    def campaigns(self, letter):
        return ", ".join(letter.campaign_names) or "–"

    @admin.display(description=_("similar"))
    def similar(self, letter):
        if not letter.similar_count:
            return "–"
        address = reverse("admin:stakeholders_letter_similar", args=[letter.pk])
        return format_html('<a href="{}">{}</a>', address, letter.similar_count)

    @admin.display(description=_("recommendations"), ordering="askings_count")
    def parts_made(self, letter):
        return letter.askings_count

    def get_changelist(self, request, **kwargs):
        return LetterChangeList

    # Many

    def recommendations_of(self, queryset):
        return list(Recommendation.objects.filter(askings__letter__in=queryset.order_by()).distinct().order_by("pk"))

    @admin.action(description=_("Accept the points as they are written"), permissions=["change"])
    def accept_points(self, request, queryset):
        try:
            made = campaigns.accept_points(list(queryset.order_by("pk")[: campaigns.MAX_LETTERS + 1]), request.user)
        except ValidationError as refused:
            for reason in refused.messages:
                self.message_user(request, reason, messages.ERROR)
            return
        message = ngettext("%(n)d recommendation was created.", "%(n)d recommendations were created.", len(made))
        self.message_user(request, message % {"n": len(made)}, messages.SUCCESS)

    def similar_view(self, request, object_id):
        """Unsplit submissions that say nearly the same: all that stay selected join this one, in one step."""
        letter = self.get_row(request, object_id, change=True)
        alike = campaigns.similar_letters(letter)
        if request.method == "POST":
            chosen = set(request.POST.getlist("letter"))
            others = [each.letter for each in alike if str(each.letter.pk) in chosen]
            try:
                with transaction.atomic():
                    campaign = campaign_of_form(request.POST)
                    made = campaigns.join_similar(letter, others, request.user, campaign)
            except ValidationError as refused:
                for reason in refused.messages:
                    self.message_user(request, reason, messages.ERROR)
            else:
                message = ngettext(
                    "%(n)d submission was merged with this one.",
                    "%(n)d submissions were merged with this one.",
                    len(others),
                )
                self.message_user(request, message % {"n": len(others)}, messages.SUCCESS)
                return HttpResponseRedirect(
                    reverse("admin:stakeholders_recommendation_change", args=[made[0].pk])
                    if len(made) == 1
                    else self.change_url(letter)
                )
        return self.respond(
            request,
            "similar",
            _t("Submissions similar to %(number)s") % {"number": letter.number},
            letter=letter,
            points=list(letter.points.all()),
            alike=alike,
            campaigns=list(Campaign.objects.all()),
            typed=TypedData(request.POST if request.method == "POST" else None),
        )

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(askings_count=Count("askings", distinct=True))

    def get_urls(self):
        view, name = self.admin_site.admin_view, "stakeholders_letter"
        own = [
            path("<str:object_id>/similar/", view(self.similar_view), name=f"{name}_similar"),
            path("<str:object_id>/split/", view(self.split_view), name=f"{name}_split"),
            path("<str:object_id>/files/<int:pk>/", view(self.file_view), name=f"{name}_file"),
        ]
        own += [
            path(f"<str:object_id>/{verb}/", view(self.verb_view), {"verb": verb}, name=f"{name}_{verb}")
            for verb in self.verbs
        ]
        return own + super().get_urls()

    # The page

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self.row_page(request, self.get_row(request, object_id))

    def row_page(self, request, letter, typed=None):
        user = request.user
        objections = list(letter.objections.select_related("asking__recommendation", "answered_by"))
        corrections = list(access.open_to(user, letter.corrections))
        answer = self.respond(
            request,
            "letter",
            _t("Submission %(number)s") % {"number": letter.number},
            letter=letter,
            points=list(letter.points.all()),
            parts=list(access.open_to(user, letter.parts)),
            files=list(access.open_to(user, letter.attachments)),
            corrections=corrections,
            objections=objections,
            waiting=sum(objection.answered_at is None for objection in objections),
            askings=list(letter.askings.select_related("recommendation")),
            notes=list(access.own_rows(user, letter.notes).select_related("author")),
            moves=list(access.visible_moves(user, letter).select_related("by")),
            allowed_verbs=self._allowed_verbs(request, letter),
            restrictions=Restriction.choices,
            following=campaigns.next_unsplit(letter),
            languages=Language.choices,
            typed=TypedData(typed),
        )
        if access.can_triage(user):
            moves.mark_as_read(corrections)
        return answer

    def _allowed_verbs(self, request, letter) -> set[str]:
        """What this officer may do with the letter in its state; the verbs check once more."""
        if not access.can_triage(request.user):
            return set()
        verbs = {"note", "answer-objection"}
        verbs |= {"restrict"} if moves.is_allowed(letter, MoveAction.RESTRICTED) else set()
        verbs |= {"lift"} if moves.is_allowed(letter, MoveAction.UNRESTRICTED) else set()
        verbs |= {"add-file", "add-text", "language"} if letter.channel != Channel.FORM else set()
        verbs |= {"split", "similar"} if letter.state not in moves.PUT_ASIDE else set()
        return verbs | ({"accept"} if campaigns.unsplit_letters().filter(pk=letter.pk).exists() else set())

    # Verbs

    def _note(self, request, letter):
        moves.write_note(letter, request.user, request.POST.get("note", ""))
        return _t("The note was saved. Only your delegation can read it.")

    def _accept(self, request, letter):
        made = campaigns.accept_points([letter], request.user)
        message = ngettext("%(n)d recommendation was created.", "%(n)d recommendations were created.", len(made))
        return message % {"n": len(made)}

    def _add_file(self, request, letter):
        """Of a letter that came by a docket or a spreadsheet; those of the form came with theirs."""
        file = request.FILES.get("file")
        if file is None:
            raise ValidationError(_t("Choose a file."))
        try:
            uploaded = attachments.examined(file, "")
        except attachments.Unfit as reason:
            raise ValidationError(f"{attachments.shown_name(file.name)}: {reason}") from reason
        row = attachments.add_to_letter(uploaded, letter, virus_scanning.first_state())
        values = {"number": row.pk, "digest": row.digest[:12]}
        self.log_change(request, letter, _t("Added file %(number)s (%(digest)s).") % values)
        return _t("The file was added.")

    def _add_text(self, request, letter):
        if not bulk_intake.add_text(letter, request.POST.get("text", "")):
            raise ValidationError(_t("Enter the text, up to %(most)s characters.") % {"most": LONGEST_POINT})
        self.log_change(request, letter, _t("Added the text of a file."))
        return _t("The text was added.")

    def _set_language(self, request, letter):
        """Of the letter and of what was made of it; what readers have stays as it was approved."""
        language = request.POST.get("language", "")
        if language not in Language.values:
            raise ValidationError(_t("Choose an option from the list."))
        with transaction.atomic():
            letter.language = language
            letter.save(update_fields=["language"])
            letter.askings.update(language=language)
        self.log_change(request, letter, _t("Language corrected: %(language)s.") % {"language": language})
        return _t("The language was saved.")

    def _restrict(self, request, letter):
        moves.restrict(
            letter,
            request.user,
            request.POST.get("restriction", ""),
            request.POST.get("reason", ""),
            submitted_version(request),
        )
        return _t("The submission is restricted. Nothing in it is public.")

    def _lift(self, request, letter):
        moves.lift(letter, request.user, request.POST.get("reason", ""), submitted_version(request))
        return _t("The restriction was removed.")

    def _answer_objection(self, request, letter):
        pk = request.POST.get("objection", "")
        objection = letter.objections.filter(pk=pk).first() if pk.isascii() and pk.isdigit() else None
        if objection is None:
            raise ValidationError(_t("This objection no longer exists."))
        moves.answer_objection(objection, request.user, request.POST.get("answer", ""))
        return _t("Your response to the objection was saved. The sender can read it on the receipt page.")

    verbs = {
        "note": _note,
        "accept": _accept,
        "add-file": _add_file,
        "add-text": _add_text,
        "language": _set_language,
        "restrict": _restrict,
        "lift": _lift,
        "answer-objection": _answer_objection,
    }

    # Files

    def file_view(self, request, object_id, pk: int):
        return require_safe(self._file)(request, object_id, pk)

    def _file(self, request, object_id, pk):
        """A file, as a download, which the admin log records."""
        letter = self.get_row(request, object_id)
        attachment = access.open_to(request.user, letter.attachments).filter(pk=pk).first() if pk < 2**63 else None
        if attachment is None:
            raise Http404
        if attachment.scan == ScanState.INFECTED:
            raise PermissionDenied
        values = {"number": attachment.pk, "digest": attachment.digest[:12]}
        self.log_change(request, letter, _t("Downloaded file %(number)s (%(digest)s).") % values)
        return attachments.file_response(attachment)

    # Splitting

    def split_view(self, request, object_id):
        """Mark passages of the letter; each becomes a recommendation, or joins one that is there."""
        letter = self.get_row(request, object_id, change=True)
        posted = request.POST if request.method == "POST" else None
        if posted is None and letter.state in moves.PUT_ASIDE:
            raise PermissionDenied
        rows = _rows(letter, posted)
        version = submitted_version(request) if posted is not None and "more" in posted else None
        if posted is not None and "more" not in posted:
            try:
                return self._split(request, letter, rows)
            except ValidationError as refused:
                for reason in refused.messages:
                    self.message_user(request, reason, messages.ERROR)
        return self.respond(
            request,
            "split",
            _t("Split submission %(number)s") % {"number": letter.number},
            letter=letter,
            rows=rows,
            words=splitting.open_text(letter),
            askings=list(letter.askings.select_related("recommendation")),
            left_out=splitting.OMISSION_MARK,
            following=campaigns.next_unsplit(letter),
            version=edit_conflicts.MoveVersion(letter, request.user).token() if version is None else version,
        )

    def _split(self, request, letter, rows):
        """Raises ValidationError."""
        pieces = [_piece(row) for row in rows if row.text.strip()]
        made = splitting.split(letter, pieces, request.user, submitted_version(request))
        message = ngettext(
            "%(n)d recommendation was created from it.", "%(n)d recommendations were created from it.", len(made)
        )
        self.message_user(request, message % {"n": len(made)}, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(letter))


class _Row:
    """One passage of the page: its words, the point that it comes from, what it joins, and what is like it."""

    def __init__(self, number: int, text: str, point, into: str, letter):
        self.number, self.text, self.point, self.into = number, text, point, into.strip().lower()
        self.alike = similarity.alike(text, letter.language) if text.strip() else []
        self.offered = [similar.recommendation.key for similar in self.alike]

    @property
    def typed(self) -> str:
        """A key that was typed, where it is none of those that are offered."""
        return "" if self.into in self.offered else self.into


def _rows(letter, data) -> list[_Row]:
    """The passages: those of the points at first, then what was sent, and one more where it is asked for."""
    points = list(letter.points.all())
    if data is None:
        split_points = set(letter.askings.values_list("point", flat=True))
        fresh = [point for point in points if point.pk not in split_points]
        return [_Row(n, point.text, point, "", letter) for n, point in enumerate(fresh, 1)] or [
            _Row(1, "", None, "", letter)
        ]
    by_order = {str(point.order): point for point in points}
    count = data.get("count", "")
    count = min(int(count), splitting.MAX_PIECES) if count.isascii() and count.isdigit() and len(count) < 4 else 1
    rows = [
        _Row(
            n,
            data.get(f"text_{n}", "").replace("\r\n", "\n"),
            by_order.get(data.get(f"point_{n}", "")),
            data.get(f"key_{n}", "") or data.get(f"into_{n}", ""),
            letter,
        )
        for n in range(1, count + 1)
    ]
    if "more" in data and len(rows) < splitting.MAX_PIECES:
        rows.append(_Row(len(rows) + 1, "", None, "", letter))
    return rows


def _piece(row: _Row) -> splitting.LetterPiece:
    """Raises ValidationError for a key that no recommendation has."""
    into = Recommendation.objects.filter(key=row.into).first() if row.into else None
    if row.into and into is None and (merge := edit_conflicts.find_merge(row.into[:80])):
        raise ValidationError(edit_conflicts.describe_merge(row.into, merge))
    if row.into and into is None:
        values = {"number": row.number, "key": row.into[:80]}
        raise ValidationError(_t("Passage %(number)s: recommendation “%(key)s” does not exist.") % values)
    return splitting.LetterPiece(row.text, row.point, into)
