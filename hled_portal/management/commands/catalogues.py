"""The Spanish catalogue: update, compile, check."""

from django.core.management.base import BaseCommand, CommandError

from hled_portal.i18n import catalogues


class Command(BaseCommand):
    help = "Brings the catalogue up to date, compiles it, or names what it lacks."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--update", action="store_true", help="read the sources into the catalogue")
        parser.add_argument("--compile", action="store_true", help="write what Django reads")
        parser.add_argument("--check", action="store_true", help="exit 1 and name each fault")

    def handle(self, update, compile, check, **options):  # noqa: A002 the name of the option
        if update:
            catalogues.update()
        if compile:
            catalogues.compile_catalogue()
        faults = list(catalogues.faults()) if check or update else []
        for fault in faults:
            self.stderr.write(fault)
        if check and faults:
            raise CommandError(f"{len(faults)} faults in the Spanish catalogue; `make messages` brings it up to date.")
