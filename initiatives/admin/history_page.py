"""Who changed what in a row and in its related rows, and the return to an earlier version."""

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t

from initiatives.history import audit_log
from initiatives.history import versions as changes
from initiatives.history.revert import revert
from initiatives.visibility import hides_history_from, versions_visible_to

VERSIONS_ON_A_PAGE = 50


class HistoryMixin:
    """The history of a table's rows, in place of Django's; an earlier version is one button away."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_revert"
        view = self.admin_site.admin_view(self.revert_view)
        return [path("<path:object_id>/history/<int:version>/revert/", view, name=name), *super().get_urls()]

    def _row_or_404(self, request, object_id: str):
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def history_view(self, request, object_id, extra_context=None):
        row = self._row_or_404(request, object_id)
        entries = changes.in_line(changes.row_versions(request.user, row))
        page = Paginator(entries, VERSIONS_ON_A_PAGE).get_page(request.GET.get("p"))
        context = self._history_context(request, row, _t("History: %(row)s") % {"row": row})
        context |= {
            "page": page,
            "lines": self._lines(request, row, page),
            "kept": hides_history_from(request.user, row),
        }
        return TemplateResponse(request, "admin/row_history.html", context | (extra_context or {}))

    def _lines(self, request, row, page) -> list[dict]:
        """Lines of the history; the row's own earlier versions have a way back, parts the address of their history."""
        newest, may = self._newest(request, row), self.has_change_permission(request, row)
        lines = []
        for version in changes.describe_versions(request.user, page):
            line = vars(audit_log.version_line(version)) | {"href": "", "revert": ""}
            name = f"admin:{self.opts.app_label}_{version.table._meta.model_name}"
            if version.table is not type(row) or version.row != row.pk:
                line["href"] = reverse(f"{name}_history", args=(version.row,))
            elif may and version.pk != newest:
                line["revert"] = reverse(f"{name}_revert", args=(row.pk, version.pk))
            lines.append(line)
        return lines

    def revert_view(self, request, object_id: str, version: int):
        """What going back would change; then, by POST, the way back."""
        row = self._row_or_404(request, object_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=(row.pk,))
        if request.method == "POST":
            self._revert(request, row, version)
            return HttpResponseRedirect(address)
        context = self._history_context(request, row, _t("Restore earlier data: %(row)s") % {"row": row})
        context |= {"difference": self._back(request, row, version), "newest": self._newest(request, row)}
        return TemplateResponse(request, "admin/revert.html", context)

    def _back(self, request, row, version: int):
        preview = changes.revert_preview(request.user, row, version, tuple(self.set_once))
        if preview is None:
            raise Http404
        return preview

    def _revert(self, request, row, version: int) -> None:
        newest = request.POST.get("newest", "")
        try:
            revert(row, version, request.user, int(newest) if newest.isdecimal() else None, tuple(self.set_once))
        except ValidationError as refused:
            for reason in refused.messages:
                self.message_user(request, reason, messages.ERROR)
        else:
            self.message_user(request, _t("The earlier data was restored."), messages.SUCCESS)

    def _newest(self, request, row) -> int | None:
        versions = versions_visible_to(request.user, type(row)).filter(id=row.pk)
        return versions.values_list("history_id", flat=True).first()

    def _history_context(self, request, row, title: str) -> dict:
        context = {"title": title, "object": row, "opts": self.opts, "media": self.media}
        return self.admin_site.each_context(request) | context
