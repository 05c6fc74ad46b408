"""How cleared texts become public together and are withdrawn, and the log of both."""

import datetime
from collections import defaultdict
from contextlib import contextmanager

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _t

from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.i18n.delegations import Delegation
from hled_portal.models import (
    Publication,
    PublicationAction,
    PublicVersion,
    Release,
    ReleasePlan,
    Removal,
    StepAction,
)

from .canonical_json import canonical, digest
from .clearance import Refused, note, note_all, officer_refusals, unexplained_concerns
from .plan_agreements import is_agreed
from .published_querysets import IN_TIME, NEWEST_FIRST
from .signed_text import Basis, Signed, State, WithdrawalReason

GENESIS = "0" * 64
#: The kind of a withdrawal on the list of removals.
WITHDRAWN_TEXT = "text withdrawn"


def release(texts: list[Signed], released_by, comment: str = "") -> Release:
    """Make cleared texts public together, from today on, or none of them; over a concern with a comment.

    Raises Refused.
    """
    with transaction.atomic():
        locked = _lock_plans(texts)
        version = _take_the_line()
        texts = _lock_texts(texts)
        reasons = release_refusals(texts, released_by)
        # A plan that got the text this very moment is not locked: both sides could agree to it meanwhile.
        reasons = reasons or unexplained_concerns(texts, released_by, comment)
        moved = [text for text in texts if text.plan_id and text.plan_id not in locked]
        reasons += [_t("%(text)s changed meanwhile; open it again.") % {"text": text.caption} for text in moved]
        if reasons:
            raise Refused(reasons)
        return _publish(texts, version, timezone.localdate(), released_by, comment)


def release_refusals(texts: list[Signed], released_by) -> list[str]:
    """Why this person cannot make the texts public together, at once."""
    reasons = [] if texts else [_t("A release must include at least one text.")]
    public = public_subjects(texts)
    for text in texts:
        permission = f"{text._meta.app_label}.release_{text._meta.model_name}"
        if not (released_by.is_active and released_by.delegation and released_by.has_perm(permission)):
            reasons.append(_t("You do not have permission to publish texts."))
            break
        if text.state != State.CLEARED:
            reasons.append(_t("%(text)s has not been approved by both delegations.") % {"text": text.caption})
        reasons += text.refusals_of_release(texts, public[type(text)])
    return reasons + _refusals_of_agreement(texts)


def public_subjects(texts: list[Signed]) -> dict[type[Signed], set]:
    """What the texts of each table need beside them and is public, by table."""
    of_model = _by_model(texts)
    return {model: model.public_subjects(some) for model, some in of_model.items()}


def _by_model(texts: list[Signed]) -> dict[type[Signed], list[Signed]]:
    of_model = defaultdict(list)
    for text in texts:
        of_model[type(text)].append(text)
    return of_model


def _lock_texts(texts: list[Signed]) -> list[Signed]:
    """The rows of these texts as they stand, locked, with who approved them."""
    rows = {}
    for model, some in _by_model(texts).items():
        locked = model._default_manager.select_for_update(of=("self",)).select_related("us_officer", "mx_officer")
        for pk, row in locked.order_by("pk").in_bulk([text.pk for text in some]).items():
            rows[model, pk] = row
    return [rows[type(text), text.pk] for text in texts]


def _released_before(texts: list[Signed]) -> dict[tuple, list[Signed]]:
    """The released texts of the same subjects, newest first, by table and name."""
    released = defaultdict(list)
    for model, some in _by_model(texts).items():
        same = {f"{name}__in": {getattr(text, name) for text in some} for name in model.identity}
        rows = model._default_manager.filter(number__isnull=False, **same).order_by(*NEWEST_FIRST)
        for row in rows.select_related("us_officer", "mx_officer").defer("content"):
            released[model, row.name].append(row)
    return released


def _lock_plans(texts: list[Signed]) -> set[int]:
    """Lock the plans that the texts are in, before anything else as `release_plans` does: no agreement changes now."""
    keys = {
        key
        for model in {type(text) for text in texts}
        for key in model._default_manager.filter(
            pk__in=[text.pk for text in texts if isinstance(text, model)], plan__isnull=False
        ).values_list("plan", flat=True)
    }
    rows = ReleasePlan.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return set(rows.values_list("pk", flat=True)) if keys else set()


def _refusals_of_agreement(texts: list[Signed], going_out: ReleasePlan | None = None) -> list[str]:
    """What both delegations agreed to publish with another release than `going_out` goes out with that one only."""
    plans = ReleasePlan.objects.in_bulk({text.plan_id for text in texts if text.plan_id})
    agreed = {key for key, plan in plans.items() if plan != going_out and is_agreed(plan)}
    refusal = _t(
        "%(text)s is in the scheduled release “%(plan)s”, which both delegations agreed to. It is "
        "published only with that release; remove it from the release first."
    )
    return [refusal % {"text": text.caption, "plan": plans[text.plan_id]} for text in texts if text.plan_id in agreed]


def release_as_agreed(plan: ReleasePlan, texts: list[Signed], by=None, comment: str = "") -> Release:
    """Make the cleared texts of a plan public together: both sides agreed to the set and its minute. Raises Refused.

    For `release_plans` only, which checks the agreement; `by` is None for the job.
    """
    with transaction.atomic():
        version = _take_the_line()
        texts = _lock_texts(texts)
        reasons = [
            _t("%(text)s has not been approved by both delegations.") % {"text": text.caption}
            for text in texts
            if text.state != State.CLEARED
        ]
        reasons += _refusals_of_agreement(texts, going_out=plan)
        if reasons:
            raise Refused(reasons)
        return _publish(texts, version, timezone.localdate(), by, comment)


def release_joint_text(texts: list[Signed], day: datetime.date) -> Release:
    """Make texts public that were entered from a joint text, from its day on. For commands only. Raises Refused."""
    with transaction.atomic():
        version = _take_the_line()
        texts = _lock_texts(texts)
        reasons, before, public = [], _released_before(texts), public_subjects(texts)
        for text in texts:
            if text.basis != Basis.JOINT_TEXT or text.state != State.PROPOSED:
                reasons.append(_t("%(text)s is not based on a published document.") % {"text": text.caption})
            reasons += _joint_text_refusals(before[type(text), text.name], day)
            reasons += text.refusals_of_release(texts, public[type(text)])
        reasons += _refusals_of_agreement(texts)
        if reasons:
            raise Refused(reasons)
        return _publish(texts, version, day, None)


def _joint_text_refusals(before: list[Signed], day: datetime.date) -> list[str]:
    """Why a historical text may not stand where something is public already: it is approved, or was withdrawn.

    `before`: the released texts of its subject, newest first.
    """
    if not before:
        return []
    newest = before[0]
    names = {"text": newest.caption, "day": newest.public_from.isoformat()}
    if newest.state == State.WITHDRAWN:
        return [
            _t("%(text)s was withdrawn. It can be published again only with the approval of both delegations.") % names
        ]
    applies = next((text for text in before if text.public_from <= day), None)
    if applies is not None and applies.basis == Basis.KEYS:
        names["text"] = applies.caption
        return [_t("%(text)s was approved by the delegations. A document cannot be loaded over it.") % names]
    return []


def earliest_edition(siblings) -> Signed | None:
    """Of the texts of one subject, the one that counts from the earliest day and was not withdrawn."""
    released = siblings.filter(number__isnull=False).exclude(state=State.WITHDRAWN)
    return released.order_by(*IN_TIME).first()


def withdraw(text: Signed, officer, reason: str, words_en: str = "", words_es: str = "") -> Publication:
    """Take a public text away from readers, at once and by one delegation alone. Raises Refused.

    The reason is one of WithdrawalReason; words are in both languages or in none. Nothing older takes its place.
    """
    with transaction.atomic():
        version = _take_the_line()
        text = type(text)._default_manager.select_for_update().get(pk=text.pk)
        reasons = withdrawal_refusals(text, officer) + withdrawal_reason_refusals(reason, words_en, words_es)
        if reasons:
            raise Refused(reasons)
        detail = f"{officer.delegation} {reason} {officer.pk}"
        Removal.objects.create(kind=WITHDRAWN_TEXT, name=f"{text._meta.label_lower} {text.digest}", detail=detail)
        return _take_from_readers(text, version, officer, officer.delegation, str(reason), words_en, words_es)


def _take_from_readers(
    text: Signed, version: PublicVersion, officer, delegation: str, reason: str, words_en: str, words_es: str
) -> Publication:
    text.state = State.WITHDRAWN
    text.save(update_fields=["state"])
    last = Publication.objects.order_by("-position").first()
    withdrawal = {
        "delegation": delegation,
        "officer": officer.get_username() if officer else "",
        "reason": reason,
        "words_en": words_en,
        "words_es": words_es,
    }
    row = _entry(last, PublicationAction.WITHDRAWN, text, last.number + 1, withdrawal=withdrawal)
    row.save(force_insert=True)
    note(text, StepAction.WITHDRAWN, officer, words_es if officer and officer.language == "es" else words_en)
    text.on_withdrawn()
    version.value += 1
    version.save()
    return row


def withdraw_again(name: str, detail: str) -> None:
    """After a restore: a text that was withdrawn after the backup. The words of the reason are lost."""
    table, digest_of_text = name.split()
    delegation, reason, officer = detail.split()
    with transaction.atomic():
        version = _take_the_line()
        text = apps.get_model(table)._default_manager.select_for_update()
        text = text.filter(digest=digest_of_text, state=State.PUBLISHED).first()
        if text is not None:
            officer = get_user_model().objects.filter(pk=officer).first()
            words = []
            for language in LANGUAGES:
                with translation.override(language):
                    words.append(_t("Withdrawn again after the portal was restored from a backup."))
            _take_from_readers(text, version, officer, delegation, reason, *words)


def withdrawal_refusals(text: Signed, officer) -> list[str]:
    """Why this officer cannot take the text away from readers, whatever the reason."""
    reasons = officer_refusals(text, officer)
    if text.state not in (State.PUBLISHED, State.SUPERSEDED):
        reasons.append(_t("Only a published text can be withdrawn."))
    return reasons


def withdrawal_reason_refusals(reason: str, words_en: str, words_es: str) -> list[str]:
    """What is wrong with the reason of a withdrawal, which readers will see in place of the text."""
    checks = [
        (reason not in WithdrawalReason.values, _t("Explain why the text is being withdrawn.")),
        (bool(words_en) != bool(words_es), _t("Enter the explanation in both languages.")),
        (reason == WithdrawalReason.OTHER and not words_en, _t("Explain the reason in both languages.")),
    ]
    return [message for failed, message in checks if failed]


def _take_the_line() -> PublicVersion:
    """Lock the one row that every release and withdrawal takes first."""
    PublicVersion.objects.get_or_create(pk=1)
    return PublicVersion.objects.select_for_update().get(pk=1)


@contextmanager
def public_change():
    """A transaction that changes what readers see by something else than a release: it waits in the same line."""
    with transaction.atomic():
        version = _take_the_line()
        yield
        version.value += 1
        version.save()


def _publish(texts: list[Signed], version: PublicVersion, day: datetime.date, released_by, comment="") -> Release:
    last = Publication.objects.order_by("-position").first()
    number = last.number + 1 if last else 1
    made = Release.objects.create(
        publication=number, public_from=day, released_at=timezone.now(), released_by=released_by
    )
    entries, released = [], _released_before(texts)
    for text in texts:
        before = released[type(text), text.name]
        earlier = next((each for each in before if each.state == State.PUBLISHED), None)
        is_followed = earlier is not None and earlier.public_from > day
        if earlier is not None and not is_followed:
            earlier.state = State.SUPERSEDED
            earlier.save(update_fields=["state"])
            entries.append(last := _entry(last, PublicationAction.SUPERSEDED, earlier, number))
        text.number = max((each.number for each in before), default=0) + 1
        text.public_from, text.publication, text.release = day, number, made
        text.state = State.SUPERSEDED if is_followed else State.PUBLISHED
        text.save(update_fields=["number", "public_from", "publication", "release", "state"])
        entries.append(last := _entry(last, PublicationAction.RELEASED, text, number))
        if is_followed:
            entries.append(last := _entry(last, PublicationAction.SUPERSEDED, text, number))
    Publication.objects.bulk_create(entries)
    note_all(texts, StepAction.RELEASED, released_by, comment.strip())
    for model, some in _by_model(texts).items():
        model.on_published(some)
    version.value += 1
    version.save()
    return made


def _entry(last: Publication | None, action: str, text: Signed, number: int, **more) -> Publication:
    position = last.position + 1 if last else 1
    entry = canonical(
        {
            **more,
            "action": str(action),
            "at": timezone.now().astimezone(datetime.UTC).isoformat(timespec="seconds"),
            "basis": str(text.basis),
            "digest": text.digest,
            "keys": {side: _key_entry(text, side.lower()) for side in Delegation.values},
            "number": number,
            "position": position,
            "previous": last.hash if last else GENESIS,
            "public_from": text.public_from.isoformat(),
            "source": text.source_key,
            "text": text.text,
        }
    )
    return Publication(
        position=position,
        number=number,
        action=action,
        text=text.text,
        digest=text.digest,
        entry=entry,
        hash=digest(entry),
    )


def _key_entry(text: Signed, side: str) -> dict | None:
    officer = getattr(text, f"{side}_officer")
    if officer is None:
        return None
    at = getattr(text, f"{side}_at").astimezone(datetime.UTC).isoformat(timespec="seconds")
    return {"officer": officer.get_username(), "digest": getattr(text, f"{side}_digest"), "at": at}
