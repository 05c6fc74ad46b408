"""A submission sent by a stakeholder, beside a stock form view that stores the same rows."""

import time
from functools import partial
from itertools import count
from unittest.mock import patch

from django.conf import settings
from django.test import Client, override_settings

from stakeholders.letters import submission
from stakeholders.letters.forms import LetterForm
from stakeholders.models import Letter

from . import timing
from .pages import portal_client, stock_client
from .rows import Row, ratio_row

NOTICES = [str(settings.BASE_DIR / "stakeholders" / "tests" / f"privacy.{name}.txt") for name in ("en", "es")]
SENDER = {
    "sender_kind": "university",
    "sender_name": "Eva Soto",
    "organization": "Universidad de Sonora",
    "represented": "",
    "sector": "education",
    "country": "MX",
    "consent": "withheld",
}


def submission_row(turns: int) -> Row:
    portal, plain, numbers = portal_client(), stock_client(), count()
    minute_ago = time.time() - 60
    with patch.object(time, "time", lambda: minute_ago):
        shown = LetterForm().stamp
    with override_settings(SUBMISSION_LIMITS=[0], PRIVACY_TEXTS=NOTICES):
        before = Letter.objects.count()
        ours, theirs = partial(_send, portal, shown, numbers), partial(_send_plainly, plain, numbers)
        measured = timing.compare_seconds(ours, theirs, turns)
        assert Letter.objects.count() == before + 2 * turns + 2
    return ratio_row("a submission is sent", "stock form view that stores the same rows", measured, 1.5)


def _send(client: Client, shown: str, numbers) -> None:
    number = next(numbers)
    fields = {"once": submission.new_form_key(), "shown": shown, "points": "1", "text_1": f"Train {number}."}
    fields["email"] = f"eva{number}@example.org"
    answer = client.post("/en/recommendations/new/", SENDER | fields | {"checked": "1"})
    assert answer.status_code == 302, answer.context["form"].errors


def _send_plainly(client: Client, numbers) -> None:
    number = next(numbers)
    fields = {"text": f"Train {number} plainly.", "language": "en", "email": f"eva{number}@example.org"}
    answer = client.post("/letter/", SENDER | fields)
    assert answer.status_code == 302, answer.content
