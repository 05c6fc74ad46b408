"""The log of the staff site: who did what, for auditors, clearing officers and administrators; also as a file."""

import datetime
from collections.abc import Iterator

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hled_portal.admin.site import admin_page
from hled_portal.files import download_writers
from hled_portal.i18n.delegations import Delegation
from initiatives.history import audit_log

LINES_ON_A_PAGE = 50
#: Lines that are read at once for a file.
_BATCH = 500
_COLUMNS = ["at", "person", "side", "what", "done", "name", "reason", "field", "old", "new"]


class LogForm(forms.Form):
    """Filters of the log; days are days in Mexico City."""

    person = forms.CharField(label=_("person (username)"), required=False, max_length=150)
    side = forms.ChoiceField(
        label=_("delegation"),
        required=False,
        choices=[("", _("all")), *Delegation.choices, ("-", _("no delegation"))],
    )
    table = forms.ChoiceField(label=_("action"), required=False)
    since = forms.DateField(label=_("start date"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("end date"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, user, data):
        super().__init__(data)
        self.fields["table"].choices = [("", _("all")), *audit_log.tables(user)]

    def filters(self) -> audit_log.LogFilters:
        given = self.cleaned_data
        since, until = given["since"], given["until"]
        return audit_log.LogFilters(
            given["person"],
            given["side"],
            given["table"],
            _midnight(since) if since else None,
            _midnight(until + datetime.timedelta(days=1)) if until else None,
        )


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


@admin_page("log/", "hled_portal_log")
@require_safe
def audit_log_view(request):
    """The log as a page, or with `?as=csv` or `?as=xlsx` as a file."""
    if not audit_log.can_read_account_log(request.user):
        raise PermissionDenied
    form = LogForm(request.user, request.GET)
    entries = audit_log.log_entries(request.user, form.filters()) if form.is_valid() else None
    form_of_file = request.GET.get("as")
    if entries is not None and form_of_file in ("csv", "xlsx"):
        return _file(form_of_file, _rows(request.user, entries))
    shown = Paginator([] if entries is None else entries, LINES_ON_A_PAGE).get_page(request.GET.get("p"))
    context = admin.site.each_context(request) | {"title": _t("Log"), "form": form, "page": shown}
    context |= {"lines": [_line(line) for line in audit_log.lines(request.user, shown)], "query": _query(request)}
    return TemplateResponse(request, "admin/record_log.html", context)


def _query(request) -> str:
    """The query without page and format, to be followed by more."""
    query = request.GET.copy()
    for name in ("p", "as"):
        query.pop(name, None)
    return f"{query.urlencode()}&" if query else ""


def _line(line: audit_log.LogLine) -> dict:
    href = reverse(f"admin:initiatives_{line.model}_history", args=(line.row,)) if line.model else ""
    return vars(line) | {"href": href, "revert": ""}


def _file(form: str, rows: Iterator[dict]):
    name = f"log-{timezone.localdate().isoformat()}"
    if form == "csv":
        return download_writers.streamed(download_writers.csv_parts(_COLUMNS, rows), form, name)
    return download_writers.saved(download_writers.xlsx_file({"log": (_COLUMNS, rows)}), form, name)


def _rows(user, entries) -> Iterator[dict]:
    """A row for each field that changed; a line without one has a row of its own."""
    count = entries.count()
    for start in range(0, count, _BATCH):
        for line in audit_log.lines(user, entries[start : start + _BATCH]):
            head = {
                "at": timezone.localtime(line.at).isoformat(timespec="seconds"),
                "person": line.by.get_username() if line.by else "",
                **{name: str(getattr(line, name)) for name in ("side", "what", "done", "name", "reason")},
            }
            for change in line.changes or [None]:
                yield head | _change(change)


def _change(change) -> dict[str, str]:
    if change is None:
        return {"field": "", "old": "", "new": ""}
    mark = download_writers.LIST_MARK if change.form == "lines" else " "
    old = mark.join(piece.text for piece in change.pieces if piece.mark != "ins")
    new = mark.join(piece.text for piece in change.pieces if piece.mark != "del")
    return {"field": change.label, "old": old, "new": new}
