"""How pages look up a name by its key."""

from django import template

register = template.Library()


@register.filter
def lookup(names: dict, key):
    """The name, or another value, of that key; empty where there is none."""
    return names.get(key, "")
