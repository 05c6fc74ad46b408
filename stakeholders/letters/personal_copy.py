"""A copy of all that is kept about the sender of a letter, for that sender: a ZIP of JSON, readable text and files.

Columns are taken as the models have them, so that a new one is in the copy unless it is left out here.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import localize
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from hled_portal.background import mail
from hled_portal.dates import timezones
from stakeholders.models import Letter

from . import attachments, submission

#: Keys of rows, hashes of secret links, the index of campaigns, and which officer did what.
LEFT_OUT = {
    *("id", "letter", "draft", "point", "asking", "file", "recommendation", "secret_digest", "once_digest"),
    *("text_fingerprint", "text_in_files", "joined_by", "answered_by", "by", "delegation", "handle", "notified_up_to"),
}
Section = tuple[str, str, list[dict[str, tuple[str, object, str]]]]


def write(letter: Letter):
    """An open file, which the caller closes."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    sections = list(_sections(letter))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", _json(sections))
        archive.writestr("data.txt", _text(sections))
        for row in letter.attachments.all():
            if attachments.can_be_opened(row):
                with archive.open(f"{row.pk}-{row.name}", "w") as entry, row.file.open() as content:
                    entry.writelines(content.chunks())
    file.seek(0)
    return file


def _sections(letter: Letter) -> Iterator[Section]:
    """Name for programs, label and rows; of each row the columns with label, value and words."""
    author = getattr(letter, "author", None)
    tables: list[tuple[str, str, Iterable[Model]]] = [
        ("submission", _("Submission"), [letter]),
        ("points", _("Recommendations"), letter.points.all()),
        ("confidential_parts", _("Confidential parts"), letter.parts.all()),
        ("attachments", _("Attachments"), letter.attachments.all()),
        ("corrections", _("Corrections"), letter.corrections.all()),
        ("objections", _("Objections"), letter.objections.all()),
        ("contact_transfers", _("Contact transfers"), letter.handovers.all()),
        ("updates", _("Email updates about the submission"), [author] if author else []),
        ("history", _("History"), submission.steps(letter)),
    ]
    for name, label, rows in tables:
        yield name, label, [_columns(row) for row in rows]
    identified = [
        {
            "recommendation": (_("Recommendation"), row.recommendation.key, row.recommendation.key),
            "text": (_("Words of the submission"), row.text, row.text),
        }
        for row in letter.askings.select_related("recommendation")
    ]
    yield "identified_recommendations", _("Recommendations identified in the submission"), identified
    sent = [
        {
            "queued_at": (_("Queued on"), row.queued_at, timezones.to_text(row.queued_at)),
            "subject": (_("Subject"), row.subject, row.subject or _("erased after sending")),
        }
        for row in mail.of_address(letter.email)
    ]
    yield "messages", _("Messages to this email address"), sent if letter.email else []


def _columns(row: Model) -> dict[str, tuple[str, object, str]]:
    columns = {}
    for field in row._meta.concrete_fields:
        if field.name in LEFT_OUT:
            continue
        value = getattr(row, field.attname)
        if field.is_relation:
            value = str(getattr(row, field.name) or "")
        words = str(getattr(row, f"get_{field.name}_display")()) if field.choices else _words(value)
        columns[field.name] = (capfirst(str(field.verbose_name)), value, words)
    return columns


def _words(value) -> str:
    if value in (None, "", {}):
        return "–"
    if hasattr(value, "tzinfo"):
        return timezones.to_text(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(localize(value))


def _json(sections: list[Section]) -> str:
    data = {
        name: [{column: cell[1] for column, cell in row.items()} for row in rows] for name, _label, rows in sections
    }
    made = {"site": mail.site(), "made_at": timezone.now(), "contact": settings.CONTACT}
    return json.dumps(made | data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def _text(sections: list[Section]) -> str:
    blocks = [
        _("Copy of the data that the portal keeps about a submission and its sender"),
        f"{mail.site()}, {timezones.to_text(timezone.now())}",
    ]
    for _name, label, rows in sections:
        blocks.append(f"== {label} ==")
        for row in rows:
            blocks.append("\n".join(f"{column}: {words}" for column, _value, words in row.values()))
        if not rows:
            blocks.append("–")
    return "\n\n".join(blocks) + "\n"
