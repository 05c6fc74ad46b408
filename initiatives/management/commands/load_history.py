import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from initiatives.models import Cycle

REVIEWS = settings.BASE_DIR / "initiatives" / "reviews"


class Command(BaseCommand):
    help = "Load and publish every text of the dialogue that comes with the portal, in the order of their dates."

    def add_arguments(self, parser):
        parser.add_argument("--directory", type=Path, default=REVIEWS, help="where the directories of the texts are")
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there is already data")

    def handle(self, *, directory, if_empty, verbosity, **options):
        if if_empty and Cycle.objects.exists():
            return
        texts = sorted(path for path in directory.iterdir() if path.is_dir())
        with transaction.atomic():
            for path in texts:
                try:
                    call_command("load_dialogue", path, publish_as_of=_day_of(path), verbosity=0)
                except CommandError as error:
                    raise CommandError(f"{path.name}: {error}") from None
                if verbosity:
                    self.stdout.write(path.name)


def _day_of(path: Path) -> datetime.date:
    """The day of a text is the beginning of the name of its directory."""
    try:
        return datetime.date.fromisoformat(path.name[:10])
    except ValueError:
        message = _("The name of the directory does not begin with a date: %(name)s")
        raise CommandError(message % {"name": path.name}) from None
