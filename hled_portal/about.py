"""Pages about the portal itself: what it is, how its figures are worked out, and its statements."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.dates import as_of


@require_safe
def about(request):
    as_of.from_request(request)
    return render(request, "about/about.html", {"contact": settings.CONTACT})


@require_safe
def measures(request):
    as_of.from_request(request)
    return render(request, "about/measures.html")


@login_not_required
@require_safe
def accessibility(request):
    as_of.from_request(request)
    return render(request, "about/accessibility.html", {"contact": settings.CONTACT})


@login_not_required
@require_safe
def privacy(request):
    as_of.from_request(request)
    cookies = {"form_cookie": settings.CSRF_COOKIE_NAME, "session_cookie": settings.SESSION_COOKIE_NAME}
    return render(request, "about/privacy.html", {"contact": settings.CONTACT} | cookies)
