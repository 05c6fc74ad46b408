"""The map of the API: each address with what it is for, what it may carry and what it answers.

Addresses, the OpenAPI document and the page of documentation are all made of this list.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from initiatives.exports import tables
from stakeholders.public import tables as letters

from . import comparison, recommendations, views
from .parameters import KEY, Parameter

API_ROOT = "/api/v1/"
NUMBER = {"type": "integer", "minimum": 1, "maximum": views.LAST_NUMBER}


@dataclass(frozen=True)
class Endpoint:
    """`path` is below ROOT, its parts as OpenAPI writes them. `answer` names the schema of the answer.

    `example`: what a reader may add to the address, or a filled-in path. `gone`: whether it can answer 410.
    """

    name: str
    path: str
    view: Callable
    title: object
    about: object
    answer: str
    example: str = ""
    parts: tuple[Parameter, ...] = ()
    gone: bool = False

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What the query may carry."""
        return self.view.parameters

    @property
    def route(self) -> str:
        """The path as Django writes it."""
        path = self.path
        for part in self.parts:
            kind = "int" if part.schema["type"] == "integer" else "slug"
            path = path.replace(f"{{{part.name}}}", f"<{kind}:{part.name}>")
        return path


_KEY = Parameter("key", _("Key of the text. It never changes."), KEY, required=True)
_NUMBER = Parameter("number", _("Version number, counted separately for each key."), NUMBER, required=True)

#: An example query of each list.
_EXAMPLES = {
    "initiatives": "?stage=under_way&kind=works&sort=expected",
    "facts": "?past=yes",
    "date-changes": "?pillar=2021-1",
    "readings": "?figures=yes",
    "participation": "?organization=usaid&role=lead",
    "places": "?per_page=100",
}
#: A text of each kind that the April 2024 review holds.
_KEYS = {
    "initiatives": "otay-mesa-ii",
    "pillars": "2021-1",
    "meetings": "2024-04-19",
    "organizations": "usaid",
    "places": "otay-mesa-new-crossing",
    "topics": "semiconductors",
    "sources": "2024-04-19-fact-sheet",
}


def _list(name: str, view: Callable) -> Endpoint:
    table = tables.ALL[name]
    return Endpoint(name, f"{name}/", view, table.title, table.about, f"list.{name}", _EXAMPLES.get(name, ""))


def _one(name: str, kind: str) -> Endpoint:
    return Endpoint(
        f"{name}_one",
        f"{name}/{{key}}/",
        views.one(kind),
        format_lazy(_("One record from the list “{}”"), tables.ALL[name].title),
        _(
            "One text: its content as approved, the names it refers to, its version, its hash and the "
            "basis for its publication."
        ),
        f"one.{kind}",
        f"{name}/{_KEYS[name]}/",
        (_KEY,),
        gone=True,
    )


_EDITIONS = Endpoint(
    "editions",
    "initiatives/{key}/editions/",
    views.editions,
    _("Versions of an initiative"),
    _("All versions of an initiative published by that time, newest first."),
    "editions",
    "initiatives/otay-mesa-ii/editions/",
    (_KEY,),
    gone=True,
)
_EDITION = Endpoint(
    "edition",
    "initiatives/{key}/editions/{number}/",
    views.edition,
    _("One version of an initiative"),
    _("A version by its number, even if a newer one exists. A withdrawn version returns 410 and a withdrawal notice."),
    "one.initiative",
    "initiatives/otay-mesa-ii/editions/1/",
    (_KEY, _NUMBER),
    gone=True,
)
_RELEASES = Endpoint(
    "releases",
    "releases/",
    views.releases,
    _("Publication log"),
    _(
        "Everything published and withdrawn, from the beginning. Each row includes the hash of the "
        "previous row. With as_of, releases with a later effective date are left out."
    ),
    "list.releases",
    "?per_page=100",
)
_COMPARE = Endpoint(
    "compare",
    "compare/",
    comparison.compare,
    _("Comparing two dates"),
    _(
        "Changes between the end of one day and the end of another: initiatives that are new, "
        "published again or changed, with the keys of the items with new dates, other changes, and "
        "withdrawn texts."
    ),
    "compare",
    "?from=2024-04-18&to=2024-04-19",
)
_RECOMMENDATION_ENDPOINTS = (
    Endpoint(
        "recommendations",
        "recommendations/",
        recommendations.recommendation_list,
        letters.RECOMMENDATIONS.title,
        letters.RECOMMENDATIONS.about,
        "list.recommendations",
        "?state=answered&sort=answered",
    ),
    Endpoint(
        "recommendations_one",
        "recommendations/{key}/",
        recommendations.recommendation,
        _("One recommendation"),
        _("A published recommendation in the author's own words, with its summary and the published responses."),
        "one.recommendation",
        "recommendations/one-stop-shop-for-investors/",
        (_KEY,),
        gone=True,
    ),
    Endpoint(
        "answers",
        "answers/",
        recommendations.answers,
        letters.RESPONSES_TABLE.title,
        letters.RESPONSES_TABLE.about,
        "list.answers",
        "?outcome=not_adopted",
    ),
    Endpoint(
        "consultations",
        "consultations/",
        recommendations.calls,
        letters.CONSULTATIONS.title,
        letters.CONSULTATIONS.about,
        "list.consultations",
    ),
)
INDEX = Endpoint(
    "index", "", views.index, _("Start"), _("The API's lists and the date and publication they refer to."), "index"
)

ENDPOINTS = (
    INDEX,
    *(_list(name, views.selection_view(table)) for name, table in tables.SELECTION_TABLES.items()),
    _one("initiatives", "initiative"),
    _EDITIONS,
    _EDITION,
    *(
        endpoint
        for name, kind in views.REGISTERS.items()
        for endpoint in (_list(name, views.kind_view(tables.ALL[name], kind)), _one(name, kind))
    ),
    *_RECOMMENDATION_ENDPOINTS,
    _RELEASES,
    _COMPARE,
)
