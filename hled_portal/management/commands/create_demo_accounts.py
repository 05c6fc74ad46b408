"""Demonstration accounts, for development only."""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from hled_portal.delegations import Delegation, Side
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
    help = "Creates the demonstration accounts. Refuses unless DEBUG; changes none that exists."

    @transaction.atomic
    def handle(self, **options):
        if not settings.DEBUG:
            raise CommandError("Demonstration accounts are for development: set DEBUG=1.")
        User = get_user_model()
        known = set(User.objects.values_list("username", flat=True))
        missing = [account for account in accounts() if account[0] not in known]
        if not missing:
            return
        password = env.str("DEMO_PASSWORD", default="") or secrets.token_urlsafe(9)
        for username, delegation, role, is_superuser in missing:
            audits = Side.JOINT if role == "auditor" else ""
            columns = {"delegation": delegation, "audits": audits, "is_superuser": is_superuser}
            user = User(username=username, is_staff=True, **columns)
            user.set_password(password)
            user.save()
            user.groups.add(Group.objects.get(name=role))
        names = ", ".join(account[0] for account in missing)
        self.stdout.write(f"Demonstration accounts (password {password}): {names}")
