"""What waits on the way of signed texts, for one person: to be keyed, corrected, released. And what is wrong there."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Case, Exists, F, OuterRef, Q, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hled_portal.background import jobs
from hled_portal.i18n.delegations import Delegation
from hled_portal.models import ReleasePlan, Step, StepAction
from hled_portal.publishing import prepared_queries, release_plans
from hled_portal.publishing.remarks import open_remarks
from hled_portal.publishing.signed_text import OPEN, Signed, State, signed_models

from .registry import Panel, PanelContext, PanelLine, Warning, admin_url, approval_sources, count_text, days_between

#: With fewer officers able to clear, a delegation cannot do without one of them for a day.
ENOUGH_OFFICERS = 2

#: Jobs as people call them; another one is told by its name.
JOBS = {
    "release what is due": gettext_lazy("scheduled releases"),
    "prepare main pages": gettext_lazy("preparation of the main public pages"),
    "count what opened": gettext_lazy("opening and closing of consultations"),
    "send mail": gettext_lazy("messages"),
    "tell of steps": gettext_lazy("notices about approval steps"),
    "sweep mail": gettext_lazy("deletion of old messages"),
    "files": gettext_lazy("imported files"),
    "sweep files": gettext_lazy("deletion of old files"),
    "erase unconfirmed addresses": gettext_lazy("deletion of unconfirmed addresses"),
    "erase personal data": gettext_lazy("deletion of personal data"),
    "list removals": gettext_lazy("list of removals for a restore"),
    "sweep sign-ins": gettext_lazy("deletion of old sign-ins"),
    "sweep attempts": gettext_lazy("deletion of old counts of attempts"),
    "tell followers at once": gettext_lazy("email updates"),
    "tell followers weekly": gettext_lazy("weekly email updates"),
    "tell authors of letters": gettext_lazy("messages to submission authors"),
    "scan attachments": gettext_lazy("virus scan of submission files"),
    "sweep drafts of letters": gettext_lazy("deletion of old submission drafts"),
    "sweep files without a letter": gettext_lazy("removal of files without a submission"),
    "sweep files of letters": gettext_lazy("deletion of old submission import files"),
}


def _may(user, verb: str, model: type[Signed]) -> bool:
    return user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}")


def _permitted(user, verb: str) -> list[type[Signed]]:
    """Signed tables on which this person may do so for a delegation."""
    return [model for model in signed_models() if user.delegation and _may(user, verb, model)]


def _page(text: Signed) -> str:
    return admin_url(f"{text._meta.app_label}_{text._meta.model_name}_change", text.pk)


def _minute(moment) -> str:
    """The day and the minute in Mexico City, saying so: Washington reads them too."""
    there = timezone.localtime(moment)
    names = {"day": date_format(there, "DATE_FORMAT"), "time": date_format(there, "H:i")}
    return _("%(day)s at %(time)s (Mexico City)") % names


def _ago(moment, visit: PanelContext) -> str:
    count = days_between(moment, visit.now)
    return ngettext("%(count)d day ago", "%(count)d days ago", count) % {"count": count} if count else _("today")


def _gathered(models, build, lines_of, visit: PanelContext, **values) -> tuple[list[PanelLine], int]:
    """Lines and number of the rows of several tables; one query for each table, two where not all are shown."""
    lines, count = [], 0
    for model in models:
        rows, total = visit.first_of_all(build, model, **values)
        count += total
        lines += lines_of(rows)
    return visit.first(lines), count


# Panels


def awaiting_my_approval(visit: PanelContext) -> Panel | None:
    """Texts of every table that lack the key of this person's delegation, in one order.

    First those whose minute has passed, then those that the other delegation approved, then the oldest.
    """
    models = _permitted(visit.user, "clear")
    waiting, counts = [], {}
    for model in models:
        texts, counts[model] = visit.first_of_all(
            _awaiting_approval, model, visit.user.delegation, user=visit.user.pk, now=visit.now
        )
        waiting += [(_urgency(text, visit), _approval_line(text, visit)) for text in texts]
    for source in approval_sources():
        more, counts[source] = source(visit)
        waiting += [((visit.now, False, at), line) for at, line in more]
    if not (models or waiting):
        return None
    lines = [line for _order, line in sorted(waiting, key=lambda pair: pair[0])]
    open_ = [model for model in models if counts[model]]
    queues = [
        PanelLine(f"{capfirst(model._meta.verbose_name_plural)}: {count_text(counts[model])}", _queue(model))
        for model in open_
    ]
    queue = _queue((open_ or models)[0]) if models else ""
    return Panel(
        _("Awaiting my approval"),
        _("Nothing needs your approval."),
        visit.first(lines),
        sum(counts.values()),
        queue,
        _("Review one by one"),
        lists=queues if len(queues) > 1 else [],
    )


def _queue(model: type[Signed]) -> str:
    return admin_url(f"{model._meta.app_label}_{model._meta.model_name}_queue")


def _urgency(text: Signed, visit: PanelContext) -> tuple:
    """What comes first: a minute that has passed, what the other delegation approved, what is oldest."""
    passed = text.plan is not None and text.plan.at is not None and text.plan.at < visit.now
    return (text.plan.at if passed else visit.now, not (text.us_digest or text.mx_digest), text.proposed_at)


def _open_texts(model: type[Signed]):
    """Open proposals, found by the index of states, whatever else is asked of them: SQLite would read all texts."""
    return model._default_manager.filter(pk__in=model._default_manager.filter(state__in=OPEN).order_by().values("pk"))


def _awaiting_approval(model: type[Signed], delegation: str, user, now):
    side, other = ("us", "mx") if delegation == Delegation.US else ("mx", "us")
    rows = _open_texts(model).filter(Q(author=None) | ~Q(author=user), state=State.PROPOSED)
    rows = rows.filter(Q(**{f"{other}_officer": None}) | ~Q(**{f"{other}_officer": user}), **{f"{side}_digest": ""})
    passed = Case(When(plan__at__lt=now, then=F("plan__at")))
    first = Case(When(**{f"{other}_digest": ""}, then=1), default=0)
    return rows.select_related("plan", "author").order_by(passed.asc(nulls_last=True), first, "proposed_at", "pk")


def _approval_line(text: Signed, visit: PanelContext) -> PanelLine:
    names = {"person": text.author, "when": _ago(text.proposed_at, visit)}
    note = _("Proposed by %(person)s, %(when)s.") % names
    if text.us_digest or text.mx_digest:
        approved = _("The other delegation has approved it.")
        note = f"{note} {approved}"
    minute = text.plan.at if text.plan else None
    if minute is None:
        return PanelLine(text.caption, _page(text), note)
    if minute >= visit.now:
        told = _("Scheduled for %(minute)s.") % {"minute": _minute(minute)}
        return PanelLine(text.caption, _page(text), f"{note} {told}")
    return PanelLine(text.caption, _page(text), note, _late(minute, visit))


def _late(minute, visit: PanelContext) -> str:
    count = days_between(minute, visit.now)
    if not count:
        return _("Past the scheduled time: %(minute)s") % {"minute": _minute(minute)}
    return ngettext("%(count)d day past the scheduled time", "%(count)d days past the scheduled time", count) % {
        "count": count
    }


def returned(visit: PanelContext) -> Panel | None:
    """Texts of this person's delegation that came back, with the comment, until they are proposed again."""
    models = _permitted(visit.user, "propose")
    if not models:
        return None
    lines, count = _gathered(
        models, _returned_texts, lambda texts: _returned_lines(texts, visit), visit, delegation=visit.user.delegation
    )
    return Panel(_("Returned"), _("Nothing has been returned."), lines, count)


def _returned_texts(model: type[Signed], delegation):
    same = {column: OuterRef(column) for column in model.identity}
    later = model._default_manager.filter(pk__gt=OuterRef("pk"), **same)
    rows = model._default_manager.filter(~Exists(later), state=State.RETURNED)
    return rows.filter(author__delegation=delegation).order_by("-pk")


def _returned_lines(texts: list[Signed], visit: PanelContext) -> list[PanelLine]:
    if not texts:
        return []
    steps = Step.objects.filter(action=StepAction.RETURNED, text_pk__in=[text.pk for text in texts])
    by_text = {(step.table, step.text_pk): step for step in steps.select_related("by").order_by("pk")}
    return [_returned_line(text, by_text.get((text._meta.label_lower, text.pk)), visit) for text in texts]


def _returned_line(text: Signed, step: Step | None, visit: PanelContext) -> PanelLine:
    if step is None:
        return PanelLine(text.caption, _page(text))
    names = {"person": step.by, "side": step.get_delegation_display(), "comment": step.comment}
    names["when"] = _ago(step.at, visit)
    return PanelLine(text.caption, _page(text), _("%(person)s (%(side)s), %(when)s: “%(comment)s”") % names)


def proposed(visit: PanelContext) -> Panel | None:
    """What this person proposed and what it waits for."""
    models = _permitted(visit.user, "propose")
    if not models:
        return None
    lines, count = _gathered(models, _proposed_texts, _proposed_lines, visit, author=visit.user.pk)
    return Panel(_("My proposals"), _("You have no open proposals."), lines, count)


def _proposed_texts(model: type[Signed], author):
    return _open_texts(model).filter(author=author).select_related("plan").order_by("proposed_at", "pk")


def _proposed_lines(texts: list[Signed]) -> list[PanelLine]:
    remarks = open_remarks(texts) if texts else {}
    lines = []
    for text in texts:
        state, count = _describe_state(text), len(remarks.get(text.name, ()))
        if count:
            told = ngettext("%(count)d open remark.", "%(count)d open remarks.", count) % {"count": count}
            state = f"{state} {told}"
        lines.append(PanelLine(text.caption, _page(text), state))
    return lines


def _describe_state(text: Signed) -> str:
    lacking = [side.in_sentence for side in Delegation if not getattr(text, f"{side.lower()}_digest")]
    if len(lacking) == len(Delegation):
        return _("Awaiting approval by both delegations.")
    if lacking:
        return _("Awaiting approval by %(side)s.") % {"side": lacking[0]}
    if text.plan is None:
        return _("Approved by both delegations. Not yet in a release.")
    if text.plan.at is None:
        return _("Approved. To be published with “%(plan)s”.") % {"plan": text.plan}
    return _("Approved. To be published with “%(plan)s” on %(minute)s.") % {
        "plan": text.plan,
        "minute": _minute(text.plan.at),
    }


def releases(visit: PanelContext) -> Panel | None:
    """Releases to come, their minute, and what they lack. One query, and one for each signed table."""
    if not visit.user.has_perm("hled_portal.view_releaseplan"):
        return None
    shown, count = visit.first_of_all(_open_plans)
    texts: dict[int, list[Signed]] = {plan.pk: [] for plan in shown}
    for model in signed_models() if shown else ():
        for text in model._default_manager.filter(plan__in=shown).defer("content").order_by("pk"):
            texts[text.plan_id].append(text)
    lines = [_plan_line(plan, texts[plan.pk], visit) for plan in shown]
    every = admin_url("hled_portal_releaseplan_changelist")
    return Panel(_("Scheduled releases"), _("No releases scheduled."), lines, count, every, _("All releases"))


def _open_plans():
    return ReleasePlan.objects.filter(release=None).order_by(F("at").asc(nulls_last=True), "pk")


def _plan_line(plan: ReleasePlan, texts: list[Signed], visit: PanelContext) -> PanelLine:
    late = _late(plan.at, visit) if plan.at and plan.at < visit.now else ""
    told = _("Was scheduled for %(minute)s.") if late else _("Scheduled for %(minute)s.")
    when = told % {"minute": _minute(plan.at)} if plan.at else _("No time set.")
    page = admin_url("hled_portal_releaseplan_change", plan.pk)
    return PanelLine(plan.name, page, " ".join([when, *_describe_obstacles(plan, texts)]), late)


def _describe_obstacles(plan: ReleasePlan, texts: list[Signed]) -> list[str]:
    count = len(texts)
    found = [ngettext("%(count)d text.", "%(count)d texts.", count) % {"count": count}]
    waiting = Counter(side for text in texts for side in Delegation if not getattr(text, f"{side.lower()}_digest"))
    for side in Delegation:
        if waiting[side]:
            names = {"count": waiting[side], "side": side.in_sentence}
            found.append(
                ngettext(
                    "%(count)d awaiting approval by %(side)s.",
                    "%(count)d awaiting approval by %(side)s.",
                    waiting[side],
                )
                % names
            )
    if texts and not release_plans.is_agreed(plan, texts):
        found.append(_("Both delegations must agree to this time and these texts."))
    elif texts and not waiting:
        found.append(_("Nothing is missing."))
    return found


# Warnings


def too_few_officers(visit: PanelContext) -> Iterator[Warning]:
    """A delegation with fewer than two active officers able to clear. One query for each signed table."""
    user = visit.user
    if not (user.delegation or user.has_perm("hled_portal.view_user")):
        return
    for (side, count), texts in _delegations_short_of_officers().items():
        names = {"count": count, "side": side.in_sentence, "texts": get_text_list(texts, _("and"))}
        told = ngettext(
            "Too few people can approve %(texts)s for %(side)s: %(count)d active person.",
            "Too few people can approve %(texts)s for %(side)s: %(count)d active people.",
            count,
        )
        todo = _("You cannot approve a text you proposed. Ask an administrator to give this role to a second person.")
        href = admin_url("hled_portal_user_changelist") if user.has_perm("hled_portal.view_user") else ""
        yield Warning(told % names, todo, href)


def _delegations_short_of_officers() -> dict[tuple[Delegation, int], list[str]]:
    """Each side with too few officers and how many it has: the texts that they can clear."""
    short = defaultdict(list)
    for model in signed_models():
        permission = f"{model._meta.app_label}.clear_{model._meta.model_name}"
        found = Counter(delegation for (delegation,) in prepared_queries.fetch_raw(_delegations_able, permission))
        for side in Delegation:
            if found[side] < ENOUGH_OFFICERS:
                short[side, found[side]].append(str(model._meta.verbose_name_plural))
    return short


def _delegations_able(permission: str):
    """The delegation of each active person with a permission."""
    people = get_user_model().objects
    able = people.with_perm(permission, include_superusers=False, backend=settings.PERMISSIONS_BACKEND)
    return able.filter(is_staff=True).values_list("delegation")


def late_jobs(visit: PanelContext) -> Iterator[Warning]:
    """What runs later has not run for too long. One query."""
    late = jobs.late(visit.now)
    if not late:
        return
    names = [str(JOBS.get(name, name)) for name in late]
    shown = {"jobs": ", ".join(names[:5]), "count": len(names) - 5}
    told = _("Automatic tasks are overdue: %(jobs)s.")
    if len(names) > 5:
        told = ngettext(
            "Automatic tasks are overdue: %(jobs)s and %(count)d more.",
            "Automatic tasks are overdue: %(jobs)s and %(count)d more.",
            shown["count"],
        )
    told %= shown
    todo = _(
        "Messages and scheduled releases are on hold. Ask the system administrator to check that "
        "“manage.py work” is running."
    )
    mine = visit.user.has_perm("hled_portal.view_jobstate")
    yield Warning(told, todo, admin_url("hled_portal_jobstate_changelist") if mine else "")


def failed_plans(visit: PanelContext) -> Iterator[Warning]:
    """A release whose minute came and that could not go out. One query."""
    if not visit.user.has_perm("hled_portal.view_releaseplan"):
        return
    for plan in ReleasePlan.objects.filter(release=None, failed_at__isnull=False):
        told = _("“%(plan)s” could not be published on %(minute)s.") % {"plan": plan, "minute": _minute(plan.failed_at)}
        todo = _("Open it to see what is missing. Both delegations must then agree to it again.")
        yield Warning(told, todo, admin_url("hled_portal_releaseplan_change", plan.pk))
