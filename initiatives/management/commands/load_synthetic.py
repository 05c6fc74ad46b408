from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from initiatives.imports import synthetic_record

#: What an empty database has none of.
_RECORDS = ("initiatives.Cycle", "initiatives.Organization", "initiatives.Edition", "stakeholders.Letter")


class Command(BaseCommand):
    help = "Fill an empty database with made-up initiatives, published, for development and measurements."

    def add_arguments(self, parser):
        parser.add_argument("--initiatives", type=int, default=1000, metavar="N", help="how many; at least 34")

    def handle(self, *, initiatives, verbosity, **options):
        if initiatives < synthetic_record.REVIEW_INITIATIVES:
            raise CommandError(
                _("Give a number of at least %(least)s.") % {"least": synthetic_record.REVIEW_INITIATIVES}
            )
        if any(apps.get_model(name).objects.exists() for name in _RECORDS):
            raise CommandError(_("The database is not empty. Made-up initiatives are only loaded into an empty one."))
        say = self.stdout.write if verbosity else lambda line: None
        call_command("load_dialogue", synthetic_record.REVIEW, publish_as_of=synthetic_record.DAY, verbosity=0)
        synthetic_record.add_initiatives(initiatives, say)
