"""Proposes a subject, with the register entries that it needs, for approval by both delegations."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from hled_portal.models import StepAction
from hled_portal.publishing import clearance
from hled_portal.publishing.canonical_json import canonical, digest
from hled_portal.publishing.clearance import Refused
from hled_portal.publishing.signed_text import OPEN
from initiatives.models import Edition

from .freezing import MODELS, create_edition, freeze, freeze_needed, freeze_refusals, load_subjects, published_among
from .proposal_validation import Refusal

#: So many are proposed in one transaction, for which other writers wait on SQLite.
TEXTS_AT_ONCE = 25


@dataclass(frozen=True)
class Draft:
    """What a proposal of a subject would freeze now: its content, and those of entries it needs that are not public.

    `digest` changes with any of these contents, but not with the state of a translation: who proposes may confirm it
    in the same step, and nothing is proposed without.
    """

    kind: str
    key: str
    content: str
    entries: dict[tuple[str, str], str]
    subject: Model

    @property
    def caption(self) -> str:
        return Edition(subject_kind=self.kind, subject_key=self.key, content=self.content).caption

    @property
    def digest(self) -> str:
        entries = {"/".join(subject): _without_states(content) for subject, content in self.entries.items()}
        return digest(canonical({"subject": _without_states(self.content), "entries": entries}))

    def companions(self) -> dict[tuple[str, str], str]:
        """The entries that would be proposed with it: nobody has proposed them yet. One query, none for no entries."""
        if not self.entries:
            return {}
        waiting = set(Edition.objects.filter(state__in=OPEN).values_list("subject_kind", "subject_key"))
        return {subject: content for subject, content in sorted(self.entries.items()) if subject not in waiting}


def _without_states(content: str):
    def strip(value):
        if isinstance(value, dict):
            return {name: strip(part) for name, part in value.items() if name != "translation_state"}
        return [strip(part) for part in value] if isinstance(value, list) else value

    return strip(json.loads(content))


def draft(kind: str, key: str, subject: Model | None = None) -> Draft:
    """Freeze a subject, whose row may be there already, and the entries it needs; saves nothing. Raises Refused."""
    subject = subject or load_subjects(kind, [key]).get(key)
    content = freeze(kind, key, subject)
    entries = freeze_needed([content], lambda named: set(published_among(named)) | {(kind, key)})
    return Draft(kind, key, content, entries, subject)


def proposal_refusals(drafted: Draft, author) -> list[Refusal]:
    """Why this author cannot propose the draft."""
    if not (author.delegation and author.is_active and author.has_perm("initiatives.propose_edition")):
        return [Refusal(_("You do not have permission to propose versions."))]
    waiting, content = open_proposal(drafted.kind, drafted.key), drafted.content
    if waiting is not None and waiting.digest == digest(content):
        return [Refusal(_("%(text)s is already awaiting approval without changes.") % {"text": drafted.caption})]
    if _is_published(drafted.kind, drafted.key, content):
        return [Refusal(_("%(text)s has not changed since its published version.") % {"text": drafted.caption})]
    refusals = freeze_refusals(drafted.kind, drafted.key, subject=drafted.subject, content=drafted.content)
    entries = drafted.companions().items()
    return refusals + [each for entry, content in entries for each in freeze_refusals(*entry, content=content)]


def open_proposal(kind: str, key: str) -> Edition | None:
    return Edition.objects.filter(subject_kind=kind, subject_key=key, state__in=OPEN).first()


def propose(kind: str, key: str, author, reason: str = "", expected_digest: str | None = None) -> list[Edition]:
    """Freeze a subject and the entries it needs that are not public yet. Raises Refused, naming each field.

    An open proposal of the subject is replaced; `reason` says why, and is required where it has an approval. With
    `expected_digest` (of `Draft`), a draft that changed since the author saw it is refused.
    """
    with transaction.atomic():
        _lock(kind, [key])
        return _propose(draft(kind, key), author, reason, expected_digest)


def propose_many(
    kind: str, wanted: dict[str, tuple[str, str | None]], author
) -> Iterator[tuple[str, list[Edition] | ValidationError]]:
    """Propose subjects as `propose` does, given reason and expected digest by key: what was made of each, or why not.

    So many at once share their queries and a transaction.
    """
    every = list(wanted)
    for start in range(0, len(every), TEXTS_AT_ONCE):
        keys = every[start : start + TEXTS_AT_ONCE]
        with transaction.atomic():
            _lock(kind, keys)
            rows = load_subjects(kind, keys)
            made = {key: _propose_or_refuse(kind, key, rows.get(key), author, *wanted[key]) for key in keys}
        yield from made.items()


def _propose_or_refuse(kind, key, subject, author, reason, expected_digest) -> list[Edition] | ValidationError:
    try:
        with transaction.atomic():
            return _propose(draft(kind, key, subject), author, reason, expected_digest)
    except ValidationError as refused:
        return refused


def _propose(drafted: Draft, author, reason: str, expected_digest: str | None) -> list[Edition]:
    kind, key = drafted.kind, drafted.key
    reasons = [refusal.message for refusal in proposal_refusals(drafted, author)]
    if expected_digest is not None and expected_digest != drafted.digest:
        reasons.insert(0, _("The data changed after you opened this page. Read it again before you propose it."))
    if reasons:
        raise Refused(reasons)
    waiting = open_proposal(kind, key)
    if waiting is not None:
        clearance.replace(waiting, author, reason)
    contents_ = {(kind, key): drafted.content, **drafted.companions()}
    made = [create_edition(*subject, content, author=author) for subject, content in contents_.items()]
    for text in made:
        clearance.note(text, StepAction.PROPOSED, author)
    return made


def _lock(kind: str, keys: Iterable[str]) -> None:
    """Serialize proposals of the same subject."""
    # By its key: the usual order of a table may join others, which PostgreSQL does not lock.
    list(MODELS[kind].objects.select_for_update().filter(key__in=keys).order_by("pk").values_list("pk"))


def _is_published(kind: str, key: str, content: str) -> bool:
    same = Edition.objects.published().filter(subject_kind=kind, subject_key=key, digest=digest(content))
    return same.exists()
