"""Pages that need both apps."""

from django.shortcuts import render

from initiatives import progress, record


def home(request):
    day = record.as_of(request)
    pillars = progress.of_pillars(day)
    context = {
        "day": day,
        "pillars": pillars,
        "goes_up_to": progress.record_goes_up_to(pillars),
        "totals": progress.totals(pillars),
        "stages": progress.STAGES,
    }
    return render(request, "home.html", context)


def measures(request):
    return render(request, "measures.html")
