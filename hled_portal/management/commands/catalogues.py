"""The Spanish catalog: update, compile, check."""

from django.core.management.base import BaseCommand, CommandError

from hled_portal.i18n import catalogues


class Command(BaseCommand):
    help = "Update, compile or check the translation catalog (Spanish)."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--update", action="store_true", help="add messages of the sources to django.po and remove unused ones"
        )
        parser.add_argument("--compile", action="store_true", help="compile django.po to django.mo")
        parser.add_argument(
            "--check",
            action="store_true",
            help="list missing translations and other faults; exit with 1 if there are any",
        )

    def handle(self, update, compile, check, **options):  # noqa: A002 the name of the option
        if update:
            catalogues.update()
        if compile:
            catalogues.compile_catalogue()
        faults = list(catalogues.faults()) if check or update else []
        for fault in faults:
            self.stderr.write(fault)
        if check and faults:
            raise CommandError(f"{len(faults)} faults in the Spanish catalog. Run `make messages` to update it.")
