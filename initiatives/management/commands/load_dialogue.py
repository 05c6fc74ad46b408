import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils.translation import gettext as _

from hled_portal.publishing.clearance import Refused
from initiatives.editions.joint_texts import enter_joint_text, freeze_older_text
from initiatives.editions.older_editions import has_later_editions
from initiatives.imports.directory_loader import BadFiles, Loaded, load_directory, publish_more
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
        parser.add_argument("--reason", default="", help="why published values change; the history shows it")
        parser.add_argument("--check", action="store_true", help="only say what would change; nothing is saved")
        parser.add_argument("--if-new", action="store_true", help="do nothing if texts of that date are published")
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there is already data")

    def handle(self, *, directory, publish_as_of, overwrite, reason, if_empty, if_new, check, verbosity, **options):
        if if_empty and Cycle.objects.exists():
            return
        if if_new and Edition.objects.published().filter(public_from=publish_as_of).exists():
            return
        if not directory.is_dir():
            raise CommandError(_("%(directory)s is not a directory.") % {"directory": directory})
        published, older_contents = [], {}
        is_older = publish_as_of is not None and has_later_editions(publish_as_of)

        say = self.stdout.write if verbosity else lambda line: None

        def freeze(loaded):
            older_contents.update(freeze_older_text(_text_of(publish_as_of, loaded), loaded.named))

        def publish(loaded):
            if publish_as_of:
                source = _text_of(publish_as_of, loaded)
                older = older_contents if is_older else None
                published.extend(enter_joint_text(source, loaded.named, older, progress=say))
                published.extend(publish_more(source))

        try:
            loaded = load_directory(
                directory,
                overwrite=overwrite,
                reason=reason.strip(),
                published_on=publish_as_of,
                is_older=is_older,
                freeze=freeze,
                then=publish,
                check_only=check,
                progress=say,
            )
        except BadFiles as bad:
            raise CommandError("\n".join(bad.lines)) from None
        except Refused as refused:
            raise CommandError("\n".join(refused.messages)) from None
        if check:
            say("\n".join(loaded.lines))
        counts = (sum(kind.values()) for kind in (loaded.new, loaded.changed, loaded.same))
        say(_("Rows: %(new)s new, %(changed)s changed, %(same)s unchanged.") % dict(zip(_KINDS, counts, strict=True)))
        if publish_as_of:
            say(_("Texts published: %(count)s.") % {"count": len(published)})
        if check:
            say(_("Nothing was saved: this was a check."))


_KINDS = ("new", "changed", "same")


def _text_of(day: datetime.date, loaded: Loaded) -> Source:
    """The document of that day: of several, the one that the files cite most."""
    sources = Source.objects.filter(date_earliest=day, date_latest=day)
    cited = sources.filter(key__in=loaded.sources).annotate(count=Count("citations")).order_by("-count", "key").first()
    if cited is None and len(sources) == 1:
        return sources[0]
    if cited is None:
        raise Refused([_("There must be exactly one document dated %(day)s.") % {"day": day.isoformat()}])
    return cited
