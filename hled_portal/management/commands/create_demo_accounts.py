"""Demonstration accounts, for development only."""

import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from hled_portal.i18n.delegations import Delegation, Side
from hled_portal.settings import env

OFFICES = ("editor", "officer", "recommendations")


def accounts():
    """Yield user name, delegation, role and whether the account is a superuser."""
    for delegation in Delegation:
        for office in OFFICES:
            yield f"{delegation.lower()}-{office}", delegation.value, office, False
    yield "auditor", "", "auditor", False
    yield "admin", "", "administrator", True
    yield "admin2", "", "administrator", True


class Command(BaseCommand):
    help = (
        "Create the demo accounts and print them (only with DEBUG=1). The password is DEMO_PASSWORD, which existing "
        "demo accounts get too; if it is not set, a random password is generated once and kept in var/."
    )

    @transaction.atomic
    def handle(self, **options):
        if not settings.DEBUG:
            raise CommandError("Demo accounts are for development only. Set DEBUG=1.")
        kept = Path(settings.VAR_DIR) / "demo-password"
        chosen = env.str("DEMO_PASSWORD", default="")
        password = chosen or (kept.read_text(encoding="utf-8") if kept.exists() else secrets.token_urlsafe(9))
        kept.write_text(password, encoding="utf-8")
        kept.chmod(0o600)
        names = [account[0] for account in accounts()]
        create_missing(password)
        if chosen:
            set_password(names, chosen)
        others = with_another_password(names, password)
        mine = [name for name in names if name not in others]
        if mine:
            self.stdout.write(f"Demo accounts for /admin/ (password {password}): {', '.join(mine)}")
        if others:
            self.stdout.write(f"Demo accounts with a password other than {password}: {', '.join(others)}")
        self.stdout.write("To set one password for all of them: DEMO_PASSWORD=… make run")


def create_missing(password: str) -> None:
    User = get_user_model()
    known = set(User.objects.values_list("username", flat=True))
    digest = make_password(password)  # One hash for all accounts: hashing takes a second each.
    for username, delegation, role, is_superuser in accounts():
        if username not in known:
            audits = Side.JOINT if role == "auditor" else ""
            columns = {"delegation": delegation, "audits": audits, "is_superuser": is_superuser}
            user = User.objects.create(username=username, is_staff=True, password=digest, **columns)
            user.groups.add(Group.objects.get(name=role))


def set_password(names: list[str], password: str) -> None:
    others = with_another_password(names, password)
    if others:
        get_user_model().objects.filter(username__in=others).update(password=make_password(password))


def with_another_password(names: list[str], password: str) -> list[str]:
    digests = dict(get_user_model().objects.filter(username__in=names).values_list("username", "password"))
    right = {digest for digest in set(digests.values()) if check_password(password, digest)}
    return [name for name in names if digests[name] not in right]
