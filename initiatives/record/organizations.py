"""Organizations as pages show them: grouped by country and kind, their names over time, what became of them."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment
from hled_portal.i18n.bilingual import LANGUAGES, in_language
from initiatives.models import Edition, Facet
from initiatives.vocabulary.choices import Country, OrganizationKind

from .name_lookup import SourceLine, source_line
from .register_lookup import Entered, Registers, alphabetical

GROUPS = {
    "ministry": gettext_lazy("Ministries, secretariats and departments"),
    "agency": gettext_lazy("Agencies"),
    "embassy": gettext_lazy("Embassies"),
    "company": gettext_lazy("Companies"),
    "chamber": gettext_lazy("Chambers"),
    "university": gettext_lazy("Universities"),
    "international": gettext_lazy("International bodies"),
    "group": gettext_lazy("Intergovernmental groups"),
    "programme": gettext_lazy("Programs"),
    "law": gettext_lazy("Laws"),
    "fund": gettext_lazy("Funds"),
}


@dataclass(frozen=True)
class Listed:
    """An organization in the list; `initiatives`: how many public ones name it."""

    key: str
    name: str
    afterlife: str
    initiatives: int


@dataclass(frozen=True)
class KindGroup:
    title: str
    organizations: list[Listed]


@dataclass(frozen=True)
class CountryGroup:
    key: str
    title: str
    kinds: list[KindGroup]


def by_country(names: Registers, at: Moment) -> list[CountryGroup]:
    """Every public organization that was not merged into another, by country and kind. One query."""
    numbers = _initiatives(names, at)
    countries: dict[str, dict[str, list[Listed]]] = defaultdict(lambda: defaultdict(list))
    for key, name in names.choices("organization"):
        content = names.contents[("organization", key)]
        if not content["replaced_by"]:
            listed = Listed(key, name, names.afterlife(key), numbers[key])
            countries[content["country"]][content["organization_kind"]].append(listed)
    groups = [CountryGroup(code.lower() or "none", _title(code), _kinds(countries[code])) for code in countries]
    return sorted(groups, key=lambda group: (group.key == "none", alphabetical(group.title)))


def _title(code: str) -> str:
    return str(Country(code).label) if code else _("Of several countries")


def _kinds(listed_by_kind: dict[str, list[Listed]]) -> list[KindGroup]:
    return [
        KindGroup(str(GROUPS[kind]), listed_by_kind[kind]) for kind in OrganizationKind.values if kind in listed_by_kind
    ]


def _initiatives(names: Registers, at: Moment) -> dict[str, int]:
    public = Edition.objects.public(at).initiatives()
    having = defaultdict(set)
    for key, edition in Facet.objects.filter(kind="organization", edition__in=public).values_list("key", "edition_id"):
        having[names.heir("organization", key)].add(edition)
    return defaultdict(int, {key: len(editions) for key, editions in having.items()})


# One organization


@dataclass(frozen=True)
class NameRow:
    """A name with the days between which it held; `other` is the name in the language that is not the reader's."""

    name: str
    acronym: str
    other: str
    since: str
    until: str


@dataclass(frozen=True)
class Organization:
    """What the register says of an organization, in words."""

    name: str
    kind: str
    country: str
    names: list[NameRow]
    aliases: list[dict]
    ended: str
    ended_source: SourceLine | None
    successors: list[Entered]
    took_over: list[Entered]
    parent: Entered | None
    parts: list[Entered]
    replaced_by: Entered | None
    merged: list[Entered]


def build_organization_page(key: str, names: Registers) -> Organization:
    """An organization as its page shows it. No query."""
    data = names.contents[("organization", key)]
    others = names.of_kind("organization")
    return Organization(
        name=names.organization(key),
        kind=capfirst(OrganizationKind(data["organization_kind"]).label),
        country=str(Country(data["country"]).label) if data["country"] else "",
        names=[_name_row(row, names.language) for row in sorted(data["names"], key=_since, reverse=True)],
        aliases=data["aliases"],
        ended=edtf_dates.to_text(data["ended_edtf"], names.language),
        ended_source=source_line(data["ended_source"], names) if data.get("ended_source") else None,
        successors=names.entered("organization", data["successors"]),
        took_over=names.entered("organization", [other for other in others if key in others[other]["successors"]]),
        parent=names.one("organization", data["parent"]),
        parts=names.entered("organization", [other for other in others if others[other]["parent"] == key]),
        replaced_by=names.one("organization", data["replaced_by"]),
        merged=names.entered("organization", names.merged("organization", [key]) - {key}),
    )


def _since(row: dict):
    """The present name first, whatever is known of when it began."""
    last = edtf_dates.bounds(row["until_edtf"])[1]
    return not row["until_edtf"], last or datetime.date.max, row["order"]


def _name_row(row: dict, language: str) -> NameRow:
    other = next(code for code in LANGUAGES if code != language)
    name = in_language(row, "name", language)
    return NameRow(
        name=name,
        acronym=row[f"acronym_{language}"],
        other=row[f"name_{other}"] if row[f"name_{other}"] != name else "",
        since=edtf_dates.to_text(row["since_edtf"], language),
        until=edtf_dates.to_text(row["until_edtf"], language),
    )
