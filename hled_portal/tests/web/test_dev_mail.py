"""Mail on a page: in development alone."""

import pytest
from django.http import Http404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import override

from hled_portal.background import mail
from hled_portal.background.jobs import JobRun
from hled_portal.models import Mail
from hled_portal.web.dev_mail import dev_mail

pytestmark = pytest.mark.django_db


def test_messages_are_read_on_a_page_with_debug_alone(rf, settings):
    mail.queue("x", "eva@example.org", "es", "letter_link", {"pages": [("2026-X", "https://x.example/<a>")], "days": 2})
    with pytest.raises(Http404):
        dev_mail(rf.get("/dev/mail/"))
    with pytest.raises(NoReverseMatch):
        reverse("dev_mail")
    settings.DEBUG = True
    mail.send_waiting(JobRun())
    assert Mail.objects.get().sent_at
    for language, words in (("en", "The latest messages"), ("es", "Los mensajes más recientes")):
        with override(language):
            page = dev_mail(rf.get("/dev/mail/")).content.decode()
        assert words in page
        assert "eva@example.org" in page
        assert "&lt;a&gt;" in page
