"""The verb of a sentence: tense, number, voice and negation, in both languages."""

import re

from hled_portal.i18n.bilingual import in_language
from initiatives.vocabulary.actions import VERBS, Verb

from .grammar import is_plural, is_plural_english

# Singular and plural of the words before the verb; "past" is for a text of an earlier day, "ended" for a milestone
# without outcome.
_BEFORE_VERB = {
    "en": {
        "expected": ("expects to", "expect to"),
        "planned": ("plans to", "plan to"),
        "committed": ("commits to", "commit to"),
        "deadline": ("is to", "are to"),
        "under_way": ("is", "are"),
        "since": ("has been", "have been"),
        "expected past": ("expected to",) * 2,
        "planned past": ("planned to",) * 2,
        "committed past": ("committed to",) * 2,
        "deadline past": ("was to", "were to"),
        "under_way past": ("was", "were"),
        "since past": ("had been",) * 2,
        "expected ended": ("had expected to",) * 2,
        "planned ended": ("had planned to",) * 2,
        "committed ended": ("had committed to",) * 2,
        "deadline ended": ("was to", "were to"),
        "under_way ended": ("had been",) * 2,
    },
    "es": {
        "expected": ("prevé", "prevén"),
        "planned": ("tiene previsto", "tienen previsto"),
        "committed": ("se compromete a", "se comprometen a"),
        "deadline": ("debe", "deben"),
        "expected past": ("preveía", "preveían"),
        "planned past": ("tenía previsto", "tenían previsto"),
        "committed past": ("se comprometió a", "se comprometieron a"),
        "deadline past": ("debía", "debían"),
        "expected ended": ("preveía", "preveían"),
        "planned ended": ("tenía previsto", "tenían previsto"),
        "committed ended": ("se había comprometido a", "se habían comprometido a"),
        "deadline ended": ("debía", "debían"),
        "under_way ended": ("trabajaba para", "trabajaban para"),
    },
}
_FREQUENCY = re.compile(
    r"\b(a|per|each|every) (year|month|week|quarter|day)\b|\b(al|por|cada) (año|mes|semana|trimestre|día)\b"
    r"|\b(monthly|weekly|quarterly|yearly|annual(ly)?)\b",
    re.IGNORECASE,
)
_STATEMENT = re.compile(r"that\b|que\b", re.IGNORECASE)
_NEGATIVE = re.compile(r"(ningún|ninguna?|nada|nadie|nunca|tampoco)\b", re.IGNORECASE)


def _verb(fact: dict) -> Verb:
    """The verb of the action; to consider nothing of a kind is to plan none of it."""
    leaves_out = fact["action"] == "consider" and _is_negative(fact) and fact["modality"] == "under_way"
    return VERBS["plan" if leaves_out else fact["action"]]


def _is_negative(fact: dict) -> bool:
    return bool(_NEGATIVE.match(in_language(fact, "object", "es")))


def is_habit(fact: dict, language: str) -> bool:
    """What goes on at intervals: "hold three meetings a year", never "are holding" them."""
    repeated = fact.get("series_rhythm") and not fact.get("series_position")
    return bool(repeated or _FREQUENCY.search(in_language(fact, "object", language)))


def has_passive(fact: dict) -> bool:
    """Whether the fact can be told without naming who acts. Raises KeyError for an unknown action."""
    return fact["modality"] == "happened" and VERBS[fact["action"]].is_passive


def passive(fact: dict, object_: str, language: str) -> tuple[str, str]:
    """Two parts of what was done: object and verb in English, verb and object in Spanish."""
    action, verb = fact["action"], VERBS[fact["action"]]
    if language == "es":
        return f"se {verb.es.past_plural if is_plural(object_) else verb.es.past}", object_
    if action == "begin":
        return object_, verb.en.past
    head, to, rest = object_.partition(" to ") if action == "send" else (object_, "", "")
    return head, f"{'were' if is_plural_english(head) else 'was'} {verb.en.participle}{to}{rest}"


def active(fact: dict, plural: bool, language: str, since: bool, past: bool) -> str:
    """The verb of who acts. `since`: it is told since a day; `past`: the text that says so is of an earlier day."""
    if language == "es":
        negative = "no " if _is_negative(fact) else ""
        return negative + _spanish(fact, plural, past)
    return _english(fact, plural, since, past)


def _english(fact: dict, plural: bool, since: bool, past: bool) -> str:
    verb, before = _verb(fact), _BEFORE_VERB["en"]
    perfect = f"{'had' if past else 'have' if plural else 'has'} {verb.en.participle}"
    if fact["modality"] == "happened":
        return perfect if since else verb.en.past
    if fact["modality"] != "under_way":
        return f"{before[_state(fact, past)][plural]} {verb.en.base}"
    if not has_ended(fact) and (verb.is_stative or _STATEMENT.match(fact["object_en"]) or is_habit(fact, "en")):
        if since:
            return perfect
        return verb.en.past if past else verb.en.base if plural else verb.en.third_person
    state = _state(fact, past)
    if since and not has_ended(fact):
        state = state.replace("under_way", "since")
    return f"{before[state][plural]} {verb.en.gerund}"


def _spanish(fact: dict, plural: bool, past: bool) -> str:
    forms = _verb(fact).es
    if fact["modality"] == "happened":
        return forms.past_plural if plural else forms.past
    if fact["modality"] == "under_way" and not has_ended(fact):
        if past:
            return forms.imperfect(plural)
        return forms.present_plural if plural else forms.present
    return f"{_BEFORE_VERB['es'][_state(fact, past)][plural]} {forms.infinitive}"


def has_ended(fact: dict) -> bool:
    """Whether a milestone was dropped, replaced or merged."""
    return (fact.get("end_reason") or "met") != "met"


def _state(fact: dict, past: bool) -> str:
    tense = " ended" if has_ended(fact) else " past" if past else ""
    return f"{fact['modality']}{tense}"
