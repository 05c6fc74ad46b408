"""Parameters of the API: their meaning and schema, and how a request is parsed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django import forms
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hled_portal.dates import as_of
from initiatives.filters.initiative_filters import InitiativeFilter
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import InitiativeKind

PER_PAGE, MOST_PER_PAGE, LAST_PAGE = 25, 100, 999_999


class InvalidParameters(Exception):
    """Parameters that cannot be read: name → messages."""

    def __init__(self, errors: dict[str, list]):
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True)
class Parameter:
    """One parameter of an address; `schema` is JSON Schema, of one value where it may be given `many` times."""

    name: str
    about: object
    schema: dict
    many: bool = False
    required: bool = False


@dataclass(frozen=True)
class Params:
    """The parsed parameters. `query`: the address's own parameters.

    `language`: that of the order of titles, English by default; `people`: that of words for people.
    """

    at: as_of.Moment
    language: str
    people: str
    page: int
    per_page: int
    query: QueryDict


DAY_PARAMETER = {"type": "string", "format": "date"}
LANGUAGE_PARAMETER = Parameter(
    "lang",
    _(
        "Language used to sort titles and for error messages. If it is missing, titles are sorted in "
        "English and error messages follow Accept-Language. All texts are always returned in both "
        "languages."
    ),
    {"type": "string", "enum": [code for code, _name in settings.LANGUAGES]},
)
PUBLICATION = Parameter(
    "publication",
    _(
        "Only what this portal had recorded up to this publication number. Together with as_of, it "
        "always returns the same data."
    ),
    {"type": "integer", "minimum": 1},
)
MOMENT = (
    Parameter("as_of", _("The data as of the end of this day. If missing, today."), DAY_PARAMETER),
    PUBLICATION,
    LANGUAGE_PARAMETER,
)
PAGED = (
    Parameter("page", _("Page number, starting at 1."), {"type": "integer", "minimum": 1, "maximum": LAST_PAGE}),
    Parameter(
        "per_page",
        _("Number of results per page."),
        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
    ),
)
#: As keys of the record are written; the lists of the API have them.
KEY = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 80}


def _filter_parameters() -> Iterable[Parameter]:
    """The filters of the page of initiatives, described by themselves. Those without fixed choices take keys."""
    for name, each in InitiativeFilter.base_filters.items():
        many = issubclass(each.field_class, forms.MultipleChoiceField)
        about = each.extra.get("help_text") or each.label
        yield Parameter(name, about, _schema(each), many)


def _schema(each) -> dict:
    if choices := each.extra.get("choices"):
        return {"type": "string", "enum": [value for value, _label in choices]}
    if issubclass(each.field_class, forms.MultipleChoiceField):
        return KEY
    return DAY_PARAMETER if issubclass(each.field_class, forms.DateField) else {"type": "string", "minLength": 1}


SELECTION_PARAMETERS = (
    *_filter_parameters(),
    Parameter("initiative", _("Keys of initiatives. Only these initiatives are returned."), KEY, many=True),
)
_KINDS = {"type": "string", "enum": [*InitiativeKind.values, *FactKind.values]}
#: In lists of facts, the kind may be that of facts too.
FACT_SELECTION_PARAMETERS = tuple(
    replace(each, about=_("Type of initiative, or type of item."), schema=_KINDS) if each.name == "kind" else each
    for each in SELECTION_PARAMETERS
)


# Reading an address


def language_for_people(request) -> str:
    """The language of problems and documentation: requested, else that of the reader's browser."""
    code = request.GET.get("lang")
    return code if code in dict(settings.LANGUAGES) else get_language()


def parse_parameters(request, parameters: Iterable[Parameter]) -> Params:
    """The parameters of a request. Raises a problem naming each parameter that cannot be read or is not known here."""
    known = {parameter.name: parameter for parameter in parameters}
    errors = {
        name: [_("Enter a value for this parameter or leave it out.")]
        for name in request.GET
        if _is_empty(request, name)
    }
    errors |= {name: [_("This parameter does not exist.")] for name in request.GET if name not in known}
    needed = [name for name, parameter in known.items() if parameter.required and name not in request.GET]
    errors |= {name: [_("This parameter is required.")] for name in needed}
    language = request.GET.get("lang", settings.LANGUAGE_CODE)
    if language not in dict(settings.LANGUAGES):
        errors["lang"] = [_("This portal is available in English (en) and Spanish (es).")]
    page = _number(request, "page", 1, LAST_PAGE, errors)
    per_page = _number(request, "per_page", PER_PAGE, MOST_PER_PAGE, errors)
    at = _moment(request, errors)
    if errors:
        raise InvalidParameters(errors)
    return Params(at, language, language_for_people(request), page, per_page, request.GET)


def _is_empty(request, name: str) -> bool:
    return "" in request.GET.getlist(name)


def _moment(request, errors: dict) -> as_of.Moment | None:
    try:
        return as_of.from_request(request)
    except BadRequest as wrong:
        day = as_of.parsed_day(request.GET.get("as_of", ""))
        is_day = "as_of" not in request.GET or (day is not None and day <= as_of.today())
        errors["publication" if is_day else "as_of"] = [str(wrong)]
        return None


def _number(request, name: str, usual: int, most: int, errors: dict) -> int:
    text = request.GET.get(name, "")
    if not text:
        return usual
    if not re.fullmatch("[1-9][0-9]{0,5}", text) or int(text) > most:
        errors[name] = [
            _("Enter a whole number, 1 or higher.") if name == "page" else _("Enter a number from 1 to 100.")
        ]
        return usual
    return int(text)
