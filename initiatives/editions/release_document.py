"""The texts of a release to come as one Word document, for agencies without an account.

Each text is listed field by field, after its changes against the published edition, where there is one.
"""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from hled_portal.dates import timezones
from hled_portal.files.docx import Document, TextRun
from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.i18n.delegations import Delegation
from hled_portal.models import ReleasePlan
from hled_portal.publishing.signed_text import RELEASED, Signed
from initiatives.content import diff
from initiatives.content.diff import Change, ChangedPart
from initiatives.models import Edition

from . import proposal_review

BOTH = "both"


def build_release_document(plan: ReleasePlan, texts: list[Signed], language: str, words: str) -> bytes:
    """The document. `words`: the language of its headings; `language`: that of the texts, or both side by side."""
    with override(words):
        notice = _("Not public. For the delegations and their agencies only.")
        made = Document(plan.name, words, notice)
        _front(made, plan, texts)
        editions = [text for text in texts if isinstance(text, Edition)]
        by_language = _texts_by_language(editions, LANGUAGES if language == BOTH else (language,))
        for text in texts:
            _chapter(made, text, by_language.get(text.pk) if isinstance(text, Edition) else None)
        return made.bytes()


def _front(made: Document, plan: ReleasePlan, texts: list[Signed]) -> None:
    now = timezone.now()
    made.paragraph(_("As of %(moment)s.") % {"moment": timezones.to_text(now)})
    if plan.at:
        made.paragraph(_("Scheduled for %(moment)s.") % {"moment": timezones.to_text(plan.at)})
    if plan.meeting_key:
        made.paragraph(_("Meeting: %(key)s") % {"key": plan.meeting_key})
    count = len(texts)
    made.paragraph(ngettext("%(count)d text:", "%(count)d texts:", count) % {"count": count})
    for text in texts:
        made.bullet(f"{text.caption}: {describe_approvals(text)}")
    made.paragraph(
        _("Where a text changes what is already public, deletions are shown as [out: …] and additions as [new: …].")
    )


def describe_approvals(text: Signed) -> str:
    """Who cleared a text, in a few words."""
    sides = [side for side in Delegation if getattr(text, f"{side.lower()}_digest")]
    if text.state in RELEASED:
        return str(text.get_state_display())
    if len(sides) == len(Delegation):
        return _("approved by both delegations, not yet public")
    if sides:
        return _("approved only by %(side)s") % {"side": sides[0].in_sentence}
    return _("approved by neither delegation")


@dataclass(frozen=True)
class _TextInLanguage:
    """A text in one language: what it changes, None where nothing of it is public, and all that it says."""

    changed: list[ChangedPart] | None
    number: int | None
    whole: list[ChangedPart]


def _texts_by_language(texts: list[Edition], languages: tuple[str, ...]) -> dict[int, dict[str, _TextInLanguage]]:
    """Each text by its row and by language. A few queries for each language, however many texts."""
    by_text: dict[int, dict[str, _TextInLanguage]] = {text.pk: {} for text in texts}
    for language in languages if texts else ():
        with override(language):
            names = proposal_review.review_names(
                {subject for text in texts for subject in diff.referenced_subjects(text.data)}
            )
            compared = proposal_review.compared(texts)
            for text in texts:
                each = compared[text.pk]
                whole = diff.describe_new(text.data, names.names, language)
                old = each.published
                by_text[text.pk][language] = _TextInLanguage(
                    each.parts if old else None, old.number if old else None, whole
                )
    return by_text


def _chapter(made: Document, text: Signed, texts: dict[str, _TextInLanguage] | None) -> None:
    made.heading(text.caption, 1)
    made.paragraph(_("Text: %(name)s") % {"name": text.name})
    made.paragraph(_("Status: %(state)s") % {"state": describe_approvals(text)}, "head")
    for side in Delegation:
        made.paragraph(_approval_text(text, side))
    made.paragraph(_("Hash (SHA-256): %(digest)s") % {"digest": text.digest})
    if texts is None:
        made.paragraph(text.content)
        return
    first = next(iter(texts.values()))
    if first.changed is None:
        made.paragraph(_("Not yet public."))
    else:
        made.heading(_("Changes from version %(number)d") % {"number": first.number}, 2)
        _tables(made, {language: each.changed for language, each in texts.items()}, text.caption, mark=True)
    made.heading(_("The text as it would be published"), 2)
    _tables(made, {language: each.whole for language, each in texts.items()}, text.caption)


def _approval_text(text: Signed, side: Delegation) -> str:
    officer, at = getattr(text, f"{side.lower()}_officer"), getattr(text, f"{side.lower()}_at")
    if officer is None:
        return _("%(side)s: not yet approved.") % {"side": side.label}
    day = date_format(timezone.localtime(at), "DATE_FORMAT") if isinstance(at, datetime.datetime) else ""
    names = {"side": side.label, "officer": officer.get_full_name() or officer.get_username(), "day": day}
    return _("%(side)s: approved by %(officer)s on %(day)s.") % names


def _tables(made: Document, parts: dict[str, list[ChangedPart]], caption: str, mark: bool = False) -> None:
    """A table for each part, one column for each language."""
    languages = list(parts)
    if not parts[languages[0]]:
        made.paragraph(_("None."))
    for each in zip(*parts.values(), strict=True):
        part = each[-1] if languages[-1] == made.language else each[0]
        name = f"{part.label}: {part.name}" if part.name else str(part.label) or caption
        if mark and part.state in _STATES:
            name = f"{name} ({_STATES[part.state]()})"
        made.heading(name[:1].upper() + name[1:], 3)
        head = [_("Field"), *(_COLUMNS[language]() for language in languages)]
        rows = _rows({language: part.changes for language, part in zip(languages, each, strict=True)}, mark, made)
        made.table(head, rows, [made.language, *languages])


_STATES = {"new": lambda: _("new"), "gone": lambda: _("removed")}
_COLUMNS = {"en": lambda: _("English"), "es": lambda: _("Spanish")}


def _rows(changes: dict[str, list[Change]], mark: bool, made: Document) -> list:
    """One row for each field: its label in the language of the document, and its words in each language."""
    columns = {language: _cells(texts, language, mark, len(changes) > 1) for language, texts in changes.items()}
    names = list(dict.fromkeys(name for cells in columns.values() for name in cells))
    of_labels = columns.get(made.language) or next(iter(columns.values()))
    rows = []
    for name in names:
        label = of_labels[name][0] if name in of_labels else next(c[name][0] for c in columns.values() if name in c)
        cells_in_order = [cells[name][1] if name in cells else [[("", "–")]] for cells in columns.values()]
        rows.append([[[("head", label[:1].upper() + label[1:])]], *cells_in_order])
    return rows


def _cells(
    changes: list[Change], language: str, mark: bool, side_by_side: bool
) -> dict[str, tuple[str, list[list[TextRun]]]]:
    """Label and paragraphs of each field in one language; of a pair of texts the one in this language."""
    kept = [change for change in changes if change.language in ("", language)]
    return {change.name: (_label(change, side_by_side), _paragraphs(change, mark)) for change in kept}


def _label(change: Change, side_by_side: bool) -> str:
    """Side by side the head of the column says the language: “title (English)” is the title."""
    if change.language and side_by_side and change.label.endswith(")"):
        return change.label.rpartition(" (")[0]
    return change.label


def _paragraphs(change: Change, mark: bool) -> list[list[TextRun]]:
    pieces = [_marked(piece.mark, piece.text) if mark else ("", piece.text) for piece in change.pieces]
    if change.form == "lines":
        return [[piece] for piece in pieces]
    spaced = [(mark, text if last else f"{text} ") for (mark, text), last in _with_last(pieces)]
    return [spaced]


def _with_last(pieces: list[TextRun]):
    return ((piece, number == len(pieces)) for number, piece in enumerate(pieces, 1))


def _marked(mark: str, text: str) -> TextRun:
    if mark == "del":
        return mark, _("[out: %(words)s]") % {"words": text}
    if mark == "ins":
        return mark, _("[new: %(words)s]") % {"words": text}
    return mark, text
