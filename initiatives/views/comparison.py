"""What changed between two days."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of
from initiatives.filters.date_range_form import SpanForm
from initiatives.record import comparison, day_choices


@require_safe
def compare(request):
    at = as_of.from_request(request)
    choices = day_choices.choices()
    form = SpanForm(request.GET, at, choices)
    changes = comparison.compare_moments(*form.span(at.publication)) if choices.begins and form.is_valid() else None
    params = {name: form[name].value() for name in ("from", "to")} if changes else {}
    later = day_choices.entered_later(changes.earlier) if changes else None
    context = {"form": form, "choices": choices, "changes": changes, "params": params, "later": later}
    return render(request, "initiatives/compare.html", context)
