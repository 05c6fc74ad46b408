"""What is running, waiting and stale."""

import sys

from django.core.management.base import BaseCommand

from hled_portal.background import status


class Command(BaseCommand):
    help = "Says what is running, waiting and stale: jobs and mail. Exits with 1 when something is too old."

    def handle(self, **options):
        lines = status.lines()
        for line in lines:
            self.stdout.write(f"{'TOO OLD' if line.too_old else 'ok':<8} {line.text}")
        if any(line.too_old for line in lines):
            sys.exit(1)
