"""What all lists of the API share: the moment that they are fixed to, and the requested page."""

from http import HTTPStatus

from django.core.paginator import EmptyPage, Paginator
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import as_of
from hled_portal.web.absolute_urls import absolute
from initiatives.exports.tables import ExportContext

from .parameters import Params
from .responses import Problem


def export_context(request, params: Params) -> ExportContext:
    return ExportContext(params.at, absolute(request, ""))


def as_of_members(at: as_of.Moment) -> dict:
    return {"as_of": at.day, "publication": at.publication}


def paginate(request, params: Params, queryset, at: as_of.Moment) -> tuple[list, dict]:
    """The rows of the requested page, and the links to other pages."""
    paginator = Paginator(queryset, params.per_page)
    try:
        page = paginator.page(params.page)
    except EmptyPage:
        raise Problem(HTTPStatus.NOT_FOUND, _("This page does not exist; the list has fewer pages.")) from None
    links = {"next": page.has_next() and params.page + 1, "previous": page.has_previous() and params.page - 1}
    whole = {"count": paginator.count, "page": params.page, "pages": paginator.num_pages}
    return page.object_list, whole | {name: _link(request, at, number) for name, number in links.items()}


def _link(request, at: as_of.Moment, page: int) -> str | None:
    """This same list at this same moment, on another page."""
    if not page:
        return None
    query = request.GET.copy()
    for name, value in (("as_of", at.day.isoformat()), ("publication", str(at.publication)), ("page", str(page))):
        query[name] = value
    return absolute(request, f"{request.path}?{query.urlencode()}")
