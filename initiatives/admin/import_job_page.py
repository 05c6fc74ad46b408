"""Files that a person sent in: progress, changes, errors, and the decision."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.admin.input_hardening import ReadOnlyAdmin
from hled_portal.files.download_writers import csv_parts, saved, streamed, xlsx_file
from initiatives.imports import file_tables, import_jobs, import_templates
from initiatives.imports.import_validation import CHANGED, NEW, WRONG
from initiatives.models import FileJob, FileState
from initiatives.models.import_job import ENDED, UNDER_WAY

from .file_pages import show_error

#: Rows that the page lists; the rest is counted, and errors can be downloaded.
ROWS_SHOWN = 200
#: Seconds after which the page of a file under way asks again.
PAUSE = 4


@admin.register(FileJob)
class FileJobAdmin(ReadOnlyAdmin):
    list_display = ("name", "table_name", "state", "rows_all", "sent_at", "ended_at")
    list_filter = ("state",)

    def get_queryset(self, request):
        """Everybody's own files only."""
        return super().get_queryset(request).filter(owner_id=request.user.pk).defer("content")

    def get_urls(self):
        view = self.admin_site.admin_view
        posts = [("confirm", self.confirm_view), ("cancel", self.cancel_view), ("again", self.again_view)]
        return [
            *(path(f"<uuid:pk>/{name}/", view(page), name=f"initiatives_filejob_{name}") for name, page in posts),
            path("<uuid:pk>/rejected.xlsx", view(self.rejected_view), name="initiatives_filejob_rejected"),
            path("<uuid:pk>/errors.csv", view(self.errors_view), name="initiatives_filejob_errors"),
            path("<uuid:pk>/change/", view(self.page), name="initiatives_filejob_change"),
            *super().get_urls(),
        ]

    @admin.display(description=_("table"), ordering="table")
    def table_name(self, job):
        return file_tables.ImportTable(job.table).model._meta.verbose_name_plural

    def page(self, request, pk):
        job = self._own(request, pk)
        request.current_app = self.admin_site.name
        model = file_tables.ImportTable(job.table).model
        list_page = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        under_way = job.state in UNDER_WAY
        context = {
            **self.admin_site.each_context(request),
            "title": job.name,
            "opts": self.opts,
            "media": self.media,
            "job": job,
            "table": model._meta.verbose_name_plural,
            "table_address": reverse(f"{list_page}_changelist"),
            "import_address": reverse(f"{list_page}_import"),
            "under_way": under_way,
            "has_errors": job.state == FileState.CHECKED and job.wrong,
            "waits": under_way and not job.rows_done,
            "may_cancel": job.state not in ENDED,
            "may_confirm": job.state == FileState.CHECKED and (job.new or job.changed),
            "fit": job.new + job.changed,
            "may_download_rejected": bool(job.wrong and job.content),
            "may_check_again": job.state == FileState.REFUSED and bool(job.content),
            "still": "still" in request.GET,
            "reasons": job.reasons.splitlines()[:ROWS_SHOWN],
            **_listed(job),
        }
        response = TemplateResponse(request, "admin/file_job.html", context)
        if under_way and not context["still"]:
            response["Refresh"] = str(PAUSE)  # Works without script; the page links to itself without it.
        response["Cache-Control"] = "no-store"
        return response

    def confirm_view(self, request, pk):
        return self._act(
            request,
            pk,
            lambda job: import_jobs.confirm_import(
                job,
                request.user,
                request.POST.get("digest", ""),
                without_errors="without_errors" in request.POST,
            ),
        )

    def cancel_view(self, request, pk):
        return self._act(request, pk, lambda job: import_jobs.cancel(job, request.user))

    def again_view(self, request, pk):
        return self._act(request, pk, lambda job: import_jobs.retry(job, request.user))

    def _act(self, request, pk, verb):
        job = self._own(request, pk)
        if request.method == "POST":
            try:
                verb(job)
            except ValidationError as error:
                show_error(request, error)
        return HttpResponseRedirect(import_jobs.job_url(job))

    def errors_view(self, request, pk):
        """Every error as a CSV: row, key, column, reason."""
        job = self._own(request, pk)
        names = [_t("Row"), _t("Key"), _t("Column"), _t("Reason")]
        lines = (
            dict(zip(names, (outcome["row"], outcome["key"], column, reason), strict=True))
            for outcome in import_jobs.checked_rows(job)
            if outcome["kind"] == WRONG
            for column, reasons in outcome["errors"].items()
            for reason in reasons
        )
        kind = _t("errors")
        return streamed(csv_parts(names, lines), "csv", f"{job.table}-{kind}")

    def rejected_view(self, request, pk):
        """The rows with errors as a workbook to correct and upload again, each with its reasons."""
        job = self._own(request, pk)
        if not job.content or not job.wrong:
            raise Http404
        names, rows = import_jobs.rejected_rows(job)
        offered = import_templates.offered_choices(file_tables.ImportTable(job.table))
        file = xlsx_file({job.table: (names, rows)}, to_fill_in=True, choices={job.table: offered})
        return saved(file, "xlsx", f"{job.table}-rejected")

    def _own(self, request, pk) -> FileJob:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(FileJob, pk=pk, owner_id=request.user.pk)


def _listed(job: FileJob) -> dict:
    """The first rows with errors, and the first that would change."""
    wrong, rows = [], []
    for outcome in import_jobs.checked_rows(job):
        if outcome["kind"] == WRONG and len(wrong) < ROWS_SHOWN:
            wrong.append(outcome)
        elif outcome["kind"] in (NEW, CHANGED) and len(rows) < ROWS_SHOWN:
            rows.append(outcome | {"is_new": outcome["kind"] == NEW})
        if len(wrong) == min(job.wrong, ROWS_SHOWN) and len(rows) == min(job.new + job.changed, ROWS_SHOWN):
            break
    unlisted = job.new + job.changed - len(rows)
    return {"wrong": wrong, "wrong_unlisted": job.wrong - len(wrong), "rows": rows, "rows_unlisted": unlisted}
