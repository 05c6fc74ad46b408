"""No administrator alone acts for a delegation: who could approve changes hands by two of them, and is told.

An administrator who set an officer's password, role, address or second factor could approve in that officer's name. So
such a change of an account that can approve, or could after it, is only requested; another administrator makes it.
Deactivating needs no second person.
"""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hled_portal.background import mail
from hled_portal.models import AccountChange

from . import second_factor

#: Roles that give a delegation's word: on texts, and on the publication of a sender's words.
APPROVING_ROLES = {"officer", "recommendations"}


def needs_second(requester, user, roles=()) -> bool:
    """Whether a change by this administrator waits for another one; `roles` are those that the account is to get."""
    if user.pk is None or requester.pk == user.pk:
        return False
    return bool(APPROVING_ROLES & {*user.groups.values_list("name", flat=True), *roles})


def request_change(requester, user, kind: str, values: dict | None = None, password: str = "") -> AccountChange:  # noqa: S107
    """A later request of the same kind takes the place of an earlier one."""
    columns = {"requested_by": requester, "values": values or {}, "password": password}
    with transaction.atomic():
        AccountChange.objects.filter(user=user, kind=kind).delete()
        change = AccountChange.objects.create(user=user, kind=kind, **columns)
        _tell(change, "requested", user.email)
    return change


def approve_change(change: AccountChange, approver) -> AccountChange:
    """Make the change. Raises ValidationError for who requested it, or whose account it is."""
    with transaction.atomic():
        change = AccountChange.objects.select_for_update().get(pk=change.pk)
        if approver.pk in (change.requested_by_id, change.user_id):
            raise ValidationError(_("Another administrator must approve this change."))
        user = get_user_model().objects.select_for_update().get(pk=change.user_id)
        address = user.email
        _DO[change.kind](user, change)
        change.user = user
        _tell(change, "made", address)
        AccountChange.objects.filter(pk=change.pk).delete()
    return change


def reject_change(change: AccountChange) -> None:
    change.delete()


def _set_rights(user, change: AccountChange) -> None:
    values = dict(change.values)
    roles = values.pop("groups", None)
    for name, value in values.items():
        setattr(user, name, value)
    user.full_clean(exclude=["password"])
    user.save(update_fields=list(values) or None)
    if roles is not None:
        user.groups.set(Group.objects.filter(name__in=roles))


def _set_password(user, change: AccountChange) -> None:
    user.password = change.password
    user.save(update_fields=["password"])


def _remove_second_factor(user, _change: AccountChange) -> None:
    second_factor.reset(user)


_DO = {
    AccountChange.Kind.RIGHTS: _set_rights,
    AccountChange.Kind.PASSWORD: _set_password,
    AccountChange.Kind.SECOND_FACTOR: _remove_second_factor,
}


def _tell(change: AccountChange, what: str, address: str) -> None:
    """The owner, at the address before the change too, and the approvers of both delegations."""
    User = get_user_model()
    approvers = User.objects.filter(groups__name="officer", is_active=True).exclude(delegation="")
    people = {person.email: person for person in [*approvers, change.user]} | {address: change.user}
    for email, person in people.items():
        if email:
            context = {"what": what, "change": change, "own": person.pk == change.user_id}
            mail.queue(f"account-change/{change.pk}/{what}", email, person.language, "account_change", context)
