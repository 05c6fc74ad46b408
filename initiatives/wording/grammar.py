"""Small grammar of both languages: lists, contractions, capitals and full stops."""

import re

_ARTICLES = {"en": ("the ",), "es": ("el ", "la ", "los ", "las ")}


def listed(words: list[str], language: str) -> str:
    """Join words: "A, B, and C", "A, B e Irlanda". Where one holds a comma itself, semicolons part three and more."""
    words = [word for word in words if word]
    if len(words) < 2:
        return "".join(words)
    commas = any("," in word for word in words)
    *others, last = words
    joined = ("; " if commas and others[1:] else ", ").join(others)
    if language == "en":
        comma = ";" if commas and others[1:] else "," if commas or others[1:] else ""
        return f"{joined}{comma} and {last}"
    # "y" becomes "e" before the sound of i, not before the glide of "hielo" or "Iowa".
    and_ = "e" if re.match(r"h?[ií](?![aeoáéó])", last, re.IGNORECASE) else "y"
    comma = ";" if commas and others[1:] else "," if commas else ""
    return f"{joined}{comma} {and_} {last}"


def contracted(spanish: str) -> str:
    """Contract "a el" and "de el"; a capital article belongs to a name (El Salvador) and stays."""
    return re.sub(r"\b([Dd]e|[Aa]) el (?=\S)", lambda match: f"{match[1]}l ", spanish)


def tidy(text: str, language: str) -> str:
    """One space between words, and in Spanish the contractions."""
    text = " ".join(text.split())
    return contracted(text) if language == "es" else text


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def finished(text: str) -> str:
    """A sentence: a capital in front, a full stop behind."""
    text = capital(text.strip())
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def with_article(name: str, article: str, language: str) -> str:
    """The name behind its article, unless it brings one."""
    if not article or name.lower().startswith(_ARTICLES[language]):
        return name
    return f"{article} {name}"


def mentions(text: str, name: str) -> bool:
    """Whether the text has the name as whole words, whatever the case."""
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


_SPANISH_NUMBERS = ("dos", "cuatro", "cinco", "siete", "ocho", "nueve", "diez", "once", "doce", "veinte", "cien")
_ENGLISH_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ENGLISH_HEAD_END = re.compile(
    r",|\b(about|across|against|along|among|at|between|by|for|from|in|into|of|on|that|through|to|under|who|which|with)\b"
)


def is_plural(spanish: str) -> bool:
    """Whether a Spanish noun phrase is plural: by its first word ("personas expertas", "un grupo", "12 proyectos")."""
    first = spanish.lower().partition(" ")[0]
    return first.endswith("s") or first in _SPANISH_NUMBERS or (first.isdigit() and first != "1")


def is_plural_english(english: str) -> bool:
    """Whether an English noun phrase is plural: by a number in front, an "and" or an s at the end of its head."""
    if english.lower().removeprefix("the ").startswith("united states"):
        return False
    head = _ENGLISH_HEAD_END.split(english.lower(), maxsplit=1)[0].split() or [""]
    if head[0] in ("a", "an", "one", "1", "each", "this"):
        return False
    if head[0] in _ENGLISH_NUMBERS or head[0].isdigit() or "and" in head:
        return True
    return head[-1] == "people" or (head[-1].endswith("s") and not head[-1].endswith(("ss", "us", "is", "ics")))


_SINGULARS = {
    "en": ((r"people$", "person"), (r"ies$", "y"), (r"(?<=ch|sh|ss)es$|(?<=[xz])es$", ""), (r"(?<![su])s$", "")),
    "es": (
        (r"iones$", "ión"),
        (r"(?<=[aeiou])ces$", "z"),
        (r"dólares$", "dólar"),
        (r"(?<=[aeiou][ldnry])es$", ""),
        (r"s$", ""),
    ),
}
_UNIT_HEAD_END = re.compile(r"\b(and|in|of|per|that|con|de|del|en|por|que|y)\b")


def singular(unit: str, language: str) -> str:
    """A unit for one: "plant", "enrolled student", «reunión», «estudiante con inscripción»."""
    if match := _UNIT_HEAD_END.search(unit):
        return f"{singular(unit[: match.start()], language)} {unit[match.start() :]}" if match.start() else unit
    *others, last = unit.split() or [""]
    if language == "es":
        others = [_singular(word, language) for word in others]
    return " ".join([*others, _singular(last, language)])


def _singular(word: str, language: str) -> str:
    if word == "meses":
        return "mes"
    for pattern, ending in _SINGULARS[language]:
        if re.search(pattern, word):
            return re.sub(pattern, ending, word)
    return word
