"""Where in a source a thing is said, in words: "I-3 •4" is pillar I, third heading, fourth item."""

import re

_LOCATOR = re.compile(
    r"(?:(?P<pillar>[IVX]+)(?:-(?P<heading>\d+))?|(?P<intro>intro)) ?"
    r"(?:¶(?P<paragraph>\d+)|•(?P<item>\d+)(?:\.(?P<inner>\d+))?)?"
)
_ORDINALS = {
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(),
    "es": "primer segundo tercer cuarto quinto sexto séptimo octavo noveno décimo undécimo duodécimo".split(),
}
_WORDS = {
    "en": {
        "pillar": "pillar {}",
        "intro": "introduction",
        "heading": "{} heading",
        "paragraph": "{} paragraph",
        "item": "{} item",
        "inner": "{} item under it",
    },
    "es": {
        "pillar": "pilar {}",
        "intro": "introducción",
        "heading": "{} encabezado",
        "paragraph": "{} párrafo",
        "item": "{} punto",
        "inner": "{} inciso",
    },
}


def locator_words(locator: str, language: str) -> str:
    """The words of a locator; what is not of this notation, such as "page 3", stays as it is."""
    match = _LOCATOR.fullmatch(locator)
    if not match or not locator:
        return locator
    parts = (_part(name, value, language) for name, value in match.groupdict().items() if value)
    return ", ".join(parts)


def _part(name: str, value: str, language: str) -> str:
    ordinals = _ORDINALS[language]
    if name not in ("pillar", "intro"):
        number = int(value)
        value = ordinals[number - 1] if 0 < number <= len(ordinals) else f"{number}."
    return _WORDS[language][name].format(value)
