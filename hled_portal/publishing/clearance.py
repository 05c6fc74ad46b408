"""Two keys: how a frozen text is cleared by both delegations, returned, taken back and replaced.

With `releasing.py` the only module that writes keys, states and the publication log. The database enforces the rules
too (the constraints of `Signed` and `triggers.py`), whatever other code does.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from hled_portal.models import (
    PendingStepNotification,
    Step,
    StepAction,
)

from .plan_agreements import list_step
from .signed_text import OPEN, Signed, State


class Refused(ValidationError):
    """A verb that cannot be done; its messages say why, in the reader's language."""


def clear(text: Signed, officer, seen_digest: str, comment: str = "") -> Signed:
    """Set the officer's delegation's key on the text that she saw. Raises Refused, naming each reason.

    Over a concern it takes a comment, which stays with the step.
    """
    with transaction.atomic():
        text = type(text)._default_manager.select_for_update().get(pk=text.pk)
        reasons = clear_refusals(text, officer, seen_digest) or unexplained_concerns([text], officer, comment)
        if reasons:
            raise Refused(reasons)
        side = officer.delegation.lower()
        setattr(text, f"{side}_officer", officer)
        setattr(text, f"{side}_digest", text.digest)
        setattr(text, f"{side}_at", timezone.now())
        if text.us_digest and text.mx_digest:
            text.state = State.CLEARED
        text.save()
        note(text, StepAction.KEYED, officer, comment.strip())
        return text


def unexplained_concerns(texts: list[Signed], user, comment: str) -> list[str]:
    """The concerns of these texts, where the user does not say why she decides over them."""
    if comment.strip():
        return []
    explain = _t("Explain why you continue.")
    return [f"{text.caption}: {concern} {explain}" for text in texts for concern in text.concerns(user)]


def note(text: Signed, action: str, by, comment: str = "", plan_pk: int | None = None) -> None:
    """Write a step of a text; `by` is None for a command or a job, `plan_pk` the release that it leaves by it."""
    note_all([text], action, by, comment, plan_pk)


def new_step(text: Signed, action: str, by, comment: str, **columns) -> Step:
    """A step that is not saved."""
    return Step(
        table=text._meta.label_lower,
        text_pk=text.pk,
        name=text.name,
        digest=text.digest,
        action=action,
        by=by,
        delegation=by.delegation if by else "",
        comment=comment,
        **columns,
    )


def note_all(texts: list[Signed], action: str, by, comment: str = "", plan_pk: int | None = None) -> None:
    """Write the same step of each text."""
    steps = Step.objects.bulk_create(
        new_step(text, action, by, comment, plan_pk=plan_pk or text.plan_id) for text in texts
    )
    PendingStepNotification.objects.bulk_create(PendingStepNotification(step=step) for step in steps)
    for step in steps:
        list_step(action, step.plan_pk)


def return_text(text: Signed, officer, comment: str) -> Signed:
    """Send a proposed or cleared text back to its side, with a comment. Raises Refused."""
    with transaction.atomic():
        text = type(text)._default_manager.select_for_update().get(pk=text.pk)
        reasons = return_refusals(text, officer)
        if not comment.strip():
            reasons.append(_t("Enter a comment explaining why the text is being returned."))
        if reasons:
            raise Refused(reasons)
        left = text.plan_id
        text.state, text.plan = State.RETURNED, None
        text.save(update_fields=["state", "plan"])
        note(text, StepAction.RETURNED, officer, comment.strip(), left)
        return text


def take_back(text: Signed, officer) -> Signed:
    """Take the key of the officer's delegation off a text that is not public yet. Raises Refused."""
    with transaction.atomic():
        text = type(text)._default_manager.select_for_update().get(pk=text.pk)
        reasons = take_back_refusals(text, officer)
        if reasons:
            raise Refused(reasons)
        side = officer.delegation.lower()
        setattr(text, f"{side}_officer", None)
        setattr(text, f"{side}_digest", "")
        setattr(text, f"{side}_at", None)
        text.state = State.PROPOSED
        text.save()
        note(text, StepAction.TAKEN_BACK, officer)
        return text


def replace(text: Signed, author, reason: str) -> Signed:
    """Make way for a new proposal of the same subject; its keys stay on the old text. Raises Refused.

    A proposal that holds a key is replaced with a reason only. Called by the verb that freezes the new text.
    """
    with transaction.atomic():
        text = type(text)._default_manager.select_for_update().get(pk=text.pk)
        if text.state not in OPEN:
            raise Refused([_t("%(text)s has no open proposal to replace.") % {"text": text.caption}])
        if (text.us_digest or text.mx_digest) and not reason.strip():
            raise Refused(
                [_t("%(text)s already has an approval. Explain why it is being replaced.") % {"text": text.caption}]
            )
        left = text.plan_id
        text.state, text.plan = State.REPLACED, None
        text.save(update_fields=["state", "plan"])
        note(text, StepAction.REPLACED, author, reason.strip(), left)
        return text


def officer_refusals(text: Signed, officer) -> list[str]:
    permission = f"{text._meta.app_label}.clear_{text._meta.model_name}"
    checks = [
        (not officer.delegation, _t("You do not belong to a delegation.")),
        (not (officer.is_active and officer.has_perm(permission)), _t("You do not have permission to approve texts.")),
    ]
    return [reason for failed, reason in checks if failed]


def clear_refusals(text: Signed, officer, seen_digest: str) -> list[str]:
    """Why this officer cannot set her delegation's key on the text that she saw."""
    side = officer.delegation.lower()
    other = {"us": "mx_officer_id", "mx": "us_officer_id"}.get(side)
    checks = [
        (officer.pk == text.author_id, _t("You cannot approve a text that you proposed.")),
        (text.state != State.PROPOSED, _not_waiting(text)),
        (seen_digest != text.digest, _t("This text has changed since you opened it. Open it again.")),
        (bool(side) and getattr(text, f"{side}_digest") != "", _t("Your delegation has already approved this text.")),
        (
            other is not None and getattr(text, other) == officer.pk,
            _t("The same person cannot approve for both delegations."),
        ),
    ]
    return officer_refusals(text, officer) + [reason for failed, reason in checks if failed]


def _not_waiting(text: Signed) -> str:
    told = {
        State.CLEARED: _t("Both delegations have already approved this text."),
        State.RETURNED: _t("This text was returned and does not need approval."),
        State.REPLACED: _t("This text was replaced by a newer proposal and no longer needs approval."),
    }
    return told.get(text.state, _t("This text has already been published and does not need approval."))


def return_refusals(text: Signed, officer) -> list[str]:
    """Why this officer cannot send the text back, whatever the comment."""
    late = [] if text.state in OPEN else [_t("Only a text that is awaiting approval or approved can be returned.")]
    return officer_refusals(text, officer) + late


def take_back_refusals(text: Signed, officer) -> list[str]:
    """Why this officer cannot take her delegation's key off the text."""
    side = officer.delegation.lower()
    reasons = officer_refusals(text, officer)
    if text.state not in OPEN:
        reasons.append(_t("An approval can be withdrawn only before the text is published."))
    elif side and not getattr(text, f"{side}_digest"):
        reasons.append(_t("Your delegation has not approved this text."))
    return reasons
