from django.core.management.base import BaseCommand

from hled_portal.publishing import releasing
from initiatives.models import Edition


class Command(BaseCommand):
    help = "Rebuild the index (columns, facets, entries, search) of all published versions from their content."

    def handle(self, *, verbosity, **options):
        with releasing.public_change():
            editions = Edition.objects.filter(number__isnull=False).order_by("pk")
            for count, edition in enumerate(editions, 1):
                edition.build_index()
                if verbosity and count % 50 == 0:
                    self.stdout.write(f"{count}")
