"""Letters that came another way: a docket export of regulations.gov, or a spreadsheet; judged as the form judges them.

Each row is one letter, taken over once: it is known by the number that it had there. A file with an error is not
written. Letters are written one by one, so that others are accepted meanwhile; a run that was killed goes on with the
next run of the same file. Attachments of a docket stay where they are; the letter names their addresses.
"""

import datetime
import html
import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from hled_portal.background.jobs import JobRun
from hled_portal.dates import date_parsing
from hled_portal.files import spreadsheet_reader
from hled_portal.files.spreadsheet_reader import UnreadableSheet
from hled_portal.i18n.bilingual import Language
from hled_portal.security import spam_protection, text_sanitizing
from stakeholders.models import Consultation, FileOfLetters, Letter
from stakeholders.vocabulary import Channel, Consent, Sector, SenderCountry, SenderKind

from . import submission
from .forms import MAX_POINTS, PART_INPUTS, LetterForm

#: Columns of a docket without which a row is no letter, and of a spreadsheet.
DOCKET = ("Document ID", "Comment")
SHEET = ("number", "text_1")
SENDER = ("sender_kind", "sender_name", "organization", "represented", "sector", "country", "email", "consent")
POINTS = tuple(f"{name}_{n}" for n in range(1, MAX_POINTS + 1) for name in ("text", "pillar", "initiative"))
#: Every column of a spreadsheet of letters.
INTAKE_COLUMNS = ("number", "received_on", "language", *SENDER, *POINTS, *PART_INPUTS)
ANONYMOUS = "Anonymous"
#: A docket of regulations.gov writes a day as the instant of its midnight in Washington.
DOCKET_ZONE = zoneinfo.ZoneInfo("America/New_York")
#: How long a file waits for a decision.
FILES_KEPT_FOR = datetime.timedelta(days=1)


@dataclass(frozen=True)
class IntakeSource:
    """Where a file comes from, and what holds for all of its letters."""

    channel: str
    consultation: Consultation | None = None
    consent: str = Consent.NOTHING


@dataclass
class IntakeRow:
    """One row: a letter that is new, one that is there already, one that is passed over with the reason, or errors."""

    number: int
    key: str
    kind: str
    reasons: list[str] = field(default_factory=list)
    words: submission.LetterContent | None = None

    @property
    def sender(self) -> str:
        columns = self.words.columns if self.words else {}
        return columns.get("organization") or columns.get("sender_name", "")

    @property
    def beginning(self) -> str:
        return self.words.points[0]["text"][:160] if self.words else ""


class TakenForm(LetterForm):
    """The form of the portal, filled in from a file: nobody typed it in a browser, all the rest is asked."""

    def __init__(self, data, known: "LetterForm | None" = None):
        if known is not None:  # Asked once for a file.
            self.__dict__ |= {"pillars": known.pillars, "initiatives": known.initiatives}
        typed = QueryDict(mutable=True)
        typed.update(data | {"once": submission.new_form_key()})
        super().__init__(typed)

    def _age(self, shown: str) -> float:
        return spam_protection.LEAST


def read_letters(data: bytes, source: IntakeSource) -> list[IntakeRow]:
    """Every row of the file, judged; nothing is written. Raises UnreadableSheet."""
    wanted = DOCKET if source.channel == Channel.DOCKET else SHEET
    sheet = spreadsheet_reader.read_table(data, wanted)
    lines = [
        _("The column “%(column)s” is missing.") % {"column": name} for name in wanted if name not in sheet.columns
    ]
    if source.channel == Channel.SHEET:
        unknown = [name for name in sheet.columns if name not in INTAKE_COLUMNS]
        lines += [
            _("The column “%(column)s” does not exist.") % {"column": spreadsheet_reader.shortened(name)}
            for name in unknown
        ]
    lines += spreadsheet_reader.became_dates(sheet, lambda name: False)
    if not lines and not sheet.rows:
        lines = [_("This file has no rows after the first one.")]
    if lines:
        raise UnreadableSheet(*lines)
    return list(_judged(sheet, source))


def _judged(sheet: spreadsheet_reader.Sheet, source: IntakeSource) -> Iterator[IntakeRow]:
    known_keys = set(Letter.objects.filter(channel=source.channel).values_list("channel_key", flat=True))
    cells_of = _docket_cells if source.channel == Channel.DOCKET else _sheet_cells
    known, seen = TakenForm({}), {}
    for number, cells in sheet.rows:
        row = dict(zip(sheet.columns, cells, strict=True))
        named = row[(DOCKET if source.channel == Channel.DOCKET else SHEET)[0]]
        key = text_sanitizing.one_line(text_sanitizing.tidy(named))
        if key in seen:
            reason = _("Row %(row)s has the same key as row %(first)s.") % {"row": number, "first": seen[key]}
            yield IntakeRow(number, key, "invalid", [reason])
            continue
        seen[key] = number
        if key in known_keys:
            yield IntakeRow(number, key, "same")
        elif passed := _passed_over(row):
            yield IntakeRow(number, key, "passed", [passed])
        else:
            yield _row(number, key, row, cells_of(row, source), source, known)


def _passed_over(row: dict[str, str]) -> str:
    """Why a row of a docket is no letter; empty where it is one."""
    if row.get("Is Withdrawn?", "").strip().lower() in ("true", "yes"):
        return _("withdrawn from the docket")
    if row.get("Document Type", "Public Submission").strip().lower() not in ("public submission", ""):
        return _("not a public submission")
    return ""


def _row(number: int, key: str, row, cells: dict[str, str], source: IntakeSource, known) -> IntakeRow:
    reasons = []
    if not key:
        reasons.append(_("The number used in the original system is missing."))
    if len(key) > 120 or text_sanitizing.has_hidden(key) or text_sanitizing.is_broken(key):
        reasons.append(_("The number is too long or contains characters that are not text."))
    written = (row.get("received_on") or row.get("Received Date") or row.get("Posted Date") or "").strip()
    days = date_parsing.days_of_numbers(written)
    if len(days) == 2 and source.channel == Channel.SHEET:
        reasons.append(date_parsing.ambiguous(written, days))
    received = _day(written, month_first=source.channel == Channel.DOCKET)
    if received is None:
        reasons.append(_("The date received is not valid. Enter it as year-month-day."))
    language = cells.get("language") or Language.ENGLISH
    if language not in Language.values:
        reasons.append(_("The language must be “en” or “es”."))
    form = TakenForm(cells | {"points": str(_points(cells))}, known)
    if not form.is_valid():
        for name, errors in form.errors.items():
            reasons += [f"{name}: {error}" if name != "__all__" else error for error in errors]
    if reasons:
        return IntakeRow(number, key, "invalid", reasons)
    words = form.words()
    words.columns |= {
        "language": language,
        "channel": source.channel,
        "channel_key": key,
        "consultation": source.consultation,
        "created_at": received or timezone.now(),
        "introduction": cells.get("introduction", ""),
    }
    return IntakeRow(number, key, "new", words=words)


def _points(cells: dict[str, str]) -> int:
    return max([n for n in range(1, MAX_POINTS + 1) if cells.get(f"text_{n}")], default=1)


def _day(text: str, *, month_first: bool) -> datetime.datetime | None:
    """The moment of a day or an instant; now for an empty text, None for what is neither, or to come.

    Days of a docket have the month first. A day is its noon here: as midnight it would be the day before elsewhere.
    """
    if not text:
        return timezone.now()
    try:
        if days := date_parsing.days_of_numbers(text):
            day = datetime.datetime.strptime(text, "%m/%d/%Y").date() if month_first else days[0]
            received_at = datetime.datetime.combine(day, datetime.time())
        else:
            received_at = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1990 < received_at.year < 9999:
        return None
    if timezone.is_aware(received_at) and received_at.astimezone(DOCKET_ZONE).time() == datetime.time():
        received_at = received_at.astimezone(DOCKET_ZONE).replace(tzinfo=None)
    if timezone.is_naive(received_at):
        received_at = timezone.make_aware(received_at.replace(hour=received_at.hour or 12))
    return received_at if received_at <= timezone.now() + datetime.timedelta(days=1) else None


# A spreadsheet


def _sheet_cells(row: dict[str, str], source: IntakeSource) -> dict[str, str]:
    cells = {name: text.strip() for name, text in row.items() if name not in ("number", "received_on")}
    return {"consent": source.consent, "sector": Sector.OTHER} | {name: text for name, text in cells.items() if text}


# A docket


_COUNTRIES = {
    "united states": SenderCountry.US,
    "united states of america": SenderCountry.US,
    "usa": SenderCountry.US,
    "us": SenderCountry.US,
    "mexico": SenderCountry.MX,
    "méxico": SenderCountry.MX,
    "canada": SenderCountry.CA,
}
#: Words of the categories of agencies, which differ from docket to docket.
_KINDS = (
    ("individual", SenderKind.PERSON),
    ("consumer", SenderKind.PERSON),
    ("association", SenderKind.CHAMBER),
    ("chamber", SenderKind.CHAMBER),
    ("union", SenderKind.UNION),
    ("labor", SenderKind.UNION),
    ("academi", SenderKind.UNIVERSITY),
    ("universit", SenderKind.UNIVERSITY),
    ("non-profit", SenderKind.CIVIL),
    ("nonprofit", SenderKind.CIVIL),
    ("advocacy", SenderKind.CIVIL),
    ("government", SenderKind.PUBLIC),
    ("state", SenderKind.PUBLIC),
    ("business", SenderKind.COMPANY),
    ("company", SenderKind.COMPANY),
    ("industry", SenderKind.COMPANY),
)


def _docket_cells(row: dict[str, str], source: IntakeSource) -> dict[str, str]:
    organization = _plain(row.get("Organization Name", "")) or _plain(row.get("Government Agency", ""))
    name = " ".join(filter(None, (_plain(row.get("First Name", "")), _plain(row.get("Last Name", "")))))
    return {
        "sender_kind": _kind(row, organization),
        "sender_name": name or organization or ANONYMOUS,
        "organization": organization,
        "represented": _plain(row.get("Submitter Representative", "")),
        "sector": Sector.OTHER,
        "country": _country(row),
        "consent": source.consent,
        "language": Language.ENGLISH,
        "text_1": _plain(row["Comment"]) or _plain(row.get("Title", "")),
        "introduction": _introduction(row),
    }


def _plain(text: str) -> str:
    """The words of a docket's cell, which holds pieces of HTML."""
    text = re.sub(r"<\s*br\s*/?\s*>|</\s*(?:p|div|li)\s*>", "\n", text, flags=re.IGNORECASE)
    text = html.unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", text))
    return text_sanitizing.without_hidden(text).strip()


def _kind(row: dict[str, str], organization: str) -> str:
    category = row.get("Category", "").lower()
    if row.get("Government Agency", "").strip():
        return SenderKind.PUBLIC
    kind_of_sender = next((kind for word, kind in _KINDS if word in category), None)
    if not organization:
        return SenderKind.PERSON
    return kind_of_sender if kind_of_sender and kind_of_sender != SenderKind.PERSON else SenderKind.OTHER


def _country(row: dict[str, str]) -> str:
    named = row.get("Country", "").strip().lower()
    if not named:
        return SenderCountry.US if row.get("State/Province", "").strip() else SenderCountry.OTHER
    return _COUNTRIES.get(named, SenderCountry.OTHER)


def _introduction(row: dict[str, str]) -> str:
    """What the docket says beside the comment, in the language of the docket."""
    with override("en"):
        parts = [
            (_("Docket: %(text)s"), row.get("Docket ID", "")),
            (_("Title: %(text)s"), row.get("Title", "")),
            (_("Tracking number: %(text)s"), row.get("Tracking Number", "")),
            (_("Files in the docket: %(text)s"), row.get("Attachment Files", "")),
        ]
        return "\n".join(words % {"text": _plain(text)} for words, text in parts if text.strip())


# Writing


def write_letters(rows: list[IntakeRow]) -> int:
    """Take over every new letter, each in a transaction of its own; returns how many. Raises UnreadableSheet."""
    invalid_rows = [row for row in rows if row.kind == "invalid"]
    if invalid_rows:
        raise UnreadableSheet(_("The file has errors and was not saved. Correct the rows and upload it again."))
    fresh = [row for row in rows if row.kind == "new"]
    for row in fresh:
        submission.receive(submission.new_form_key(), row.words, None)
    return len(fresh)


def counts(rows: list[IntakeRow]) -> dict[str, int]:
    kinds = [row.kind for row in rows]
    return {kind: kinds.count(kind) for kind in ("new", "same", "passed", "invalid")}


def delete_old_files(turn: JobRun) -> str | None:
    """Drop files of letters that nobody decided on within a day."""
    count, _tables = FileOfLetters.objects.filter(sent_at__lt=timezone.now() - FILES_KEPT_FOR).delete()
    return f"{count} files of letters dropped" if count else None
