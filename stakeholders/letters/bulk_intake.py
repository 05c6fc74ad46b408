"""Letters that came another way: a docket export of regulations.gov, or a spreadsheet; judged as the form judges them.

Each row is one letter, taken over once: it is known by the number that it had there. A row with an error is listed and
keeps none of the others back. Letters are written one by one, so that others are accepted meanwhile; a run that was
killed goes on with the next run of the same file. Attachments of a docket stay where they are; the letter names their
addresses. Nothing is invented of a sender: what the file does not say stays empty.
"""

import datetime
import html
import re
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction
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
from stakeholders.models import LONGEST_POINT, Consultation, FileOfLetters, Letter
from stakeholders.triage import moves, similarity
from stakeholders.vocabulary import CaseState, Channel, Consent, SenderCountry, SenderKind

from . import submission
from .forms import MAX_POINTS, PART_INPUTS, LetterForm

#: Columns of a docket without which a row is no letter, and of a spreadsheet.
DOCKET = ("Document ID", "Comment")
SHEET = ("number", "text_1")
SENDER = ("sender_kind", "sender_name", "organization", "represented", "sector", "country", "email", "consent")
POINTS = tuple(f"{name}_{n}" for n in range(1, MAX_POINTS + 1) for name in ("text", "pillar", "initiative"))
#: Every column of a spreadsheet of letters.
INTAKE_COLUMNS = ("number", "received_on", "language", *SENDER, *POINTS, *PART_INPUTS)
#: Columns of a docket that are read; the letter keeps their cells as they are.
DOCKET_COLUMNS = (
    "Document ID",
    "Docket ID",
    "Tracking Number",
    "Document Type",
    "Posted Date",
    "Received Date",
    "Is Withdrawn?",
    "Reason Withdrawn",
    "Title",
    "Duplicate Comments",
    "First Name",
    "Last Name",
    "State/Province",
    "Country",
    "Organization Name",
    "Submitter Representative",
    "Government Agency",
    "Comment",
    "Category",
    "Attachment Files",
)
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
    """One row: a letter that is new, there already, withdrawn since, or passed over with the reason, or errors.

    The `reasons` of a new one are remarks. `original` are the cells as they were.
    """

    number: int
    key: str
    kind: str
    reasons: list[str] = field(default_factory=list)
    words: submission.LetterContent | None = None
    original: dict[str, str] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        columns = self.words.columns if self.words else {}
        return columns.get("organization") or columns.get("sender_name", "")

    @property
    def beginning(self) -> str:
        return self.words.points[0]["text"][:160] if self.words and self.words.points else ""

    @property
    def original_comment(self) -> str:
        return self.original.get("Comment", "") or self.original.get("text_1", "")


class TakenForm(LetterForm):
    """The form of the portal, filled in from a file: nobody typed it in a browser.

    What the file does not say of its sender is not asked for. A docket is a record: characters that it lost and
    comments without words are kept as they are.
    """

    def __init__(self, data, known: "LetterForm | None" = None, of_docket: bool = False):
        if known is not None:  # Asked once for a file.
            self.__dict__ |= {"pillars": known.pillars, "initiatives": known.initiatives}
        typed = QueryDict(mutable=True)
        typed.update(data | {"once": submission.new_form_key()})
        super().__init__(typed)
        for name in ("sender_name", "sector", "country", *(["text_1"] if of_docket else ())):
            self.fields[name].required = False
        if of_docket:
            self.broken = set()

    def _age(self, shown: str) -> float:
        return spam_protection.LEAST


def read_letters(data: bytes, source: IntakeSource, *, of_any_length: bool = False) -> list[IntakeRow]:
    """Every row of the file, judged; nothing is written. Raises UnreadableSheet."""
    wanted = DOCKET if source.channel == Channel.DOCKET else SHEET
    read = (
        partial(spreadsheet_reader.read_table, of_any_length=True) if of_any_length else spreadsheet_reader.read_upload
    )
    sheet = read(data, wanted)
    lines = [
        _("The column “%(column)s” is missing.") % {"column": name} for name in wanted if name not in sheet.columns
    ]
    if source.channel == Channel.SHEET:
        unknown = [name for name in sheet.columns if name not in INTAKE_COLUMNS]
        lines += [
            _("The column “%(column)s” does not exist.") % {"column": spreadsheet_reader.shortened(name)}
            for name in unknown
        ]
    lines += [message for _row, _name, message in spreadsheet_reader.became_dates(sheet, lambda name: False)]
    if not lines and not sheet.rows:
        lines = [_("This file has no rows after the first one.")]
    if lines:
        raise UnreadableSheet(*lines)
    return list(_judged(sheet, source))


def _judged(sheet: spreadsheet_reader.Sheet, source: IntakeSource) -> Iterator[IntakeRow]:
    states = dict(Letter.objects.filter(channel=source.channel).values_list("channel_key", "state"))
    cells_of = _docket_cells if source.channel == Channel.DOCKET else _sheet_cells
    known, seen = TakenForm({}), {}
    rows = [(number, dict(zip(sheet.columns, cells, strict=True))) for number, cells in sheet.rows]
    orders = _day_orders([row for _number, row in rows]) if source.channel == Channel.SHEET else {}
    for number, row in rows:
        if order := orders.get(row.get("language", "").strip()):
            row["received_on"] = date_parsing.settle_day(row["received_on"].strip(), order)
        named = row[(DOCKET if source.channel == Channel.DOCKET else SHEET)[0]]
        key = text_sanitizing.one_line(text_sanitizing.tidy(named))
        if key in seen:
            reason = _("Row %(row)s has the same key as row %(first)s. Change one of the two, or delete it.") % {
                "row": number,
                "first": seen[key],
            }
            yield IntakeRow(number, key, "invalid", [reason])
            continue
        seen[key] = number
        if key in states and _is_withdrawn(row) and states[key] != CaseState.WITHDRAWN:
            yield IntakeRow(number, key, "withdrawn", [_("withdrawn from the docket since it was imported")])
        elif key in states:
            yield IntakeRow(number, key, "same")
        elif passed := _passed_over(row):
            yield IntakeRow(number, key, "passed", [passed])
        else:
            yield _row(number, key, row, cells_of(row, source), source, known)


def _day_orders(rows: list[dict[str, str]]) -> dict[str, str]:
    """Whether day or month comes first in the dates of each language, as the dates that can be read one way have it.

    All of these agree; one row alone settles no date of another language, which people write the other way.
    """
    by_language: dict[str, list[str]] = {}
    for row in rows:
        by_language.setdefault(row.get("language", "").strip(), []).append(row.get("received_on", ""))
    every = [day for days in by_language.values() for day in days]
    order = date_parsing.day_order(every)
    telling = sum(bool(date_parsing.day_order([day])) for day in every)
    return {language: order for language, days in by_language.items() if telling > 1 or date_parsing.day_order(days)}


def _passed_over(row: dict[str, str]) -> str:
    """Why a row of a docket is no letter; empty where it is one."""
    if _is_withdrawn(row):
        return _("withdrawn from the docket")
    if row.get("Document Type", "").strip().lower() not in ("public submission", "public submissions", ""):
        return _("not a public submission")
    if "Comment" in row and not row["Comment"].strip() and not row.get("Attachment Files", "").strip():
        return _("the comment is empty and has no files")
    return ""


def _is_withdrawn(row: dict[str, str]) -> bool:
    return row.get("Is Withdrawn?", "").strip().lower() in ("true", "yes")


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
    of_docket = source.channel == Channel.DOCKET
    form = TakenForm(cells | {"points": str(_points(cells))}, known, of_docket)
    if not form.is_valid():
        for name, errors in form.errors.items():
            reasons += [f"{name}: {error}" if name != "__all__" else error for error in errors]
    if reasons:
        return IntakeRow(number, key, "invalid", reasons)
    words = form.words()
    in_files = of_docket and _is_in_files(cells["text_1"])
    kept = DOCKET_COLUMNS if of_docket else INTAKE_COLUMNS
    original = {name: row[name] for name in kept if row.get(name, "").strip()}
    words.columns |= {
        "language": language,
        "channel": source.channel,
        "channel_key": key,
        "consultation": source.consultation,
        "created_at": received or timezone.now(),
        "introduction": cells.get("introduction", ""),
        "copies": _copies(row),
        "text_in_files": in_files,
        "original_cells": original,
    }
    remarks = [_("The text is in attached files. Add them, or their text, on the page of the submission.")]
    remarks = remarks if in_files else []
    if any(text_sanitizing.is_broken(point["text"]) for point in words.points):
        remarks.append(_("The file lost some characters (�); they are kept so marked."))
    return IntakeRow(number, key, "new", remarks, words, original)


def _copies(row: dict[str, str]) -> int:
    """How many alike submissions a row of a docket stands for."""
    number = row.get("Duplicate Comments", "").strip()
    return max(int(number), 1) if number.isascii() and number.isdigit() and len(number) < 9 else 1


_SEE_FILES = re.compile(
    r"\W*(?:please\s+)?(?:see|refer to|v[eé]ase|ver)\b.{0,40}\b(?:attach|archivo|adjunt|anexo).{0,40}", re.IGNORECASE
)


def _is_in_files(text: str) -> bool:
    """Whether a comment has no words of its own, and is in the files of the docket."""
    return not text.strip() or bool(_SEE_FILES.fullmatch(text.strip()))


#: Words that nearly every text of the one language has, and no text of the other.
_SPANISH = frozenset("el la los las del que en por para con una es se su como más al lo".split())
_ENGLISH = frozenset("the of and to in is that for we with this on be are it as not our by at if or".split())


def detect_language(text: str) -> Language:
    """The language that more of the common words are of; English, that of dockets, where there are none."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    spanish, english = sum(word in _SPANISH for word in words), sum(word in _ENGLISH for word in words)
    return Language.SPANISH if spanish > english else Language.ENGLISH


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
    return {"consent": source.consent} | {name: text for name, text in cells.items() if text}


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
    """Who represents somebody writes: the organization of such a row is the one that is represented."""
    organization = _plain(row.get("Organization Name", "")) or _plain(row.get("Government Agency", ""))
    representative = _plain(row.get("Submitter Representative", ""))
    text = _plain(row["Comment"])
    return {
        "sender_kind": _kind(row, organization),
        "sender_name": " ".join(filter(None, (_plain(row.get("First Name", "")), _plain(row.get("Last Name", ""))))),
        "organization": representative or organization,
        "represented": organization if representative else "",
        "country": _country(row),
        "consent": source.consent,
        "language": detect_language(text),
        "text_1": text,
        "introduction": _introduction(row),
    }


#: HTML that comments of dockets hold. What else stands in angle brackets was written so: an address, a comparison.
_TAGS = (
    "a|b|blockquote|br|div|em|font|h[1-6]|hr|i|li|ol|p|pre|s|small|span|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul"
)
_TAG = re.compile(
    rf"""<\s*/?\s*(?:{_TAGS})(?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s<>"']+))*\s*/?\s*>""", re.IGNORECASE
)


def _plain(text: str) -> str:
    """The words of a docket's cell, which holds pieces of HTML: all of them, whatever stands around them."""
    text = re.sub(r"<\s*br\s*/?\s*>|</\s*(?:p|div|li)\s*>", "\n", text, flags=re.IGNORECASE)
    text = html.unescape(_TAG.sub("", text))
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
        return ""
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


def write_letters(rows: list[IntakeRow], channel: str, progress: Callable[[int], None] | None = None) -> int:
    """Take over every new letter and withdraw those withdrawn since, each in a transaction of its own.

    Returns how many are new. Rows with errors are left out.
    """
    fresh = 0
    for done, row in enumerate(rows, 1):
        if row.kind == "new":
            submission.receive(submission.new_form_key(), row.words, None)
            fresh += 1
        elif row.kind == "withdrawn":
            moves.withdraw(Letter.objects.get(channel=channel, channel_key=row.key), _("Withdrawn from the docket."))
        if progress is not None:
            progress(done)
    return fresh


def add_text(letter: Letter, text: str) -> bool:
    """Add the text of a file as a point of the letter; False for an empty one, or one that is too long."""
    text = text_sanitizing.without_hidden(text).strip()
    if not text or len(text) > LONGEST_POINT:
        return False
    with transaction.atomic():
        last = moves.locked(letter).points.order_by("order").last()
        letter.points.create(order=last.order + 1 if last else 1, text=text)
        letter.text_in_files = False
        letter.text_fingerprint = similarity.fingerprint(letter.points.values_list("text", flat=True))
        letter.save(update_fields=["text_in_files", "text_fingerprint"])
    return True


def counts(rows: list[IntakeRow]) -> dict[str, int]:
    kinds = [row.kind for row in rows]
    return {kind: kinds.count(kind) for kind in ("new", "same", "withdrawn", "passed", "invalid")}


def delete_old_files(turn: JobRun) -> str | None:
    """Drop files of letters that nobody decided on within a day."""
    count, _tables = FileOfLetters.objects.filter(sent_at__lt=timezone.now() - FILES_KEPT_FOR).delete()
    return f"{count} files of letters dropped" if count else None
