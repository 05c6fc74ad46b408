"""What is erased of accounts on time. The name stays, because it is on what the person approved and changed."""

import contextlib
import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Model, ProtectedError, Q, QuerySet, RestrictedError
from django.db.models.functions import Coalesce

from hled_portal.background.retention import Kind, register_kind
from hled_portal.models import AccountChange, Removal

from . import second_factor

#: A change that no second administrator made or rejected by then lapses.
CHANGES_KEPT_DAYS = 30
#: On the list of removals: deactivated, or with the detail `DELETED` deleted.
ENDED_ACCOUNT, DELETED = "account ended", "deleted"


def due_accounts(before: datetime.datetime) -> QuerySet:
    """Deactivated accounts that were last used before this time and still have an address or a password."""
    last_used = get_user_model().objects.annotate(last_used=Coalesce("last_login", "date_joined"))
    rest = (
        Q(oidc_subject__isnull=False)
        | ~Q(email="")
        | ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        | Q(totpdevice__isnull=False)
        | Q(staticdevice__isnull=False)
    )
    keys = last_used.filter(rest, is_active=False, last_used__lt=before).values("pk")
    return get_user_model().objects.filter(pk__in=keys)


def erase_accounts(users: list[Model]) -> None:
    for user in users:
        user.email = ""
        user.set_unusable_password()
        user.save(update_fields=["email", "password"])
        second_factor.reset(user)
        AccountChange.objects.filter(user=user).delete()


def due_account_changes(before: datetime.datetime) -> QuerySet:
    return AccountChange.objects.filter(requested_at__lt=before)


def erase_account_changes(changes: list[Model]) -> None:
    AccountChange.objects.filter(pk__in=[change.pk for change in changes]).delete()


def list_deactivation(sender, instance, raw=False, **_kwargs) -> None:
    """Before an account is saved."""
    if not raw and instance.pk and not instance.is_active and sender.objects.filter(pk=instance.pk, is_active=True):
        Removal.objects.create(kind=ENDED_ACCOUNT, name=str(instance.pk))


def list_deletion(sender, instance, **_kwargs) -> None:
    Removal.objects.create(kind=ENDED_ACCOUNT, name=str(instance.pk), detail=DELETED)


def end_again(name: str, detail: str) -> None:
    """After a restore: an account that was deactivated or deleted after the backup."""
    accounts = get_user_model().objects.filter(pk=name)
    accounts.update(is_active=False)
    if detail == DELETED:
        with contextlib.suppress(ProtectedError, RestrictedError), transaction.atomic():
            for account in accounts:
                account.delete()


def register_kinds() -> None:
    register_kind(Kind("deactivated accounts", "KEEP_ACCOUNTS_DAYS", due_accounts, erase_accounts))
    register_kind(Kind("requested account changes", CHANGES_KEPT_DAYS, due_account_changes, erase_account_changes))
