"""Which request is this? Its ids, from its first byte to the last header of its answer.

They are drawn when it comes in, where `x-correlation-id` and `traceparent` bring none, and stamped on every answer,
errors too. A body that brings its own ids is adopted before the answer begins.
"""

from __future__ import annotations

import random
import re
import time
from typing import TypeVar

from starlette.datastructures import Headers
from starlette.types import Scope

from app.http.sent_headers import SENT, sent_in
from app.http.trace_parent import trace_parent_of
from app.ports.trail import Trail
from contracts import ComparisonRequest, FieldError, InvalidRequestError, LLMRequest

_TRACE_ID = re.compile(r"[\x20-\x7e]{1,128}")
_KEY = "llm_trail"
# In the scope of a request whose `x-correlation-id` is wrong.
WRONG_ID = "llm_wrong_correlation_id"
# A UUID's version and its variant, at their places in its 128 bits; chance fills 12 bits between them and 62 behind.
_VERSION_7 = 0x7 << 76 | 0b10 << 62
_CHANCE = 0xFFF << 64 | (1 << 62) - 1
_Named = TypeVar("_Named", LLMRequest, ComparisonRequest)


def trail_of(scope: Scope) -> Trail:
    """The ids of the request that `scope` describes; drawn now when no middleware did."""
    trail: Trail | None = scope.get(_KEY)
    return _drawn(scope) if trail is None else trail


def _drawn(scope: Scope) -> Trail:
    # One draw for both: they name the same request until its caller says otherwise.
    request_id, correlation_id = _new_ids()
    peer = scope.get("client")
    trail = scope[_KEY] = Trail(request_id, correlation_id, address=peer[0] if peer else None)
    return trail


def named(asked: _Named, trail: Trail) -> _Named:
    """`asked` with the ids of its trail where it brought none, and the trail with those that it brought.

    It was read a moment ago and is nobody else's yet: written to, where pydantic's copy of it is five calls more.
    """
    trail.adopt(asked.request_id, asked.correlation_id)
    asked.__dict__.update(request_id=trail.request_id, correlation_id=trail.correlation_id)
    return asked


def new_request_id() -> str:
    """A fresh request id: `req_` and 32 hex digits that sort by time."""
    return _new_ids()[0]


def new_correlation_id() -> str:
    """A fresh correlation id: a UUID of version 7."""
    return _new_ids()[1]


def _new_ids() -> tuple[str, str]:
    """A UUID of version 7, written in both ways. It need not be hard to guess, since a caller may choose his own."""
    milliseconds, chance = time.time_ns() // 1_000_000, random.getrandbits(76) & _CHANCE
    digits = (milliseconds << 80 | _VERSION_7 | chance).to_bytes(16, "big").hex()
    return f"req_{digits}", f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def begin_trail(scope: Scope) -> Trail:
    """The trail of a request that comes in, with the ids of its headers; those are kept for all who ask (`SENT`).

    That its `x-correlation-id` is wrong is kept in the scope, for the edge to refuse once it can answer.
    """
    trail = scope.get(_KEY) or _drawn(scope)
    sent = scope[SENT] = sent_in(scope)
    if b"traceparent" in sent:
        _join_trace(trail, Headers(scope=scope))
    if b"x-correlation-id" in sent:
        given = sent[b"x-correlation-id"].decode("latin-1")
        if _TRACE_ID.fullmatch(given):
            trail.correlation_id = given
        else:
            scope[WRONG_ID] = True
    return trail


def _join_trace(trail: Trail, headers: Headers) -> None:
    """A caller that traces has this request in its trace, under its own span."""
    parent = trace_parent_of(headers)
    if parent is not None:
        trail.trace_id, trail.parent_span_id, trail.is_sampled = parent


def check_correlation_header(scope: Scope) -> None:
    """Raises InvalidRequestError when `x-correlation-id` is not 1 to 128 printable ASCII characters."""
    if WRONG_ID in scope:
        wrong = FieldError(field="x-correlation-id", message="must be 1 to 128 printable ASCII characters")
        msg = f"{wrong.field}: {wrong.message}"
        raise InvalidRequestError(msg, errors=[wrong])
