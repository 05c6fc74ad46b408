"""The addresses of the API: get, guard, tell. Every one reads the record at the moment that the reader asked for."""

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

#: Lists by the name of their address, with the kind of text that each tells of.
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
def index(request, asked: Params):
    """Where everything is."""
    lists = [*tables.SELECTION_TABLES, *REGISTERS, *LETTERS, "releases", "compare"]
    names = {name: reverse(f"api_{name}") for name in lists} | {
        "schema": reverse("api_schema"),
        "documentation": reverse("api_documentation"),
    }
    return {
        **as_of_members(_fixed(asked.at)),
        "licence": license.ADDRESS,
        "links": {name: absolute(request, path) for name, path in names.items()},
    }


# Lists


def selection_view(table: tables.EditionTable):
    """The view of a table of the selected initiatives; a page holds all rows of so many initiatives."""

    of_facts = table.name == "facts"

    @api_view(*MOMENT, *PAGED, *(FACT_SELECTION_PARAMETERS if of_facts else SELECTION_PARAMETERS))
    def view(request, asked: Params):
        frame = export_context(request, asked)
        chosen = selection.parse_selection(asked.query, frame.at, facts=of_facts)
        if chosen.errors:  # Read once more when they are told, in the language of people.
            raise invalid_parameters_problem(
                lambda: selection.parse_selection(asked.query, frame.at, facts=of_facts).errors
            )
        found = _listed(request, asked, frame, table, chosen.editions, "initiative")
        if chosen.fact_kinds:
            found["results"] = [row for row in found["results"] if row["kind"] in chosen.fact_kinds]
        return found

    return view


def kind_view(table: tables.EditionTable, kind: str):
    """The view of a table of all public texts of one kind."""

    @api_view(*MOMENT, *PAGED)
    def view(request, asked: Params):
        frame = export_context(request, asked)
        found = Edition.objects.public(frame.at).of_kind(kind).order_by("subject_key")
        return _listed(request, asked, frame, table, found, kind)

    return view


def _listed(
    request, asked: Params, frame: tables.ExportContext, table: tables.EditionTable, editions, *kinds: str
) -> dict:
    page, links = paginate(request, asked, editions, frame.at)
    return {
        **as_of_members(frame.at),
        **links,
        "withdrawn": tables.withdrawn_rows(frame, kinds),
        "results": list(schemas.build_rows(table, chunked(page, frame), frame)),
    }


# One text


def one(kind: str):
    """The view of one text of a kind: its content as signed, and the names that it needs."""

    @api_view(*MOMENT)
    def view(request, asked: Params, key: str):
        frame = export_context(request, asked)
        edition = Edition.objects.public(frame.at).of_kind(kind).filter(subject_key=key).first()
        if edition is None:
            raise _absent(frame, kind, key)
        return _describe_edition(request, edition, frame)

    return view


def _absent(frame: tables.ExportContext, kind: str, key: str) -> Exception:
    """Gone where the newest text of that moment was withdrawn, later than the day, or never."""
    withdrawn = [marker for marker in tables.withdrawn_rows(frame, (kind,)) if marker["key"] == key]
    if withdrawn:
        return Problem(HTTPStatus.GONE, _("This text was withdrawn."), withdrawn=withdrawn)
    released = Edition.objects.of_kind(kind).filter(subject_key=key, number__isnull=False)
    first = released.order_by(*IN_TIME).values_list("public_from", flat=True).first()
    if first is None:
        return Http404()
    return Problem(HTTPStatus.NOT_FOUND, _("This text was not public at that moment."), public_from=first)


def _describe_edition(request, edition: Edition, frame: tables.ExportContext) -> dict:
    found = {
        **joins(edition),
        **grounds(edition, frame),
        "digest": edition.digest,
        "content": edition.data,
        "names": _names(edition, frame),
        **_addresses(edition, frame),
    }
    if edition.subject_kind == "initiative":
        key = edition.subject_key
        signed = absolute(request, reverse("edition_content", args=[key, edition.number]))
        found["links"] = {"editions": absolute(request, reverse("api_editions", args=[key])), "content": signed}
    return found


def _addresses(edition: Edition, frame: tables.ExportContext) -> dict:
    """The pages for people in both languages; null for a text that has no page of its own."""
    found = {}
    for language in LANGUAGES:
        with override(language):
            path = _path(edition)
        found[f"address_{language}"] = f"{frame.site}{path}?{frame.at.query}" if path else None
    return found


def _path(edition: Edition) -> str:
    if edition.subject_kind == "pillar":
        return reverse("pillar", args=[edition.cycle_key, edition.data["number"]])
    if edition.subject_kind == "initiative":
        return reverse("edition", args=[edition.subject_key, edition.number])
    return reverse(edition.subject_kind, args=[edition.subject_key]) if edition.subject_kind in WITH_PAGE else ""


def _names(edition: Edition, frame: tables.ExportContext) -> dict[str, dict]:
    """Names of all that the content points at and that is public, by kind and key. One query for an initiative."""
    found: dict[str, dict] = {}
    for kind, key in sorted(snapshot_content.needed(edition.data)):
        if (kind, key) in frame.contents:
            found.setdefault(kind, {})[key] = frame.named("name", kind, key)
    if edition.subject_kind == "initiative":
        found |= _titles(edition.data, frame)
    return found


def _titles(data: dict, frame: tables.ExportContext) -> dict[str, dict]:
    """Titles of the initiatives that this one is tied to."""
    tied = {link["initiative"] for link in data["links"]} | {data["parent"], data["replaced_by"]}
    public = Edition.objects.public(frame.at).initiatives().filter(subject_key__in=tied - {None})
    named = public.order_by("subject_key").values_list("subject_key", "title_en", "title_es")
    titles = {key: {"name_en": english, "name_es": spanish} for key, english, spanish in named}
    return {"initiative": titles} if titles else {}


# Editions


@api_view(*MOMENT)
def editions(request, asked: Params, key: str):
    """Every edition of an initiative, the newest first; of a withdrawn one its marker."""
    frame = export_context(request, asked)
    known = Edition.objects.known(frame.at).initiatives().filter(subject_key=key)
    found = list(known.with_followed_from().defer("content").order_by(*NEWEST_FIRST))
    if not found:
        raise _absent(frame, "initiative", key)
    gone = {marker["edition"]: marker for marker in schemas.withdrawn_markers(found)}
    return {
        **as_of_members(frame.at),
        "count": len(found),
        "withdrawn": list(gone.values()),
        "results": [_edition(request, row, frame) for row in found if row.number not in gone],
    }


def _edition(request, edition: Edition, frame: tables.ExportContext) -> dict:
    address = reverse("api_edition", args=[edition.subject_key, edition.number])
    return {
        **joins(edition),
        "title_en": edition.title_en,
        "title_es": edition.title_es,
        "digest": edition.digest,
        **grounds(edition, frame),
        "followed_from": edition.followed_from,
        "link": absolute(request, address),
    }


@api_view(*MOMENT)
def edition(request, asked: Params, key: str, number: int):
    """One edition of an initiative, whether or not a newer one has followed."""
    if number > LAST_NUMBER:
        raise Http404
    frame = export_context(request, asked)
    known = Edition.objects.known(frame.at).initiatives().filter(subject_key=key, number=number)
    found = known.with_followed_from().first()
    if found is None:
        raise Http404
    if found.state == "withdrawn":
        raise Problem(HTTPStatus.GONE, _("This text was withdrawn."), withdrawn=schemas.withdrawn_markers([found]))
    return _describe_edition(request, found, frame)


# The log


@api_view(*MOMENT, *PAGED)
def releases(request, asked: Params):
    """The publication log, from its beginning: what became public and what ceased to be, each row chained by hash."""
    at = _fixed(asked.at)
    later = Release.objects.filter(public_from__gt=at.day).values("publication")
    found = Publication.objects.filter(number__lte=at.publication).exclude(number__in=later).order_by("position")
    page, links = paginate(request, asked, found, at)
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

    Of an answer to what readers do not know of, the chain alone is told: not what was answered, nor in which words.
    """
    entry = row.data
    withdrawal = entry.get("withdrawal", {})
    told = {"text": row.text, "digest": row.digest}
    if row.text.startswith(ANSWER) and row.text.split("/")[1] not in known:
        told, withdrawal = {"text": ANSWER.rstrip("/"), "digest": ""}, {}
    same = ("position", "number", "action", "hash")
    return (
        {name: getattr(row, name) for name in same}
        | told
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
