"""What the banner and the picker of days need; the page names its one edition in the context, if it is of one."""

from django import template

from initiatives.record import day_choices as days

register = template.Library()


@register.simple_tag
def day_choices() -> days.Choices:
    """The days that a reader can choose. One query."""
    return days.choices()


@register.simple_tag(takes_context=True)
def entered_later(context) -> days.Later | None:
    """Whether what the page shows was entered later than its day. One query on a page of a past day, else none."""
    return days.entered_later(context["moment"], context.get("edition"))
