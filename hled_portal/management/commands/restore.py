"""Puts an archive of `manage.py backup` back."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from hled_portal.background import backup, removals, retention
from hled_portal.background.jobs import JobRun
from hled_portal.publishing import triggers


class Command(BaseCommand):
    help = "Restore FILE into an empty system (after `migrate`). With --check, only verify the archive."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--identity", type=Path, help="file with the secret key of age (AGE-SECRET-KEY-…)")
        parser.add_argument("--check", action="store_true", help="only verify the archive")
        parser.add_argument(
            "--without-list", action="store_true", help="do not apply withdrawals and erasures made since the backup"
        )

    def handle(self, file, identity=None, check=False, without_list=False, **options):
        try:
            with backup.opened_archive(file, _key(identity)) as plain:
                if check:
                    manifest = backup.verify_archive(plain)
                else:
                    manifest = backup.restore_archive(plain, triggers.remove, triggers.install, not without_list)
        except (backup.BackupError, removals.ListError, OSError, backup.pyrage.IdentityError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{sum(manifest['rows'].values())} rows of {manifest['made']} {'verified' if check else 'restored'}."
        )
        if check:
            return
        if without_list:
            self.stdout.write("Withdrawals and erasures made since then were not applied again.")
        else:
            self.stdout.write(f"{manifest['removals']} withdrawals and erasures made since then were applied again.")
        erased = retention.erase_due(JobRun(seconds=float("inf")))
        self.stdout.write(erased or "Nothing was kept longer than its period.")


def _key(identity: Path | None) -> str:
    lines = identity.read_text(encoding="utf-8").splitlines() if identity else []
    return next((line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
