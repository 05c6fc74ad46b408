"""Long lists of a page in parts."""

from django.core.paginator import Page, Paginator

LIST_PAGE_ROWS = 25


def page_context(request, rows, per_page: int | None = None) -> dict:
    """The part of the rows that the address asks for, or the nearest to it, as `_pagination.html` needs it."""
    page: Page = Paginator(rows, per_page or LIST_PAGE_ROWS).get_page(request.GET.get("page", ""))
    return {"page": page, "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1)}
