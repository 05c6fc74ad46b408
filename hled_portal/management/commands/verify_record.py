from django.core.management.base import BaseCommand, CommandError

from hled_portal.models import Publication
from hled_portal.publishing.verification import verify


class Command(BaseCommand):
    help = "Recalculate all hashes, approvals and the chain of the publication log. Exits with 1 and lists each error."

    def add_arguments(self, parser):
        parser.add_argument("--against", metavar="HEAD", help="a hash of the log (head) that was saved earlier")

    def handle(self, *, against, verbosity, **options):
        lines = list(verify(against))
        if lines:
            raise CommandError("\n".join(lines))
        last = Publication.objects.order_by("-position").first()
        if verbosity:
            self.stdout.write(
                f"{last.position if last else 0} publications verified; head {last.hash if last else '-'}"
            )
