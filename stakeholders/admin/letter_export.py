"""Submissions as a file for officers: of the list as it is filtered, with what the reader may read of each."""

from collections.abc import Iterator

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from hled_portal.files import download_writers
from stakeholders.models import Attachment, Letter, LetterPart
from stakeholders.triage import access

#: Read and written so many at a time.
BATCH = 500
COLUMNS = (
    "number", "received_on", "channel", "channel_key", "copies", "state", "consultation", "sender_kind", "sender_name",
    "organization", "represented", "sector", "country", "email", "language", "consent", "introduction", "text",
    "confidential", "files", "recommendations", "campaigns",
)  # fmt: skip


class ExportMixin:
    """The list of submissions as CSV or XLSX."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.export_view)
        own = [path("export.<str:form>", view, name="stakeholders_letter_export")]
        return own + super().get_urls()

    def export_view(self, request, form: str):
        if not access.can_read_letters(request.user):
            raise PermissionDenied
        if form not in ("csv", "xlsx"):
            raise Http404
        if request.method != "POST":  # The log records who took the list: no link that is only looked at does it.
            return HttpResponseRedirect(reverse("admin:stakeholders_letter_changelist"))
        letters = self.get_changelist_instance(request).get_queryset(request)
        rows = export_rows(letters, request.user)
        name = f"submissions-{timezone.localdate():%Y-%m-%d}"
        LogEntry.objects.create(
            user=request.user,
            content_type=ContentType.objects.get_for_model(Letter),
            object_repr=name,
            action_flag=CHANGE,
            change_message=_t("Exported a list of submissions."),
        )
        if form == "csv":
            response = download_writers.streamed(download_writers.csv_parts(list(COLUMNS), rows), form, name)
        else:
            response = download_writers.saved(
                download_writers.xlsx_file({"submissions": (list(COLUMNS), rows)}), form, name
            )
        response["Cache-Control"] = "no-store, private"
        return response


def export_rows(letters, user) -> Iterator[dict]:
    """A row for each letter: parts and names of files that are confidential for others are left out."""
    keys = list(letters.values_list("pk", flat=True).distinct())
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        parts = _by_letter(access.open_to(user, LetterPart.objects.filter(letter__in=batch)), "text")
        files = _by_letter(access.open_to(user, Attachment.objects.filter(letter__in=batch)), "name")
        rows = Letter.objects.filter(pk__in=batch).select_related("consultation")
        rows = rows.prefetch_related("points", "askings__recommendation__campaign")
        by_key = {letter.pk: letter for letter in rows}
        for key in batch:
            letter = by_key[key]
            asked = [asking.recommendation for asking in letter.askings.all()]
            columns = {name: getattr(letter, name) for name in COLUMNS if hasattr(letter, name)}
            yield columns | {
                "received_on": timezone.localdate(letter.created_at),
                "consultation": letter.consultation.key if letter.consultation else "",
                "text": "\n\n".join(point.text for point in letter.points.all()),
                "confidential": parts.get(key, []),
                "files": files.get(key, []),
                "recommendations": sorted({row.key for row in asked}),
                "campaigns": sorted({row.campaign.key for row in asked if row.campaign}),
            }


def _by_letter(rows, column: str) -> dict[int, list[str]]:
    found = {}
    for letter, text in rows.values_list("letter", column):
        found.setdefault(letter, []).append(text)
    return found
