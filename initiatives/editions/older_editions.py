"""Texts that are loaded after later ones: what the record held on their day, and what they add to later days.

An older text makes the version of its own day. Versions of later days that come from joint documents are published
again with what the older text adds; they keep each value of their own. What both delegations approved stays as it is.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.publishing.published_querysets import IN_TIME
from hled_portal.publishing.signed_text import Basis, State
from initiatives.content.fields import FIELDS
from initiatives.models import DateChange, Edition, Fact, Source
from initiatives.vocabulary.actions import Modality
from initiatives.vocabulary.choices import DateChangeReason, Stage

from .freezing import Subject

#: The columns that files give of each row, by the name of its file and its natural key.
Named = Mapping[tuple[str, ...], Collection[str]]
#: Files of the rows that have a key, by the kind of their subject.
_FILE_OF_KIND = {
    "initiative": "initiatives",
    "meeting": "meetings",
    "pillar": "pillars",
    "organization": "organizations",
    "place": "places",
    "topic": "topics",
    "source": "sources",
}


def has_later_editions(day: datetime.date) -> bool:
    """Whether something public applies from a later day."""
    return Edition.objects.filter(number__isnull=False, public_from__gt=day).exists()


class RecordOfDay:
    """What the record held on the day of a text: what was public by then, what its files name, and what cites it."""

    def __init__(self, day: datetime.date, named: Named | None = None):
        self.day, self.named = day, dict(named or {})
        sources = Source.objects.exclude(date_latest=None).values_list("key", "date_latest")
        self.sources = {key for key, latest in sources if latest <= day}
        self.editions: dict[Subject, Edition] = {
            (edition.subject_kind, edition.subject_key): edition for edition in Edition.objects.public(Moment(day))
        }

    def names(self, kind: str, key: str) -> bool:
        has_names = kind == "organization" and self._names_list("organization_names", key)
        return has_names or (_FILE_OF_KIND[kind], key) in self.named

    def content(self, data: dict) -> dict:
        """The frozen content of a working record without what only later texts say."""
        kind, key = data["kind"], data["key"]
        edition, is_named = self.editions.get((kind, key)), self.names(kind, key)
        before = edition.data if edition else {}
        if kind not in ("initiative", "meeting"):
            return self._entry(data, before) if is_named or not before else before
        base = data if is_named else before or _without_outlook(data)
        if is_named and kind == "initiative" and "pillar" not in self.named["initiatives", key]:
            base |= {name: before.get(name) for name in ("pillar", "workstream")}
        lists = {"facts": self._facts(f"{kind}/{key}", data["facts"], before.get("facts", ()))}
        if kind == "initiative":
            lists["participations"] = self._entries(data, before, "participations", f"{kind}/{key}")
            lists["links"] = self._entries(data, before, "links", key)
            lists["citations"] = self._citations(data)
        else:
            lists["attendances"] = self._entries(data, before, "attendances", key)
            lists["headings"] = self._entries(data, before, "headings", key)
        return base | lists

    def _entry(self, data: dict, before: dict) -> dict:
        """An entry that the files name: what they leave out stays as it was, if it was public already."""
        kind, key = data["kind"], data["key"]
        given = self.named.get((_FILE_OF_KIND[kind], key), ())
        columns = {
            name: data[name]
            for field in FIELDS[kind]
            for name, column in zip(field.names, field.columns, strict=True)
            if column in given
        }
        has_names = kind == "organization" and self._names_list("organization_names", key)
        names = {"names": data["names"]} if has_names else {}
        workstreams = {}
        if "workstreams" in data and any(file == "workstreams" for file, *_rest in self.named):
            workstreams = {"workstreams": data["workstreams"]}
        return (before or data) | columns | names | workstreams | self._entry_lists(data, before)

    def _names_list(self, file: str, owner: str) -> bool:
        return any(name[:2] == (file, owner) for name in self.named)

    def _entry_lists(self, data: dict, before: dict) -> dict:
        """The lists of an entry of the register or a pillar, without rows that only later files hold."""
        owner, lists = f"{data['kind']}/{data['key']}", {}
        if "aliases" in data:
            known = before.get("aliases", ())
            lists["aliases"] = [
                row
                for row in data["aliases"]
                if row in known or ("aliases", owner, row["text"], row["language"]) in self.named
            ]
        if "successors" in data:
            known = before.get("successors", ())
            lists["successors"] = [
                key for key in data["successors"] if key in known or ("successions", data["key"], key) in self.named
            ]
        return lists

    def _facts(self, subject: str, facts: list[dict], facts_before: Iterable[dict]) -> list[dict]:
        before = {fact["key"]: fact for fact in facts_before}
        known = dict(before)
        for fact in facts:
            key, name = fact["key"], f"{subject}#{fact['key']}"
            is_named = ("facts", subject, key) in self.named
            if not (is_named or key in before or self._is_cited(fact)):
                continue
            base = fact if is_named else before.get(key) or self._before_later_changes(fact)
            known[key] = base | {"citations": self._citations(fact)}
            known[key] |= {
                file: self._entries(fact, before.get(key, {}), file, name)
                for file in ("participations", "readings", "date_changes")
            }
            if key in before and (change := missing_date_change(before[key], known[key], self.day)):
                known[key]["date_changes"] = [*known[key]["date_changes"], change]
        return _in_order(fact for fact in known.values() if fact["of"] is None or fact["of"] in known)

    def _entries(self, row: dict, before: dict, file: str, owner: str) -> list[dict]:
        """The rows of a list, but those of later texts."""
        entries = {entry["order"]: entry for entry in before.get(file, ())}
        for entry in row[file]:
            is_named = (file, owner, str(entry["order"])) in self.named
            if is_named or (entry["order"] not in entries and self._is_known(entry)):
                citations = {"citations": self._citations(entry)} if "citations" in entry else {}
                entries[entry["order"]] = entry | citations
        return _in_order(entries.values())

    def _is_known(self, entry: dict) -> bool:
        if "changed_on" in entry:
            return entry["changed_on"] <= self.day.isoformat()
        return self._is_cited(entry)

    def _is_cited(self, row: dict) -> bool:
        return bool(self._citations(row))

    def _citations(self, row: dict) -> list[dict]:
        return [citation for citation in row.get("citations", ()) if citation["source"] in self.sources]

    def _before_later_changes(self, fact: dict) -> dict:
        later = [change for change in _in_order(fact["date_changes"]) if change["changed_on"] > self.day.isoformat()]
        return fact | {"date_edtf": later[0]["old_edtf"], "modality": later[0]["old_modality"]} if later else fact

    def extend(self, older: dict, newer: dict, newer_day: datetime.date, changes: dict[str, dict]) -> dict:
        """The content of a later day with what the older text adds to it.

        `changes`: of each fact, the change from the date of the older text that an earlier one of those days brought.
        """
        if older["kind"] == "meeting":
            lists = {name: _joined(older[name], newer[name]) for name in ("attendances", "headings")}
        else:
            lists = {name: _joined(older[name], newer[name]) for name in ("participations", "links", "citations")}
        facts = {fact["key"]: fact for fact in older["facts"]}
        for fact in newer["facts"]:
            before = facts.get(fact["key"])
            cited = {citation["source"] for citation in fact["citations"]}
            if before is None or not cited <= self.sources:
                facts[fact["key"]] = _extend_fact(before, fact, newer_day, changes) if before else fact
        return newer | lists | {"facts": _in_order(facts.values())}


def _without_outlook(data: dict) -> dict:
    """A text that says nothing of an initiative as a whole says nothing of its status."""
    return data | {"stage": Stage.NOT_STATED, "confidence": "not_stated"} if data["kind"] == "initiative" else data


def _extend_fact(older: dict, newer: dict, newer_day: datetime.date, found: dict[str, dict]) -> dict:
    extended = newer | {name: _joined(older[name], newer[name]) for name in ("participations", "readings", "citations")}
    changes = _joined(older["date_changes"], newer["date_changes"])
    first = {"date_edtf": changes[0]["old_edtf"], "modality": changes[0]["old_modality"]} if changes else newer
    change = None if older["date_changes"] else missing_date_change(older, first, newer_day)
    if change:
        same = found.setdefault(newer["key"], change)
        change = same if same | {"changed_on": change["changed_on"]} == change else change
    changes = [{**row, "order": number} for number, row in enumerate([change, *changes], 1)] if change else changes
    return extended | {"date_changes": changes}


def _joined(older: list[dict], newer: list[dict]) -> list[dict]:
    return _in_order(({row["order"]: row for row in older} | {row["order"]: row for row in newer}).values())


def _in_order(rows: Iterable[dict]) -> list[dict]:
    return sorted(rows, key=lambda row: (row["order"], row.get("key", "")))


def later_editions(subject: Subject, day: datetime.date) -> list[Edition]:
    """Of each later day, the version that applies, where it comes from a joint document."""
    kind, key = subject
    editions = Edition.objects.filter(subject_kind=kind, subject_key=key, public_from__gt=day, number__isnull=False)
    of_day = {edition.public_from: edition for edition in editions.order_by(*IN_TIME)}
    return [
        edition for edition in of_day.values() if edition.basis == Basis.JOINT_TEXT and edition.state != State.WITHDRAWN
    ]


# Dates that change from one text to the next


def missing_date_change(before: dict, now: dict, day: datetime.date) -> dict | None:
    """The change from the date of one text to that of the next, where none is recorded and both dates tell why."""
    old, new = (before["date_edtf"], before["modality"]), (now["date_edtf"], now["modality"])
    changes = _in_order(now.get("date_changes", ()))
    is_recorded = changes and new == (changes[-1]["new_edtf"], changes[-1]["new_modality"])
    reason = "" if old == new or is_recorded else _date_change_reason(*old, *new)
    if not reason:
        return None
    return {
        "order": changes[-1]["order"] + 1 if changes else 1,
        "old_edtf": old[0],
        "old_modality": old[1],
        "new_edtf": new[0],
        "new_modality": new[1],
        "reason": str(reason),
        "text_en": "",
        "text_es": "",
        "changed_on": day.isoformat(),
    }


def _date_change_reason(old_edtf: str, old_modality: str, new_edtf: str, new_modality: str) -> str:
    before, after = edtf_dates.bounds(old_edtf), edtf_dates.bounds(new_edtf)
    if before[1] is None or after[1] is None:
        return ""
    if new_modality == Modality.HAPPENED:
        return DateChangeReason.CORRECTED if old_modality == Modality.HAPPENED else DateChangeReason.MET
    if after[1] > before[1]:
        return DateChangeReason.SLIPPED
    is_within = before[0] is None or after[0] is None or before[0] <= after[0]
    return DateChangeReason.MADE_PRECISE if is_within else DateChangeReason.BROUGHT_FORWARD


def keep_date_changes(subject: Subject, data: dict) -> None:
    """Keep in the working record the date changes of a content that it does not hold yet."""
    kind, key = subject
    for fact in data["facts"]:
        row = Fact.objects.filter(**{f"{kind}__key": key}, key=fact["key"]).first()
        held = list(row.date_changes.order_by("-order")) if row else []
        known = {(change.old_edtf, change.new_edtf, change.new_modality) for change in held}
        names = ("old_edtf", "new_edtf", "new_modality")
        new = [change for change in fact["date_changes"] if tuple(change[name] for name in names) not in known]
        if row is None or not new:
            continue
        for change in held:
            change.order += len(new)
            change.save()
        for number, change in enumerate(new, 1):
            DateChange.objects.create(fact=row, **change | {"order": number})
