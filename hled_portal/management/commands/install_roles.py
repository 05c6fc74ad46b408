"""Create or update the group of each role, with exactly the permissions that are declared."""

from django.core.management.base import BaseCommand
from django.db import transaction

from hled_portal.security.roles import ROLES, install_roles


class Command(BaseCommand):
    help = "Set each role's permissions to those declared in hled_portal/security/roles.py and print the changes."

    def handle(self, **options):
        with transaction.atomic():
            lines = install_roles()
        for line in lines or [f"{len(ROLES)} roles are as declared."]:
            self.stdout.write(line)
