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


_KEY = Parameter("key", _("Key of the text; it never changes."), KEY, required=True)
_NUMBER = Parameter("number", _("Number of the edition, counted for each key."), NUMBER, required=True)

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
        format_lazy(_("One entry of the list “{}”"), tables.ALL[name].title),
        _("One text: its content as it was signed, the names that it needs, its edition, its digest and its grounds."),
        f"one.{kind}",
        f"{name}/{_KEYS[name]}/",
        (_KEY,),
        gone=True,
    )


_EDITIONS = Endpoint(
    "editions",
    "initiatives/{key}/editions/",
    views.editions,
    _("Editions of an initiative"),
    _("Every edition of an initiative that was public by that moment, the newest first."),
    "editions",
    "initiatives/otay-mesa-ii/editions/",
    (_KEY,),
    gone=True,
)
_EDITION = Endpoint(
    "edition",
    "initiatives/{key}/editions/{number}/",
    views.edition,
    _("One edition of an initiative"),
    _("An edition by its number, whether or not a newer one has followed. A withdrawn one answers 410 and its marker."),
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
        "What became public and what ceased to be, from the beginning, each row with the hash of the row before it. "
        "With as_of, without the releases whose texts count from a later day."
    ),
    "list.releases",
    "?per_page=100",
)
_COMPARE = Endpoint(
    "compare",
    "compare/",
    comparison.compare,
    _("Comparison of two days"),
    _(
        "What changed from the end of one day to the end of another: initiatives that are new, public again or "
        "changed, with the keys of the facts that moved, what else changed, and what was withdrawn."
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
        _("A published recommendation in its author's words, its summary, and its public answers."),
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
    "index", "", views.index, _("Start"), _("The lists of the API and the moment that they speak of."), "index"
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
