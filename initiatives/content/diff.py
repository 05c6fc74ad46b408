"""The difference of two frozen contents of one subject, field by field, for readers and for who approves a text.

Pure functions. A change of what is not in `fields.py` is shown as canonical JSON, so that none is missed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from hled_portal.i18n.bilingual import LANGUAGES, in_language
from hled_portal.publishing.canonical_json import canonical
from initiatives.vocabulary.actions import FactKind
from initiatives.wording.field_formatting import FieldFormatter
from initiatives.wording.names import Names
from initiatives.wording.sentences import entry_line

from . import snapshot_content
from .fields import CONTENT_PARTS, FIELDS, LABELS, Field, in_order

#: Below this ratio both texts are shown whole: single common words would only confuse.
ALIKE = 0.3
STRUCTURE = {"schema_version", "key", "order", *CONTENT_PARTS}


@dataclass(frozen=True)
class TextChange:
    """Some words of a difference; `mark` is "del", "ins" or, for what stayed, ""."""

    mark: str
    text: str


@dataclass(frozen=True)
class Change:
    """One field that differs. `form`: "words" of one text, the old and the new "value", or "lines" of a list.

    `language` is set for one language of a text pair; `name` is that of the field in the content, without language.
    """

    label: str
    form: str
    pieces: list[TextChange]
    language: str = ""
    name: str = field(default="", compare=False)


@dataclass(frozen=True)
class ChangedPart:
    """What changed in one part of a content; `state` is "changed", "new" or "gone". The subject itself has no key."""

    label: str
    name: str
    key: str
    state: str
    changes: list[Change] = field(default_factory=list)


def compare_contents(old: dict, new: dict, names: Names, language: str) -> list[ChangedPart]:
    """The parts that differ; empty where both contents are the same."""
    parts = [_part("", "", "", old, new, _FormattedPair(old, new, names, language, old["kind"]))]
    if "cycle" in old and isinstance(old["cycle"], dict):
        both = _FormattedPair(old, new, names, language, "cycle")
        parts.append(
            _part(str(LABELS["cycle"]), in_language(new["cycle"], "name"), "", old["cycle"], new["cycle"], both)
        )
    for name, (kind, identity) in CONTENT_PARTS.items():
        if name in old:
            both = _FormattedPair(old, new, names, language, kind)
            parts += _parts(old[name], new[name], identity, both)
            parts.append(_reordered_rows(name, old[name], new[name], identity, both))
    return [part for part in parts if part.changes]


def describe_new(data: dict, names: Names, language: str) -> list[ChangedPart]:
    """Every part of a content without predecessor, as new."""
    both = _FormattedPair(data, data, names, language, data["kind"])
    parts = [ChangedPart("", "", "", "new", _all_fields(data, "ins", both, both.new))]
    if isinstance(data.get("cycle"), dict):
        both = _FormattedPair(data, data, names, language, "cycle")
        name = in_language(data["cycle"], "name")
        parts.append(
            ChangedPart(str(LABELS["cycle"]), name, "", "new", _all_fields(data["cycle"], "ins", both, both.new))
        )
    for name, (kind, identity) in CONTENT_PARTS.items():
        both = _FormattedPair(data, data, names, language, kind)
        parts += _parts([], data.get(name, []), identity, both)
    return [part for part in parts if part.changes]


def referenced_subjects(data: dict) -> set[tuple[str, str]]:
    """Every subject that the difference may name: what the content needs, and initiatives and meetings besides."""
    subjects = snapshot_content.needed(data)
    links = [link["initiative"] for link in data.get("links", ())]
    if data["kind"] == "initiative":
        links += [data["parent"], data["replaced_by"]]
    subjects |= {("initiative", key) for key in links if key}
    subjects |= {("pillar", row["pillar"]) for row in data.get("headings", ()) if row["pillar"]}
    cited = [*data.get("citations", ()), *(row for fact in data.get("facts", ()) for row in fact["citations"])]
    subjects |= {("meeting", row["heading"].partition("/")[0]) for row in cited if row["heading"]}
    return subjects | ({("meeting", data["meeting"])} if data.get("meeting") else set())


class _FormattedPair:
    """A formatter for each of two contents, and the fields of one kind of part."""

    def __init__(self, old: dict, new: dict, names: Names, language: str, kind: str):
        self.language, self.kind, self.fields = language, kind, FIELDS[kind]
        self.old, self.new = (FieldFormatter(names, language, _facts(data, language)) for data in (old, new))


def _facts(data: dict, language: str) -> dict[str, str]:
    return {fact["key"]: fact_name(fact, language) for fact in data.get("facts", ())}


def fact_name(fact: dict, language: str) -> str:
    """A fact in a few words: what is done to what, or the object alone."""
    object_ = in_language(fact, "object", language)
    return entry_line(fact["action"], object_, language) if fact["action"] else object_[:1].upper() + object_[1:]


def _part(label: str, name: str, key: str, old: dict, new: dict, both: _FormattedPair) -> ChangedPart:
    changes = [change for each in both.fields for change in _changes(each, old, new, both)]
    return ChangedPart(label, name, key, "changed", changes + _unknown(old, new, both))


def _parts(old: list[dict], new: list[dict], identity: str, both: _FormattedPair) -> Iterable[ChangedPart]:
    """Rows that are new, changed or gone, in the order of the new content, those that are gone at the end."""
    before, after = ({row[identity]: row for row in sorted(rows, key=_order)} for rows in (old, new))
    for key, row in after.items():
        label, name = _part_name(row, both)
        if key in before:
            yield _part(label, name, str(key), before[key], row, both)
        else:
            yield ChangedPart(label, name, str(key), "new", _all_fields(row, "ins", both, both.new))
    for key, row in before.items():
        if key not in after:
            yield ChangedPart(*_part_name(row, both), str(key), "gone", _all_fields(row, "del", both, both.old))


def _order(row: dict) -> tuple:
    return row.get("order", row.get("number")), row.get("key", "")


def _reordered_rows(name: str, old: list[dict], new: list[dict], identity: str, both: _FormattedPair) -> ChangedPart:
    """Rows of both contents in another sequence; numbers that shift after an inserted row are no change."""
    stayed = {row[identity] for row in old} & {row[identity] for row in new}
    before, after = (
        [_part_name(row, both)[1] for row in sorted(rows, key=_order) if row[identity] in stayed] for rows in (old, new)
    )
    changes = [Change(_("order"), "lines", diff_sequences(before, after), name="order")] if before != after else []
    return ChangedPart(str(LABELS[name]), "", "", "changed", changes)


def _part_name(row: dict, both: _FormattedPair) -> tuple[str, str]:
    """Label and name of a part."""
    if both.kind == "fact":
        return str(FactKind(row["kind"]).label), fact_name(row, both.language)
    name = row.get("person") or in_language(row, "text" if both.kind == "heading" else "name", both.language)
    return str(LABELS[both.kind]), name


# One field


def _changes(each: Field, old: dict, new: dict, both: _FormattedPair) -> Iterable[Change]:
    if all(each.value(old, name) == each.value(new, name) for name in each.names):
        return
    if each.kind == "pair":
        yield from _pair(each, both.language, diff_texts, old, new)
        return
    if each.is_list:
        pieces = diff_sequences(*_lines(each, old, new, both))
        if any(piece.mark for piece in pieces):
            yield Change(str(each.label), "lines", pieces, name=each.name)
        return
    before, after = each.to_text(old, both.old), each.to_text(new, both.new)
    if before == after:
        before, after = (canonical(each.value(row)) for row in (old, new))
    yield Change(str(each.label), "value", diff_values(before, after), name=each.name)


def _lines(each: Field, old: dict, new: dict, both: _FormattedPair) -> Iterable[list[str]]:
    """The lines of both; lines that differ only in what their words leave out get the canonical JSON added."""
    lines = []
    for row, formatter in ((old, both.old), (new, both.new)):
        items = sorted(each.value(row), key=in_order)
        raw = (canonical(_without_order(item)) for item in items)
        lines.append(list(zip(each.to_text(row, formatter), raw, strict=True)))
    before, after = (set(rows) for rows in lines)
    alike = {words for words, _raw in before - after} & {words for words, _raw in after - before}
    return ([f"{words} {raw}" if words in alike else words for words, raw in rows] for rows in lines)


def _without_order(item):
    return {name: value for name, value in item.items() if name != "order"} if isinstance(item, dict) else item


def _pair(each: Field, language: str, pieces: Callable, old: dict, new: dict) -> Iterable[Change]:
    """The changes of both languages, the reader's first."""
    labels = dict(zip(LANGUAGES, (each.label, each.label_es), strict=True))
    for code in sorted(LANGUAGES, key=lambda code: code != language):
        before, after = (each.value(row, f"{each.name}_{code}") for row in (old, new))
        if before != after:
            yield Change(str(labels[code]), "words", pieces(before, after), code, each.name)


def _unknown(old: dict, new: dict, both: _FormattedPair) -> list[Change]:
    known = {name for each in both.fields for name in each.names} | STRUCTURE
    known |= {"kind"} if both.kind != "fact" else set()
    if both.kind == "pillar":
        known.add("cycle")
    left = sorted((set(old) | set(new)) - known)
    return [
        Change(name, "value", diff_values(canonical(old.get(name)), canonical(new.get(name))), name=name)
        for name in left
        if old.get(name) != new.get(name)
    ]


def _all_fields(row: dict, mark: str, both: _FormattedPair, formatter: FieldFormatter) -> list[Change]:
    """Every field of a part that is new or gone."""
    changes: list[Change] = []
    for each in both.fields:
        if each.kind == "pair":
            changes += _pair(each, both.language, lambda _old, text: [TextChange(mark, text)], {}, row)
        elif words := each.to_text(row, formatter):
            lines = words if each.is_list else [words]
            form = "lines" if each.is_list else "value"
            changes.append(Change(str(each.label), form, [TextChange(mark, line) for line in lines], name=each.name))
    return changes


# Pieces


def diff_values(old: str, new: str) -> list[TextChange]:
    return [TextChange(mark, text) for mark, text in (("del", old), ("ins", new)) if text]


def diff_texts(old: str, new: str) -> list[TextChange]:
    """The difference of two texts, word by word."""
    before, after = old.split(), new.split()
    if SequenceMatcher(None, before, after, autojunk=False).ratio() < ALIKE:
        return diff_values(old, new)
    pieces: list[TextChange] = []
    for piece in diff_sequences(before, after):
        if pieces and pieces[-1].mark == piece.mark:
            pieces[-1] = TextChange(piece.mark, f"{pieces[-1].text} {piece.text}")
        else:
            pieces.append(piece)
    return pieces if any(piece.mark for piece in pieces) else diff_values(old, new)


def diff_sequences(old: list[str], new: list[str]) -> list[TextChange]:
    """Each line, or word, of both: kept, deleted or inserted."""
    pieces: list[TextChange] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces += [TextChange("", text) for text in old[i1:i2]]
        else:
            pieces += [TextChange("del", text) for text in old[i1:i2]] + [
                TextChange("ins", text) for text in new[j1:j2]
            ]
    return pieces
