"""Canonical JSON and its digest: the very bytes that officers sign."""

import hashlib
import json


def canonical(content) -> str:
    """Return JSON with sorted keys, no spaces and real letters. Raises TypeError for a float: use strings."""
    _refuse_floats(content)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_floats(value) -> None:
    if isinstance(value, float):
        raise TypeError(f"a decimal is written as text, not as the float {value!r}")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_floats(part)
