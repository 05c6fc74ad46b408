"""Labels of choices of rows that public pages list by the dozen."""

from functools import cache

from django.utils.encoding import force_str


class ChoiceLabels:
    """A model whose `get_…_display` translates one label; Django's translates all to look one up."""

    def _get_FIELD_display(self, field):  # noqa: N802 - a name of Django's
        value = getattr(self, field.attname)
        return force_str(_labels(field).get(value, value), strings_only=True)


@cache
def _labels(field) -> dict:
    return dict(field.flatchoices)
