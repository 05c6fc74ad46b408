"""Values and rows of frozen contents in words: names for keys, days, and a line for each row of a list.

Pure; the public names come with the `FieldFormatter`.
"""

import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hled_portal.dates import edtf_dates
from hled_portal.i18n.bilingual import LANGUAGES, Language, in_language
from initiatives.vocabulary import choices
from initiatives.vocabulary.actions import VERBS, Modality

from . import quantities
from .names import Names


class FieldFormatter:
    """Puts values of frozen contents into words of one language; a key without a public name is shown as it is."""

    def __init__(self, names: Names, language: str, facts: dict[str, str]):
        """`facts`: key and name of the facts that others of the same content belong to."""
        self.names, self.language, self.facts = names, language, facts

    def named(self, kind: str, key: str) -> str:
        content = self.names.contents.get((kind, key))
        if kind == "organization" and content:
            name, acronym = self.names.full(key, self.language), self.names.label(key, self.language)
            return name if acronym == name else f"{name} ({acronym})"
        if kind == "place" and content:
            return self.names.place(key, self.language)
        return (content and in_language(content, _subject_title(kind), self.language)) or key

    def workstream(self, key: str) -> str:
        pillars = (content for (kind, _key), content in self.names.contents.items() if kind == "pillar")
        rows = (row for content in pillars for row in content["workstreams"])
        return next((in_language(row, "name", self.language) for row in rows if row["key"] == key), key)

    def heading(self, reference: str) -> str:
        """A heading of a meeting, `2024-04-19/3`."""
        meeting, _slash, order = reference.rpartition("/")
        content = self.names.contents.get(("meeting", meeting), {"headings": []})
        rows = (row for row in content["headings"] if str(row["order"]) == order)
        return next((_("“%(text)s”") % {"text": in_language(row, "text", self.language)} for row in rows), reference)

    def day(self, iso: str) -> str:
        return date_format(datetime.date.fromisoformat(iso), "DATE_FORMAT")

    def both(self, row: dict, name: str) -> str:
        """Both languages of a short text, the reader's first."""
        other = next(language for language in LANGUAGES if language != self.language)
        texts = (row[f"{name}_{language}"] for language in (self.language, other))
        return " / ".join(dict.fromkeys(filter(None, texts)))


def _subject_title(kind: str) -> str:
    return "title" if kind == "initiative" else "name"


def verb(action: str, language: str) -> str:
    """The infinitive of an action; its key where this software does not know it."""
    if action not in VERBS:
        return action
    return VERBS[action].es.infinitive if language == "es" else VERBS[action].en.base


# Lines: of a row of a list, and of what the list belongs to


def participation(formatter: FieldFormatter, row: dict, _whole: dict) -> str:
    who = (
        formatter.named("organization", row["organization"]) if row["organization"] else formatter.both(row, "unnamed")
    )
    return f"{choices.Role(row['role']).label}: {who}"


def format_link(formatter: FieldFormatter, row: dict, _whole: dict) -> str:
    kinds = (kind for kind in ("initiative", "organization") if row[kind])
    target = next((formatter.named(kind, row[kind]) for kind in kinds), "") or formatter.both(row, "unnamed")
    return f"{choices.LinkKind(row['kind']).label}: {target}"


def citation(formatter: FieldFormatter, row: dict, _whole: dict) -> str:
    parts = [formatter.named("source", row["source"]), row["locator"]]
    if row["heading"]:
        parts.append(_("under the heading %(heading)s") % {"heading": formatter.heading(row["heading"])})
    if row["heading_order"]:
        parts.append(_("item %(number)s under that heading") % {"number": row["heading_order"]})
    return ", ".join(filter(None, parts))


def duty(formatter: FieldFormatter, row: dict, _whole: dict) -> str:
    name, every = formatter.named("organization", row["organization"]), row["every"]
    if not every:
        return name
    rhythm = _("every %(duration)s") % {"duration": edtf_dates.duration_to_text(every, formatter.language)}
    return f"{name} ({rhythm})"


def alias(_teller: FieldFormatter, row: dict, _whole: dict) -> str:
    return f"{row['text']} ({Language(row['language']).label})"


def date_change(formatter: FieldFormatter, row: dict, _whole: dict) -> str:
    old, new = (
        f"{edtf_dates.to_text(row[f'{which}_edtf'], formatter.language) or _('no date')} "
        f"({Modality(row[f'{which}_modality']).label})"
        for which in ("old", "new")
    )
    reason = choices.DateChangeReason(row["reason"]).label
    values = {"date": formatter.day(row["changed_on"]), "old": old, "new": new, "reason": reason}
    sentence = _("Date changed on %(date)s from %(old)s to %(new)s: %(reason)s.") % values
    return f"{sentence} {formatter.both(row, 'text')}".strip()


def reading(formatter: FieldFormatter, row: dict, fact: dict) -> str:
    """All that a reading says: status, value, days, body, places and sources."""
    value = quantities.reading_value(row, fact, formatter.language)
    if row["value"] is None and row["qualifier"] != choices.Qualifier.EXACTLY:
        value = f"{value} ({choices.Qualifier(row['qualifier']).label})"
    inferred = _("(inferred)")
    as_of, period = (edtf_dates.to_text(row[f"{name}_edtf"], formatter.language) for name in ("as_of", "period"))
    details = [
        (_("as of"), f"{as_of} {inferred if row['as_of_inferred'] else ''}"),
        (_("period"), f"{period} {inferred if row['period_inferred'] else ''}"),
        (_("duration"), edtf_dates.duration_to_text(row["duration"], formatter.language)),
        (_("reported by"), row["reporting_body"] and formatter.named("organization", row["reporting_body"])),
        (_("paid by"), formatter.named("organization", row["paid_by"]) if row.get("paid_by") else ""),
        (_("where"), ", ".join(formatter.named("place", key) for key in row["places"])),
        (_("source"), "; ".join(citation(formatter, each, row) for each in row["citations"])),
    ]
    parts = [f"{label}: {text.strip()}" for label, text in details if text and text.strip()]
    return "; ".join([f"{choices.ReadingStatus(row['status']).label}: {value}", *parts])
