"""Releases to come: which texts go out together, when, and that both sides agreed to just that.

A plan is agreed by an officer of each delegation, over a digest of its minute and its texts. Whatever changes - a text
put in or taken out, another minute, a text replaced - ends the agreement. A job releases what is due.
"""

import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from . import clearance
from .canonical import canonical, digest
from .clearance import Refused
from .models import Release, ReleasePlan, StepAction
from .signed import OPEN, Signed, State, signed_models


def texts_of(plan: ReleasePlan) -> list[Signed]:
    """Every text of the plan that is still on its way, in a stable order. One query for each signed table."""
    return [text for model in signed_models() for text in model._default_manager.filter(plan=plan).order_by("pk")]


def digest_of(plan: ReleasePlan, texts: list[Signed] | None = None) -> str:
    """SHA-256 over the minute and the digests of the texts: what an agreement is given to."""
    texts = texts_of(plan) if texts is None else texts
    at = plan.at.astimezone(datetime.UTC).isoformat(timespec="seconds") if plan.at else None
    return digest(canonical({"at": at, "texts": sorted(text.digest for text in texts)}))


def is_agreed(plan: ReleasePlan, texts: list[Signed] | None = None) -> bool:
    """Whether both sides agreed to the plan as it stands."""
    return plan.us_digest == plan.mx_digest == digest_of(plan, texts)


def put_in(plan: ReleasePlan, texts: list[Signed], user) -> None:
    """Add texts that are proposed or cleared to a plan. Raises Refused, and adds none."""
    with transaction.atomic():
        plan = _locked(plan)
        reasons = _refusals_of_planning(plan, user)
        for text in _locked_texts(texts):
            if text.state not in OPEN:
                reasons.append(_("%(text)s is neither proposed nor cleared.") % {"text": text.name})
                continue
            text.plan = plan
            text.save(update_fields=["plan"])
            clearance.note(text, StepAction.PLANNED, user, plan.name)
        if reasons:
            raise Refused(reasons)


def take_out(plan: ReleasePlan, texts: list[Signed], user) -> None:
    """Take texts out of a plan. Raises Refused."""
    with transaction.atomic():
        plan = _locked(plan)
        reasons = _refusals_of_planning(plan, user)
        if reasons:
            raise Refused(reasons)
        for text in _locked_texts(texts):
            if text.plan_id == plan.pk:
                text.plan = None
                text.save(update_fields=["plan"])
                clearance.note(text, StepAction.UNPLANNED, user, plan.name)


def _locked(plan: ReleasePlan) -> ReleasePlan:
    return ReleasePlan.objects.select_for_update().get(pk=plan.pk)


def _locked_texts(texts: list[Signed]) -> list[Signed]:
    return [type(text)._default_manager.select_for_update().get(pk=text.pk) for text in texts]


def _refusals_of_planning(plan: ReleasePlan, user) -> list[str]:
    checks = [
        (not user.delegation, _("You speak for no delegation.")),
        (not (user.is_active and user.has_perm("hled_portal.change_releaseplan")), _("You may not plan releases.")),
        (plan.release_id is not None, _("This release has gone out already.")),
    ]
    return [reason for failed, reason in checks if failed]


def agree(plan: ReleasePlan, officer, seen_digest: str) -> ReleasePlan:
    """Agree, for the officer's delegation, to the minute and the texts that she saw. Raises Refused."""
    with transaction.atomic():
        plan = _locked(plan)
        present = digest_of(plan)
        reasons = _refusals_of_planning(plan, officer)
        if seen_digest != present:
            reasons.append(_("The release changed since you opened it; open it again."))
        if not texts_of(plan):
            reasons.append(_("A release names at least one text."))
        if reasons:
            raise Refused(reasons)
        side = officer.delegation.lower()
        setattr(plan, f"{side}_officer", officer)
        setattr(plan, f"{side}_digest", present)
        plan.failed_at = None
        plan.save()
        return plan


def disagree(plan: ReleasePlan, officer) -> ReleasePlan:
    """Take the agreement of the officer's delegation back. Raises Refused."""
    with transaction.atomic():
        plan = _locked(plan)
        reasons = _refusals_of_planning(plan, officer)
        if reasons:
            raise Refused(reasons)
        side = officer.delegation.lower()
        setattr(plan, f"{side}_officer", None)
        setattr(plan, f"{side}_digest", "")
        plan.save()
        return plan


def refusals(plan: ReleasePlan, texts: list[Signed] | None = None) -> list[str]:
    """What still keeps the plan from going out."""
    texts = texts_of(plan) if texts is None else texts
    found = [] if texts else [_("A release names at least one text.")]
    if not is_agreed(plan, texts):
        found.append(_("Both delegations have not agreed to this minute and these texts."))
    for text in texts:
        if text.state != State.CLEARED:
            found.append(_("%(text)s is not cleared by both delegations.") % {"text": text.name})
        found += text.refusals_of_release(texts)
    return found


def go_out(plan: ReleasePlan) -> Release:
    """Make the texts of a plan public together, as both sides agreed. Raises Refused."""
    with transaction.atomic():
        plan = _locked(plan)
        if plan.release_id is not None:
            raise Refused([_("This release has gone out already.")])
        texts = texts_of(plan)
        reasons = refusals(plan, texts)
        if reasons:
            raise Refused(reasons)
        plan.release = clearance.release_as_agreed(texts)
        plan.save()
        return plan.release


def due(now: datetime.datetime | None = None):
    """Plans whose minute has come, that have not gone out and that did not fail since they were last changed."""
    now = now or timezone.now()
    return ReleasePlan.objects.filter(at__lte=now, release=None, failed_at=None).order_by("at", "pk")


def go_out_when_due(turn) -> str | None:
    """The job: release what is due. What cannot go out is marked and waits for people; `refusals` says why."""
    released = 0
    for plan in due():
        if not turn.go_on():
            break
        try:
            go_out(plan)
        except Refused:
            ReleasePlan.objects.filter(pk=plan.pk, release=None).update(failed_at=timezone.now())
        else:
            released += 1
    return f"{released} released" if released else None
