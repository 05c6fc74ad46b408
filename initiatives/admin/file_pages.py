"""Imports and exports, by the permissions of the forms; each change is shown before it is written."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.files import spreadsheet_reader
from hled_portal.files.download_writers import csv_parts, json_parts, saved, streamed, xlsx_file
from initiatives.imports import file_tables, import_jobs, import_templates

#: Rows of an export that are read from the database together.
EXPORT_BATCH_ROWS = 500
#: A workbook is made before its first byte is sent, which takes seconds; CSV and JSON are sent as they are made.
MAX_WORKBOOK_ROWS = 10_000


class ImportForm(forms.Form):
    """One file, whose kind its bytes tell."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX, CSV (UTF-8) or JSON. Maximum 10 MB and 20,000 rows."),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.json"}),
    )

    def clean_file(self):
        if self.cleaned_data["file"].size > spreadsheet_reader.MAX_FILE_BYTES:
            raise forms.ValidationError(_t("This file is larger than %(most)s MB. Upload it in parts.") % {"most": 10})
        return self.cleaned_data["file"]


class ExportForm(forms.Form):
    form = forms.ChoiceField(
        label=_("File type"),
        choices=[("xlsx", _("XLSX, for spreadsheets")), ("csv", _("CSV (UTF-8)")), ("json", "JSON")],
        widget=forms.RadioSelect,
        initial="xlsx",
    )
    keys = forms.RegexField(r"^[0-9]+(,[0-9]+)*$", required=False, max_length=400_000, widget=forms.HiddenInput)


class FilesMixin:
    """A table that can be taken away and sent in as a file."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name=f"{name}_import"),
            path("import/<str:form>/", view(self.blank_view), name=f"{name}_blank"),
            path("export/", view(self.export_view), name=f"{name}_export"),
            *super().get_urls(),
        ]

    def has_import_permission(self, request):
        """A file may add and change rows: who may do both in the forms may send one."""
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request):
        """A file holds what the list shows."""
        return self.has_view_permission(request)

    def get_actions(self, request):
        actions = super().get_actions(request)
        if IS_POPUP_VAR not in request.GET and self.has_export_permission(request):
            actions["export_selected"] = self.get_action("export_selected")
        return actions

    def changelist_view(self, request, extra_context=None):
        rights = {
            "has_import_permission": self.has_import_permission(request),
            "has_export_permission": self.has_export_permission(request),
        }
        return super().changelist_view(request, rights | (extra_context or {}))

    # In

    def import_view(self, request):
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        mistakes = []
        if request.method == "POST" and form.is_valid():
            try:
                return HttpResponseRedirect(import_jobs.job_url(self._receive(request, form.cleaned_data["file"])))
            except spreadsheet_reader.UnreadableSheet as error:
                mistakes = error.messages
        table = file_tables.import_table(self.model)
        explained = [list(line.values()) for line in import_templates.explained(table)]
        context = {"form": form, "mistakes": mistakes, "explained": explained, "headings": import_templates.headings()}
        return self._respond(request, "file_import", _t("Import: %(table)s"), **context)

    def _receive(self, request, file):
        job = import_jobs.receive(request.user, file_tables.import_table(self.model), file.name, file.read())
        if import_jobs.is_short(job):
            import_jobs.attempt(job, import_jobs.check_rows)
        return job

    def blank_view(self, request, form):
        """An empty file with the columns of this table."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        table = file_tables.import_table(self.model)
        columns, kind = import_templates.columns(table), _t("template")
        name = f"{table.name}-{kind}"
        if form == "csv":
            return streamed(csv_parts(columns, []), "csv", name)
        if form != "xlsx":
            raise Http404
        explained = (import_templates.headings(), import_templates.explained(table))
        sheets_of_file = {table.name: (columns, []), _t("Columns"): explained}
        offered = import_templates.offered_choices(table)
        return saved(xlsx_file(sheets_of_file, to_fill_in=True, choices={table.name: offered}), "xlsx", name)

    # Out

    def export_view(self, request):
        """The rows of the list, by its filters and its search, or those that were chosen in it."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(request.path)
        form = ExportForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            if form.cleaned_data["keys"]:
                rows = _chosen(rows, form.cleaned_data["keys"])
            if form.cleaned_data["form"] != "xlsx" or rows.count() <= MAX_WORKBOOK_ROWS:
                return self._exported(request, rows, form.cleaned_data["form"])
            form.add_error("form", _t("Too many rows for a workbook. Choose CSV or JSON."))
        return self._export_page(request, form, rows)

    def _export_page(self, request, form, rows):
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export")
        context = {"form": form, "count": rows.count(), "address": f"{address}?{request.GET.urlencode()}"}
        return self._respond(request, "file_export", _t("Export: %(table)s"), **context)

    def _exported(self, request, rows, form):
        table = file_tables.import_table(self.model)
        cells = table.exported(file_tables.rows_for(request.user, rows).iterator(chunk_size=EXPORT_BATCH_ROWS))
        columns, name = import_templates.columns(table), f"{table.name}-{timezone.localdate().isoformat()}"
        if form == "xlsx":
            offered = import_templates.offered_choices(table)
            sheets = {table.name: (columns, cells)}
            return saved(xlsx_file(sheets, to_fill_in=True, choices={table.name: offered}), form, name)
        if form == "csv":
            return streamed(csv_parts(columns, cells), form, name)
        response = streamed(json_parts({"table": table.name}, "rows", cells), form, name)
        response["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return response

    @admin.action(description=_("Export selected rows"), permissions=["export"])
    def export_selected(self, request, queryset):
        keys = ",".join(
            str(key) for key in queryset.order_by("pk").values_list("pk", flat=True)[: spreadsheet_reader.MAX_ROWS]
        )
        return self._export_page(request, ExportForm(initial={"keys": keys, "form": "xlsx"}), queryset)

    def _respond(self, request, template: str, title: str, **context):
        request.current_app = self.admin_site.name
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        context["title"] = title % {"table": self.opts.verbose_name_plural}
        return TemplateResponse(request, f"admin/{template}.html", context)


def _chosen(rows, keys: str):
    wanted = [int(key) for key in keys.split(",") if len(key) < 19]
    return rows.filter(pk__in=wanted[: spreadsheet_reader.MAX_ROWS])


def show_error(request, error) -> None:
    for message in error.messages:
        messages.error(request, message)
