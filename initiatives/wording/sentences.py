"""Sentences from facts, in both languages: actor, action, object, place, date, and who else took part.

Works on the frozen contents of editions alone: whoever shows a sentence needs no table of the record.
"""

import re
from collections.abc import Sequence

from hled_portal.dates.edtf_dates import duration_to_text, phrase, to_text
from hled_portal.i18n.bilingual import in_language
from initiatives.vocabulary.actions import VERBS, FactKind
from initiatives.vocabulary.fact_status import AWAITED

from . import periods, verb_phrases
from .grammar import capital, finished, listed, mentions, tidy
from .names import Names, unnamed_is_plural
from .quantities import reading_line, without_repeated_unit

__all__ = ["Names", "entry_line", "sentence", "who_acts"]

# Name, and whether the verb is in the plural.
_GOVERNMENTS = {
    "en": {
        "US": ("the United States", False),
        "MX": ("Mexico", False),
        "joint": ("the United States and Mexico", True),
    },
    "es": {
        "US": ("los Estados Unidos", True),
        "MX": ("México", False),
        "joint": ("México y los Estados Unidos", True),
    },
}
_ENDS = {
    "en": {
        "dropped": "This milestone was dropped",
        "replaced": "This milestone was replaced by another",
        "merged": "This milestone was merged into another",
    },
    "es": {
        "dropped": "Este hito se descartó",
        "replaced": "Este hito se sustituyó por otro",
        "merged": "Este hito se fusionó con otro",
    },
}
# Roles after the date, in this order; singular and plural.
_ROLES = {
    "en": {
        "implementer": ("through {}",) * 2,
        "host": ("hosted by {}",) * 2,
        "chair": ("chaired by {}",) * 2,
        "supporter": ("with support from {}",) * 2,
        "funder": ("with funding from {}",) * 2,
        "participant": ("with the participation of {}",) * 2,
        "reporting_body": ("as reported by {}",) * 2,
    },
    "es": {
        "implementer": ("por conducto de {}",) * 2,
        "host": ("con {} como institución anfitriona", "con {} como instituciones anfitrionas"),
        "chair": ("bajo la presidencia de {}",) * 2,
        "supporter": ("con el apoyo de {}",) * 2,
        "funder": ("con financiamiento de {}",) * 2,
        "participant": ("con la participación de {}",) * 2,
        "reporting_body": ("según informa {}", "según informan {}"),
    },
}
_TRANSFER_ACTIONS = ("provide", "send", "award")
# A host of students who are sent, or of a visit, is not the one who sends or visits.
_HOST_ACTS = ("host", "convene", "hold", "train")

_MODES = {
    "en": {"in_person": "in person", "virtual": "virtual", "hybrid": "hybrid"},
    "es": {
        "in_person": "en modalidad presencial",
        "virtual": "en modalidad virtual",
        "hybrid": "en modalidad híbrida",
    },
}
_MODE_PATTERN = re.compile(
    r"virtual|hybrid|híbrid|in[ -]person|presencial|webinar|seminarios? web|en línea|online", re.IGNORECASE
)
_SERIES_PATTERN = re.compile(
    r"\b(first|second|third|fourth|fifth|last|\d+(st|nd|rd|th)?) of\b"
    r"|\bone of (the )?(two|three|four|five)\b|quarterly|trimestral"
    r"|\bun[oa] de (l[oa]s )?(dos|tres|cuatro|cinco)\b"
    r"|\b(primer[oa]?|segund[oa]|tercer[oa]?|cuart[oa]|quint[oa]|últim[oa]|\d+) de\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r",|\b(that|which|who|whom|que|quienes?)\b", re.IGNORECASE)
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_CARDINALS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_RHYTHMS = {"P1W": "weekly", "P7D": "weekly", "P1M": "monthly", "P3M": "quarterly", "P1Y": "yearly", "P12M": "yearly"}
_EACH = {"P1W": "cada semana", "P1M": "cada mes", "P1Y": "cada año", "P1D": "cada día"}

_MEASURES = {
    "en": {
        "count": "count",
        "physical_progress": "physical progress",
        "design_stage": "design stage",
        "trade": "trade",
        "committed": "committed amount",
        "mobilized": "mobilized amount",
        "announced": "announced amount",
        "target": "target amount",
    },
    "es": {
        "count": "cantidad",
        "physical_progress": "avance físico",
        "design_stage": "etapa de diseño",
        "trade": "comercio",
        "committed": "monto comprometido",
        "mobilized": "monto movilizado",
        "announced": "monto anunciado",
        "target": "monto previsto",
    },
}


def sentence(fact: dict, names: Names, language: str, leads: Sequence[dict | str] = ()) -> str:
    """Tell one fact in one sentence (a second one where a milestone ended without being met).

    `leads` act where the fact names none of its own: participations, or keys of organizations, of its initiative.
    Where nobody is named, what one government did is told without an actor. What a text of an earlier day than that of
    the names said of the future or of its own day is told in the past. Raises KeyError for an unknown action.
    """
    if fact["kind"] == FactKind.FIGURE:
        return _figure(fact, names, language)
    if fact["kind"] == FactKind.OBJECTIVE:
        return finished(tidy(in_language(fact, "object", language), language))
    actors = _actors(fact, leads)
    actor, plural = _actor(actors, fact, names, language)
    whole = in_language(fact, "object", language)
    object_, condition = _split_condition(whole, fact, language)
    roles = _other_roles(fact, actors, f"{actor} {whole}", names, language)
    partner, text = roles.pop("partner", ""), periods.text_day(fact, names)
    is_later = periods.is_past(text, names)
    past = fact["modality"] not in ("", "happened") and is_later
    date = _date(fact, whole, text, language, past)
    impersonal = not actors and fact["side"] != "joint" and verb_phrases.has_passive(fact)
    if impersonal:
        actor, verb = verb_phrases.passive(fact, object_, language)
        words, named = [actor, verb], whole
    else:
        if partner and _is_long(object_):
            actor, partner = f"{actor}, {partner},", ""
        since = date.startswith("since ") if fact["modality"] == "happened" else _relation(fact) == "since"
        verb = verb_phrases.active(fact, plural, language, since, is_later)
        words = [actor, verb, object_]
        named = whole if actors else f"{actor} {whole}"
    place, aside = _place(fact, named, names, language), _aside(fact, whole, language)
    parties = [partner, roles.pop("recipient", "")]
    if place and _is_long(object_):
        clause = [*words, *parties, place if not aside else place.rstrip(","), aside]
    else:
        clause = [*words, aside, *parties, place]
    clause.append(_habit(fact, language))
    comes_first = date and (_is_time_of(fact) if past else _comes_first(fact, object_))
    clause = [f"{date},", *clause] if comes_first else [*clause, date]
    if past and not comes_first and not verb_phrases.has_ended(fact):
        clause = [f"{periods.anchor(text, language)},", *clause]
    line = ", ".join([" ".join(filter(None, clause)).rstrip(","), *roles.values(), *filter(None, [condition])])
    return finished(tidy(line, language)) + _end(fact, language)


def entry_line(action: str, object: str, language: str) -> str:
    """The action on its object, for lists: "Complete the feasibility study", "Concluir el estudio"."""
    verb = VERBS[action]
    infinitive = verb.es.infinitive if language == "es" else verb.en.base
    return capital(tidy(f"{infinitive} {object}", language))


def who_acts(fact: dict, names: Names, language: str) -> str:
    """Those who act, for tables; empty where the text names nobody."""
    return listed([_party(participation, names, language) for participation in _actors(fact, ())], language)


# Who


def _actors(fact: dict, leads: Sequence[dict | str]) -> list[dict]:
    """The participations that act: leads, hosts of what is hosted, or the leads that the caller gives."""
    own = sorted(fact.get("participations") or [], key=lambda participation: participation["order"])
    for role in ("lead", "host"):
        acting = [participation for participation in own if participation["role"] == role]
        if acting and (role == "lead" or fact["action"] in _HOST_ACTS):
            return acting
    return [{"organization": lead} if isinstance(lead, str) else lead for lead in leads]


def _actor(actors: list[dict], fact: dict, names: Names, language: str) -> tuple[str, bool]:
    """Words of the actor, and whether its verb is in the plural."""
    if not actors:
        governments = _GOVERNMENTS[language]
        return governments.get(fact.get("side"), governments["joint"])
    return listed([_party(p, names, language) for p in actors], language), _many(actors, names, language)


def _many(parties: list[dict], names: Names, language: str) -> bool:
    if len(parties) > 1:
        return True
    key = parties[0].get("organization")
    return names.plural(key) if key else unnamed_is_plural(parties[0], language)


def _party(participation: dict, names: Names, language: str) -> str:
    key = participation.get("organization")
    return names.running(key, language) if key else in_language(participation, "unnamed", language)


def _other_roles(fact: dict, actors: list[dict], text: str, names: Names, language: str) -> dict[str, str]:
    """Who else took part, role by role, without those who act and those whom the text `text` names."""
    acting = {participation.get("organization") for participation in actors} - {None}
    by_role: dict[str, list[dict]] = {}
    for participation in sorted(fact.get("participations") or [], key=lambda each: each["order"]):
        key = participation.get("organization")
        named = names.is_named(key, text, language) if key else mentions(text, _party(participation, names, language))
        if participation not in actors and key not in acting and not named:
            by_role.setdefault(participation["role"], []).append(participation)
    phrases = _ROLES[language] | _close_roles(fact["action"], language)
    return {
        role: phrases[role][_many(parties, names, language)].format(
            listed([_party(p, names, language) for p in parties], language)
        )
        for role in phrases
        if (parties := by_role.get(role))
    }


def _close_roles(action: str, language: str) -> dict[str, tuple[str, str]]:
    """Roles directly after the object."""
    to = {"en": ("for {}", "to {}"), "es": ("para {}", "a {}")}[language][action in _TRANSFER_ACTIONS]
    return {"partner": ("con {}" if language == "es" else "with {}",) * 2, "recipient": (to, to)}


# What, where and when


def _relation(fact: dict) -> str:
    """What goes on from a day with an open end goes on since that day."""
    open_end = (fact.get("date_edtf") or "").endswith("/..")
    return "since" if open_end and fact["modality"] == "under_way" else fact.get("relation") or "on"


_CONDITION = {
    "en": re.compile(r",? (?=(?:once|if|provided that|provided|subject to|as soon as|unless) )"),
    "es": re.compile(r",? (?=(?:una vez que|si|siempre que|siempre y cuando|en cuanto|sujet[oa]s? a|a menos que) )"),
}


def _split_condition(object_: str, fact: dict, language: str) -> tuple[str, str]:
    """The object, and the condition at its end: the date of what is to come stands before it, not in it."""
    if fact["modality"] not in AWAITED:
        return object_, ""
    head, *condition = _CONDITION[language].split(object_, maxsplit=1)
    return head, "".join(condition)


_TWO_YEARS = re.compile(r"(\d{4})/(\d{4})")


def _date(fact: dict, object_: str, text: str, language: str, past: bool) -> str:
    """When, and for how long what is going on; "" where the object has the date already."""
    wording, edtf, relation = fact.get(f"date_wording_{language}") or "", fact.get("date_edtf") or "", _relation(fact)
    bare = to_text(edtf, language, wording)
    years = _TWO_YEARS.fullmatch(edtf)
    if mentions(object_, bare):
        words = ""
    elif from_text := periods.relative(wording, text, language, past):
        words = from_text
    elif relation == "since" and "/" not in edtf and mentions(object_, "desde" if language == "es" else "since"):
        words = f"({bare})"
    elif years and not wording and fact["modality"] in AWAITED and int(years[2]) == int(years[1]) + 1:
        words = f"en {years[1]} o {years[2]}" if language == "es" else f"in {years[1]} or {years[2]}"
    else:
        words = phrase(edtf, relation, language, wording)
    if fact["kind"] == FactKind.UPDATE and (duration := _duration(fact, object_, language)):
        if fact["modality"] == "happened" and edtf.startswith("../"):
            return periods.before(fact["duration"], edtf.removeprefix("../"), language)
        return f"{'durante' if language == 'es' else 'over a period of'} {duration} {words}".strip()
    return words


def _duration(fact: dict, object_: str, language: str) -> str:
    """The duration in words; "" where the object has one of the same unit ("a two-day meeting")."""
    words = duration_to_text(fact.get("duration") or "", language)
    unit = words.split()[-1].removesuffix("es" if words.endswith("meses") else "s") if words else ""
    return "" if re.search(rf"\b{unit}(e?s)?\b", object_, re.IGNORECASE) else words


def _is_long(object_: str) -> bool:
    """Whether what follows the object would seem to belong to its last clause."""
    return len(object_) > 60 or bool(_CLAUSE.search(object_))


def _comes_first(fact: dict, object_: str) -> bool:
    """Whether the date opens the sentence, because the object is long.

    What is to come keeps it at the end: "In May, EPA plans to" would date the plan.
    """
    has_begun = fact["modality"] in ("happened", "under_way") and not verb_phrases.has_ended(fact)
    since_then = fact["modality"] == "happened" and _relation(fact) == "since"
    return has_begun and not since_then and _is_long(object_)


def _is_time_of(fact: dict) -> bool:
    """Whether the date is the time of what was going on: "Between January and May 2024, … were advancing"."""
    return fact["modality"] == "under_way" and _relation(fact) == "on" and not verb_phrases.has_ended(fact)


def _habit(fact: dict, language: str) -> str:
    """How often, of what goes on at intervals."""
    if fact["modality"] != "under_way" or not verb_phrases.is_habit(fact, language):
        return ""
    return _every(fact["series_rhythm"], language) if fact.get("series_rhythm") else ""


def _place(fact: dict, text: str, names: Names, language: str) -> str:
    """Where; a city with its state takes a comma behind it, too."""
    keys = fact.get("places") or []
    words = names.located(keys, language, text)
    cities = [place for place in (names.place(key, language) for key in keys) if "," in place]
    return f"{words}," if any(words.endswith(city) for city in cities) else words


def _aside(fact: dict, object_: str, language: str) -> str:
    """Duration, mode and place in a series, in brackets, without what the object says already."""
    parts = [
        "" if fact["kind"] == FactKind.UPDATE else _duration(fact, object_, language),
        "" if _MODE_PATTERN.search(object_) else _MODES[language].get(fact.get("mode"), ""),
        "" if _SERIES_PATTERN.search(object_) or _habit(fact, language) else _series(fact, language),
    ]
    text = "; ".join(filter(None, parts))
    return f"({text})" if text else ""


def _series(fact: dict, language: str) -> str:
    """First of four, quarterly; 1 de 4, cada 3 meses (numbers, because ordinals have a gender)."""
    position, size, rhythm = (fact.get(f"series_{part}") for part in ("position", "size", "rhythm"))
    if language == "es":
        parts = [f"{position} de {size}" if size else f"número {position} de una serie"] if position else []
        parts += [f"serie de {size}"] if size and not position else []
        return ", ".join([*parts, _every(rhythm, language)] if rhythm else parts)
    total = _CARDINALS[size - 1] if size and size <= 10 else f"{size}" if size else "a series"
    parts = []
    if position:
        parts = [f"{_ORDINALS[position - 1]} of {total}" if position <= 10 else f"number {position} of {total}"]
    elif size:
        parts = [f"a series of {total}"]
    return ", ".join([*parts, _every(rhythm, language)] if rhythm else parts)


def _every(rhythm: str, language: str) -> str:
    known = _EACH if language == "es" else _RHYTHMS
    word = "cada" if language == "es" else "every"
    return known.get(rhythm) or f"{word} {duration_to_text(rhythm, language)}"


def _end(fact: dict, language: str) -> str:
    """What became of a milestone that was dropped, replaced or merged, with its explanation."""
    if not verb_phrases.has_ended(fact):
        return ""
    words = _ENDS[language][fact["end_reason"]]
    end = f"{words} {phrase(fact.get('end_edtf') or '', 'on', language)}".strip()
    text = in_language(fact, "end_text", language)
    return f" {finished(f'{end}: {text}' if text else end)}"


def _figure(fact: dict, names: Names, language: str) -> str:
    """Object and readings: "Physical progress: almost 60% (SEDENA, as of April 19, 2024)."."""
    measure = _MEASURES[language].get(fact.get("measure"), "")
    object_ = in_language(fact, "object", language)
    if not object_:
        object_ = measure
    elif fact.get("measure") in ("physical_progress", "design_stage") and not mentions(object_, measure):
        object_ = f"{measure}, {object_}"
    readings = sorted(fact.get("readings") or [], key=lambda reading: reading["order"])
    if any(reading.get("value") is not None or reading.get("qualifier") == "over" for reading in readings):
        # A baseline without a value is named by the value that is above it.
        readings = [row for row in readings if row.get("value") is not None or row.get("status") != "baseline"]
    measured = without_repeated_unit(fact, object_, language)
    text = "; ".join(reading_line(reading, measured, names, language, in_sentence=True) for reading in readings)
    return finished(tidy(f"{object_}: {text}" if text else object_, language))
