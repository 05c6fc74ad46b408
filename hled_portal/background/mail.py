"""The outbox: every message of the portal is a row first, queued in the transaction of what it tells, sent by a job.

One event writes to one recipient once. A mail server that is away, or refuses, loses nothing: rows wait. The job has
one process at a time, and no transaction is open while a mail server is spoken to. When that process is killed between
the server's "accepted" and our note of it, the message goes out again, under the same Message-ID.
"""

import datetime
import smtplib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db.models import Count, Min, Q, QuerySet
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac

from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.models import Mail

from . import status
from .jobs import CLOCK_DIFFERENCE, JobRun

#: A refused message is tried again for so long, ever more seldom.
GIVE_UP_AFTER = datetime.timedelta(days=5)
MAX_RETRY_PAUSE = datetime.timedelta(hours=6)
#: Of what was sent, the event and a digest of the address stay so long: an event repeated by then writes no more.
REMEMBERED = datetime.timedelta(days=60)
EMPTIED = {"recipient": "", "subject": "", "body": "", "unsubscribe": ""}
OVERDUE_AFTER = datetime.timedelta(hours=1)


def site() -> str:
    """The portal's own address, for links in messages: never what a request names as its host."""
    if settings.SITE_URL:
        return settings.SITE_URL
    host = next((host for host in settings.ALLOWED_HOSTS if host.strip(".*")), "")
    return f"https://{host.lstrip('.')}" if host else f"http://127.0.0.1:{settings.PORT}"


def page_url(name: str, *args, language: str | None = None) -> str:
    """The whole address of a page, for a message; in the active language, or in this one."""
    with translation.override(language or translation.get_language()):
        return site() + reverse(name, args=args)


def address_digest(address: str) -> str:
    """What stays of an address once it is no longer needed; without the key of the portal it tells nothing."""
    return salted_hmac("hled_portal.mail", address.casefold()).hexdigest()


def queue(event: str, recipient: str, language: str, template: str, context: dict, **columns) -> None:
    """Store a message in the present transaction; the event repeated writes no second one to this recipient."""
    store([compose(event, recipient, language, template, context, **columns)])


def compose(event: str, recipient: str, language: str, template: str, context: dict, **columns) -> Mail:
    """A message that is not stored yet. The first line of `mail/<template>.txt` is the subject.

    `columns`: `unsubscribe`, the address of a one-click page, and `mass` for what goes to many.
    Raises ValidationError for what is no single address.
    """
    validate_email(recipient)
    subject, body = _rendered(language, template, context)
    return Mail(
        event=event,
        recipient_digest=address_digest(recipient),
        recipient=recipient,
        language=language,
        subject=subject,
        body=body,
        message_id=f"<{uuid.uuid4()}@{urlsplit(site()).hostname}>",
        **columns,
    )


def store(messages: list[Mail]) -> None:
    """Store messages in the present transaction, but none whose event wrote to its recipient before."""
    Mail.objects.bulk_create(messages, ignore_conflicts=True)


def _rendered(language: str, template: str, context: dict) -> tuple[str, str]:
    """Subject and body. Plain text escapes nothing; a subject is one line, whatever a title holds."""
    if language not in LANGUAGES:
        raise ValueError(f"no such language: {language}")
    with translation.override(language):
        found = get_template(f"mail/{template}.txt").template
        always = {"site": site(), "owners": settings.SITE_OWNERS}
        text = found.render(Context(always | context, autoescape=False))
    subject, _line, body = text.strip().partition("\n")
    blocks = [block.strip("\n") for block in body.split("\n\n")]
    return " ".join(subject.split())[:200], "\n\n".join(block for block in blocks if block.strip()) + "\n"


def forget(address: str, events: str = "") -> None:
    """Take what still waits for an address out of the outbox: all, or what is of events that begin so."""
    Mail.objects.waiting().filter(event__startswith=events, recipient__iexact=address).delete()


def of_address(address: str) -> QuerySet[Mail]:
    """What was written to an address, sent or not, as far as it is remembered."""
    return Mail.objects.filter(recipient_digest=address_digest(address)).order_by("queued_at")


def cancel(events: list[str]) -> None:
    """Take what still waits of these events out of the outbox."""
    Mail.objects.waiting().filter(event__in=events).delete()


# Sending


class NoMailServer(BaseEmailBackend):
    """Of a production without EMAIL_URL: sends nothing, so that messages wait and `status` says why."""

    def open(self):
        if not self.fail_silently:
            raise ImproperlyConfigured("EMAIL_URL is not set: no message is sent.")

    def send_messages(self, email_messages):
        self.open()
        return 0


def send_waiting(turn: JobRun) -> str | None:
    """Send what is due. Raises what the connection raises when the mail server is away: nothing is lost by it."""
    sent, refused, connection = 0, 0, None
    try:
        while turn.should_continue() and (mail := _next()):
            if connection is None:
                connection = get_connection()
                connection.open()
            if _send(mail, connection):
                sent += 1
            else:
                refused += 1
    finally:
        if connection is not None:
            connection.close()
    return f"{sent} sent, {refused} to be tried again" if sent or refused else None


def _next() -> Mail | None:
    """What people wait for before what goes to many. What is due beyond every pause was queued by a wrong clock."""
    now = timezone.now()
    is_due = Q(due_at__lte=now) | Q(due_at__gt=now + MAX_RETRY_PAUSE + CLOCK_DIFFERENCE)
    return Mail.objects.waiting().filter(is_due).order_by("mass", "due_at", "pk").first()


def _send(mail: Mail, connection) -> bool:
    """Send one message. A refusal of this very message postpones it; any other error is the connection's."""
    rows = Mail.objects.filter(pk=mail.pk)
    try:
        connection.send_messages([message(mail)])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException, ValueError) as error:
        _postpone(mail, _reason(error, mail.recipient))
        return False
    except OSError:
        rows.update(due_at=timezone.now())  # Behind the others, lest one that breaks the connection stop them all.
        raise
    rows.update(sent_at=timezone.now(), error="", **({} if settings.DEBUG else EMPTIED))  # See /dev/mail/.
    return True


def message(mail: Mail) -> EmailMessage:
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated", "Content-Language": mail.language}
    if mail.unsubscribe:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    return EmailMessage(mail.subject, mail.body, settings.DEFAULT_FROM_EMAIL, [mail.recipient], headers=headers)


def _postpone(mail: Mail, reason: str) -> None:
    now = timezone.now()
    pause = min(datetime.timedelta(minutes=2 ** min(mail.attempts, 10)), MAX_RETRY_PAUSE)
    columns = {"due_at": now + pause, "attempts": mail.attempts + 1, "error": reason[:500]}
    if now - mail.queued_at > GIVE_UP_AFTER:
        columns |= {"refused_at": now, **EMPTIED}
    Mail.objects.filter(pk=mail.pk).update(**columns)


def _reason(error: Exception, recipient: str) -> str:
    """The server's words without the address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        error = smtplib.SMTPResponseException(*next(iter(error.recipients.values())))
    words = f"{error}"
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        words = f"{error.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    return words.replace(recipient, "…")


def delete_old_mail(turn: JobRun) -> str | None:
    """Forget events that are long past."""
    before = timezone.now() - REMEMBERED
    old = Mail.objects.exclude(pk__in=Mail.objects.waiting().values("pk")).filter(queued_at__lt=before)
    count, _tables = old.delete()
    return f"{count} old events forgotten" if count else None


@dataclass(frozen=True)
class OutboxFigures:
    waiting: int
    oldest: datetime.datetime | None
    retried: int
    given_up: int


def count_outbox() -> OutboxFigures:
    waiting = Mail.objects.waiting()
    return OutboxFigures(
        **waiting.aggregate(waiting=Count("pk"), oldest=Min("queued_at"), retried=Count("pk", filter=~Q(error=""))),
        given_up=Mail.objects.filter(refused_at__gt=timezone.now() - GIVE_UP_AFTER).count(),
    )


def report_mail() -> Iterator[status.StatusLine]:
    """How much waits, and for how long."""
    now, outbox = timezone.now(), count_outbox()
    text = f"mail: {outbox.waiting} waiting"
    if outbox.oldest:
        text += f", the oldest queued {status.ago(outbox.oldest, now)}"
    yield status.StatusLine(text, too_old=outbox.oldest is not None and now - outbox.oldest > OVERDUE_AFTER)
    if outbox.retried or outbox.given_up:
        yield status.StatusLine(
            f"mail: {outbox.retried} refused and being retried, {outbox.given_up} given up in the last "
            f"{GIVE_UP_AFTER.days} days"
        )
