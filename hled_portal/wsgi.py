"""The application that a web server calls."""

import os

from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hled_portal.settings")


class Request(WSGIRequest):
    """A request whose content type Django cannot read is one in no charset, and `refuse_unreadable` answers it."""

    def _set_content_type_params(self, meta):
        try:
            super()._set_content_type_params(meta)
        except ValueError:
            self.content_type, self.content_params = "", {"charset": "unreadable"}


application = get_wsgi_application()
application.request_class = Request

#: Seconds that a request waits for a database that is locked or gone; jobs and commands wait longer.
WAIT = 3


def answer_soon(database: dict) -> None:
    """Let a request fail, and say so to its reader, while its reader still waits."""
    options = database.setdefault("OPTIONS", {})
    if "sqlite" in database["ENGINE"]:
        options["timeout"] = WAIT
    else:
        options.setdefault("connect_timeout", WAIT)
        options.setdefault("options", f"-c lock_timeout={WAIT}s")


answer_soon(connections.settings["default"])
