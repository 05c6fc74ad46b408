"""Releases to come: which texts go out together, when, and that both sides agreed to just that.

A plan is agreed by an officer of each delegation, over a digest of its minute and its texts. Whatever changes - a text
put in or taken out, another minute, a text replaced - ends the agreement. A job releases what is due.
"""

import datetime
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hled_portal.background import status
from hled_portal.models import PendingStepNotification, Release, ReleasePlan, Step, StepAction

from . import clearance, releasing
from .canonical_json import canonical, digest
from .clearance import Refused
from .plan_agreements import is_agreed, list_step, plan_digest, plan_texts
from .signed_text import OPEN, Signed, State, signed_models

logger = logging.getLogger(__name__)
#: A plan that is due longer than so has missed its minute: the jobs are late.
OVERDUE = datetime.timedelta(minutes=1)


def make(user, name: str, meeting_key: str = "", at: datetime.datetime | None = None) -> ReleasePlan:
    """Plan a release. Raises Refused."""
    with transaction.atomic():
        plan = ReleasePlan(name=name, meeting_key=meeting_key, at=at, created_by=user)
        reasons = _planning_refusals(plan, user) + _release_time_refusals(at)
        if reasons:
            raise Refused(reasons)
        plan.save()
        _note(plan, StepAction.MADE, user)
        return plan


def change(plan: ReleasePlan, user, seen: str, name: str, meeting_key: str, at: datetime.datetime | None) -> None:
    """Change name, meeting and minute of a plan whose `mark` the user saw; another minute ends the agreement.

    Raises Refused.
    """
    with transaction.atomic():
        plan = _locked(plan)
        reasons = _planning_refusals(plan, user) + (_release_time_refusals(at) if at != plan.at else [])
        if seen != mark(plan):
            reasons.append(_("The release changed after you opened it. Open it again."))
        if reasons:
            raise Refused(reasons)
        if (plan.name, plan.meeting_key, plan.at) == (name, meeting_key, at):
            return
        if at != plan.at:
            plan.failed_at = None
        plan.name, plan.meeting_key, plan.at = name, meeting_key, at
        plan.save()
        _note(plan, StepAction.CHANGED, user)


def mark(plan: ReleasePlan) -> str:
    """What a form carries, so that two officers do not overwrite each other's minute unseen."""
    return digest(canonical([plan.name, plan.meeting_key, plan.at.isoformat() if plan.at else None]))


def delete(plan: ReleasePlan, user) -> None:
    """Delete a plan that holds no text. Raises Refused."""
    with transaction.atomic():
        plan = _locked(plan)
        reasons = _planning_refusals(plan, user)
        if plan_texts(plan):
            reasons.append(_("Remove the texts first. Only an empty release can be deleted."))
        if reasons:
            raise Refused(reasons)
        _note(plan, StepAction.DELETED, user)
        plan.delete()


def _note(plan: ReleasePlan, action: str, by, comment: str = "") -> None:
    """Write a step of the plan itself; without a comment it has the minute."""
    minute = plan.at.astimezone(datetime.UTC).isoformat(timespec="minutes") if plan.at else ""
    step = Step.objects.create(
        table=plan._meta.label_lower,
        text_pk=plan.pk,
        name=f"release/{plan.pk}",
        digest=plan_digest(plan),
        action=action,
        by=by,
        delegation=by.delegation if by else "",
        comment=comment.strip() or minute,
        plan_pk=plan.pk,
    )
    PendingStepNotification.objects.create(step=step)
    list_step(action, plan.pk)


def add_texts(plan: ReleasePlan, texts: list[Signed], user) -> None:
    """Add texts that are proposed or cleared to a plan. Raises Refused, and adds none."""
    with transaction.atomic():
        plan = _locked(plan)
        reasons = _planning_refusals(plan, user)
        for text in _locked_texts(texts):
            if text.plan_id == plan.pk:
                continue
            if text.plan_id is not None:
                reasons.append(
                    _("%(text)s is in another release. Remove it from there first.") % {"text": text.caption}
                )
            elif text.state not in OPEN:
                reasons.append(_("%(text)s is neither proposed nor approved.") % {"text": text.caption})
            if reasons:
                continue
            text.plan = plan
            text.save(update_fields=["plan"])
            clearance.note(text, StepAction.PLANNED, user, plan.name)
        if reasons:
            raise Refused(reasons)


def remove_texts(plan: ReleasePlan, texts: list[Signed], user) -> None:
    """Take texts out of a plan. Raises Refused."""
    with transaction.atomic():
        plan = _locked(plan)
        reasons = _planning_refusals(plan, user)
        if reasons:
            raise Refused(reasons)
        for text in _locked_texts(texts):
            if text.plan_id == plan.pk:
                text.plan = None
                text.save(update_fields=["plan"])
                clearance.note(text, StepAction.UNPLANNED, user, plan.name, plan.pk)


def _locked(plan: ReleasePlan) -> ReleasePlan:
    found = ReleasePlan.objects.select_for_update().filter(pk=plan.pk).first()
    if found is None:
        raise Refused([_("This release has been deleted.")])
    return found


def _locked_texts(texts: list[Signed]) -> Iterator[Signed]:
    """The rows as they are now. One query for each signed table, whose order is that of every other verb."""
    for model in signed_models():
        keys = [text.pk for text in texts if isinstance(text, model)]
        if keys:
            yield from model._default_manager.select_for_update().filter(pk__in=keys).order_by("pk")


def _planning_refusals(plan: ReleasePlan, user) -> list[str]:
    checks = [
        (not user.delegation, _("You do not belong to a delegation.")),
        (
            not (user.is_active and user.has_perm("hled_portal.change_releaseplan")),
            _("You do not have permission to schedule releases."),
        ),
        (plan.release_id is not None, _("This release has already been published.")),
    ]
    return [reason for failed, reason in checks if failed]


def _release_time_refusals(at: datetime.datetime | None) -> list[str]:
    return [_("That time has already passed.")] if at is not None and at <= timezone.now() else []


def agree_to_plan(plan: ReleasePlan, officer, seen_digest: str, comment: str = "") -> ReleasePlan:
    """Agree, for the officer's delegation, to the minute and the texts that she saw. Raises Refused.

    Over a concern of one of the texts it takes a comment.
    """
    with transaction.atomic():
        plan = _locked(plan)
        present = plan_digest(plan)
        reasons = _planning_refusals(plan, officer)
        if seen_digest != present:
            reasons.append(_("The release changed after you opened it. Open it again."))
        texts = plan_texts(plan)
        if not texts:
            reasons.append(_("A release must include at least one text."))
        reasons = reasons or clearance.unexplained_concerns(texts, officer, comment)
        if reasons:
            raise Refused(reasons)
        side = officer.delegation.lower()
        setattr(plan, f"{side}_officer", officer)
        setattr(plan, f"{side}_digest", present)
        if plan.us_digest == plan.mx_digest:
            plan.failed_at = None  # Half of an agreement would only fail once more.
        plan.save()
        _note(plan, StepAction.AGREED, officer, comment)
        return plan


def disagree(plan: ReleasePlan, officer) -> ReleasePlan:
    """Take the agreement of the officer's delegation back. Raises Refused."""
    with transaction.atomic():
        plan = _locked(plan)
        reasons = _planning_refusals(plan, officer)
        if reasons:
            raise Refused(reasons)
        side = officer.delegation.lower()
        setattr(plan, f"{side}_officer", None)
        setattr(plan, f"{side}_digest", "")
        plan.save()
        _note(plan, StepAction.DISAGREED, officer)
        return plan


@dataclass(frozen=True)
class Obstacle:
    """What keeps a plan from going out, and the text that it is about."""

    reason: str
    text: Signed | None = None


def find_obstacles(plan: ReleasePlan, texts: list[Signed] | None = None) -> list[Obstacle]:
    """What still keeps the plan from going out."""
    texts = plan_texts(plan) if texts is None else texts
    found = [] if texts else [Obstacle(_("A release must include at least one text."))]
    if not is_agreed(plan, texts):
        found.append(Obstacle(_("Both delegations must agree to this time and these texts.")))
    public = releasing.public_subjects(texts)
    for text in texts:
        if text.state != State.CLEARED:
            found.append(
                Obstacle(_("%(text)s has not been approved by both delegations.") % {"text": text.caption}, text)
            )
        found += [Obstacle(reason, text) for reason in text.refusals_of_release(texts, public[type(text)])]
    return found


def find_late_concerns(plan: ReleasePlan, texts: list[Signed], reader: str = "") -> list[Obstacle]:
    """Texts about which something was raised after a delegation agreed: the job leaves them to people.

    `reader`: the delegation that is told; without it, what is for one delegation alone counts too.
    """
    agreed = Step.objects.filter(plan_pk=plan.pk, table=plan._meta.label_lower, action=StepAction.AGREED).order_by("pk")
    last = dict(agreed.values_list("delegation", "at"))
    if not last:
        return []
    message = _("%(text)s: senders raised something after the agreement. Read it, then agree again or publish now.")
    raised = [
        text
        for model in {type(text) for text in texts}
        for text in model.raised_since(min(last.values()), [text for text in texts if isinstance(text, model)], reader)
    ]
    return [Obstacle(message % {"text": text.caption}, text) for text in raised]


def plan_refusals(plan: ReleasePlan, texts: list[Signed] | None = None) -> list[str]:
    """The reasons alone."""
    return [lack.reason for lack in find_obstacles(plan, texts)]


def publish(plan: ReleasePlan, by=None, comment: str = "") -> Release:
    """Make the texts of a plan public together, as both sides agreed; `by` is None for the job. Raises Refused."""
    with transaction.atomic():
        plan = _locked(plan)
        if plan.release_id is not None:
            raise Refused([_("This release has already been published.")])
        texts = plan_texts(plan)
        reasons = plan_refusals(plan, texts)
        if by is None:
            reasons += [obstacle.reason for obstacle in find_late_concerns(plan, texts)]
        if reasons:
            raise Refused(reasons)
        plan.release = releasing.release_as_agreed(plan, texts, by, comment)
        plan.failed_at = None
        plan.save()
        _note(plan, StepAction.RELEASED, by)
        return plan.release


def publish_now(plan: ReleasePlan, officer, comment: str = "") -> Release:
    """Release at an officer's word what both sides agreed to, but never before its minute. Raises Refused.

    Over a concern of one of its texts it takes a comment.
    """
    with transaction.atomic():
        plan = _locked(plan)
        reasons = refusals_of_publishing_now(plan, officer)
        reasons = reasons or clearance.unexplained_concerns(plan_texts(plan), officer, comment)
        if reasons:
            raise Refused(reasons)
        return publish(plan, officer, comment)


def refusals_of_publishing_now(plan: ReleasePlan, officer) -> list[str]:
    """Why this officer cannot publish the plan at this moment, whatever its texts lack."""
    reasons = _planning_refusals(plan, officer)
    models = {type(text) for text in plan_texts(plan)}
    if not all(officer.has_perm(f"{m._meta.app_label}.release_{m._meta.model_name}") for m in models):
        reasons.append(_("You do not have permission to publish texts."))
    if plan.at is not None and plan.at > timezone.now():
        reasons.append(_("Both delegations agreed to a later time. It cannot be published yet."))
    return reasons


def due_plans(now: datetime.datetime | None = None):
    """Plans whose minute has come, that have not gone out and that did not fail since they were last changed."""
    now = now or timezone.now()
    return ReleasePlan.objects.filter(at__lte=now, release=None, failed_at=None).order_by("at", "pk")


def publish_due_plans(turn) -> str | None:
    """The job: release what is due. What cannot go out is marked and waits for people; `lacks` says why."""
    released = 0
    for plan in due_plans():
        if not turn.should_continue():
            break
        try:
            publish(plan)
        except Refused:
            _fail(plan)
        except OperationalError:  # The database is away or busy, and the plan is none the worse: once more, soon.
            raise
        except Exception:
            logger.exception("release plan %s: failed", plan.pk)
            _fail(plan)
        else:
            released += 1
    return f"{released} released" if released else None


def _fail(plan: ReleasePlan) -> None:
    """Mark a plan whose publication failed, once, unless somebody changed it meanwhile."""
    with transaction.atomic():
        waiting = due_plans().filter(pk=plan.pk).select_for_update().first()
        if waiting is not None:
            waiting.failed_at = timezone.now()
            waiting.save(update_fields=["failed_at"])
            _note(waiting, StepAction.FAILED, None)


def report_plans() -> Iterator[status.StatusLine]:
    """A line for each scheduled release that is overdue or failed."""
    now = timezone.now()
    for plan in ReleasePlan.objects.filter(at__lte=now - OVERDUE, release=None, failed_at=None):
        yield status.StatusLine(f"release plan {plan.pk}: was due {status.ago(plan.at, now)}", too_old=True)
    for plan in ReleasePlan.objects.filter(release=None, failed_at__isnull=False):
        yield status.StatusLine(
            f"release plan {plan.pk}: publication failed {status.ago(plan.failed_at, now)}", too_old=True
        )
