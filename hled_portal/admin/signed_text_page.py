"""The page of one signed text: its state, who approved it, and what can be done with it by whom."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.delegations import Delegation
from hled_portal.publishing import clearance
from hled_portal.publishing.signed_text import OPEN, Signed, State, WithdrawalReason


def flat(value, path: str = "") -> list[tuple[str, str]]:
    """Every part of a frozen content with its path, such as `facts / 1 / object_en`; empty parts left out."""
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value, 1)
    else:
        return [] if value in ("", None) else [(path, str(value))]
    return [row for name, part in parts for row in flat(part, f"{path} / {name}" if path else str(name))]


@dataclass(frozen=True)
class DelegationApproval:
    """The key of one delegation on a text; nobody's while it is not set."""

    side: Delegation
    officer: object
    at: object

    @property
    def words(self) -> str:
        if self.officer is None:
            return _t("not set")
        names = {"person": self.officer.get_full_name() or self.officer.get_username()}
        names["when"] = date_format(localtime(self.at), "DATETIME_FORMAT")
        return _t("set by %(person)s on %(when)s") % names


def approvals(text: Signed) -> list[DelegationApproval]:
    return [
        DelegationApproval(side, getattr(text, f"{side.lower()}_officer"), getattr(text, f"{side.lower()}_at"))
        for side in Delegation
    ]


def describe_state(text: Signed) -> str:
    """The state in a sentence, with what comes next."""
    if text.state == State.PROPOSED:
        return _describe_awaiting(text)
    if text.state == State.CLEARED:
        return _describe_release(text)
    if text.state == State.PUBLISHED:
        day = {"date": date_format(text.public_from, "DATE_FORMAT"), "number": text.number}
        return _t("Public since %(date)s as edition %(number)s.") % day
    descriptions = {
        State.RETURNED: _t("Returned. Its side corrects the record and proposes it anew."),
        State.REPLACED: _t("A newer proposal of the same subject has taken its place."),
        State.SUPERSEDED: _t("It was public; a newer edition has followed it. It stays readable as of its days."),
        State.WITHDRAWN: _t("Withdrawn from readers. Only a new edition with both keys brings the subject back."),
    }
    return descriptions[State(text.state)]


def _describe_awaiting(text: Signed) -> str:
    lacking = [key for key in approvals(text) if key.officer is None]
    if len(lacking) == len(Delegation):
        return _t("Proposed: it waits for the keys of both delegations.")
    if lacking[0].side == Delegation.US:
        return _t("Mexico has set its key: it waits for the key of the United States.")
    return _t("The United States has set its key: it waits for the key of Mexico.")


def _describe_release(text: Signed) -> str:
    if text.plan is None:
        return _t("Cleared by both delegations, and not public: it waits to be released.")
    if text.plan.at is None:
        return _t("Cleared by both delegations, and not public: it goes out with “%(plan)s”.") % {"plan": text.plan}
    names = {"plan": text.plan, "when": date_format(localtime(text.plan.at), "DATETIME_FORMAT")}
    return _t("Cleared by both delegations, and not public: it goes out with “%(plan)s” on %(when)s.") % names


class ReturnForm(forms.Form):
    """Why a text is sent back: its side reads it, and so does whoever keys the next proposal."""

    comment = forms.CharField(
        label=_("comment"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Say what has to change, and where. The side that proposed the text gets these words."),
    )


class WithdrawalForm(forms.Form):
    """Why a text is taken away from readers, who see the reason in its place."""

    reason = forms.ChoiceField(label=_("reason"), choices=[("", "–"), *WithdrawalReason.choices])
    words_en = forms.CharField(label=_("in words (English)"), max_length=500, required=False, widget=forms.Textarea)
    words_es = forms.CharField(label=_("in words (Spanish)"), max_length=500, required=False, widget=forms.Textarea)

    def clean(self):
        given = super().clean()
        if "reason" in given:
            refusals = clearance.withdrawal_reason_refusals(
                given["reason"], given.get("words_en", ""), given.get("words_es", "")
            )
            if refusals:
                raise ValidationError(refusals)
        return given


@dataclass(frozen=True)
class Verb:
    """Something that can be done with a text now; `reasons` say why this person cannot."""

    name: str
    label: str
    description: str
    reasons: list[str]
    form: forms.Form | None = None
    address: str = ""


def verbs(text: Signed, user, typed: forms.Form | None = None) -> list[Verb]:
    """What the state of the text allows, each with why this person may not; `typed` keeps what a form refused."""
    forms_ = {type(typed): typed} if typed is not None else {}
    if text.state in OPEN:
        return [
            Verb(
                "key",
                _t("Set my delegation's key"),
                _t("The key is over this very text, to the letter. It cannot be changed any more, only proposed anew."),
                clearance.clear_refusals(text, user, text.digest),
            ),
            Verb(
                "return",
                _t("Return it with a comment"),
                _t("Its side corrects the record and proposes the text anew. Keys that were set stay on this text."),
                clearance.return_refusals(text, user),
                forms_.get(ReturnForm) or ReturnForm(),
            ),
            Verb(
                "take-back",
                _t("Take my delegation's key back"),
                _t("The text waits for the key again; whoever speaks for your delegation can set it anew."),
                clearance.take_back_refusals(text, user),
            ),
            Verb(
                "release",
                _t("Release it now"),
                _t("It becomes public at once, alone, under a publication number of its own."),
                clearance.release_refusals([text], user),
            ),
        ]
    if text.state in (State.PUBLISHED, State.SUPERSEDED):
        reasons = clearance.withdrawal_refusals(text, user)
        description = _t(
            "One delegation alone takes it away from readers, at once; a marker with the reason takes its place."
        )
        return [
            Verb("withdraw", _t("Withdraw it"), description, reasons, forms_.get(WithdrawalForm) or WithdrawalForm())
        ]
    return []
