from pathlib import Path

from django.core.management.base import BaseCommand

from initiatives.imports.directory_loader import export_directory


class Command(BaseCommand):
    help = "Export all data to a directory of CSV files that load_dialogue can read."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path)

    def handle(self, *, directory, **options):
        export_directory(directory)
