"""Sessions of staff end: after a time without a request, and at the latest some hours after the sign-in."""

import logging
import time
from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.utils import timezone

from hled_portal.models import SignIn

BEGAN, SEEN, CONFIRMED = "began_at", "seen_at", "confirmed_at"
SINGLE_SIGN_ON = "hled_portal.accounts.single_sign_on.SingleSignOnBackend"
#: Seconds within which a further request is not noted.
NOTED_EACH = 60

logger = logging.getLogger(__name__)


def begin_session(sender, request, user, **kwargs) -> None:
    """At each sign-in. Single sign-on may ask nothing while the session at the provider lasts: it confirms nobody."""
    request.session[BEGAN] = request.session[SEEN] = time.time()
    if getattr(user, "backend", "") != SINGLE_SIGN_ON:
        request.session[CONFIRMED] = time.time()


def end_old_sessions(get_response):
    """A middleware. A session without its times began before this version of the portal."""

    def middleware(request):
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            _end_or_note(request, time.time())
        return get_response(request)

    return middleware


def _end_or_note(request, now: float) -> None:
    idle, longest = settings.SESSION_IDLE_MINUTES * 60, settings.SESSION_HOURS * 3600
    if not idle and not longest:
        return
    session = request.session
    began, seen = session.get(BEGAN), session.get(SEEN)
    if began is None or seen is None:
        session[BEGAN] = session[SEEN] = now
    elif (longest and not 0 <= now - began < longest) or (idle and not -NOTED_EACH < now - seen < idle):
        logout(request)
    elif now - seen > NOTED_EACH:
        session[SEEN] = now
        _save(session)


def _save(session) -> None:
    """Before the page is made, so that who only reads goes on reading while nothing can be written."""
    try:
        session.save()
    except UpdateError:  # Deleted meanwhile, which the middleware of sessions answers.
        return
    except OperationalError:
        logger.warning("A session was not noted as used: the database cannot be written.")
    session.modified = False


def delete_old_sign_ins(_turn) -> str | None:
    """The job: sessions that ended, failed attempts of yesterday, and sign-ins of longer ago than they are kept."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - timedelta(days=1)).delete()
    AccessFailureLog.objects.filter(attempt_time__lt=now - timedelta(days=1)).delete()
    kept = timedelta(days=settings.KEEP_SIGN_INS_DAYS)
    deleted, _rows = SignIn.objects.filter(attempt_time__lt=now - kept).delete()
    return f"{deleted} sign-ins deleted" if deleted else None
