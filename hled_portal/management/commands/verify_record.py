from django.core.management.base import BaseCommand, CommandError

from hled_portal.models import Publication
from hled_portal.publishing.verification import verify


class Command(BaseCommand):
    help = "Recompute every digest, key and the chain of the log; exit 1 with a line for each that does not hold."

    def add_arguments(self, parser):
        parser.add_argument("--against", metavar="HEAD", help="a hash of the chain that was handed out earlier")

    def handle(self, *, against, verbosity, **options):
        lines = list(verify(against))
        if lines:
            raise CommandError("\n".join(lines))
        last = Publication.objects.order_by("-position").first()
        if verbosity:
            self.stdout.write(f"{last.position if last else 0} publications hold; head {last.hash if last else '-'}")
