"""How many vectors stand in a reply that nobody here reads, and how long are they?

Such a reply goes on to the caller as it came, so its numbers need not become floats: as text, a few million of them
take seconds. It is seen whether there is a vector for each text, of one length, and whether it holds numbers only, or
as many characters of base64 as make whole ones. What the numbers are is between the vendor and the caller.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from app.wires.answer_json import unreadable

# No text of JSON can hold it: inside a text a quotation mark has a backslash before it.
_opening = re.compile(rb'"embedding"\s*+:\s*+\[').search
_numbers = re.compile(rb"\s*+[-0-9][-+.0-9eE,\s]*+\]").match
# In place of a list of so many numbers; no vendor has a field of that name.
_COUNT = "llm_service numbers"
_BITS_PER_CHARACTER = 6
_BITS_PER_FLOAT = 32


def read_length(rows: Sequence[Any], *, count: int, provider: str, model: str) -> int:
    """How many numbers each of `rows` holds, without reading them where they were `counted` or are base64.

    Raises ProviderProtocolError unless there are `count` of them, of one length.
    """
    if len(rows) != count:
        raise unreadable(f"answered {len(rows)} vectors to {count} texts", provider=provider, model=model)
    lengths = set(map(_length, rows))
    if not all(lengths):
        raise unreadable("answered a vector that is no list of finite numbers", provider=provider, model=model)
    if len(lengths) > 1:
        raise unreadable("answered vectors of different lengths", provider=provider, model=model)
    return lengths.pop()


def counted(body: bytes) -> bytes:
    """`body` with a mark that says how many numbers stood there in place of each list `embedding`.

    A list of anything but numbers stays. As text, millions of them take seconds to read, and here none is needed.
    """
    pieces, at = [], 0
    while found := _opening(body, at):
        begin = found.end()
        numbers = _numbers(body, begin)
        if numbers is None:
            pieces.append(body[at:begin])
            at = begin
        else:
            count = body.count(b",", begin, numbers.end()) + 1
            pieces += (body[at : begin - 1], b'{"%b":%d}' % (_COUNT.encode(), count))
            at = numbers.end()
    return b"".join((*pieces, body[at:]))


def _length(row: Any) -> int:
    """0 for what is no vector."""
    if isinstance(row, dict):
        return int(row.get(_COUNT, 0))
    if not isinstance(row, str):
        return 0
    size, rest = divmod(len(row.rstrip("=")) * _BITS_PER_CHARACTER, _BITS_PER_FLOAT)
    return size if rest < _BITS_PER_CHARACTER and len(row) % 4 == 0 else 0
