"""The OpenAPI 3.1 document of the API, made of what the addresses themselves declare.

The schema of a row is that of the tables that readers take away; the schema of a content is the one that it was
checked against before it was signed.
"""

import json
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _

from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.models import PublicationAction
from hled_portal.publishing.signed_text import Basis
from hled_portal.web import license
from initiatives.content.content_schema import content_schema
from initiatives.exports import tables
from initiatives.exports.tables.table import GROUNDS, JOINS

from . import comparison, recommendations, schemas, views
from .endpoints import API_ROOT, ENDPOINTS, Endpoint
from .parameters import DAY_PARAMETER, Parameter

API_VERSION = "1.0"
TEXT = {"type": "string"}
LINK = {"type": "string", "format": "uri"}
COUNT = {"type": "integer", "minimum": 0}
PAIR = schemas.closed({f"name_{language}": TEXT for language in LANGUAGES})
#: Answers that are no success: status → what it means.
_REFUSED = {400: "bad", 404: "absent", 405: "written"}


def build_document(site: str) -> dict:
    """The whole document in the reader's language. `site` begins each address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("API of the U.S.-Mexico High-Level Economic Dialogue"),
            "version": API_VERSION,
            "description": _(
                "The public record, read-only. Every response refers to a date (as_of) and a "
                "publication number. All texts are in English and Spanish. A withdrawn text leaves a "
                "notice; its content is not returned."
            ),
            "license": {"name": license.LICENSE_TITLE, "identifier": license.NAME},
        },
        "servers": [{"url": site or "/"}],
        "paths": {API_ROOT + endpoint.path: {"get": _operation(endpoint)} for endpoint in ENDPOINTS},
        "components": {"schemas": _schemas(), "responses": _responses()},
    }


def _operation(endpoint: Endpoint) -> dict:
    success = {
        "description": str(endpoint.title),
        "headers": {
            "ETag": {"schema": TEXT, "description": _("Identifier of this exact response, for If-None-Match.")}
        },
        "content": {"application/json": {"schema": _ref("schemas", endpoint.answer)}},
    }
    statuses = [*_REFUSED, *([410] if endpoint.gone else []), *([401] if settings.PORTAL_READERS == "login" else [])]
    refused = {str(status): _ref("responses", str(status)) for status in sorted(statuses)}
    return {
        "operationId": endpoint.name.replace("-", "_"),
        "summary": str(endpoint.title),
        "description": str(endpoint.about),
        "parameters": [
            *(_parameter(part, "path") for part in endpoint.parts),
            *(_parameter(each, "query") for each in endpoint.parameters),
        ],
        "responses": {"200": success} | refused,
    }


def _parameter(each: Parameter, where: str) -> dict:
    schema = {"type": "array", "items": each.schema} if each.many else each.schema
    member = {"name": each.name, "in": where, "description": str(each.about), "schema": schema}
    return member | ({"required": True} if each.required else {})


def _ref(kind: str, name: str) -> dict:
    return {"$ref": f"#/components/{kind}/{name}"}


# Schemas of answers


def _schemas() -> dict:
    lists = {name: tables.ALL[name] for name in (*tables.SELECTION_TABLES, *views.REGISTERS)}
    schemas_by_name = {
        "index": _index(),
        "problem": _problem(),
        "withdrawn": schemas.marker_schema(),
        "release": _release(),
    }
    for name, table in lists.items():
        schemas_by_name |= {f"row.{name}": schemas.row_schema(table), f"list.{name}": _list(f"row.{name}")}
    for kind in ("initiative", *views.REGISTERS.values()):
        schemas_by_name[f"one.{kind}"] = _one(kind)
    schemas_by_name |= {"edition": _edition(), "editions": _editions()}
    schemas_by_name["list.releases"] = _list("release", markers=False)
    return schemas_by_name | comparison.schemas() | recommendations.schemas(_list_schema) | _contents()


def _moment() -> dict:
    return {"as_of": DAY_PARAMETER | {"description": _("Date the response refers to.")}, "publication": COUNT}


def _index() -> dict:
    links = {"type": "object", "additionalProperties": LINK}
    return schemas.closed(_moment() | {"licence": LINK, "links": links})


def _list(row: str, *, markers: bool = True) -> dict:
    link = {"type": ["string", "null"], "format": "uri"}
    members = _moment() | {
        "count": COUNT | {"description": _("Number of texts across all pages; one text may return several rows.")},
        "page": COUNT,
        "pages": COUNT,
        "next": link | {"description": _("The next page of the same list, for the same date and publication.")},
        "previous": link,
        "withdrawn": {"type": "array", "items": _ref("schemas", "withdrawn")},
        "results": {"type": "array", "items": _ref("schemas", row)},
    }
    if not markers:
        del members["withdrawn"]
    return schemas.closed(members)


def _list_schema(row: str, markers: bool) -> dict:
    schema = _list(row, markers=markers)
    if markers:
        schema["properties"]["withdrawn"] = {"type": "array", "items": _ref("schemas", "withdrawn.answer")}
    return schema


def _shared() -> dict:
    return {column.name: schemas.describe(column) for column in [*JOINS, *GROUNDS]}


def _one(kind: str) -> dict:
    names = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": PAIR}}
    links = {"editions": LINK, "content": LINK}
    address = {"type": ["string", "null"], "description": _("Web page that always shows this same data.")}
    members = _shared() | {
        "digest": TEXT | {"description": _("SHA-256 of the approved content of the version")},
        "content": _ref("schemas", f"content.{kind}"),
        "names": names | {"description": _("Published names of what the content refers to, by type and key.")},
        **{f"address_{language}": address for language in LANGUAGES},
    }
    return schemas.closed(members | ({"links": schemas.closed(links)} if kind == "initiative" else {}))


def _edition() -> dict:
    followed = {"type": ["string", "null"], "format": "date"}
    followed["description"] = _("Date from which the next version applies; null if there is none.")
    texts = {"title_en": TEXT, "title_es": TEXT, "digest": TEXT}
    return schemas.closed(_shared() | texts | {"followed_from": followed, "link": LINK})


def _editions() -> dict:
    return schemas.closed(
        _moment()
        | {
            "count": COUNT,
            "withdrawn": {"type": "array", "items": _ref("schemas", "withdrawn")},
            "results": {"type": "array", "items": _ref("schemas", "edition")},
        }
    )


def _release() -> dict:
    words = {f"withdrawal_{name}": TEXT for name in ("delegation", "reason", "words_en", "words_es")}
    members = {
        "position": COUNT,
        "number": COUNT | {"description": _("Publication number.")},
        "action": {"type": "string", "enum": PublicationAction.values},
        "text": TEXT
        | {
            "description": _(
                "The text, for example initiative/otay-mesa-ii/3. For a response to a recommendation "
                "that is not public, only “response” and no hash."
            )
        },
        "digest": TEXT,
        "hash": TEXT | {"description": _("SHA-256 of the entire log row, including the approvers' names.")},
        "previous_hash": TEXT,
        "recorded_at": {"type": "string", "format": "date-time"},
        "public_from": DAY_PARAMETER,
        "basis": {"type": "string", "enum": Basis.values},
        "joint_text": TEXT,
        "cleared_by": {"type": "array", "items": TEXT},
    }
    return schemas.closed(members | words)


def _problem() -> dict:
    errors = {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}}
    members = {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT | {"description": _("The problem, in the language of the request.")},
        "errors": errors | {"description": _("The problem with each parameter.")},
        "withdrawn": {"type": "array", "items": _ref("schemas", "withdrawn")},
        "public_from": DAY_PARAMETER | {"description": _("Date from which the text applies.")},
    }
    return schemas.closed(members, optional=("errors", "withdrawn", "public_from"))


def _responses() -> dict:
    meanings = {
        400: _("A parameter is not valid or does not exist."),
        401: _("You must sign in to use this portal."),
        404: _("That text or page did not exist on that date."),
        405: _("The API is read-only."),
        410: _("The text was withdrawn; the notice states by whom, when and why."),
    }
    content = {"application/problem+json": {"schema": _ref("schemas", "problem")}}
    return {str(status): {"description": words, "content": content} for status, words in meanings.items()}


# Schemas of contents


@cache
def _contents() -> dict:
    """The definitions of the schema that contents are checked against, under names of their own."""
    text = json.dumps(content_schema()["$defs"]).replace('"#/$defs/', '"#/components/schemas/content.')
    return {f"content.{name}": definition for name, definition in json.loads(text).items()}
