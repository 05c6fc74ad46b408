"""What changed between two days."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal import moments

from .. import comparison, days
from ..spans import SpanForm


@require_safe
def compare(request):
    at = moments.asked(request)
    choices = days.choices()
    form = SpanForm(request.GET, at, choices)
    found = comparison.between(*form.span(at.publication)) if choices.begins and form.is_valid() else None
    asked = {name: form[name].value() for name in ("from", "to")} if found else {}
    later = days.entered_later(found.earlier) if found else None
    context = {"form": form, "choices": choices, "found": found, "asked": asked, "later": later}
    return render(request, "initiatives/compare.html", context)
