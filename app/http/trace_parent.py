"""Which trace is this request a part of? By the W3C Trace Context of the caller; a header that is none is no trace."""

from __future__ import annotations

import re
from typing import NamedTuple

from starlette.datastructures import Headers

# version 00, and later ones, which may say more behind it; ff is forbidden, and an id of zeros is none.
_TRACE_PARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 1


class TraceParent(NamedTuple):
    """The caller's trace, its span that asks us, and whether it keeps its spans."""

    trace_id: str
    span_id: str
    is_sampled: bool


def trace_parent_of(headers: Headers) -> TraceParent | None:
    """What `traceparent` says; None when it is absent or cannot be read."""
    found = _TRACE_PARENT.fullmatch(headers.get("traceparent", ""))
    if found is None:
        return None
    return TraceParent(found[2], found[3], bool(int(found[4], 16) & _SAMPLED))


def trace_id_of(headers: Headers) -> str | None:
    """The 32 hex digits of the caller's trace; None when it sent none that can be read."""
    parent = trace_parent_of(headers)
    return parent.trace_id if parent else None
