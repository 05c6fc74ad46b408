"""How pages look up a name by its key."""

from django import template

register = template.Library()


@register.filter
def of(names: dict[str, str], key: str) -> str:
    """The name of that key; empty where there is none."""
    return names.get(key, "")
