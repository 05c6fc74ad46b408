"""The outbox, with a real mail server beside it: away, slow, refusing, and killed halfway."""

import datetime
import smtplib

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail import mail_admins
from django.db import connection, transaction
from django.template import engines
from django.utils import timezone

from hled_portal.background import jobs, mail
from hled_portal.models import JobState, Mail
from hled_portal.tests.letterbox import mail_server

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ANA, BETH = "ana@example.org", "beth@example.org"
TEXT = "{% load i18n %}{{ title }}\n\n{% translate 'Language' %}: {{ site }}/{{ words }}\n\n\n\nEnd\n"


@pytest.fixture
def smtp(settings):
    with mail_server(settings) as letterbox:
        yield letterbox


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    monkeypatch.setattr(mail, "get_template", lambda name: engines["django"].from_string(TEXT))


def queue(event="release/1", recipient=ANA, language="en", title="News", words="x", **columns):
    mail.queue(event, recipient, language, "plain", {"title": title, "words": words}, **columns)


def send() -> str | None:
    return mail.send_waiting(jobs.JobRun())


# Queuing


def test_an_event_writes_to_a_recipient_once():
    queue()
    queue(recipient=ANA.upper())
    queue(recipient=BETH)
    queue("release/2")
    rows = Mail.objects.order_by("pk").values_list("event", "recipient")
    assert list(rows) == [("release/1", ANA), ("release/1", BETH), ("release/2", ANA)]


def test_an_event_that_was_sent_writes_no_more(mailoutbox):
    queue()
    assert send() == "1 sent, 0 to be tried again"
    queue()
    assert send() is None
    assert len(mailoutbox) == 1


def test_what_is_rolled_back_is_not_queued():
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert not Mail.objects.exists()


@pytest.mark.only_on("sqlite")
def test_the_text_is_in_the_language_of_its_recipient_and_escapes_nothing(settings):
    settings.SITE_URL = "https://portal.example"
    queue(language="es", title="Jalisco & Sonora", words="<b>")
    row = Mail.objects.get()
    assert row.subject == "Jalisco & Sonora"
    assert row.body == "Idioma: https://portal.example/<b>\n\nEnd\n"
    assert row.message_id.endswith("@portal.example>")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("recipient", ["ana@example.org\r\nBcc: x@example.org", "ana@example.org, x@example.org", ""])
def test_no_recipient_smuggles_another_one_in(recipient):
    with pytest.raises(ValidationError):
        queue(recipient=recipient)


@pytest.mark.only_on("sqlite")
def test_no_title_smuggles_a_header_in(mailoutbox):
    queue(title="News\rBcc: x@example.org\u2028\x0b more", words="x")
    send()
    assert mailoutbox[0].subject == "News Bcc: x@example.org more"
    assert mailoutbox[0].message()["Bcc"] is None
    assert mailoutbox[0].recipients() == [ANA]


@pytest.mark.only_on("sqlite")
def test_links_name_the_portal_and_never_the_host_of_a_request(settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "", ["*", ".portal.example"]
    assert mail.site() == "https://portal.example"
    settings.ALLOWED_HOSTS, settings.PORT = ["*"], 8123
    assert mail.site() == "http://127.0.0.1:8123"


# Sending


@pytest.mark.only_on("sqlite")
def test_headers_say_that_a_program_writes_and_how_to_unsubscribe(smtp):
    smtp.start()
    queue(unsubscribe="https://portal.example/en/follow/s/unsubscribe/", mass=True)
    send()
    (to, text), row = smtp.received[0], Mail.objects.get()
    assert to == [ANA]
    assert "Auto-Submitted: auto-generated\r\n" in text
    assert "Content-Language: en\r\n" in text
    assert "List-Unsubscribe: <https://portal.example/en/follow/s/unsubscribe/>\r\n" in text
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in text
    assert f"Message-ID: {row.message_id}\r\n" in text


def test_of_what_was_sent_no_address_and_no_text_stays(mailoutbox):
    queue(unsubscribe="https://portal.example/s/")
    send()
    row = Mail.objects.get()
    assert (row.recipient, row.subject, row.body, row.unsubscribe) == ("", "", "", "")
    assert row.sent_at
    assert ANA not in row.recipient_digest


def test_mail_waits_for_a_server_that_is_away(smtp):
    queue()
    queue(recipient=BETH)
    for _ in range(3):
        with pytest.raises(OSError, match="refused"):
            send()
    assert list(Mail.objects.values_list("attempts", "error", "recipient")) == [(0, "", ANA), (0, "", BETH)]
    smtp.start()
    assert send() == "2 sent, 0 to be tried again"
    assert [to for to, _text in smtp.received] == [[ANA], [BETH]]


@pytest.mark.only_on("sqlite")
def test_without_a_mail_server_in_the_settings_mail_waits_and_is_printed_nowhere(settings, capsys):
    settings.EMAIL_BACKEND = "hled_portal.background.mail.NoMailServer"
    queue()
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        send()
    assert Mail.objects.waiting().get().recipient == ANA
    assert capsys.readouterr() == ("", "")
    settings.ADMINS = [("", BETH)]
    mail_admins("An error", "text", fail_silently=True)  # As the log of Django reports an error.


@pytest.mark.only_on("sqlite")
def test_the_job_says_that_the_server_is_away(smtp):
    queue()
    assert jobs.run_due().failed
    assert "refused" in JobState.objects.get(name="send mail").error


def test_a_refused_message_holds_up_no_other_one_and_is_tried_again(smtp):
    smtp.start()
    queue(recipient="nobody@example.org")
    queue(recipient=BETH)
    assert send() == "1 sent, 1 to be tried again"
    row = Mail.objects.get(sent_at=None)
    assert (row.attempts, row.error) == (1, "550 <…> no such user here")
    assert row.due_at > timezone.now() + datetime.timedelta(seconds=50)
    assert send() is None


def test_a_message_that_is_refused_for_days_is_given_up_and_its_address_forgotten(smtp):
    smtp.start()
    queue(recipient="nobody@example.org")
    Mail.objects.update(queued_at=timezone.now() - mail.GIVE_UP_AFTER - datetime.timedelta(hours=1))
    send()
    row = Mail.objects.get()
    assert (row.recipient, row.body) == ("", "")
    assert row.refused_at
    assert not Mail.objects.waiting().exists()


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("answer", ["451 try later", "554 no"])
def test_whatever_the_server_answers_nothing_is_lost(smtp, answer):
    smtp.start()
    smtp.answer = answer
    queue()
    assert send() == "0 sent, 1 to be tried again"
    smtp.answer = "250 OK"
    Mail.objects.update(due_at=timezone.now())
    assert send() == "1 sent, 0 to be tried again"


def test_mail_of_a_clock_that_was_ahead_does_not_wait_for_that_day(mailoutbox):
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1)):
        queue()
    assert send() == "1 sent, 0 to be tried again"


def test_a_long_pause_is_waited_for(mailoutbox):
    queue()
    Mail.objects.update(due_at=timezone.now() + mail.MAX_RETRY_PAUSE)
    assert send() is None


def test_what_people_wait_for_goes_before_what_goes_to_many(mailoutbox):
    queue("release/1", mass=True)
    queue("follow/1", BETH)
    send()
    assert [message.to for message in mailoutbox] == [[BETH], [ANA]]


def test_killed_after_the_server_accepted_it_goes_again_under_the_same_id(smtp, monkeypatch):
    smtp.start()
    queue()
    with monkeypatch.context() as patch:
        patch.setattr(mail, "_send", lambda row, server: server.send_messages([mail.message(row)]) and kill())
        with pytest.raises(KeyboardInterrupt):
            send()
    assert send() == "1 sent, 0 to be tried again"
    ids = {text.partition("Message-ID: ")[2].partition("\r\n")[0] for _to, text in smtp.received}
    assert (len(smtp.received), len(ids)) == (2, 1)


def kill():
    raise KeyboardInterrupt


def test_killed_before_it_spoke_to_the_server_it_is_sent_once(smtp, monkeypatch):
    smtp.start()
    queue()
    with monkeypatch.context() as patch:
        patch.setattr(mail, "_send", lambda row, server: kill())
        with pytest.raises(KeyboardInterrupt):
            send()
    send()
    assert len(smtp.received) == 1


def test_a_connection_that_breaks_puts_the_message_back(smtp, monkeypatch):
    smtp.start()
    queue()

    def breaks(self, messages):
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.smtp.EmailBackend.send_messages", breaks)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send()
    assert send() == "1 sent, 0 to be tried again"


def test_no_transaction_is_open_while_the_server_is_spoken_to(monkeypatch):
    """On SQLite it would hold the one lock of writers for as long as the server takes."""
    queue()
    depth = len(connection.savepoint_ids)
    seen = []

    class Watching:
        def open(self):
            seen.append(len(connection.savepoint_ids))

        def send_messages(self, messages):
            seen.append(len(connection.savepoint_ids))

        def close(self):
            pass

    monkeypatch.setattr(mail, "get_connection", Watching)
    send()
    assert seen == [depth, depth]


# Afterwards


def test_an_address_is_taken_out_of_the_outbox():
    queue()
    queue(recipient=BETH)
    mail.forget(ANA.upper())
    assert [row.recipient for row in Mail.objects.all()] == [BETH]


def test_events_are_remembered_for_a_while(mailoutbox):
    queue("long ago")
    queue("lately")
    send()
    queue("still waiting")
    Mail.objects.exclude(event="lately").update(queued_at=timezone.now() - mail.REMEMBERED)
    assert mail.delete_old_mail(jobs.JobRun()) == "1 old events forgotten"
    assert {row.event for row in Mail.objects.all()} == {"lately", "still waiting"}


def test_status_tells_how_long_mail_waits():
    assert [(line.text, line.too_old) for line in mail.report_mail()] == [("mail: 0 waiting", False)]
    queue()
    Mail.objects.update(queued_at=timezone.now() - datetime.timedelta(hours=3), error="451 later")
    assert [(line.text, line.too_old) for line in mail.report_mail()] == [
        ("mail: 1 waiting, the oldest queued 3 hours ago", True),
        ("mail: 1 refused and being retried, 0 given up in the last 5 days", False),
    ]
