import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from hled_portal.publishing.clearance import Refused
from initiatives.editions.proposing import enter_joint_text
from initiatives.imports.directory_loader import BadFiles, load_directory, publish_more
from initiatives.models import Cycle, Edition, Source

_OVERWRITE = "also overwrite rows that were changed in the portal since the last load"


class Command(BaseCommand):
    help = "Load a directory of CSV files. If any row has an error, nothing is saved."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path)
        parser.add_argument(
            "--publish-as-of",
            type=datetime.date.fromisoformat,
            metavar="DATE",
            help="publish the texts as based on the joint document of that date",
        )
        parser.add_argument("--overwrite", action="store_true", help=_OVERWRITE)
        parser.add_argument("--if-new", action="store_true", help="do nothing if texts of that date are published")
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there is already data")

    def handle(self, *, directory, publish_as_of, overwrite, if_empty, if_new, verbosity, **options):
        if if_empty and Cycle.objects.exists():
            return
        if if_new and Edition.objects.published().filter(public_from=publish_as_of).exists():
            return
        if not directory.is_dir():
            raise CommandError(_("%(directory)s is not a directory.") % {"directory": directory})
        published = []

        def publish():
            if publish_as_of:
                source = _joint_text_of(publish_as_of)
                published.extend(enter_joint_text(source))
                published.extend(publish_more(source))

        say = self.stdout.write if verbosity else lambda line: None
        try:
            loaded = load_directory(directory, overwrite=overwrite, then=publish, progress=say)
        except BadFiles as bad:
            raise CommandError("\n".join(bad.lines)) from None
        except Refused as refused:
            raise CommandError("\n".join(refused.messages)) from None
        counts = (sum(kind.values()) for kind in (loaded.new, loaded.changed, loaded.same))
        say(_("Rows: %(new)s new, %(changed)s changed, %(same)s unchanged.") % dict(zip(_KINDS, counts, strict=True)))
        if publish_as_of:
            say(_("Texts published: %(count)s.") % {"count": len(published)})


_KINDS = ("new", "changed", "same")


def _joint_text_of(day: datetime.date) -> Source:
    of_day = Source.objects.filter(date_earliest=day, date_latest=day)
    joint = of_day.filter(kind__in=("fact_sheet", "joint_statement"), meeting__isnull=False)
    sources = joint or of_day
    if len(sources) != 1:
        raise Refused([_("There must be exactly one joint document dated %(day)s.") % {"day": day.isoformat()}])
    return sources[0]
