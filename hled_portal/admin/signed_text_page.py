"""The page of one signed text: its state, who approved it, and what can be done with it by whom."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from hled_portal.i18n.bilingual import Language
from hled_portal.i18n.delegations import Delegation
from hled_portal.models import Remark
from hled_portal.publishing import clearance, releasing
from hled_portal.publishing.remarks import remarks_on
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
            return _t("pending")
        names = {"person": self.officer.get_full_name() or self.officer.get_username()}
        names["when"] = date_format(localtime(self.at), "DATETIME_FORMAT")
        return _t("given by %(person)s on %(when)s") % names


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
        return _t("Published as version %(number)s, current from %(date)s.") % day
    descriptions = {
        State.RETURNED: _t("Returned. The delegation that proposed it corrects the data and proposes the text again."),
        State.REPLACED: _t("Replaced by a newer proposal."),
        State.SUPERSEDED: _t(
            "Replaced by a newer published version. This version can still be read for the dates when it was current."
        ),
        State.WITHDRAWN: _t("Withdrawn. It can be published again only as a new version approved by both delegations."),
    }
    return descriptions[State(text.state)]


def _describe_awaiting(text: Signed) -> str:
    lacking = [key for key in approvals(text) if key.officer is None]
    if len(lacking) == len(Delegation):
        return _t("Proposed. Awaiting approval by both delegations.")
    if lacking[0].side == Delegation.US:
        return _t("Approved by Mexico. Awaiting approval by the United States.")
    return _t("Approved by the United States. Awaiting approval by Mexico.")


def _describe_release(text: Signed) -> str:
    if text.plan is None:
        return _t("Approved by both delegations. Not yet scheduled for publication.")
    if text.plan.at is None:
        return _t("Approved by both delegations. To be published with “%(plan)s”.") % {"plan": text.plan}
    names = {"plan": text.plan, "when": date_format(localtime(text.plan.at), "DATETIME_FORMAT")}
    return _t("Approved by both delegations. To be published with “%(plan)s” on %(when)s.") % names


def remark_fields(compared) -> dict[str, str]:
    """The fields that a text changes, by part, name and language, with their labels: what a remark can be about."""
    fields = {}
    for part in compared.parts if compared else ():
        whose = " ".join(filter(None, (str(part.label), part.name)))
        for change in part.changes:
            label = f"{whose}: {change.label}" if whose else str(change.label)
            if change.language and "(" not in label:
                label = f"{label} ({Language(change.language).label})"
            if change.name:
                fields["/".join((part.key, change.name, change.language))] = label
    return fields


def describe_remarks(text: Signed, fields: dict[str, str]) -> list[tuple[Remark, str]]:
    """Each remark with the label of its field; of a field that the text does not change, its name."""
    whole = _t("complete text")
    return [
        (remark, fields.get(remark.field, remark.field.strip("/").replace("/", ", ")) or whole)
        for remark in remarks_on(text)
    ]


class ReturnForm(forms.Form):
    """Why a text is sent back: its side reads it, and so does whoever keys the next proposal."""

    comment = forms.CharField(
        label=_("comment"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Explain what must change and where. The delegation that proposed the text will see this comment."),
    )


class WordForm(forms.Form):
    """Why somebody decides over what a sender said; it stays with the step."""

    word = forms.CharField(
        label=_("why you continue"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Senders raised something that nobody has settled. The explanation stays in the history."),
    )


class WithdrawalForm(forms.Form):
    """Why a text is taken away from readers, who see the reason in its place."""

    reason = forms.ChoiceField(label=_("reason"), choices=[("", "–"), *WithdrawalReason.choices])
    words_en = forms.CharField(label=_("explanation (English)"), max_length=500, required=False, widget=forms.Textarea)
    words_es = forms.CharField(label=_("explanation (Spanish)"), max_length=500, required=False, widget=forms.Textarea)

    def clean(self):
        given = super().clean()
        if "reason" in given:
            refusals = releasing.withdrawal_reason_refusals(
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


def verbs(text: Signed, user, typed: forms.Form | None = None, *, has_concerns: bool = False) -> list[Verb]:
    """What the state of the text allows, each with why this person may not; `typed` keeps what a form refused."""
    forms_ = {type(typed): typed} if typed is not None else {}
    word = (forms_.get(WordForm) or WordForm()) if has_concerns else None
    if text.state in OPEN:
        return [
            Verb(
                "key",
                _t("Approve for my delegation"),
                _t(
                    "Your approval applies to exactly this text. It can no longer be edited; any change "
                    "needs a new proposal."
                ),
                clearance.clear_refusals(text, user, text.digest),
                word,
            ),
            Verb(
                "return",
                _t("Return with a comment"),
                _t(
                    "The delegation that proposed it corrects the data and proposes the text again. "
                    "Approvals already given stay on record for this text."
                ),
                clearance.return_refusals(text, user),
                forms_.get(ReturnForm) or ReturnForm(),
            ),
            Verb(
                "take-back",
                _t("Withdraw my delegation's approval"),
                _t(
                    "The text goes back to awaiting your delegation's approval. Any of your delegation's "
                    "approvers can approve it again."
                ),
                clearance.take_back_refusals(text, user),
            ),
            Verb(
                "release",
                _t("Publish now"),
                _t("Publishes this text immediately, on its own, with its own publication number."),
                releasing.release_refusals([text], user),
            ),
        ]
    if text.state in (State.PUBLISHED, State.SUPERSEDED):
        reasons = releasing.withdrawal_refusals(text, user)
        description = _t(
            "Either delegation can withdraw this text immediately. A notice with the reason takes "
            "its place on the public site."
        )
        return [Verb("withdraw", _t("Withdraw"), description, reasons, forms_.get(WithdrawalForm) or WithdrawalForm())]
    return []
