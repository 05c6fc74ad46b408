"""The completeness board in the staff site: what the record lacks before a meeting, by agency, and as a file."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_safe

from hled_portal.admin.site import admin_page
from hled_portal.dates.as_of import today
from hled_portal.files.download_writers import csv_parts, streamed
from hled_portal.i18n.delegations import Delegation
from initiatives.dashboard import completeness
from initiatives.models import Pillar

EXPORT_COLUMNS = [
    "agency",
    "agency_name",
    "pillar",
    "initiative",
    "title",
    "owes_report",
    "gap",
    "description",
    "where",
    "form",
]


def _parse_request(request) -> tuple[dict, completeness.Board]:
    """The parameters of the address, and their board. Raises Http404 for unknown values."""
    meetings = completeness.all_meetings()
    key = request.GET.get("meeting", "")
    chosen = next((meeting for meeting in meetings if meeting.key == key), None)
    pillars = {pillar.key: pillar for pillar in Pillar.objects.order_by("cycle", "number")}
    selection = {"side": request.GET.get("side", ""), "pillar": request.GET.get("pillar", "")}
    known = selection["side"] in ("", *Delegation.values) and selection["pillar"] in ("", *pillars)
    if not known or (key and chosen is None):
        raise Http404
    chosen = chosen or completeness.next_meeting(meetings, today())
    choices = {"meetings": meetings, "all_pillars": list(pillars.values()), "sides": Delegation}
    return selection | choices, completeness.board(request.user, meetings, chosen, today(), **selection)


@admin_page("completeness/", "hled_portal_completeness")
@require_safe
def board(request):
    """By agency: who still owes a report, and each gap with the form that mends it."""
    if not request.user.has_perm("initiatives.view_initiative"):
        raise PermissionDenied
    selection, board = _parse_request(request)
    if request.GET.get("as") == "csv":
        return streamed(csv_parts(EXPORT_COLUMNS, _rows(request, board)), "csv", "completeness")
    title = _t("Missing information")
    context = admin.site.each_context(request) | selection | {"board": board, "title": title}
    context["as_file"] = f"?{_with_file(request)}"
    return TemplateResponse(request, "admin/completeness.html", context)


def _with_file(request) -> str:
    query = request.GET.copy()
    query["as"] = "csv"
    return query.urlencode()


def _rows(request, board: completeness.Board):
    """A row for each gap; an initiative without one has a row that says so."""
    for agency in board.agencies:
        for row in agency.rows:
            for gap in row.gaps or [None]:
                yield {
                    "agency": agency.key,
                    "agency_name": agency.name,
                    "pillar": row.pillar.key if row.pillar else "",
                    "initiative": row.initiative.key,
                    "title": row.initiative.title,
                    "owes_report": row.owes,
                    "gap": gap.kind if gap else "",
                    "description": gap.label if gap else "",
                    "where": gap.where if gap else "",
                    "form": request.build_absolute_uri(gap.href) if gap else "",
                }
