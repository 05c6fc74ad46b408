"""The status of background jobs, mail, scheduled releases and attachments."""

import sys

from django.core.management.base import BaseCommand

from hled_portal.background import status


class Command(BaseCommand):
    help = "Show the status of background jobs and mail. Exits with 1 if anything is overdue."

    requires_system_checks = []  # Checks belong to releases: `check`, `migrate`.

    def handle(self, **options):
        lines = status.lines()
        for line in lines:
            self.stdout.write(f"{'OVERDUE' if line.too_old else 'ok':<8} {line.text}")
        if any(line.too_old for line in lines):
            sys.exit(1)
