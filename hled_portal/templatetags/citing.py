"""How a page names itself to who cites it."""

from django import template

from hled_portal.web import citations

register = template.Library()


@register.simple_tag(takes_context=True)
def reference(
    context, title: str, edition=None, path: str = "", asked: dict | None = None, note: str = ""
) -> citations.Reference:
    """The reference of the page. One query on a page of today."""
    return citations.build_reference(context["request"], title, edition, path, asked, note)
