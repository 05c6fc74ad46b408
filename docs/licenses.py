"""Writes docs/licenses.md: the license of each package of `deploy/requirements.lock`, by its own metadata."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "deploy" / "requirements.lock"
TARGET = ROOT / "docs" / "licenses.md"
#: What the metadata do not say, or say in another way than the others.
READ_BY_HAND = {"pyrage": "MIT", "django-csp": "BSD-3-Clause", "edtf": "MIT", "tablib": "MIT", "defusedxml": "PSF-2.0"}
HEAD = """# Licenses of the packages that the portal runs on

Written by `docs/licenses.py` (`make lock`) from the metadata of each package of `deploy/requirements.lock`.
All of them are used as they are published. Typefaces, icons and maps: [dependencies.md](dependencies.md#licenses).

| package | license |
|---|---|
"""


def locked_names() -> list[str]:
    return re.findall(r"^([\w.-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


def license_of(name: str) -> str:
    """The expression of the metadata; where there is none, its short text, or its classifier."""
    if name in READ_BY_HAND:
        return READ_BY_HAND[name]
    try:
        data = metadata(name)
    except PackageNotFoundError:
        return "not installed here"
    classifiers = [line.rpartition(" :: ")[2] for line in data.get_all("Classifier", []) if line.startswith("License")]
    text = data.get("License-Expression") or data.get("License") or ""
    return text if 0 < len(text) < 40 else ", ".join(classifiers) or "unknown"


def main() -> None:
    rows = [f"| {name} | {license_of(name)} |\n" for name in locked_names()]
    TARGET.write_text(HEAD + "".join(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
