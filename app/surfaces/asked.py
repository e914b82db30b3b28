"""What does a request at a surface ask? Its body, its own object `llm_service`, its ids, and how long its SDK waits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.types import Scope

from app.http.aside import MANY_BYTES, read_aside
from app.http.body import parse_model, read_json_bytes
from app.http.json_text import check_characters, parse_json
from app.http.sent_headers import sent_in
from app.http.trail import trail_of
from app.surfaces.opened_body import new_opened
from app.surfaces.surface import Asked, Door, new_asked
from app.wires.inbound import OWN_FIELD
from app.wires.splice import spliced
from contracts import Caller, InvalidRequestError, Steering
from contracts.calls import new_source
from contracts.kept_state import is_kept, states_in
from contracts.model_naming import check_no_other_model
from contracts.surfaces import new_request

# Anthropic takes bodies of so many bytes; images and files come in them.
ROOM_BYTES = 32_000_000
# What openai-python sends, and anthropic's SDK too; the second is what the Node SDKs have.
_PATIENCE = (b"x-stainless-read-timeout", b"x-stainless-timeout")
_PATIENT = frozenset(_PATIENCE)
_SHORTEST_SECONDS, _LONGEST_SECONDS = 1.0, 1800.0
_USUAL_SECONDS = 600.0
_MARGIN_SECONDS = 1.0
# Most callers': frozen, and nobody writes into its mappings. To make one takes 5 µs.
_NONE = Steering()


async def read_asked(request: Request, door: Door, caller: Caller) -> Asked:
    """What `request` of `caller` asks in the dialect of `door`.

    Raises CallerForbiddenError, InvalidRequestError, MalformedRequestError, RequestTooLargeError,
    UnsupportedMediaTypeError and ServiceNotStartedError.
    """
    if door.check is not None:
        door.check(sent_in(request.scope))
    raw = await read_json_bytes(request, room_bytes=ROOM_BYTES)
    # Nearly all are read here and now, without one more coroutine.
    if len(raw) <= MANY_BYTES:
        return _read(raw, door, request.scope, caller)
    return await read_aside(len(raw), _read, raw, door, request.scope, caller)


def patience_seconds(sent: Mapping[bytes, bytes]) -> float | None:
    """How long an answer may take where the SDK says how long it waits: 1 to 1800 seconds.

    `sent` are its headers, by their names in lower case. Of the SDKs' own ten minutes a little less: one that gave up
    by itself would ask all over again. A limit that the program set is met by the SDK, in the way that the program is
    written for, so we wait a little longer.
    """
    for name in _PATIENCE:
        if name not in sent:
            continue
        try:
            seconds = float(sent[name])
        except ValueError:
            continue
        if _SHORTEST_SECONDS <= seconds <= _LONGEST_SECONDS:
            return seconds - _MARGIN_SECONDS if seconds == _USUAL_SECONDS else seconds + _MARGIN_SECONDS
    return None


def _read(raw: bytes, door: Door, scope: Scope, caller: Caller) -> Asked:
    body = parse_json(raw, most_values=door.most_values)
    check_characters(raw, body)
    if not isinstance(body, dict):
        msg = "the body must be an object"
        raise InvalidRequestError(msg)
    steering = _NONE
    if OWN_FIELD in body:
        steering = _steering(body.pop(OWN_FIELD))
        raw = spliced(raw, {OWN_FIELD: None})
    inbound, trail, sent = door.decode(body), trail_of(scope), sent_in(scope)
    is_stateless = body.keys() <= door.stateless
    source = new_source(
        wire=door.wire,
        body=raw,
        opened=new_opened(raw, body),
        read_as=inbound.read_as,
        extras=inbound.extras,
        demands=inbound.demands,
        choices=inbound.choices,
        may_pass=inbound.may_pass,
        states=() if is_stateless else states_in(body),
        is_kept=not is_stateless and is_kept(door.wire, body),
    )
    asked = new_request(
        source=source,
        model=inbound.model,
        is_stream=inbound.is_stream,
        steering=steering,
        user_id=inbound.user_id,
        patience_seconds=None if _PATIENT.isdisjoint(sent) else patience_seconds(sent),
        warnings=inbound.warnings,
        request_id=trail.request_id,
        correlation_id=trail.correlation_id,
    )
    if caller.models is not None:
        check_no_other_model(body, known=door.known, caller=caller)
    return new_asked(request=asked, body=body, wants_usage=inbound.wants_usage)


def _steering(given: Any) -> Steering:
    """The object as it was sent, once more as text: that is how our other bodies are read, to the letter."""
    if given is None:
        return _NONE
    return parse_model(json.dumps(given).encode(), given, Steering, OWN_FIELD)
