"""The operator's privacy texts: Mexico's aviso de privacidad, and the notice that the U.S. Privacy Act requires.

`PRIVACY_TEXTS` names a directory that holds those of `ASKED`, or files such as `aviso.es.txt`: the language stands
before the ending, the first line is the title, an empty line parts paragraphs. Without texts in both languages, and all
that a directory is asked for, production takes no letter.
"""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.utils.translation import gettext as _

from hled_portal.i18n.bilingual import LANGUAGES, active_language

#: What a directory holds: the notices of each government, in both languages.
REQUIRED_FILES = ("mx.es.md", "us.en.md", "mx.en.md", "us.es.md")


@dataclass(frozen=True)
class PrivacyText:
    title: str
    paragraphs: list[str]


def find_errors() -> list[str]:
    """What keeps the texts from being shown, for the operator."""
    errors, languages = [], set()
    for path in _paths():
        if _language(path) not in LANGUAGES:
            errors.append(
                f"PRIVACY_TEXTS: the name {path.name} has no language. Rename it, for example to {path.stem}.es.txt."
            )
        elif _read(path) is None:
            errors.append(f"PRIVACY_TEXTS: {path} cannot be read or is empty.")
        else:
            languages.add(_language(path))
    return errors + [f"PRIVACY_TEXTS has no privacy notice in {name}." for name in LANGUAGES if name not in languages]


def check_privacy_texts(app_configs, **kwargs) -> list[checks.Warning]:
    """What `manage.py check --deploy` says of the texts."""
    hint = "Until this is corrected, the portal does not accept submissions. File names: docs/operations.md."
    return [checks.Warning(fault, hint=hint, id="stakeholders.W001") for fault in find_errors()]


def taken() -> bool:
    """Whether letters are taken: people have read what becomes of them, or this is development."""
    return settings.DEBUG or not find_errors()


def texts() -> list[PrivacyText]:
    """The texts in the reader's language; in development a placeholder where there are none."""
    contents = [_read(path) for path in _paths() if _language(path) == active_language()]
    return [text for text in contents if text] or [_placeholder()]


def _placeholder() -> PrivacyText:
    words = _(
        "The operator's privacy notices will appear here once PRIVACY_TEXTS is set. Until then, a "
        "production portal does not accept submissions."
    )
    return PrivacyText(_("PLACEHOLDER: privacy notice missing"), [words])


def _paths() -> list[Path]:
    named = [Path(name) for name in settings.PRIVACY_TEXTS]
    return [path for one in named for path in ([one / name for name in REQUIRED_FILES] if one.is_dir() else [one])]


def _language(path: Path) -> str:
    return path.stem.rpartition(".")[2]


def _read(path: Path) -> PrivacyText | None:
    try:
        words = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    title, _line, body = words.partition("\n")
    blocks = [" ".join(block.split()) for block in body.split("\n\n")]
    return PrivacyText(title.lstrip("# "), [block for block in blocks if block]) if words else None
