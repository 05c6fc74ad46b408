"""A project package of OC4IDS 0.9: the works at the border, for those who follow public works across publishers.

What each field says, and what this record says that the standard cannot, is in docs/standards.md. Nothing is
stated that the record does not state; what is left out is named in `hled.notes` of the project.
"""

from django.utils.translation import gettext as _
from django.utils.translation import override

from hled_portal.files.download_writers import printable
from hled_portal.i18n.bilingual import LANGUAGES, in_language
from hled_portal.web import license
from initiatives.exports.tables.context import ExportContext
from initiatives.exports.tables.table import grounds, withdrawn_rows
from initiatives.models import Edition
from initiatives.vocabulary.actions import FactKind
from initiatives.vocabulary.choices import Country, Measure, Qualifier, Role, Stage
from initiatives.vocabulary.fact_status import AWAITED, FactStatus
from initiatives.wording.quantities import reading_line
from initiatives.wording.sentences import sentence

from . import standards

OC4IDS_VERSION = "0.9"
#: Planned, under way and suspended have no place among the standard's phases: a study under way is no construction.
STATUS = {Stage.COMPLETED: "completed", Stage.CANCELLED: "cancelled"}
#: The list of roles is open: roles that it lacks have our own word.
OC4IDS_ROLES = {Role.FUNDER: "funder"}
MILESTONE_STATUS = {
    FactStatus.DONE: "met",
    FactStatus.EXPECTED: "scheduled",
    FactStatus.DATE_PASSED: "scheduled",
    FactStatus.OUTCOME_NOT_PUBLISHED: "scheduled",
}
#: The standard's word for how far the works are; the rest are ours.
METRICS = {Measure.PHYSICAL_PROGRESS: "physicalProgress"}


def package(context: ExportContext, language: str, uri: str, policy: str) -> dict | None:
    """The package of a moment in one language; None where the record holds no works: the standard asks for one.

    `uri` is the address of this very package, `policy` that of the page that explains the data.
    """
    editions = list(standards.works(context))
    if not editions:
        return None
    with override(language):
        return {
            "uri": uri,
            "version": OC4IDS_VERSION,
            "publishedDate": max(map(standards.released, editions)),
            "publisher": {"name": standards.publisher()[language]},
            "license": license.ADDRESS,
            "publicationPolicy": policy,
            "projects": [_Project(row, context, language).to_dict() for row in editions],
            "hled": {
                "as_of": context.at.day.isoformat(),
                "publication": context.at.publication,
                "withdrawn": [_marker(row) for row in withdrawn_rows(context, ("initiative",))],
            },
        }


def _marker(row: dict) -> dict:
    days = {name: row[name].isoformat() for name in ("public_from", "public_until")}
    return {name: value for name, value in row.items() if name not in ("subject", "withdrawn")} | days


def _without_nothing(values: dict) -> dict:
    """The standard allows no empty text, list or object."""
    return {name: value for name, value in values.items() if value not in ("", None, [], {})}


class _Project:
    """One initiative as a project, in the language of the package; texts of the record in the other one too."""

    def __init__(self, edition: Edition, context: ExportContext, language: str):
        self.edition, self.context, self.language = edition, context, language
        self.data = edition.data
        self.facts = [fact for fact in self.data["facts"] if fact["kind"] == FactKind.MILESTONE]
        self.figures = [fact for fact in self.data["facts"] if fact["kind"] == FactKind.FIGURE and fact["readings"]]

    def to_dict(self) -> dict:
        data = self.data
        project = {
            "id": standards.identifier(data["key"]),
            "identifiers": [{"id": data["key"], "scheme": standards.PREFIX}],
            "updated": standards.released(self.edition),
            "language": self.language,
            "title": self._text(data, "title"),
            "description": self._text(data, "summary"),
            "status": STATUS.get(data["stage"]),
            "additionalClassifications": [self._topic(key) for key in data["topics"]],
            "relatedProjects": self._related(),
            "locations": [self._location(key) for key in data["places"]],
            "parties": self._parties(),
            "documents": self._documents(),
            "milestones": [self._milestone(fact) for fact in self.facts],
            "metrics": self._metrics("actual", "baseline"),
            "forecasts": self._metrics("target"),
            "hled": self._ours(),
        }
        return _without_nothing(project)

    def _text(self, row: dict, name: str) -> str:
        return printable(in_language(row, name, self.language))

    def _name(self, kind: str, key: str) -> str:
        return self.context.named("name", kind, key)[f"name_{self.language}"]

    def _topic(self, key: str) -> dict:
        topic = {"scheme": f"{standards.PREFIX}-TOPIC", "id": key, "description": self._name("topic", key)}
        return _without_nothing(topic)

    def _related(self) -> list[dict]:
        """Links to other initiatives that are public; the words for their kind are ours."""
        links = [link for link in self.data["links"] if self.context.public_initiative(link["initiative"])]
        return [
            {
                "id": str(link["order"]),
                "scheme": standards.PREFIX,
                "identifier": standards.identifier(link["initiative"]),
                "relationship": link["kind"],
            }
            for link in links
        ]

    def _location(self, key: str) -> dict:
        place = self.context.contents.get(("place", key))
        location = {"id": key, "description": self._name("place", key)}
        if spot := standards.spot(place):
            location["geometry"] = {"type": "Point", "coordinates": [float(spot[1]), float(spot[0])]}
        if place and place["country"]:
            location["address"] = {"countryName": str(Country(place["country"]).label)}
        return _without_nothing(location)

    def _parties(self) -> list[dict]:
        """Each body once, with all its roles; an unnamed group has a number for its key."""
        parties: dict[str, dict] = {}
        for row in self.data["participations"]:
            key = row["organization"]
            name = standards.organization_identifier(key) if key else str(row["order"])
            words = standards.party_name(row, self.context)[self.language]
            party = parties.setdefault(name, {"id": name, "name": words, "roles": []})
            if key:
                party["identifier"] = {"scheme": standards.PREFIX, "id": key}
            role = OC4IDS_ROLES.get(row["role"], row["role"])
            if role not in party["roles"]:
                party["roles"].append(role)
        return [_without_nothing(party) for party in parties.values()]

    def _documents(self) -> list[dict]:
        keys = {citation["source"] for citation in self.data["citations"]} | {self.edition.source_key}
        sources = {key: self.context.contents.get(("source", key)) for key in sorted(keys)}
        return [self._document(key, source) for key, source in sources.items() if source]

    def _document(self, key: str, source: dict) -> dict:
        day = standards.exact_day(source["date_edtf"])
        document = {
            "id": key,
            "title": self._text(source, "name"),
            "url": source["address"],
            "datePublished": day and standards.begins(day),
            "language": source["language"],
        }
        return _without_nothing(document)

    def _milestone(self, fact: dict) -> dict:
        """It has a day where that is exact; what ended without being met has no status that says so."""
        day, status = standards.exact_day(fact["date_edtf"]), self.context.fact_status(self.edition, fact)
        milestone = {
            "id": fact["key"],
            "title": self._text(fact, "object"),
            "description": printable(sentence(fact, self.context.names, self.language)),
            "status": MILESTONE_STATUS.get(status),
            "dateMet": standards.begins(day) if day and status == FactStatus.DONE else None,
            "dueDate": standards.ends(day) if day and fact["modality"] in AWAITED else None,
        }
        ours = {name: fact[name] for name in ("side", "action", "modality", "relation", "end_reason")}
        return _without_nothing(milestone) | {"hled": ours | {"edtf": fact["date_edtf"]}}

    def _metrics(self, *statuses: str) -> list[dict]:
        metrics = []
        for fact in self.figures:
            rows = [self._observation(fact, row) for row in fact["readings"] if row["status"] in statuses]
            if rows:
                metrics.append({"id": self._metric(fact), "title": self._text(fact, "object"), "observations": rows})
        return metrics

    def _metric(self, fact: dict) -> str:
        """The standard's word for the one figure of its kind; else the key of the figure."""
        alone = [figure["measure"] for figure in self.figures].count(fact["measure"]) == 1
        return METRICS.get(fact["measure"], fact["key"]) if alone else fact["key"]

    def _observation(self, fact: dict, reading: dict) -> dict:
        """A number is given where the text has it exactly; “almost 60%” is given in words alone."""
        exact = reading["value"] if reading["qualifier"] == Qualifier.EXACTLY else None
        observation = {
            "id": f"{fact['key']}-{reading['order']}",
            "notes": printable(reading_line(reading, fact, self.context.names, self.language)),
            "period": self._period(reading),
        }
        if exact and standards.is_money(fact) and fact["currency"]:
            observation["value"] = {"amount": float(exact), "currency": fact["currency"]}
        elif exact and not standards.is_money(fact):
            observation |= {"measure": exact, "unit": _without_nothing({"name": self._text(fact, "unit")})}
        ours = {name: reading[name] for name in ("status", "qualifier", "value", "as_of_edtf", "as_of_inferred")}
        return _without_nothing(observation) | {"hled": ours | {"period_edtf": reading["period_edtf"]}}

    def _period(self, reading: dict) -> dict | None:
        """The day of a reading, where the text itself gives one."""
        day = standards.exact_day(reading["as_of_edtf"])
        if not day or reading["as_of_inferred"]:
            return None
        return {"startDate": standards.begins(day), "endDate": standards.ends(day)}

    def _ours(self) -> dict:
        """Which edition this is, and what it says that the standard cannot."""
        edition = self.edition
        texts = {
            name: printable(self.data[name])
            for part in ("title", "summary")
            for name in (f"{part}_{language}" for language in LANGUAGES)
        }
        return texts | {
            "key": edition.subject_key,
            "edition": edition.number,
            "digest": edition.digest,
            "basis": edition.basis,
            "basis_text": grounds(edition, self.context)[f"basis_text_{self.language}"],
            "public_from": edition.public_from.isoformat(),
            "publication": edition.publication,
            "stage": self.data["stage"],
            "address": self.context.address("initiative", edition.subject_key),
            "notes": self._notes(),
        }

    def _notes(self) -> list[str]:
        notes = []
        if self.data["stage"] not in STATUS:
            stage = Stage(self.data["stage"]).label
            notes.append(_("The status “%(stage)s” does not match any OC4IDS project status.") % {"stage": stage})
        notes += [
            standards.without_day(fact)[self.language]
            for fact in self.facts
            if fact["date_edtf"] and not standards.exact_day(fact["date_edtf"])
        ]
        notes += [
            standards.without_currency(fact)[self.language]
            for fact in self.figures
            if standards.is_money(fact) and not fact["currency"]
        ]
        return notes
