"""The views of the API. Each reads the record at the requested moment."""

from dataclasses import replace
from http import HTTPStatus

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from hled_portal.dates import as_of
from hled_portal.i18n.bilingual import LANGUAGES
from hled_portal.models import Publication, Release
from hled_portal.publishing.published_querysets import IN_TIME, NEWEST_FIRST
from hled_portal.web import license
from hled_portal.web.absolute_urls import absolute
from initiatives.content import snapshot_content
from initiatives.exports import tables
from initiatives.exports.tables.table import chunked, grounds, joins
from initiatives.filters import selection
from initiatives.models import Edition
from stakeholders.public import published

from . import schemas
from .pagination import as_of_members, export_context, paginate
from .parameters import FACT_SELECTION_PARAMETERS, MOMENT, PAGED, SELECTION_PARAMETERS, Params
from .responses import Problem, api_view, invalid_parameters_problem

#: Lists by the name of their address, with the kind of text in each.
REGISTERS = {
    "pillars": "pillar",
    "meetings": "meeting",
    "organizations": "organization",
    "places": "place",
    "topics": "topic",
    "sources": "source",
}
#: Lists of what stakeholders said and what became of it.
LETTERS = ("recommendations", "answers", "consultations")
#: What a database can still hold as a number.
LAST_NUMBER = 999_999_999
#: How the log begins the name of an answer.
ANSWER = "response/"
#: Kinds of texts that have a page for people under their own key.
WITH_PAGE = ("meeting", "organization", "place")


def _fixed(at: as_of.Moment) -> as_of.Moment:
    """The moment with the publication that is the newest now: an answer that goes on over pages stays one record."""
    publication = as_of.newest_publication() if at.publication is None else at.publication
    return replace(at, publication=publication, asked=True)


@api_view(*MOMENT)
def index(request, params: Params):
    """Where everything is."""
    lists = [*tables.SELECTION_TABLES, *REGISTERS, *LETTERS, "releases", "compare"]
    names = {name: reverse(f"api_{name}") for name in lists} | {
        "schema": reverse("api_schema"),
        "documentation": reverse("api_documentation"),
    }
    return {
        **as_of_members(_fixed(params.at)),
        "licence": license.ADDRESS,
        "links": {name: absolute(request, path) for name, path in names.items()},
    }


# Lists


def selection_view(table: tables.EditionTable):
    """The view of a table of the selected initiatives; a page holds all rows of so many initiatives."""

    of_facts = table.name == "facts"

    @api_view(*MOMENT, *PAGED, *(FACT_SELECTION_PARAMETERS if of_facts else SELECTION_PARAMETERS))
    def view(request, params: Params):
        context = export_context(request, params)
        chosen = selection.parse_selection(params.query, context.at, facts=of_facts)
        if chosen.errors:  # Evaluated again in the language of people.
            raise invalid_parameters_problem(
                lambda: selection.parse_selection(params.query, context.at, facts=of_facts).errors
            )
        answer = _listed(request, params, context, table, chosen.editions, "initiative")
        if chosen.fact_kinds:
            answer["results"] = [row for row in answer["results"] if row["kind"] in chosen.fact_kinds]
        return answer

    return view


def kind_view(table: tables.EditionTable, kind: str):
    """The view of a table of all public texts of one kind."""

    @api_view(*MOMENT, *PAGED)
    def view(request, params: Params):
        context = export_context(request, params)
        editions = Edition.objects.public(context.at).of_kind(kind).order_by("subject_key")
        return _listed(request, params, context, table, editions, kind)

    return view


def _listed(
    request, params: Params, context: tables.ExportContext, table: tables.EditionTable, editions, *kinds: str
) -> dict:
    page, links = paginate(request, params, editions, context.at)
    return {
        **as_of_members(context.at),
        **links,
        "withdrawn": tables.withdrawn_rows(context, kinds),
        "results": list(schemas.build_rows(table, chunked(page, context), context)),
    }


# One text


def one(kind: str):
    """The view of one text of a kind: its content as signed, and the names that it needs."""

    @api_view(*MOMENT)
    def view(request, params: Params, key: str):
        context = export_context(request, params)
        edition = Edition.objects.public(context.at).of_kind(kind).filter(subject_key=key).first()
        if edition is None:
            raise _absent(context, kind, key)
        return _describe_edition(request, edition, context)

    return view


def _absent(context: tables.ExportContext, kind: str, key: str) -> Exception:
    """Gone where the newest text of that moment was withdrawn, later than the day, or never."""
    withdrawn = [marker for marker in tables.withdrawn_rows(context, (kind,)) if marker["key"] == key]
    if withdrawn:
        return Problem(HTTPStatus.GONE, _("This text was withdrawn."), withdrawn=withdrawn)
    released = Edition.objects.of_kind(kind).filter(subject_key=key, number__isnull=False)
    first = released.order_by(*IN_TIME).values_list("public_from", flat=True).first()
    if first is None:
        return Http404()
    return Problem(HTTPStatus.NOT_FOUND, _("This text was not public on that date."), public_from=first)


def _describe_edition(request, edition: Edition, context: tables.ExportContext) -> dict:
    members = {
        **joins(edition),
        **grounds(edition, context),
        "digest": edition.digest,
        "content": edition.data,
        "names": _names(edition, context),
        **_addresses(edition, context),
    }
    if edition.subject_kind == "initiative":
        key = edition.subject_key
        signed = absolute(request, reverse("edition_content", args=[key, edition.number]))
        members["links"] = {"editions": absolute(request, reverse("api_editions", args=[key])), "content": signed}
    return members


def _addresses(edition: Edition, context: tables.ExportContext) -> dict:
    """The pages for people in both languages; null for a text that has no page of its own."""
    addresses = {}
    for language in LANGUAGES:
        with override(language):
            path = _path(edition)
        addresses[f"address_{language}"] = f"{context.site}{path}?{context.at.query}" if path else None
    return addresses


def _path(edition: Edition) -> str:
    if edition.subject_kind == "pillar":
        return reverse("pillar", args=[edition.cycle_key, edition.data["number"]])
    if edition.subject_kind == "initiative":
        return reverse("edition", args=[edition.subject_key, edition.number])
    return reverse(edition.subject_kind, args=[edition.subject_key]) if edition.subject_kind in WITH_PAGE else ""


def _names(edition: Edition, context: tables.ExportContext) -> dict[str, dict]:
    """Names of all that the content points at and that is public, by kind and key. One query for an initiative."""
    names: dict[str, dict] = {}
    for kind, key in sorted(snapshot_content.needed(edition.data)):
        if (kind, key) in context.contents:
            names.setdefault(kind, {})[key] = context.named("name", kind, key)
    if edition.subject_kind == "initiative":
        names |= _titles(edition.data, context)
    return names


def _titles(data: dict, context: tables.ExportContext) -> dict[str, dict]:
    """Titles of the initiatives that this one is tied to."""
    tied = {link["initiative"] for link in data["links"]} | {data["parent"], data["replaced_by"]}
    public = Edition.objects.public(context.at).initiatives().filter(subject_key__in=tied - {None})
    named = public.order_by("subject_key").values_list("subject_key", "title_en", "title_es")
    titles = {key: {"name_en": english, "name_es": spanish} for key, english, spanish in named}
    return {"initiative": titles} if titles else {}


# Editions


@api_view(*MOMENT)
def editions(request, params: Params, key: str):
    """Every edition of an initiative, the newest first; of a withdrawn one its marker."""
    context = export_context(request, params)
    known = Edition.objects.known(context.at).initiatives().filter(subject_key=key)
    rows = list(known.with_followed_from().defer("content").order_by(*NEWEST_FIRST))
    if not rows:
        raise _absent(context, "initiative", key)
    gone = {marker["edition"]: marker for marker in schemas.withdrawn_markers(rows)}
    return {
        **as_of_members(context.at),
        "count": len(rows),
        "withdrawn": list(gone.values()),
        "results": [_edition(request, row, context) for row in rows if row.number not in gone],
    }


def _edition(request, edition: Edition, context: tables.ExportContext) -> dict:
    address = reverse("api_edition", args=[edition.subject_key, edition.number])
    return {
        **joins(edition),
        "title_en": edition.title_en,
        "title_es": edition.title_es,
        "digest": edition.digest,
        **grounds(edition, context),
        "followed_from": edition.followed_from,
        "link": absolute(request, address),
    }


@api_view(*MOMENT)
def edition(request, params: Params, key: str, number: int):
    """One edition of an initiative, whether or not a newer one has followed."""
    if number > LAST_NUMBER:
        raise Http404
    context = export_context(request, params)
    known = Edition.objects.known(context.at).initiatives().filter(subject_key=key, number=number)
    row = known.with_followed_from().first()
    if row is None:
        raise Http404
    if row.state == "withdrawn":
        raise Problem(HTTPStatus.GONE, _("This text was withdrawn."), withdrawn=schemas.withdrawn_markers([row]))
    return _describe_edition(request, row, context)


# The log


@api_view(*MOMENT, *PAGED)
def releases(request, params: Params):
    """The publication log, from its beginning: what became public and what ceased to be, each row chained by hash."""
    at = _fixed(params.at)
    later = Release.objects.filter(public_from__gt=at.day).values("publication")
    rows = Publication.objects.filter(number__lte=at.publication).exclude(number__in=later).order_by("position")
    page, links = paginate(request, params, rows, at)
    page = list(page)
    known = _known_answers(page)
    return {**as_of_members(at), **links, "results": [_logged(row, known) for row in page]}


def _known_answers(page: list[Publication]) -> set[str]:
    """The recommendations with answers among these rows that readers know of. One query where there are answers."""
    keys = {row.text.split("/")[1] for row in page if row.text.startswith(ANSWER)}
    return (
        set(published.public_recommendations(as_of.now()).filter(key__in=keys).values_list("key", flat=True))
        if keys
        else set()
    )


def _logged(row: Publication, known: set[str]) -> dict:
    """A row of the log without the names of the officers, which stay with the delegations.

    Of an answer to what readers do not know of, only the chain is shown: not what was answered, nor in which words.
    """
    entry = row.data
    withdrawal = entry.get("withdrawal", {})
    logged = {"text": row.text, "digest": row.digest}
    if row.text.startswith(ANSWER) and row.text.split("/")[1] not in known:
        logged, withdrawal = {"text": ANSWER.rstrip("/"), "digest": ""}, {}
    same = ("position", "number", "action", "hash")
    return (
        {name: getattr(row, name) for name in same}
        | logged
        | {
            "previous_hash": entry["previous"],
            "recorded_at": entry["at"],
            "public_from": entry["public_from"],
            "basis": entry["basis"],
            "joint_text": entry["source"],
            "cleared_by": [side for side, key in entry["keys"].items() if key],
            **{
                f"withdrawal_{name}": withdrawal.get(name, "")
                for name in ("delegation", "reason", "words_en", "words_es")
            },
        }
    )
