"""An encrypted archive of the whole portal."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hled_portal.background import backup, removals
from hled_portal.background.jobs import JobRun


class Command(BaseCommand):
    help = "Write all tables and attachments to FILE, encrypted to BACKUP_RECIPIENT. The portal may be running."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--plain", action="store_true", help="do not encrypt; the archive contains personal data")

    def handle(self, file, plain=False, **options):
        if not settings.BACKUP_RECIPIENT and not plain:
            raise CommandError("BACKUP_RECIPIENT is not set. Enter the public key of age (age1…), or use --plain.")
        try:
            removals.list_removals(JobRun())  # A restore looks for the list: it is there from the first backup on.
            manifest = backup.write_backup(file, "" if plain else settings.BACKUP_RECIPIENT)
        except (backup.BackupError, OSError, backup.pyrage.RecipientError) as error:
            raise CommandError(f"No backup was made: {error}") from error
        files = sum(name.startswith("files/") for name in manifest["entries"])
        self.stdout.write(f"{file}: {sum(manifest['rows'].values())} rows and {files} files, verified.")
