"""How a page names itself to who cites it."""

from django import template

from hled_portal import citing

register = template.Library()


@register.simple_tag(takes_context=True)
def reference(context, title: str, edition=None, path: str = "", asked: dict | None = None) -> citing.Reference:
    """The reference of the page. One query on a page of today."""
    return citing.reference(context["request"], title, edition, path, asked)
