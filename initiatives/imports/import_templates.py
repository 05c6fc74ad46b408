"""Empty files to fill in: the columns of a table, and a sheet that explains each in the reader's language."""

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from initiatives.models import Attendance, Fact
from initiatives.models.base import DurationField, EdtfField, KeyField

from . import file_tables
from .natural_keys import NAME_FORMS
from .widgets import ChoiceWidget, FlagWidget, OneOfField

_EXAMPLES = {
    "subject": "initiative/otay-mesa-ii",
    "of": "initiative/otay-mesa-ii",
    "key": "otay-mesa-ii",
    "fact": "initiative/otay-mesa-ii#progress",
    "initiative": "otay-mesa-ii",
    "meeting": "2024-04-19",
    "organization": "sedena",
    "reporting_body": "sedena",
    "source": "2024-04-19-fact-sheet",
    "pillar": "2021-1",
    "cycle": "2021",
    "places": "otay-mesa|tijuana",
    "date_edtf": "2024-06",
    "as_of_edtf": "2024-06-01",
    "duration": "P12W",
    "value": "72",
    "locator": "I, 3",
}


def columns(table: file_tables.ImportTable) -> list[str]:
    return [*table.columns, file_tables.STAMP]


def offered_choices(table: file_tables.ImportTable) -> dict[str, list[str]]:
    """What cells offer in the reader's language, by column; imports read it in both languages."""
    fields = {name: field.widget for name, field in table.fields.items() if isinstance(field.widget, ChoiceWidget)}
    return {name: [capfirst(str(label)) for _value, label in widget.choices] for name, widget in fields.items()}


def explained(table: file_tables.ImportTable) -> Iterator[dict[str, str]]:
    """A line for each column: its name in the language of the page, what is allowed in it, and an example of ours."""
    for name, field in table.fields.items():
        model_fields = [table.model._meta.get_field(attribute) for attribute in file_tables.attributes(field)]
        column = model_fields[0]
        choices = [choice for choice in column.flatchoices if choice[0] != ""]
        yield {
            _("Column"): name,
            _("Name"): capfirst(", ".join(str(one.verbose_name) for one in model_fields)),
            _("Required"): _("yes") if name in table.natural_key or _is_needed(column) else "",
            _("Accepted values"): _allowed(table, name, field, column, choices),
            _("Choices"): "\n".join(f"{value} = {label}" for value, label in choices),
            _("Example"): _example(name, field, column, choices),
            _("Help"): str(column.help_text),
        }
    yield {
        _("Column"): file_tables.STAMP,
        _("Name"): _("Export code of the row"),
        _("Required"): "",
        _("Accepted values"): _("Leave as exported. Leave empty for new rows."),
        _("Choices"): "",
        _("Example"): "",
        _("Help"): _("It prevents overwriting a row that someone changed after the export."),
    }


def headings() -> list[str]:
    return [_("Column"), _("Name"), _("Required"), _("Accepted values"), _("Choices"), _("Example"), _("Help")]


def describe_columns() -> str:
    """The columns of every file in English, as `docs/data.md` holds them."""
    parts = []
    with override("en"):
        for name in file_tables.FILES:
            table = file_tables.ImportTable(name)
            key = ", ".join(f"`{column}`" for column in table.natural_key)
            lines = [
                f"## {name}.csv",
                "",
                f"{capfirst(table.model._meta.verbose_name_plural)}. A row is found by {key}.",
            ]
            lines += ["", "| column | what it holds | required | accepted values |", "|---|---|---|---|"]
            for line in explained(table):
                if line["Column"] != file_tables.STAMP:
                    lines.append(_describe_column(line))
            parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _describe_column(line: dict[str, str]) -> str:
    values = [line["Accepted values"]]
    if line["Choices"]:
        values = [", ".join(f"`{choice.partition(' = ')[0]}`" for choice in line["Choices"].split("\n"))]
    elif line["Example"]:
        values.append(f"Example: `{line['Example']}`.".replace("|", "\\|"))
    what = ". ".join(filter(None, (line["Name"], line["Help"].rstrip("."))))
    accepted = " ".join(value if "\\|" in value else value.replace("|", "\\|") for value in values)
    return f"| `{line['Column']}` | {what} | {line['Required']} | {accepted} |"


def _is_needed(column: models.Field) -> bool:
    return not column.blank and not column.null and not column.has_default() and not column.many_to_many


def _allowed(table: file_tables.ImportTable, name: str, field, column: models.Field, choices: list) -> str:
    if isinstance(field, OneOfField):
        kinds = [table.model._meta.get_field(attribute).related_model for attribute in field.attributes]
        prefixed = {Attendance: f"attendance/{NAME_FORMS[Attendance]}"}
        names = [prefixed.get(kind) or NAME_FORMS.get(kind) or f"{kind._meta.model_name}/…" for kind in kinds]
        return _("One of: %(names)s.") % {"names": ", ".join(names)}
    if column.many_to_many:
        kind = column.related_model._meta.verbose_name_plural
        return _("Keys of %(kind)s, separated by “|”.") % {"kind": kind}
    if column.is_relation:
        return _related(column)
    if choices:
        return _("One of the choices, by its value or its label in either language.")
    return _plain(field, column)


def _related(column: models.Field) -> str:
    kind = column.related_model
    if kind is get_user_model():
        return _("A username.")
    if column.model is Fact and column.name == "of":
        return _("The key of another item of the same initiative or meeting.")
    if kind in NAME_FORMS:
        return _("Format: %(example)s.") % {"example": NAME_FORMS[kind]}
    return _("A key from this list: %(kind)s.") % {"kind": kind._meta.verbose_name_plural}


def _plain(field, column: models.Field) -> str:
    if isinstance(field.widget, FlagWidget):
        return _("“yes”, or leave empty.")
    if isinstance(column, KeyField):
        return _("Lowercase letters, digits and single hyphens. It cannot be changed later.")
    if isinstance(column, EdtfField):
        return _("A date, as precise as known: 2024-06-01, 2024-06, 2024-21 (spring), 2024; or in words: June 2024.")
    if isinstance(column, DurationField):
        return _("An ISO 8601 duration: P2D, P12W, P5Y.")
    if isinstance(column, models.DateField):
        return _("A date, for example 2024-06-01.")
    if isinstance(column, models.DecimalField):
        return _("A number, for example 1234.5 or 1,234.5; a percentage with or without its sign.")
    if isinstance(column, models.IntegerField):
        return _("A whole number.")
    if column.max_length:
        return _("Text, up to %(most)s characters.") % {"most": column.max_length}
    return _("Text.")


def _example(name: str, field, column: models.Field, choices: list) -> str:
    if choices:
        return capfirst(str(choices[0][1]))
    if name in _EXAMPLES and not (column.model is Fact and name in ("of", "key")):
        return _EXAMPLES[name]
    if column.is_relation:
        return NAME_FORMS.get(column.related_model, "")
    if isinstance(field.widget, FlagWidget):
        return "yes"
    if isinstance(column, EdtfField):
        return "2024-06"
    return {"key": "works", "of": "works", "order": "1", "number": "1"}.get(name, "")
