"""In development, the messages of the portal on a page: there is no mail server to read them on."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hled_portal.models import Mail

MOST_SHOWN = 50


@require_safe
def dev_mail(request):
    """The newest messages, waiting or sent. Only with DEBUG, which keeps the words of what was sent."""
    if not settings.DEBUG:
        raise Http404
    rows = Mail.objects.exclude(body="").order_by("-pk")[:MOST_SHOWN]
    return render(request, "dev_mail.html", {"mails": rows})
