"""Checks that what is public is what was approved: hashes, approvals, triggers and the chain of the log."""

import json

from django.db import connection

from hled_portal.models import Publication

from . import triggers
from .canonical_json import canonical, digest
from .releasing import GENESIS
from .signed_text import RELEASED, Signed, signed_models


def verify(head: str | None = None):
    """Yield a line for each error. `head` is a hash that the chain must contain."""
    yield from (f"missing trigger: {name}" for name in triggers.missing(connection))
    logged = {}
    yield from _verify_chain(logged, head)
    for model in signed_models():
        for text in model._default_manager.order_by("pk").iterator():
            yield from _verify_text(text, logged)
    yield from (f"{name}: in the log, but the text does not exist" for name in logged)


def _verify_chain(logged: dict, head: str | None):
    previous = GENESIS
    found = head is None
    for position, row in enumerate(Publication.objects.order_by("position").iterator(), 1):
        entry = json.loads(row.entry)
        mirrored = {name: getattr(row, name) for name in ("position", "number", "action", "text", "digest")}
        if row.position != position or entry["previous"] != previous:
            yield f"publication {row.position}: the chain is broken"
        if digest(row.entry) != row.hash or canonical(entry) != row.entry:
            yield f"publication {row.position}: the hash does not match the log entry"
        if {name: entry[name] for name in mirrored} != mirrored:
            yield f"publication {row.position}: the columns do not match the log entry"
        found = found or row.hash == head
        previous = row.hash
        state = "published" if row.action == "released" else row.action
        number = entry["number"] if row.action == "released" else logged.get(row.text, {}).get("publication")
        logged[row.text] = {
            "digest": row.digest,
            "state": state,
            "publication": number,
            "basis": entry["basis"],
            "keys": entry["keys"],
            "public_from": entry["public_from"],
        }
    if not found:
        yield f"the chain does not contain {head}"


def _verify_text(text: Signed, logged: dict):
    name = text.text if text.number else f"{text.name} (proposal {text.pk})"
    if digest(text.content) != text.digest:
        yield f"{name}: the hash does not match the content"
    if text.state not in RELEASED:
        return
    row = logged.pop(name, None)
    if row is None:
        yield f"{name}: public, but not in the log"
        return
    mirror = {
        "digest": text.digest,
        "state": text.state,
        "publication": text.publication,
        "basis": text.basis,
        "public_from": text.public_from.isoformat(),
    }
    for column, value in mirror.items():
        if row[column] != value:
            yield f"{name}: {column} is {value}, but {row[column]} in the log"
    for side, key in row["keys"].items():
        officer = getattr(text, f"{side.lower()}_officer")
        if (key or {}).get("officer") != (officer.get_username() if officer else None):
            yield f"{name}: the approval of {side} does not match the log"
