"""How pages look up a name by its key, and the basis of a text."""

from django import template

from hled_portal.dates import as_of
from initiatives.content import basis
from initiatives.record import name_lookup
from initiatives.vocabulary.choices import JOINT_KINDS

register = template.Library()


@register.filter
def lookup(names: dict, key):
    """The name, or another value, of that key; empty where there is none."""
    return names.get(key, "")


@register.filter
def newest_reading(rows: list):
    """The row of a table of readings, of several, whose actual value is the most recent; None where two are."""
    rows = [getattr(row, "row", row) for row in rows]
    days = sorted((row.actual_on for row in rows if row.actual_on), reverse=True)
    if len(days) < 2 or days[0] == days[1]:
        return None
    return next(row for row in rows if row.actual_on == days[0])


@register.simple_tag(takes_context=True)
def text_basis(context, text) -> str:
    """A sentence on what a published text is based on. One query for all texts of a page, none for approved ones."""
    return basis.basis_text(text, _document(context, text))


@register.simple_tag(takes_context=True)
def joint_text_basis(context, text) -> str:
    """The same, but empty for a text that is based on a joint document, as a list says of all that say nothing."""
    document = _document(context, text)
    is_joint = document is not None and document["source_kind"] in JOINT_KINDS
    return "" if is_joint and basis.is_from_text(text, document) else basis.basis_text(text, document)


def _document(context, text) -> dict | None:
    if not text.source_key:
        return None
    request = context["request"]
    if not hasattr(request, "document_contents"):
        request.document_contents = name_lookup.document_contents(as_of.from_request(request))
    return request.document_contents.get(text.source_key)
