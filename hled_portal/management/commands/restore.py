"""Puts an archive of `manage.py backup` back."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from hled_portal.background import backup
from hled_portal.publishing import triggers


class Command(BaseCommand):
    help = "Restore FILE into an empty system (after `migrate`). With --check, only verify the archive."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", type=Path, help="file with the secret key of age (AGE-SECRET-KEY-…)")
        parser.add_argument("--check", action="store_true", help="only verify the archive")

    def handle(self, file, identity=None, check=False, **options):
        try:
            with backup.opened_archive(file, _key(identity)) as plain:
                if check:
                    manifest = backup.verify_archive(plain)
                else:
                    manifest = backup.restore_archive(plain, triggers.remove, triggers.install)
        except (backup.BackupError, OSError, backup.pyrage.IdentityError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{sum(manifest['rows'].values())} rows of {manifest['made']} {'verified' if check else 'restored'}."
        )
        if not check:
            self.stdout.write("Withdrawals and deletions made since then are not in the archive: apply them again.")


def _key(identity: Path | None) -> str:
    lines = identity.read_text(encoding="utf-8").splitlines() if identity else []
    return next((line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
