"""What the pages of a release to come show: its form, its texts, who agrees to it and what was done with it."""

import datetime
from itertools import groupby

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.dashboard.registry import admin_url
from hled_portal.dates import timezones
from hled_portal.i18n.delegations import Delegation
from hled_portal.models import ReleasePlan, Step
from hled_portal.publishing import release_plans
from hled_portal.publishing.signed_text import OPEN, State, signed_models
from initiatives.models import Edition, Meeting


class PlanForm(forms.Form):
    """Name, meeting and minute of a release; the minute is read back in both capitals before it is kept."""

    name = forms.CharField(label=_("name"), max_length=120, help_text=_("For staff only. It is not published."))
    meeting_key = forms.ChoiceField(label=_("meeting"), required=False)
    day = forms.DateField(label=_("date"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    time = forms.TimeField(label=_("time"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    capital = forms.ChoiceField(
        label=_("time zone"),
        choices=[(side, timezones.CAPITAL_NAMES[side]) for side in timezones.ZONES],
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        meetings = Meeting.objects.order_by("-key")
        self.fields["meeting_key"].choices = [("", "–"), *((row.key, row.name) for row in meetings)]
        self.fields["day"].help_text = _t(
            "Leave date and time empty if an authorized person will publish it after both delegations agree."
        )

    def clean(self):
        given = super().clean()
        day, time = given.get("day"), given.get("time")
        given["at"] = None
        if (day is None) != (time is None) and not self.errors:
            raise ValidationError(_t("Enter both the date and the time, or leave both empty."))
        if day and time and given.get("capital"):
            given["at"] = timezones.moment(day, time.replace(second=0, microsecond=0), given["capital"])
        return given

    @property
    def read_back(self) -> str:
        """The minute in words; empty for none."""
        at = self.cleaned_data["at"]
        return (
            timezones.to_text(at)
            if at
            else _t("No set time: an authorized person publishes it after both delegations agree.")
        )

    @property
    def token(self) -> str:
        """What a page that read the minute back carries, so that another minute is read back anew."""
        at = self.cleaned_data["at"]
        return at.isoformat() if at else "none"


def plan_url(plan) -> str:
    return reverse("admin:hled_portal_releaseplan_change", args=[plan.pk])


def text_url(text) -> str:
    return admin_url(f"{text._meta.app_label}_{text._meta.model_name}_change", text.pk) if text else ""


def describe_plan_state(plan) -> str:
    """The state of the plan, in a few words."""
    if plan.release_id is not None:
        return _t("published (publication %(number)s)") % {"number": plan.release.publication}
    if plan.failed_at is not None:
        return _t("could not be published on %(minute)s") % {"minute": timezones.to_text(plan.failed_at)}
    return _t("scheduled")


def text_token(text) -> str:
    return f"{text._meta.model_name}:{text.pk}"


def is_unopened(text, opened) -> bool:
    return opened is not None and text.state in OPEN and (text.pk, text.digest) not in opened


def text_row(text, opened) -> dict:
    """A text as the tables of a plan show it."""
    return {
        "text": text,
        "token": text_token(text),
        "address": text_url(text),
        "state": text.get_state_display(),
        "is_cleared": text.state == State.CLEARED,
        "keys": [
            (side.label, getattr(text, f"{side.lower()}_officer"), getattr(text, f"{side.lower()}_at"))
            for side in Delegation
        ],
        "is_unopened": is_unopened(text, opened),
    }


def delegation_agreement(plan, side: Delegation, texts) -> dict:
    """Whether a delegation agrees to the present plan, or agreed to an earlier state."""
    officer, digest = getattr(plan, f"{side.lower()}_officer"), getattr(plan, f"{side.lower()}_digest")
    is_present = bool(digest) and digest == release_plans.plan_digest(plan, texts)
    return {
        "label": side.in_sentence,
        "officer": officer,
        "agrees": is_present,
        "agreed_before": bool(digest) and not is_present,
    }


def plan_steps(plan) -> list[dict]:
    """What was done with the plan, the newest first; many texts at once are one line."""
    rows = Step.objects.filter(plan_pk=plan.pk).exclude(action__in=["proposed", "keyed", "taken_back", "withdrawn"])
    rows = rows.select_related("by").order_by("-pk")
    own = ReleasePlan._meta.label_lower
    captions = _captions(rows)
    entries = []
    for _same, steps in groupby(rows, key=lambda step: (step.action, step.by, step.table == own)):
        steps = list(steps)
        first, names = steps[0], list(dict.fromkeys(captions.get((s.table, s.text_pk), s.name) for s in steps))
        if first.table == own:
            entries += [{"step": step, "names": [], "minute": _release_time_of_step(step)} for step in steps]
        else:
            entries.append(
                {"step": first, "names": names[:5], "count": len(names), "more": max(0, len(names) - 5), "minute": ""}
            )
    return entries


def _captions(steps) -> dict[tuple[str, int], str]:
    """What the texts of some steps are called. One query for each signed table that they are in."""
    captions = {}
    for model in signed_models():
        table = model._meta.label_lower
        keys = {step.text_pk for step in steps if step.table == table}
        captions |= (
            {(table, text.pk): text.caption for text in model._default_manager.filter(pk__in=keys)} if keys else {}
        )
    return captions


def _release_time_of_step(step: Step) -> str:
    """The minute that a plan had from this step on."""
    if step.action not in ("made", "changed") or not step.comment:
        return ""
    return timezones.to_text(datetime.datetime.fromisoformat(step.comment))


def open_texts() -> list:
    """Texts that are on their way and in no release yet. One query for each signed table."""
    texts = []
    for model in signed_models():
        rows = model._default_manager.filter(state__in=OPEN, plan=None)
        texts += rows.select_related("author", "us_officer", "mx_officer").order_by("pk")
    return texts


def text_kind(text) -> str:
    return getattr(text, "subject_kind", text._meta.model_name)


def kind_label(text):
    return text.get_subject_kind_display() if isinstance(text, Edition) else text._meta.verbose_name


def text_pillar(text) -> str:
    if not isinstance(text, Edition):
        return ""
    return text.data.get("pillar") or (text.subject_key if text.subject_kind == "pillar" else "")
