"""What is a surface? A vendor's dialect as our door speaks it: how it is read, and how an answer is written in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.http.json_text import MAX_VALUES
from app.wires.inbound import InboundBody, ReplyNames, StreamEncoder
from contracts import Reply, SurfaceRequest, Wire
from contracts.quick_making import maker_of, quickly_made


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request at a surface: as the service takes it, and what its answer's form goes by.

    `body` is parsed JSON without our own `llm_service`; `wants_usage`: a stream shall end with its usage.
    """

    request: SurfaceRequest
    body: Mapping[str, Any] = field(repr=False)
    wants_usage: bool = True


new_asked = maker_of(Asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How a body of one dialect is read. `decode` raises InvalidRequestError, as does `check` for what the headers
    say, by their names in lower case.

    `check` is None where the dialect has no versions. `most_values`: how many values a body may hold. `known` are the
    fields of which the dialect's tables say something: a key that is limited to models may send no other. `stateless`
    are fields which alone build on nothing that a vendor keeps, and have nothing kept.
    """

    wire: Wire
    decode: Callable[[Mapping[str, Any]], InboundBody]
    check: Callable[[Mapping[bytes, bytes]], None] | None = None
    most_values: int = MAX_VALUES
    known: frozenset[str] = frozenset()
    stateless: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface(Door):
    """A door behind which conversations are answered.

    `encode` puts the last of what it is given, our extras, into the document.
    """

    encode: Callable[[Reply, ReplyNames, Asked, Mapping[str, Any]], dict[str, Any]]
    encoder: Callable[[ReplyNames, Asked], StreamEncoder]
