"""Where in a source a thing is said, in words.

"I-3 •4" is pillar I, third heading, fourth item; "1 b ii" is point 1, item b, subitem ii.
"""

import re

_LOCATOR = re.compile(
    r"(?:(?P<pillar>[IVX]+)(?:-(?P<heading>\d+))?|(?P<intro>intro)) ?"
    r"(?:¶(?P<paragraph>\d+)|•(?P<item>\d+)(?:\.(?P<inner>\d+))?)?"
)
_LETTERED = re.compile(r"(?P<point>\d+)(?: (?P<letter>[a-z]))?(?: (?P<roman>[ivx]+))?")
_NAMED = re.compile(r"(?P<workstreams>list of workstreams)|page (?P<page>\d+)")
_WRITTEN_ALIKE = ("pillar", "intro", "point", "letter", "roman", "workstreams", "page")
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
        "point": "point {}",
        "letter": "item {}",
        "roman": "subitem {}",
        "workstreams": "list of workstreams",
        "page": "page {}",
    },
    "es": {
        "pillar": "pilar {}",
        "intro": "introducción",
        "heading": "{} encabezado",
        "paragraph": "{} párrafo",
        "item": "{} punto",
        "inner": "{} inciso",
        "point": "punto {}",
        "letter": "inciso {}",
        "roman": "subinciso {}",
        "workstreams": "lista de líneas de trabajo",
        "page": "página {}",
    },
}


def locator_words(locator: str, language: str) -> str:
    """The words of a locator; what is of no known notation stays as it is."""
    match = _LOCATOR.fullmatch(locator) or _LETTERED.fullmatch(locator) or _NAMED.fullmatch(locator)
    if not match or not locator:
        return locator
    parts = (_part(name, value, language) for name, value in match.groupdict().items() if value)
    return ", ".join(parts)


def _part(name: str, value: str, language: str) -> str:
    ordinals = _ORDINALS[language]
    if name not in _WRITTEN_ALIKE:
        number = int(value)
        value = ordinals[number - 1] if 0 < number <= len(ordinals) else f"{number}."
    return _WORDS[language][name].format(value)
