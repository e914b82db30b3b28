"""Which request does this line of work belong to? Its ids and its sender, known wherever its work goes.

The edge enters a trail; the tasks that the work starts inherit it. The log reads it, and the engine, which makes the
request's span of it. Work that no edge began has no trail.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from random import getrandbits


def new_trace_id() -> str:
    """A fresh trace id of W3C: 32 hex digits, drawn at random and no secret.

    The system's randomness lets go of the interpreter's lock, and the loop waits until a thread gives it back: three
    ids took up to 35 µs each in a busy process, and take 0.3 µs so.
    """
    return getrandbits(128).to_bytes(16, "big").hex()


def new_span_id() -> str:
    """A fresh span id of W3C: 16 hex digits, drawn as that of a trace is."""
    return f"{getrandbits(64):016x}"


@dataclass(slots=True)
class Trail:
    """The ids of one request, and who sent it; mutable, because a body may name its own, and a key is read later.

    `parent_span_id` is the caller's span, where it sent one; `is_sampled` is False where the caller asked for no spans.
    `actor` is the id of the key that was used, once that is known; `address` is the peer of the connection, which may
    be a proxy: what a forwarding header claims is not believed.
    """

    request_id: str
    correlation_id: str
    trace_id: str = field(default_factory=new_trace_id)
    parent_span_id: str | None = None
    is_sampled: bool = True
    actor: str | None = None
    address: str | None = None

    def adopt(self, request_id: str | None, correlation_id: str | None) -> None:
        """Takes the ids that a request's body brought."""
        self.request_id = request_id or self.request_id
        self.correlation_id = correlation_id or self.correlation_id


_CURRENT: ContextVar[Trail | None] = ContextVar("trail", default=None)

# The variable's own methods, without a function of Python's around each: three calls of every request.
# The trail that this work belongs to.
current_trail: Callable[[], Trail | None] = _CURRENT.get
# From here on this task, and those it starts, work for a trail; the token takes it back.
enter_trail: Callable[[Trail], Token[Trail | None]] = _CURRENT.set
# Back to what was before.
leave_trail: Callable[[Token[Trail | None]], None] = _CURRENT.reset
