"""Notifications to staff of the steps of approval: one message for each person, with all that waits for her.

A job takes the steps with a `PendingStepNotification`. It waits until no step was taken for a while, so that the 140
proposals of one release are one message. Messages are stored and those rows deleted in one transaction: killed between
any two steps, nobody is notified twice, and nobody misses anything. A message holds keys of texts, counts and addresses
of the staff site, and no words of a text, a comment or a release: what is not cleared is never sent by mail.
"""

import datetime
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import NoReverseMatch
from django.utils import timezone

from hled_portal.background import mail
from hled_portal.background.jobs import JobRun
from hled_portal.i18n.delegations import Delegation
from hled_portal.models import Mail, PendingStepNotification, ReleasePlan, Remark, Step, StepAction, User

from . import release_plans
from .signed_text import OPEN, RELEASED, Signed, State

logger = logging.getLogger(__name__)
WORKFLOW_MAIL = "steps/"
#: A message waits until nobody has taken a step for so long, but no longer than this after the first of them.
QUIET = datetime.timedelta(minutes=1)
MAX_DELAY = datetime.timedelta(minutes=10)
#: What is told without waiting: a release that failed, or that went out, and what was taken away from readers.
URGENT = (StepAction.FAILED, StepAction.WITHDRAWN)
MAX_TITLES = 30
PLANS = ReleasePlan._meta.label_lower

#: Parts of a message, in its order: first what waits for the reader.
SECTIONS = (
    "to_key",
    "to_agree",
    "failed",
    "returned",
    "remarked",
    "answered",
    "cleared",
    "taken_back",
    "replaced",
    "disagreed",
    "changed",
    "withdrawn",
    "released",
    "went_out",
)


def send_notifications(turn: JobRun) -> str | None:
    """The job: write to those who must act, and to those whom the steps concern."""
    steps = list(Step.objects.filter(pending_notification__isnull=False).select_related("by").order_by("pk"))
    if not steps or not _is_ripe(steps, timezone.now()):
        return None
    messages = _messages(steps)  # The slow part, before any lock.
    keys = [step.pk for step in steps]
    with transaction.atomic():
        # Whoever waited for the lock of another process finds these rows gone, and begins anew on the next run.
        rows = PendingStepNotification.objects.select_for_update().filter(pk__in=keys)
        if set(rows.values_list("pk", flat=True)) != set(keys):
            return None
        mail.store(messages)
        PendingStepNotification.objects.filter(pk__in=keys).delete()
    return f"{len(keys)} steps told in {len(messages)} messages"


def _is_ripe(steps: list[Step], now: datetime.datetime) -> bool:
    moments = [step.at for step in steps]
    urgent = any(step.action in URGENT or _concerns_plan(step, StepAction.RELEASED) for step in steps)
    return urgent or now - max(moments) >= QUIET or now - min(moments) >= MAX_DELAY


def _concerns_plan(step: Step, *actions: str) -> bool:
    return step.table == PLANS and step.action in actions


def _messages(steps: list[Step]) -> list[Mail]:
    event = f"{WORKFLOW_MAIL}{steps[0].pk}-{steps[-1].pk}"
    found = []
    for user, parts in MessageBuilder(steps).by_person().items():
        context = {"parts": [(name, parts[name]) for name in SECTIONS if name in parts], "desk": _address("index")}
        try:
            found.append(mail.compose(f"{event}/{user.pk}", user.email, user.language, "steps", context))
        except ValidationError:
            logger.warning("user %s: no such address", user.pk)
    return found


def _address(name: str, *args) -> str:
    """An absolute address of the desk; that of its first page where there is no such page."""
    try:
        return mail.page_url(f"admin:{name}", *args)
    except NoReverseMatch:
        return mail.page_url("admin:index")


@dataclass
class Items:
    """What one part of a message names: each thing once, with its address."""

    all: dict[str, str] = field(default_factory=dict)
    address: str = ""

    @property
    def count(self) -> int:
        return len(self.all)

    @property
    def shown(self) -> list[tuple[str, str]]:
        return list(self.all.items())[:MAX_TITLES]

    @property
    def more(self) -> int:
        return max(0, self.count - MAX_TITLES)


class MessageBuilder:
    """Who is told what of some steps, as things stand now: what is settled by then waits for nobody any more."""

    def __init__(self, steps: list[Step]):
        self.steps = steps
        self.texts = _texts(steps)
        self.last_key = {(step.table, step.text_pk): step.pk for step in steps if step.action == StepAction.KEYED}
        self.plans = ReleasePlan.objects.in_bulk({step.plan_pk for step in steps if step.plan_pk})
        self.people = {user.pk: user for user in User.objects.filter(is_active=True, is_staff=True).exclude(email="")}
        self.able: dict[str, list[User]] = {}
        self.keyed = _users_by_text(self.texts.values(), StepAction.KEYED)
        self.agreed = _users_by_text(self.plans.values(), StepAction.AGREED)
        self.remarks = _open_remarks(steps)
        self.told: dict[User, dict[str, Items]] = defaultdict(lambda: defaultdict(Items))

    def by_person(self) -> dict[User, dict[str, Items]]:
        for step in self.steps:
            if step.table == PLANS:
                self._tell_plan(step, self.plans.get(step.text_pk))
            elif (step.table, step.text_pk) in self.texts:
                self._tell_text(step, self.texts[step.table, step.text_pk])
        return self.told

    # Who

    def _able(self, permission: str, delegation: str = "") -> list[User]:
        """Active staff with an address who may do so for a delegation, or for this one."""
        if permission not in self.able:
            found = User.objects.with_perm(
                permission, include_superusers=False, backend=settings.PERMISSIONS_BACKEND
            ).exclude(delegation="")
            keys = found.order_by("pk").values_list("pk", flat=True)
            self.able[permission] = [self.people[key] for key in keys if key in self.people]
        return [user for user in self.able[permission] if not delegation or user.delegation == delegation]

    def _officers(self, text: Signed, verb: str = "clear", delegation: str = "") -> list[User]:
        return self._able(f"{text._meta.app_label}.{verb}_{text._meta.model_name}", delegation)

    def _planners(self, delegation: str = "") -> list[User]:
        return self._able("hled_portal.change_releaseplan", delegation)

    def _persons(self, keys: Iterable[int | None]) -> list[User]:
        return [self.people[key] for key in sorted(set(keys) - {None}) if key in self.people]

    def _put(self, part: str, step: Step, people: Iterable[User], name: str, address: str, page: str) -> None:
        """Tell everybody but who took the step."""
        for user in people:
            if user.pk != step.by_id:
                items = self.told[user][part]
                items.all[name], items.address = address, page

    # What

    def _tell_text(self, step: Step, text: Signed) -> None:
        def put(part: str, people: Iterable[User], page: str = "", anchor: str = "") -> None:
            table = step.table.replace(".", "_")
            address = _address(f"{table}_change", text.pk) + anchor
            self._put(part, step, people, text.name, address, page or _address(f"{table}_changelist"))

        if step.action in (StepAction.PROPOSED, StepAction.KEYED, StepAction.TAKEN_BACK):
            put("to_key", self._who_can_key(text), _address(f"{step.table.replace('.', '_')}_queue"))
        if step.pk == self.last_key.get((step.table, text.pk)) and text.state == State.CLEARED:
            put("cleared", self._planners(), _address("hled_portal_releaseplan_changelist"))
        elif step.action == StepAction.RETURNED:
            put("returned", self._proposers(text))
        elif step.action == StepAction.REMARKED and self._remarks_of(step, text, words=step.comment):
            put("remarked", self._proposers(text), anchor="#remarks")
        elif step.action == StepAction.ANSWERED:
            answered = self._remarks_of(step, text, answer=step.comment, answered_by_id=step.by_id)
            put("answered", self._persons(remark.author_id for remark in answered), anchor="#remarks")
        elif step.action in (StepAction.TAKEN_BACK, StepAction.REPLACED):
            put(step.action, self._persons(self.keyed[step.table, text.pk]))
        elif step.action == StepAction.WITHDRAWN:
            put("withdrawn", self._officers(text))
        elif step.action == StepAction.RELEASED and text.state in RELEASED:
            put("released", self._persons([text.author_id, text.us_officer_id, text.mx_officer_id]))
        elif step.action in (StepAction.PLANNED, StepAction.UNPLANNED) and step.plan_pk in self.plans:
            self._tell_change(step, self.plans[step.plan_pk])
        if step.action in (StepAction.RETURNED, StepAction.REPLACED) and step.plan_pk in self.plans:
            self._tell_change(step, self.plans[step.plan_pk])

    def _who_can_key(self, text: Signed) -> list[User]:
        """Officers of each side that still lacks its key, the author and who holds the other key left out."""
        if text.state != State.PROPOSED:
            return []
        sides = [side for side in Delegation.values if not getattr(text, f"{side.lower()}_digest")]
        barred = {text.author_id, text.us_officer_id, text.mx_officer_id}
        return [user for side in sides for user in self._officers(text, "clear", side) if user.pk not in barred]

    def _proposers(self, text: Signed) -> set[User]:
        """The author, and the editors of the delegation that proposed the text."""
        side = text.author.delegation if text.author else ""
        editors = self._officers(text, "propose", side) if side else []
        return {*self._persons([text.author_id]), *editors}

    def _remarks_of(self, step: Step, text: Signed, **columns) -> list[Remark]:
        """The remarks that the step left or answered, while they are open and their text is a proposal."""
        rows = self.remarks.get((step.table, step.name), ()) if text.state in OPEN else ()
        return [row for row in rows if all(getattr(row, name) == value for name, value in columns.items())]

    def _tell_plan(self, step: Step, plan: ReleasePlan | None) -> None:
        if plan is None:  # Deleted while it was empty.
            return
        if step.action == StepAction.AGREED and plan.release_id is None:
            other = [side for side in Delegation.values if side != step.delegation]
            mine = f"{step.delegation.lower()}_digest"
            lacking = [side for side in other if getattr(plan, f"{side.lower()}_digest") != getattr(plan, mine)]
            self._put_plan("to_agree", step, plan, [user for side in lacking for user in self._planners(side)])
        elif step.action == StepAction.DISAGREED:
            others = [user for user in self._planners() if user.delegation != step.delegation]
            self._put_plan("disagreed", step, plan, others)
        elif step.action == StepAction.CHANGED:
            self._tell_change(step, plan)
        elif step.action in (StepAction.RELEASED, StepAction.FAILED):
            part = "went_out" if step.action == StepAction.RELEASED else "failed"
            texts = release_plans.plan_texts(plan)
            signers = {key for text in texts for key in (text.author_id, text.us_officer_id, text.mx_officer_id)}
            concerned = {plan.created_by_id, *signers, *self.agreed[PLANS, plan.pk]}
            self._put_plan(part, step, plan, {*self._planners(), *self._persons(concerned)})

    def _tell_change(self, step: Step, plan: ReleasePlan) -> None:
        """Those who had agreed to a release hear that it is another one now."""
        if plan.release_id is None:
            self._put_plan("changed", step, plan, self._persons(self.agreed[PLANS, plan.pk]))

    def _put_plan(self, part: str, step: Step, plan: ReleasePlan, people: Iterable[User]) -> None:
        name = f"{plan.pk} ({plan.meeting_key})" if plan.meeting_key else str(plan.pk)
        every = _address("hled_portal_releaseplan_changelist")
        self._put(part, step, people, name, _address("hled_portal_releaseplan_change", plan.pk), every)


def _texts(steps: list[Step]) -> dict[tuple[str, int], Signed]:
    """The texts of the steps, without their contents. One query for each signed table."""
    keys = defaultdict(set)
    for step in steps:
        if step.table != PLANS:
            keys[step.table].add(step.text_pk)
    found = {}
    for table, rows in keys.items():
        texts = apps.get_model(table)._default_manager.filter(pk__in=rows).select_related("author").defer("content")
        found |= {(table, text.pk): text for text in texts}
    return found


def _open_remarks(steps: list[Step]) -> dict[tuple[str, str], list[Remark]]:
    """Open remarks by table and name of their subject. One query, where a step is about remarks."""
    names = {step.name for step in steps if step.action in (StepAction.REMARKED, StepAction.ANSWERED)}
    found = defaultdict(list)
    for remark in Remark.objects.filter(name__in=names, closed_at=None) if names else ():
        found[remark.table, remark.name].append(remark)
    return found


def _users_by_text(rows: Iterable, action: str) -> dict[tuple[str, int], set[int]]:
    """Who ever took such a step on these rows. One query."""
    rows = {(row._meta.label_lower, row.pk) for row in rows}
    taken = Step.objects.filter(action=action, text_pk__in={pk for _table, pk in rows}).exclude(by=None)
    found = defaultdict(set)
    for table, text_pk, by in taken.values_list("table", "text_pk", "by"):
        if (table, text_pk) in rows:
            found[table, text_pk].add(by)
    return found
