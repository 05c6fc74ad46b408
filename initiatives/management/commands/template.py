import csv
import shutil
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from hled_portal.files.download_writers import xlsx_file
from initiatives.imports import import_templates
from initiatives.imports.file_tables import FILES, ImportTable

WORKBOOK = "dialogue.xlsx"


class Command(BaseCommand):
    help = "Write the empty files of a text, and a workbook with drop-down lists to fill them in with."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path)

    def handle(self, *, directory, verbosity, **options):
        tables = [ImportTable(name) for name in FILES]
        paths = [directory / f"{table.name}.csv" for table in tables] + [directory / WORKBOOK]
        existing = [path.name for path in paths if path.exists()]
        if existing:
            raise CommandError(_("These files already exist: %(names)s.") % {"names": ", ".join(existing)})
        directory.mkdir(parents=True, exist_ok=True)
        for table, path in zip(tables, paths, strict=False):
            # With a byte-order mark, spreadsheets read the file as UTF-8.
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow(table.columns)
        sheets = {table.name: (table.columns, []) for table in tables}
        columns = [_("File"), *import_templates.headings()]
        sheets[_("Columns")] = (
            columns,
            [{columns[0]: table.name} | line for table in tables for line in import_templates.explained(table)],
        )
        offered = {table.name: import_templates.offered_choices(table) for table in tables}
        with xlsx_file(sheets, to_fill_in=True, choices=offered) as made, (directory / WORKBOOK).open("wb") as file:
            shutil.copyfileobj(made, file)
        if verbosity:
            self.stdout.write(_("Written to %(directory)s.") % {"directory": directory})
