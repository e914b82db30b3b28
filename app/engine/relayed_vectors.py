"""How long are the vectors in a vendor's own body that was kept, and is there one for each text?

It lay where others can write, and is given to a caller as it is; so it is looked at again, as when it came.
"""

from __future__ import annotations

import json
import re

# Inside a text of JSON a quotation mark has a backslash before it, so this can stand between values only.
_VECTOR = re.compile(r'"embedding"\s*+:\s*+(?:"([A-Za-z0-9+/]*+)={0,2}"|\[([-+.0-9eE,\s]++)\])')
_BITS_PER_CHARACTER = 6
_BITS_PER_FLOAT = 32


def relayed_length(raw: str, *, count: int) -> int | None:
    """How many numbers each vector has; None unless `raw` is a document with `count` vectors of one length."""
    lengths: list[int] = []

    def noted(found: re.Match[str]) -> str:
        packed, listed = found.groups()
        lengths.append(_of_base64(packed) if listed is None else listed.count(",") + 1)
        return '"embedding":0'

    try:
        rest = json.loads(_VECTOR.sub(noted, raw))
    except (ValueError, RecursionError):
        return None
    entries = rest.get("data") if isinstance(rest, dict) else None
    if not isinstance(entries, list) or not all(isinstance(one, dict) and one.get("embedding") == 0 for one in entries):
        return None
    are_alike = len(lengths) == len(entries) == count and len(set(lengths)) == 1
    return lengths[0] or None if are_alike else None


def _of_base64(text: str) -> int:
    """0 for what is no whole number of them."""
    size, rest = divmod(len(text) * _BITS_PER_CHARACTER, _BITS_PER_FLOAT)
    return size if rest < _BITS_PER_CHARACTER else 0
