"""The Spanish catalogue, by Babel: no gettext program is needed.

English is the language of the sources. Python is read by Babel; a template goes first through Django's own
`templatize`, which turns its tags into calls, as `makemessages` does.
"""

import io
import re
from pathlib import Path

from babel.messages import extract
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

CATALOGUE_LANGUAGE = "es"
KEYWORDS = extract.DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "_t": None,
}
SOURCE_FOLDERS = ("hled_portal", "initiatives", "stakeholders", "templates")
NOISE = (
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Report-Msgid",
    "Generated-By",
)
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)[^{}]*\}|%[sd]")


def folder(language: str = CATALOGUE_LANGUAGE) -> Path:
    return settings.BASE_DIR / "hled_portal" / "locale" / language / "LC_MESSAGES"


def load() -> Catalog:
    with (folder() / "django.po").open("rb") as file:
        return read_po(file, locale=CATALOGUE_LANGUAGE, ignore_obsolete=False)


def sources():
    """Yield every file that may hold a text, in a stable order."""
    for name in SOURCE_FOLDERS:
        for path in sorted((settings.BASE_DIR / name).rglob("*")):
            ours = not {"tests", "migrations"} & set(path.relative_to(settings.BASE_DIR).parts)
            if ours and path.suffix in {".py", ".html", ".txt"}:
                yield path


def extracted() -> Catalog:
    """Read every text of the sources."""
    catalog = Catalog(locale=CATALOGUE_LANGUAGE, domain="django", project="HLED Portal")
    for path in sources():
        for _line, message, _comments, context in _messages(path):
            # Without the line: a change above a text would alter the catalogue.
            place = path.relative_to(settings.BASE_DIR).as_posix()
            catalog.add(message, locations=[(place, None)], context=context)
    return catalog


def _messages(path: Path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return extract.extract("python", io.BytesIO(text.encode()), KEYWORDS)
    return extract.extract("javascript", io.BytesIO(templatize(text).encode()), KEYWORDS)


def update() -> None:
    """Bring the catalogue up to date; what the sources no longer say goes."""
    path = folder() / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = load() if path.exists() else Catalog(locale=CATALOGUE_LANGUAGE, domain="django", project="HLED Portal")
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = "# Spanish (Mexico) texts of the HLED Portal."
    with path.open("wb") as file:
        write_po(file, catalog, width=110, sort_output=True, omit_header=False)
    # A date of creation would differ on each run and say nothing.
    kept = [line for line in path.read_text(encoding="utf-8").splitlines(True) if not _is_noise(line)]
    path.write_text("".join(kept), encoding="utf-8")


def _is_noise(line: str) -> bool:
    return line.startswith(tuple(f'"{name}' for name in NOISE))


def compile_catalogue() -> None:
    """Write the `.mo` that Django reads."""
    with (folder() / "django.mo").open("wb") as file:
        write_mo(file, load())


def faults(catalog: Catalog | None = None, wanted: Catalog | None = None):
    """Yield a line for each entry that is missing, empty, fuzzy, obsolete or holds other placeholders."""
    catalog = load() if catalog is None else catalog
    wanted = extracted() if wanted is None else wanted
    ids = {_key(message) for message in wanted if message.id}
    known = {_key(message): message for message in catalog if message.id}
    for key in sorted(ids - known.keys(), key=str):
        yield f"not in the catalogue: {key[1]}"
    for key in sorted(known.keys() - ids, key=str):
        yield f"no longer in the sources: {key[1]}"
    for message in catalog.obsolete.values():
        yield f"obsolete: {message.id}"
    for message in known.values():
        yield from _message_faults(message)


def _message_faults(message):
    texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    if message.fuzzy:
        yield f"fuzzy: {ids[0]}"
    if not all(texts):
        yield f"not translated: {ids[0]}"
        return
    allowed = {frozenset(_placeholders(text)) for text in ids}
    if any(frozenset(_placeholders(text)) not in allowed for text in texts):
        yield f"other placeholders in the translation: {ids[0]}"


def _key(message):
    first = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
    return message.context, first


def _placeholders(text: str):
    return (found.group(0) for found in PLACEHOLDER.finditer(text))
