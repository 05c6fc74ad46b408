"""Facts of one initiative as a paragraph that a person would write, in either language."""

import re
from collections.abc import Iterable

from hled_portal.i18n.bilingual import in_language
from initiatives.vocabulary.actions import FactKind
from initiatives.wording.grammar import capital, finished, listed, mentions, tidy, with_article
from initiatives.wording.names import Names
from initiatives.wording.quantities import number, reading_line, without_repeated_unit
from initiatives.wording.sentences import sentence as fact_sentence

from .outline import Item, Part, PlacedFact
from .records import sources_of
from .sentence import Sentence

_GOVERNMENTS = {
    "en": {"the United States and Mexico": "both governments", "the United States": "it", "Mexico": "it"},
    "es": {"México y los Estados Unidos": "", "los Estados Unidos": "", "México": ""},
}
#: A time at the head of a sentence, up to its comma.
_TIME = {
    "en": re.compile(r"^((?:In|On|Between|By|Since|From|Over|During|Throughout) [^,]*?\d{4}(?:, \d{4})?), "),
    "es": re.compile(r"^((?:En|El|Entre|Para|Desde|De|Del|Durante|A) [^,]*?\d{4}), "),
}
_SAME_TIME = {
    "en": (
        ("month", r"In [A-Z][a-z]+ \d{4}", "That same month"),
        ("day", r"On [A-Z][a-z]+ \d+, \d{4}", "That same day"),
    ),
    "es": (("month", r"En [a-z]+ de \d{4}", "Ese mismo mes"), ("day", r"El \d+ de [a-z]+ de \d{4}", "Ese mismo día")),
}
_AIM = {"en": ("The aim is to {}", "The aims are to {}"), "es": ("El objetivo es {}", "Los objetivos son {}")}
_NUMBER = {"en": "The number of {} was {}", "es": "El número de {} fue de {}"}
_TARGET = {"en": "{} is {}", "es": "{} es de {}"}
_AMOUNT = {"en": "{} came to {}", "es": "{} fue de {}"}
_AMOUNTS = {"en": "{} came to {}", "es": "{} fueron de {}"}


def build_paragraph(item: Item, names: Names, language: str) -> list[Sentence]:
    """The sentences on an initiative: context first, then what the document or the order of the facts gives."""
    leads = _leads(item.initiative)
    subject = f"initiative/{item.initiative['key']}"
    lines = build_sentences(subject, item.facts, names, language, leads)
    return [*lines, *_ties(subject, item.initiative, " ".join(line.text for line in lines), names, language)]


def build_sentences(
    subject: str, facts: Iterable[PlacedFact], names: Names, language: str, leads: list[dict]
) -> list[Sentence]:
    """Facts as sentences that follow one another: figures after what they measure, aims together at the end."""
    facts = list(facts)
    kinds = {FactKind.FIGURE, FactKind.OBJECTIVE}
    figures = [row for row in facts if row.fact["kind"] == FactKind.FIGURE]
    aims = [row for row in facts if row.fact["kind"] == FactKind.OBJECTIVE]
    others = [row for row in facts if row.fact["kind"] not in kinds]
    keys = {row.fact["key"] for row in others}
    lines: list[tuple[list[PlacedFact], str]] = []
    for rows in _alike(sorted(others, key=lambda row: row.part != Part.CONTEXT), language):
        text = _sentence_for_places(rows, names, language, leads)
        own = [row for row in figures if row.fact["of"] in {each.fact["key"] for each in rows}]
        said = [row for row in own if _is_counted(row.fact, text, language)]
        lines.append(([*rows, *said], text))
        lines += [([row], _figure(row.fact, names, language, leads)) for row in own if row not in said]
    free = [([row], _figure(row.fact, names, language, leads)) for row in figures if row.fact["of"] not in keys]
    lines = [*_shortened(lines, names, language, leads), *free]
    return [*(_sentence(subject, rows, text) for rows, text in lines), *_aims(subject, aims, language)]


def _sentence(subject: str, rows: list[PlacedFact], text: str) -> Sentence:
    facts = [row.fact for row in rows]
    return Sentence(text, tuple(f"{subject}#{fact['key']}" for fact in facts), sources_of(*facts), rows[0].part)


def _leads(initiative: dict) -> list[dict]:
    rows = sorted(initiative["participations"], key=lambda row: row["order"])
    return [row for row in rows if row["role"] == "lead"]


# The initiative as a whole

_TIES = {
    "en": {
        "funder": "The work is funded by {}",
        "builds_on": "It builds on {}",
        "complements": "It complements {}",
        "contributes_to": "It contributes to {}",
    },
    "es": {
        "funder": "El trabajo se financia con recursos de {}",
        "builds_on": "Da continuidad a {}",
        "complements": "Complementa {}",
        "contributes_to": "Contribuye a {}",
    },
}


def _ties(subject: str, initiative: dict, text: str, names: Names, language: str) -> list[Sentence]:
    """Who pays for the initiative and which programs it rests on, without what its paragraph names already."""
    rows = [(row["role"], row, "participations") for row in initiative["participations"]]
    rows += [(row["kind"], row, "links") for row in initiative["links"] if not row["initiative"]]
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind, row, part in rows:
        key = row["organization"]
        words = names.running(key, language) if key else in_language(row, "unnamed", language)
        named = names.is_named(key, text, language) if key else mentions(text, words)
        if kind in _TIES[language] and words and not named:
            groups.setdefault(kind, []).append((words, f"{subject}#{part}-{row['order']}"))
    cited = sources_of(initiative)
    return [
        Sentence(
            finished(tidy(phrase.format(listed([words for words, _record in groups[kind]], language)), language)),
            tuple(record for _words, record in groups[kind]),
            cited,
        )
        for kind, phrase in _TIES[language].items()
        if kind in groups
    ]


# Joining

_ONE = {"en": re.compile(r"(one|an?) ", re.IGNORECASE), "es": re.compile(r"(uno?|una) ", re.IGNORECASE)}


def _alike(rows: list[PlacedFact], language: str) -> list[list[PlacedFact]]:
    """Neighbours that say the same of one of several things, each at a place of its own, together."""
    groups: list[list[PlacedFact]] = []
    for row in rows:
        is_one = _ONE[language].match(in_language(row.fact, "object", language)) and row.fact["places"]
        if groups and is_one and _without_place(groups[-1][0]) == _without_place(row):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _without_place(row: PlacedFact) -> tuple:
    own = ("key", "order", "places", "citations", "participations")
    parties = [(each["role"], each["organization"], each["unnamed_en"]) for each in row.fact["participations"]]
    return row.part, {name: value for name, value in row.fact.items() if name not in own}, parties


def _sentence_for_places(rows: list[PlacedFact], names: Names, language: str, leads: list[dict]) -> str:
    """One sentence: "… one of the forums in Baja California, another in Chihuahua and another in Mexico City."."""
    first = fact_sentence(rows[0].fact, names, language, leads)
    if not rows[1:]:
        return first
    is_feminine = in_language(rows[0].fact, "object", language).lower().startswith("una ")
    another = "another" if language == "en" else "otra" if is_feminine else "otro"
    others = [f"{another} {names.located(row.fact['places'], language)}" for row in rows[1:]]
    *middle, last = others
    and_ = "and" if language == "en" else "y"
    return f"{', '.join([first.rstrip('.'), *middle])} {and_} {last}."


def _shortened(
    lines: list[tuple[list[PlacedFact], str]], names: Names, language: str, leads: list[dict]
) -> list[tuple[list[PlacedFact], str]]:
    """The second of two neighbours does not repeat the subject, nor the time that opens it."""
    shown, time, subject = [], "", ""
    for rows, text in lines:
        fact = rows[0].fact
        own_time = match[1] if (match := _TIME[language].match(text)) else ""
        rest = text[match.end() :] if match else text
        own_subject = _subject(rest, fact, names, language, leads)
        is_same = bool(own_subject) and own_subject.casefold() == subject.casefold()
        if is_same:
            rest = f"{_pronoun(own_subject, language)} {rest[len(own_subject) :].lstrip()}".strip()
        new_time = _same_time(own_time, language) if own_time and own_time == time else own_time
        if is_same or new_time != own_time:
            comma = " " if language == "es" and is_same else ", "
            text = f"{new_time}{comma}{rest}" if new_time else capital(rest)
        shown.append((rows, tidy(text, language)))
        # After a figure a pronoun would seem to mean what it counts.
        time, subject = own_time, "" if fact["kind"] == FactKind.FIGURE else own_subject
    return shown


def _subject(text: str, fact: dict, names: Names, language: str, leads: list[dict]) -> str:
    """The words of who acts, at the head of a sentence; "" where it begins otherwise."""
    candidates = list(_GOVERNMENTS[language])
    parties = [*(fact.get("participations") or []), *leads]
    running = [names.running(row["organization"], language) for row in parties if row.get("organization")]
    own = list(dict.fromkeys(running))
    candidates += own + [
        listed(own[start:end], language) for start in range(len(own)) for end in range(start + 2, len(own) + 1)
    ]
    heads = [words for words in candidates if re.match(rf"{re.escape(words)} (?!and |y |e )", text, re.IGNORECASE)]
    return text[: len(max(heads, key=len))] if heads else ""


def _pronoun(subject: str, language: str) -> str:
    if language == "es":
        return ""
    governments = {words.casefold(): pronoun for words, pronoun in _GOVERNMENTS["en"].items()}
    return governments.get(subject.casefold()) or ("they" if " and " in subject else "it")


def _same_time(time: str, language: str) -> str:
    for _unit, pattern, words in _SAME_TIME[language]:
        if re.fullmatch(pattern, time):
            return words
    return time


# Figures and aims


_NUMERALS = {
    "en": ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "es": ("dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"),
}


def _is_counted(fact: dict, text: str, language: str) -> bool:
    """Whether the sentence before says the figure already: "two calls for proposals", "19 customs offices"."""
    if fact["measure"] != "count" or len(fact["readings"]) != 1:
        return False
    (reading,) = fact["readings"]
    numerals = dict(zip(range(2, 13), _NUMERALS[language], strict=True))
    value = float(reading["value"]) if reading["value"] else None
    if value is None or reading["qualifier"] not in ("", "exactly"):
        return False
    spellings = [number(reading["value"], language), *filter(None, [numerals.get(value)])]
    return any(mentions(text, f"{spelling} {in_language(fact, 'object', language)}") for spelling in spellings)


def _figure(fact: dict, names: Names, language: str, leads: list[dict]) -> str:
    """A figure as a sentence: "The number of participants in the first forum was more than 160."."""
    object_ = in_language(fact, "object", language)
    fact = fact | {"readings": [_without_known(reading, names, leads) for reading in fact["readings"]]}
    readings = sorted(fact["readings"], key=lambda reading: reading["order"])
    if not object_ or not readings or fact["measure"] not in _LEADS:
        return fact_sentence(fact, names, language)
    lines = [
        reading_line(reading, without_repeated_unit(fact, object_, language), names, language, in_sentence=True)
        for reading in readings
    ]
    return finished(tidy(_LEADS[fact["measure"]](object_, listed(lines, language), language), language))


def _without_known(reading: dict, names: Names, leads: list[dict]) -> dict:
    """The reading without what its document and paragraph say: the day of the meeting, and who leads the initiative."""
    is_of_today = reading["as_of_edtf"] == names.on.isoformat()
    is_of_lead = reading["reporting_body"] in {row["organization"] for row in leads}
    known = {"as_of_edtf": ""} if is_of_today else {}
    return reading | known | ({"reporting_body": None} if is_of_lead else {})


def _count(object_: str, value: str, language: str) -> str:
    return _NUMBER[language].format(object_, value)


def _share(object_: str, value: str, language: str) -> str:
    words = {"en": "{} stood at {}", "es": "{} era de {}"}
    return words[language].format(_with_article(object_, language), value)


def _money(object_: str, value: str, language: str) -> str:
    words = _AMOUNTS if language == "es" and object_.partition(" ")[0].endswith("s") else _AMOUNT
    return words[language].format(_with_article(object_, language), value)


def _target(object_: str, value: str, language: str) -> str:
    return _TARGET[language].format(_with_article(object_, language), value)


_LEADS = {
    "count": _count,
    "physical_progress": _share,
    "trade": _money,
    "committed": _money,
    "mobilized": _money,
    "announced": _money,
    "target": _target,
}


def _with_article(noun: str, language: str) -> str:
    """The noun with its article; in Spanish its ending tells which."""
    if language == "en":
        return with_article(noun, "the", "en")
    first = noun.partition(" ")[0].lower()
    plural = first.endswith("s")
    stem = first.removesuffix("s")
    feminine = stem.endswith(("a", "ión", "dad", "ione", "dade")) and stem not in _MASCULINE_IN_A
    article = {(False, False): "el", (False, True): "la", (True, False): "los", (True, True): "las"}[plural, feminine]
    return with_article(noun, article, "es")


_MASCULINE_IN_A = ("programa", "sistema", "mapa", "problema", "tema", "clima", "idioma")


def _aims(subject: str, aims: list[PlacedFact], language: str) -> list[Sentence]:
    """Objectives in one sentence; those that share words up to a colon under these words, and background apart."""
    groups: dict[tuple[Part, str], list[PlacedFact]] = {}
    for row in aims:
        head, colon, _rest = in_language(row.fact, "object", language).partition(": ")
        groups.setdefault((row.part, head if colon else ""), []).append(row)
    sentences = []
    for (part, head), rows in groups.items():
        objects = [in_language(row.fact, "object", language).removeprefix(f"{head}: ").rstrip(".") for row in rows]
        if head:
            text = f"{head}: {listed(objects, language)}"
        else:
            text = _AIM[language][len(objects) > 1].format(_listed_aims(objects, language))
        records = tuple(f"{subject}#{row.fact['key']}" for row in rows)
        cited = sources_of(*(row.fact for row in rows))
        sentences.append(Sentence(finished(tidy(text, language)), records, cited, part))
    return sentences


def _listed_aims(objects: list[str], language: str) -> str:
    """Two in a row, three and more with numbers: "1) support …; 2) promote …; and 3) foster …"."""
    if len(objects) > 2:
        numbered = [f"{number}) {text}" for number, text in enumerate(objects, 1)]
        return f"{'; '.join(numbered[:-1])}; {'y' if language == 'es' else 'and'} {numbered[-1]}"
    return listed(objects if language == "es" else [objects[0], *(f"to {text}" for text in objects[1:])], language)


# Names at first mention


class Expander:
    """Puts the whole name of a body in place of its acronym the first time that a text has it."""

    def __init__(self, names: Names, language: str):
        self.language = language
        self.waiting: dict[str, str] = {}
        for kind, key in names.contents:
            if kind == "organization":
                acronym, long = names.label(key, language), names.organization(key, language, long=True)
                if acronym and long.endswith(f"({acronym})"):
                    self.waiting[acronym] = long
        words = "|".join(sorted(map(re.escape, self.waiting), key=len, reverse=True))
        article = "[Tt]he " if language == "en" else "[Ee]l |[Ll]a |[Ll]os |[Ll]as |[Aa]l |[Dd]el "
        self.pattern = (
            re.compile(rf"(?P<article>\b(?:{article}))?(?<![\w(-])(?P<acronym>{words})(?![\w)-])", re.IGNORECASE)
            if words
            else None
        )

    def expand(self, text: str) -> str:
        if self.pattern is None or not text:
            return text
        for acronym in [acronym for acronym in self.waiting if f"({acronym})" in text]:
            del self.waiting[acronym]  # The text has both already.
        return capital(self.pattern.sub(self._expanded, text))

    def _expanded(self, match: re.Match) -> str:
        acronym, article = match["acronym"], match["article"] or ""
        long = self.waiting.pop(acronym, "")
        if not long:
            return match[0]
        if self.language == "es" and article.strip().lower() in ("al", "del"):
            return f"{article}{long.removeprefix('el ')}"
        return long
