"""Documentation of the API: its OpenAPI document, the page of documentation, and what an unknown address answers."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import override
from django.views.decorators.http import require_safe

from hled_portal.publishing.canonical_json import digest
from hled_portal.web import license
from hled_portal.web.absolute_urls import absolute

from . import openapi
from . import parameters as asking
from .endpoints import API_ROOT, ENDPOINTS, Endpoint
from .responses import api_view, as_json


@api_view(asking.LANGUAGE_PARAMETER)
def openapi_document(request, params: asking.Params):
    """The document in the requested language, else in that of the reader's browser."""
    with override(params.people):
        response = as_json(openapi.build_document(absolute(request, "")))
    response["Content-Language"] = params.people
    # Named by its own words: the same address answers in two languages.
    response["ETag"] = f'"{digest(response.content.decode())[:32]}"'
    response["Cache-Control"] = "no-cache"
    return get_conditional_response(request, etag=response["ETag"], response=response)


@api_view()
def unknown_address(request, params: asking.Params, **path):
    raise Http404


@require_safe
def documentation(request):
    """To the page of documentation in the reader's language."""
    with override(asking.language_for_people(request)):
        return redirect("api_docs")


@require_safe
def guide(request):
    """The page of documentation, made of the OpenAPI document: it needs no script and no other host."""
    root = absolute(request, API_ROOT)
    document = openapi.build_document(absolute(request, ""))
    common = {each.name for each in (*asking.MOMENT, *asking.PAGED)}
    context = {
        "document": document,
        "licence": license,
        "root": root,
        "schema": absolute(request, reverse("api_schema")),
        "operations": [_operation(endpoint, document, root, common) for endpoint in ENDPOINTS],
        "common": _parameters((*asking.MOMENT, *asking.PAGED)),
        "selection": _parameters(asking.SELECTION_PARAMETERS),
        "statuses": document["components"]["responses"],
    }
    return render(request, "api.html", context)


def _parameters(parameters) -> list[dict]:
    return [{"name": each.name, "about": each.about, "many": each.many, **_values(each.schema)} for each in parameters]


def _values(schema: dict) -> dict:
    """What a parameter may be: its closed list of values, or its kind."""
    return {"choices": schema.get("enum", []), "kind": schema.get("format") or schema["type"]}


def _operation(endpoint: Endpoint, document: dict, root: str, common: set[str]) -> dict:
    """An address with its example, its parameters beside those that all share, and the members of its answer."""
    example = endpoint.example or endpoint.path
    example = endpoint.path + example if example.startswith("?") else example
    return {
        "name": endpoint.name,
        "title": endpoint.title,
        "about": endpoint.about,
        "path": API_ROOT + endpoint.path,
        "example": root + example,
        "selects": any(each not in common for each in (parameter.name for parameter in endpoint.parameters)),
        "members": _members(endpoint.answer, document["components"]["schemas"]),
    }


def _members(name: str, schemas: dict) -> list[dict]:
    """The members of an answer, or of one row where it is a list of them."""
    members = schemas[name]["properties"]
    if "results" in members:
        members = schemas[members["results"]["items"]["$ref"].rpartition("/")[2]]["properties"]
    return [
        {"name": member, "kind": _kind(schema), "about": schema.get("description", "")}
        for member, schema in members.items()
    ]


def _kind(schema: dict) -> str:
    """The type as the document writes it; of a member that is described elsewhere, an object."""
    kind = schema.get("type", "object")
    return schema.get("format") or (kind if isinstance(kind, str) else kind[0])
