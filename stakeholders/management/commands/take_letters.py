from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from hled_portal.files.spreadsheet_reader import UnreadableSheet
from stakeholders.letters import bulk_intake
from stakeholders.models import Consultation
from stakeholders.vocabulary import Channel, Consent

PROGRESS_STEP = 100


class Command(BaseCommand):
    help = "Import submissions from a regulations.gov docket export (CSV) or a spreadsheet (CSV, XLSX)."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--from", dest="channel", choices=[Channel.DOCKET, Channel.SHEET], default=Channel.DOCKET)
        parser.add_argument("--consultation", metavar="KEY", help="the consultation that the submissions belong to")
        parser.add_argument("--consent", choices=[Consent.NOTHING, Consent.WITHHELD], default=Consent.NOTHING)
        parser.add_argument("--dry-run", action="store_true", help="only show what would happen to each row")

    def handle(self, *, file, channel, consultation, consent, dry_run, **options):
        found = Consultation.objects.filter(key=consultation).first() if consultation else None
        if consultation and found is None:
            raise CommandError(_("The consultation “%(key)s” does not exist.") % {"key": consultation})
        try:
            source = bulk_intake.IntakeSource(channel, found, consent)
            rows = bulk_intake.read_letters(file.read_bytes(), source, of_any_length=True)
        except OSError as error:
            raise CommandError(str(error)) from None
        except UnreadableSheet as error:
            raise CommandError("\n".join(error.messages)) from None
        for row in rows:
            if row.reasons:
                self.stdout.write(f"{row.number} {row.key} {row.kind}: {'; '.join(row.reasons)}")
        counts = bulk_intake.counts(rows)
        message = _(
            "Submissions: %(new)s new, %(same)s already imported, %(withdrawn)s withdrawn since, %(passed)s skipped, "
            "%(invalid)s with errors."
        )
        self.stdout.write(message % counts)
        if dry_run:
            return
        total = len(rows)
        bulk_intake.write_letters(rows, channel, lambda done: self._show_progress(done, total))
        if counts["invalid"]:
            message = _("%(n)s rows have errors and were not imported. Correct them and import the file again.")
            raise CommandError(message % {"n": counts["invalid"]})

    def _show_progress(self, done: int, total: int) -> None:
        if done % PROGRESS_STEP == 0 or done == total:
            self.stdout.write(_("%(done)s of %(total)s rows") % {"done": done, "total": total})
