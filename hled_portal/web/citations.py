"""How a page of the record is cited: text, BibTeX and RIS, with a permanent address."""

import datetime
import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import quote

from django.conf import settings
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hled_portal.dates import as_of as moments
from hled_portal.i18n.bilingual import active_language
from hled_portal.models import Publication
from hled_portal.publishing import prepared_queries

from .absolute_urls import absolute

#: Parameters that a citation leaves out or sets itself: the moment, the page of a list, and how its panel is shown.
NOT_CITED = ("as_of", "publication", "page", "options")


@dataclass(frozen=True)
class Reference:
    """What names one page of the record. `edition` is empty where it is not of one edition."""

    title: str
    authors: list[str]
    site: str
    address: str
    as_of: datetime.date
    publication: int
    accessed: datetime.date
    language: str
    key: str
    edition: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The reference as a line of text."""
        return f"{self.text_without_address} {self.address}"

    @property
    def text_without_address(self) -> str:
        """The text up to the address, which is in no language."""
        parts = [f"{'; '.join(self.authors)}.", _("“%(title)s.”") % {"title": self.title.rstrip(".")}, f"{self.site}."]
        parts += [f"{line}." for line in (*self.versions, *self.notes)]
        accessed = _("Accessed %(date)s") % {"date": date_format(self.accessed, "DATE_FORMAT")}
        return " ".join([*parts, f"{accessed}:"])

    @property
    def versions(self) -> list[str]:
        """Edition, day and publication of the record."""
        values = {"date": date_format(self.as_of, "DATE_FORMAT"), "number": self.publication}
        lines = [_("Version %(number)s") % {"number": self.edition}] if self.edition else []
        lines.append(_("Record as of %(date)s, publication %(number)s") % values)
        return lines

    @property
    def query(self) -> str:
        """The part of the address that asks for the moment."""
        return moments.Moment(self.as_of, self.publication or None).query

    @property
    def bibtex(self) -> str:
        """An entry that every BibTeX reads: of the common kind `misc`, in ASCII."""
        fields = {
            "author": " and ".join(f"{{{_latex(author)}}}" for author in self.authors),
            "title": f"{{{_latex(self.title)}}}",
            "year": str(self.as_of.year),
            "month": str(self.as_of.month),
            "howpublished": _latex(self.site),
            "edition": _latex(str(self.edition)) if self.edition else "",
            "note": _latex(". ".join([*self.versions, *self.notes])),
            "url": self.address,
            "urldate": self.accessed.isoformat(),
            "langid": {"en": "english", "es": "spanish"}[self.language],
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@misc{{{self.key},", *lines, "}", ""])

    @property
    def ris(self) -> str:
        """A record of kind `ELEC` (web page); each tag on a line of its own, lines end as the format asks."""
        rows = [("TY", "ELEC"), ("ID", self.key), ("TI", self.title), *(("AU", author) for author in self.authors)]
        rows += [("PB", self.site), ("PY", str(self.as_of.year)), ("DA", self.as_of.strftime("%Y/%m/%d"))]
        rows += [("ET", str(self.edition))] if self.edition else []
        rows += [("N1", line) for line in (*self.versions, *self.notes)]
        rows += [("LA", self.language), ("UR", self.address), ("Y2", self.accessed.strftime("%Y/%m/%d"))]
        return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in [*rows, ("ER", "")])


def _newest():
    return Publication.objects.order_by("-number").values_list("number")[:1]


def build_reference(
    request, title: str, edition=None, path: str = "", moment: dict | None = None, note: str = ""
) -> Reference:
    """The reference of a page: of the moment that it shows, up to the head of the log. One query for a page of today.

    `edition`: the one that the page shows; `note` says what it is based on, where no government approved it. `path`
    replaces the request's own, `moment` its query string.
    """
    at = moments.from_request(request)
    publication = at.publication or next((number for (number,) in prepared_queries.fetch_raw(_newest)), 0)
    address = _address(request, path or request.path, moment, at.day, publication)
    site = _("Portal of the U.S.-Mexico High-Level Economic Dialogue")
    owners = [owner.strip() for owner in settings.SITE_OWNERS.split(";") if owner.strip()]
    return Reference(
        title=title,
        authors=owners or [site],
        site=site,
        address=address,
        as_of=at.day,
        publication=publication,
        accessed=moments.today(),
        language=active_language(),
        key=f"hled-{edition.subject_key if edition else 'record'}-{at.day.isoformat()}-{publication}",
        edition=edition.number if edition else None,
        notes=[note.rstrip(".")] if edition and edition.basis == "joint_text" and note else [],
    )


def _address(request, path: str, moment: dict | None, day: datetime.date, publication: int) -> str:
    query = QueryDict(mutable=True)
    for name, values in (request.GET if moment is None else _listed(moment)).lists():
        if name not in NOT_CITED:
            query.setlist(name, values)
    query["as_of"] = day.isoformat()
    if publication:  # Before the first, there is none to name.
        query["publication"] = str(publication)
    return absolute(request, f"{quote(path, safe='/%')}?{query.urlencode()}")


def _listed(moment: dict) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update(moment)
    return query


# LaTeX

_SPECIAL_LETTERS = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",  # BibTeX counts braces, escaped ones too.
    "}": r"\textbraceright{}",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "$": r"\$",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "«": r"\guillemotleft{}",
    "»": r"\guillemotright{}",
    "–": "--",
    "—": "---",
    "¿": r"\textquestiondown{}",
    "¡": r"\textexclamdown{}",
    "ª": r"\textordfeminine{}",
    "º": r"\textordmasculine{}",
}
_SPECIAL = str.maketrans(_SPECIAL_LETTERS)
_ACCENTS = {"\u0301": "'", "\u0300": "`", "\u0308": '"', "\u0303": "~", "\u0302": "^", "\u0327": "c"}


def _latex(text: str) -> str:
    """The text with all that LaTeX reads otherwise escaped, and letters with accents in ASCII."""
    text = unicodedata.normalize("NFC", " ".join(text.split())).translate(_SPECIAL)
    return text if text.isascii() else "".join(map(_accented, text))


def _accented(letter: str) -> str:
    base, *marks = unicodedata.normalize("NFD", letter)
    if not re.fullmatch("[A-Za-z]", base) or len(marks) != 1 or marks[0] not in _ACCENTS:
        return letter
    base = {"i": r"\i", "j": r"\j"}.get(base, base) if marks[0] != "\u0327" else base
    return f"{{\\{_ACCENTS[marks[0]]}{{{base}}}}}"
