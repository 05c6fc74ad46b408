"""A real mail server for tests: away until it is started, and as slow or as refusing as it is told to be."""

import socket
import time
from contextlib import contextmanager

from aiosmtpd.controller import Controller


class Letterbox:
    """What a mail server accepted; `answer` is what it says to each message, `seconds` how long it thinks."""

    def __init__(self):
        self.received, self.answer, self.seconds, self.greeted = [], "250 OK", 0, False
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._controller = None

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
        self._controller = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.greeted = True
        if address.startswith("nobody"):
            return f"550 <{address}> no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        time.sleep(self.seconds)
        if self.answer.startswith("250"):
            self.received.append((envelope.rcpt_tos, envelope.content.decode()))
        return self.answer


@contextmanager
def mail_server(settings):
    """The mail server of the settings."""
    letterbox = Letterbox()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", letterbox.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    try:
        yield letterbox
    finally:
        letterbox.stop()
