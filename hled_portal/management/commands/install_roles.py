"""The groups of the roles, made or mended to hold exactly what the portal declares."""

from django.core.management.base import BaseCommand
from django.db import transaction

from hled_portal.security.roles import ROLES, install_roles


class Command(BaseCommand):
    help = "Makes each role's group hold exactly the permissions that are declared, and prints what it changed."

    def handle(self, **options):
        with transaction.atomic():
            lines = install_roles()
        for line in lines or [f"{len(ROLES)} roles are as declared."]:
            self.stdout.write(line)
