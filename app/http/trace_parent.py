"""Which trace is this request a part of? By the W3C Trace Context of the caller; a header that is none is no trace."""

from __future__ import annotations

import re

from starlette.datastructures import Headers

# version 00, and later ones, which may say more behind it; ff is forbidden, and an id of zeros is none.
_TRACE_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


def trace_id_of(headers: Headers) -> str | None:
    """The 32 hex digits of the caller's trace; None when it sent none that can be read."""
    found = _TRACE_PARENT.fullmatch(headers.get("traceparent", ""))
    return found[1] if found else None
