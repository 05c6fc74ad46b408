"""What a row needs besides its own content: the moment, the public names of that moment, addresses."""

from dataclasses import replace

from django.urls import reverse

from hled_portal.dates import edtf_dates
from hled_portal.dates.as_of import Moment, newest_publication
from hled_portal.i18n.bilingual import LANGUAGES, active_language, in_language
from hled_portal.publishing import kept_results
from hled_portal.publishing.signed_text import Basis
from initiatives.content import basis, snapshot_content
from initiatives.models import Edition
from initiatives.record.name_lookup import MAX_MOMENTS, public_of_kinds
from initiatives.vocabulary.fact_status import FactStatus, frozen_fact_status, is_cycle_over
from initiatives.wording import sentences

#: Kinds of texts that give others their names.
NAMED_KINDS = ("organization", "place", "topic", "source", "pillar")


class ExportContext:
    """The public record of one moment, as rows refer to it. Two queries for a moment that is not kept;
    outside a request two for its version, and one without a publication number.

    The moment is fixed to a publication, so that a release in the middle of a long download changes nothing in it.
    `site` begins each absolute address, such as `https://dialogue.example`.
    """

    def __init__(self, at: Moment, site: str):
        publication = at.publication if at.publication is not None else newest_publication()
        self.at = replace(at, publication=publication, asked=True)
        self.requested = at
        self.site = site
        self.language = active_language()
        self._basis_texts: dict[tuple[str, str, bool], dict] = {}
        named = public_of_kinds(self.at, *NAMED_KINDS)
        self.contents = {(edition.subject_kind, edition.subject_key): edition.data for edition in named}
        self.source_days = snapshot_content.source_days(self.contents)
        self.pillars = [content for (kind, _key), content in self.contents.items() if kind == "pillar"]
        self.names = sentences.Names(self.contents, on=at.day)
        self.initiatives = _public_initiatives(self.at)

    def address(self, page: str, key: str, anchor: str = "") -> str:
        """The permanent address of a page at this moment, in the language of the reader."""
        return _address(self.site, page, key, self.at.query, anchor)

    def living_address(self, page: str, key: str, anchor: str = "") -> str:
        """The page at the requested moment, or its current state."""
        return _address(self.site, page, key, self.requested.query, anchor)

    def public_initiative(self, key: str | None) -> str:
        """The key, or nothing where no edition of it is public: what is not public is not named."""
        return key if key in self.initiatives else ""

    def named(self, name: str, kind: str, key: str | None) -> dict:
        """The name of a register entry in both languages; empty where none of it is public."""
        content = self.contents.get((kind, key or ""))
        if kind == "organization":
            words = {language: self.names.full(key, language) if content else "" for language in LANGUAGES}
        else:
            words = {language: in_language(content, "name", language) if content else "" for language in LANGUAGES}
        return {f"{name}_{language}": words[language] for language in LANGUAGES}

    def places(self, keys: list[str]) -> dict:
        """The columns of `columns.places`."""
        names = {f"place_names_{language}": [self.names.place(key, language) for key in keys] for language in LANGUAGES}
        return {"places": keys} | names

    def date(self, name: str, edtf: str, row: dict | None = None) -> dict:
        """The columns of `columns.date`; the words of `row["date_wording"]` where the text has words of its own."""
        earliest, latest = edtf_dates.bounds(edtf)
        wording = in_language(row, "date_wording", self.language) if row else ""
        return {
            f"{name}_text": edtf_dates.to_text(edtf, self.language, wording),
            f"{name}_edtf": edtf,
            f"{name}_earliest": earliest,
            f"{name}_latest": latest,
        }

    def basis_text(self, edition: Edition) -> dict:
        """On what basis a text is public, in words of both languages."""
        source = self.contents.get(("source", edition.source_key))
        is_own = edition.basis == Basis.KEYS or basis.is_from_text(edition, source)
        known = (edition.basis, edition.source_key, is_own)
        if known not in self._basis_texts:
            self._basis_texts[known] = {
                f"basis_text_{language}": basis.basis_text(edition, source, language) for language in LANGUAGES
            }
        return self._basis_texts[known]

    def fact_status(self, edition: Edition, fact: dict) -> FactStatus | None:
        """The status on the day of a fact of this initiative or meeting."""
        ends = snapshot_content.cycle_ends(edition.data, self.pillars)
        return frozen_fact_status(fact, self.at.day, cycle_over=is_cycle_over(ends, self.at.day))


@kept_results.keep(MAX_MOMENTS, in_language=False)
def _public_initiatives(at: Moment) -> frozenset[str]:
    return frozenset(Edition.objects.public(at).initiatives().order_by().values_list("subject_key", flat=True))


def _address(site: str, page: str, key: str, query: str, anchor: str) -> str:
    query, anchor = f"?{query}" if query else "", f"#{anchor}" if anchor else ""
    return f"{site}{reverse(page, args=[key])}{query}{anchor}"
