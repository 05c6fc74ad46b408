"""Names of register entries in sentences, from their frozen contents."""

import re
from datetime import date

from hled_portal.dates.edtf_dates import bounds
from hled_portal.i18n.bilingual import in_language

from .grammar import is_plural, is_plural_english, listed, mentions, with_article

# In English the acronym of a body that is no office of one country takes its article: "the OECD", but "SEDENA".
_WITH_ARTICLE = ("international", "group", "programme", "law", "fund")

# Places have no article column: the first word of the name determines the article.
_ARTICLES = {
    "en": dict.fromkeys(
        ("united", "border", "caribbean", "isthmus", "gulf", "western hemisphere", "southern border")
        + ("northern border", "southeastern", "northeastern", "southwestern", "northwestern", "northern triangle"),
        "the",
    ),
    "es": {
        **dict.fromkeys(("sur", "norte", "sureste", "noreste", "suroeste", "noroeste", "centro", "hemisferio"), "el"),
        **dict.fromkeys(("puerto", "cruce", "puente", "nuevo", "istmo", "golfo", "triángulo", "valle", "caribe"), "el"),
        **dict.fromkeys(("región", "frontera", "garita", "zona", "península", "franja"), "la"),
        "estados": "los",
        "nuevo méxico": "",
        "nuevo león": "",
        "nuevo laredo": "",
        "ciudad de méxico": "la",
    },
}
_COMMON_NOUNS = {
    "en": ("southern", "northern", "central-northern", "border", "southeastern", "northeastern", "southwestern")
    + ("northwestern", "isthmus"),
    "es": tuple(word for word in _ARTICLES["es"] if " " not in word and word not in ("estados", "golfo", "caribe")),
}
_GENERIC = re.compile(
    r"\b(international )?(port of entry|poe|bridge|border crossing|crossing)\b"
    r"|\b(puerto de entrada|puerto fronterizo|cruce fronterizo|cruce|puente)( internacional)?( de| del)?\b",
    re.IGNORECASE,
)
_AT = ("crossing", "port_of_entry")
_ON = re.compile(r"\bborder(?! (crossing|region))\b", re.IGNORECASE)
# A "new" crossing is an adjective before a noun; "Puente Internacional" is a name.
_NEW = {"en": re.compile(r"new\b.*\b(crossing|bridge)\b"), "es": re.compile(r"nuevo (cruce|puente)\b")}
_NAMED = re.compile(r"\w+ [A-ZÁÉÍÓÚ]\w+al\b")


def with_outer_place(name: str, outer: str) -> str:
    """A place with what it lies in: "Guadalajara, Jalisco". Some names give it already: "Nogales, Arizona"."""
    return name if name == outer or name.endswith(f", {outer}") else f"{name}, {outer}"


class Names:
    """Names of register entries as they were on a day.

    `contents` maps ("organization", "usaid") to the frozen content of that entry; a missing one is shown by its key.
    Without a day the present names are used. `read_on`: the day of a reader who is shown these names later.
    """

    def __init__(self, contents: dict[tuple[str, str], dict], on: date | None = None, read_on: date | None = None):
        self.contents = contents
        self.on = on
        self.read_on = read_on or on

    # Organizations

    def organization(self, key: str, language: str, long: bool = False) -> str:
        """The acronym, or the name with its article where there is none; `long` gives both."""
        name, acronym, article = self._words(key, language)
        full = with_article(name, article, language)
        if long:
            return f"{full} ({acronym})" if acronym else full
        return acronym or full

    def label(self, key: str, language: str) -> str:
        """The acronym or the name, without article: for brackets and lists."""
        name, acronym, _article = self._words(key, language)
        return acronym or name

    def full(self, key: str, language: str) -> str:
        """The whole name, without article or acronym: for tables."""
        return self._words(key, language)[0]

    def running(self, key: str, language: str) -> str:
        """The short form in a sentence: "SEDENA", "la SEDENA", "the OECD"."""
        name, acronym, article = self._words(key, language)
        kind = self.contents.get(("organization", key), {}).get("organization_kind")
        if acronym and language == "en" and kind not in _WITH_ARTICLE:
            return acronym
        return with_article(acronym or name, article, language)

    def plural(self, key: str) -> bool:
        """Whether the verb of this organization is in the plural: its Spanish article is los or las."""
        return self._valid(key).get("article_es") in ("los", "las")

    def is_named(self, key: str, text: str, language: str) -> bool:
        """Whether the text names the organization already, by acronym or by name."""
        name, acronym, _article = self._words(key, language)
        return mentions(text, name) or mentions(text, acronym)

    def _words(self, key: str, language: str) -> tuple[str, str, str]:
        valid = self._valid(key)
        if not valid.get(f"name_{language}"):
            language = "es" if language == "en" else "en"
        # An acronym of one language alone is not one of the other: CEB is known in Spanish, DOC in English.
        name, acronym = valid.get(f"name_{language}") or key, valid.get(f"acronym_{language}", "")
        return name, acronym, valid.get(f"article_{language}", "")

    def _valid(self, key: str) -> dict:
        """The name in use on the day; the first one before all of them, the last one after."""
        names = self.contents.get(("organization", key), {}).get("names", [])
        names = sorted(names, key=lambda name: bounds(name.get("since_edtf") or "")[0] or date.min)
        if self.on is None:
            return next((n for n in names if not n.get("until_edtf")), names[-1] if names else {})
        begun = [n for n in names if (bounds(n.get("since_edtf") or "")[0] or date.min) <= self.on]
        held = [n for n in begun if (bounds(n.get("until_edtf") or "")[1] or date.max) >= self.on]
        return (held or begun or names[:1] or [{}])[-1]

    # Places

    def place(self, key: str, language: str) -> str:
        """The name of a place, a city with its state: "Guadalajara, Jalisco"."""
        content = self._place(key)
        parent = self._place(content.get("parent") or "")
        words = in_language(content, "name", language) or key
        state = in_language(parent, "name", language)
        is_city_of_state = content.get("place_kind") == "city" and parent.get("place_kind") == "state"
        return with_outer_place(words, state) if is_city_of_state else words

    def places(self, keys: list[str], language: str) -> str:
        """A list of places; one in which another of them lies is not repeated."""
        return listed([self.place(key, language) for key in self._narrowest(keys)], language)

    def located(self, keys: list[str], language: str, text: str = "") -> str:
        """Where, with preposition and article, leaving out what the text `text` names already; "" for nowhere."""
        keys = [key for key in self._narrowest(keys) if not self._is_mentioned(key, text, language)]
        at = [key for key in keys if language == "en" and self._place(key).get("place_kind") in _AT]
        on = [key for key in keys if language == "en" and key not in at and _ON.search(self.place(key, language))]
        inside = [key for key in keys if key not in at and key not in on]
        groups = (("at", at), ("on", on), ("en" if language == "es" else "in", inside))
        told_groups = (listed([self._placed(key, language) for key in some], language) for _word, some in groups)
        return " ".join(f"{group[0]} {words}" for group, words in zip(groups, told_groups, strict=True) if words)

    def _place(self, key: str) -> dict:
        return self.contents.get(("place", key), {})

    def _ancestors(self, key: str) -> set[str]:
        ancestors: set[str] = set()
        waiting = [key]
        while waiting:
            content = self._place(waiting.pop())
            above = {content.get("parent"), content.get("city")} - ancestors - {None, ""}
            ancestors |= above
            waiting += above
        return ancestors

    def _narrowest(self, keys: list[str]) -> list[str]:
        wider = set().union(*(self._ancestors(key) for key in keys))
        return [key for key in dict.fromkeys(keys) if key not in wider]

    def _is_mentioned(self, key: str, text: str, language: str) -> bool:
        name = in_language(self._place(key), "name", language) or key
        core = (
            " ".join(_GENERIC.sub(" ", name.partition(" (")[0]).split())
            if self._place(key).get("place_kind") in _AT
            else name
        )
        return mentions(text, name) or mentions(text, core)

    def _placed(self, key: str, language: str) -> str:
        """The place in running text: common nouns in lower case, and the article that they need."""
        words = self.place(key, language)
        first, two = words.partition(" ")[0].lower(), " ".join(words.lower().split()[:2])
        articles = _ARTICLES[language]
        article = articles.get(words.lower(), articles.get(two, articles.get(first, "")))
        generic = self._place(key).get("place_kind") in _AT and _GENERIC.search(words)
        if language == "en" and (generic or words.endswith(" region")):
            article = "the"
        is_new = bool(_NEW[language].match(words.lower()))
        is_common = first in _COMMON_NOUNS[language] and (article or language == "en") and not _NAMED.match(words)
        if is_new or is_common:
            words = words[:1].lower() + words[1:]
        return with_article(words, article, language)


def unnamed_is_plural(participation: dict, language: str) -> bool:
    """Grammatical number of an unnamed group; from the Spanish text, or else the English one."""
    english = participation.get("unnamed_en", "")
    if participation.get("unnamed_es") and not (language == "en" and english.lower().endswith("united states")):
        return is_plural(participation["unnamed_es"])
    return is_plural_english(english)
