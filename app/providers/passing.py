"""May a caller's own body go to a vendor of its dialect as it came, which bytes go then, and what comes back?"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from app.providers.dialect import Exchange
from app.wires.adopted import adopted, given_back
from app.wires.encoded import Encoded, with_options
from app.wires.json_text import dump_json
from app.wires.splice import Change, JsonObject
from contracts.calls import ModelCall, OpenedBody, Reply, Source, Wire, new_reply
from contracts.chat import TextPart
from contracts.errors import InvalidRequestError

# Of a call that goes as the caller's own body.
NOTHING_ENCODED = Encoded(body={})
# Ours: no vendor ever gets it.
_STEERING = "llm_service"


def heard(call: ModelCall, source: Source, *, provider: str, speaks: bool) -> ModelCall:
    """The call as the row `provider` is told of it: with its source and the dialect's own parts only if it `speaks` it.

    These parts are the row's then.
    """
    if not speaks:
        return replace(call, source=None)
    own = adopted(call.conversation, wire=source.wire, provider=provider)
    if own is call.conversation:
        return call
    is_same = source.read_as is call.conversation
    return replace(call, conversation=own, source=replace(source, read_as=own) if is_same else source)


def passed_source(call: ModelCall) -> Source | None:
    """The caller's body, where it still says all that is asked and nothing else; None: the call must be encoded."""
    source = call.source
    asked = call.conversation if call.embedding is None else call.embedding
    return source if source is not None and source.may_pass and source.read_as is asked else None


def returned(
    reply: Reply,
    exchange: Exchange,
    source: Source | None,
    *,
    provider: str,
    wires: Collection[Wire],
    raw: str | None = None,
) -> Reply:
    """`reply` with what is to be said of the call, for whoever made it, and with `raw`, its body as it came, if given.

    A caller who was answered in his own dialect, by a row that takes its bodies (`wires`), gets the row's own parts as
    the dialect's: so they can be written for him, and sent back as they are.
    """
    message = reply.message
    if source is not None and exchange.wire is source.wire and source.wire in wires:
        content = message.content
        if len(content) != 1 or type(content[0]) is not TextPart:
            message = given_back(message, wire=source.wire, provider=provider)
    if message is reply.message and raw is None and not exchange.encoded.warnings:
        return reply
    # Every passed answer comes by here: `replace` takes twice as long.
    return new_reply(
        message=message,
        finish_reason=reply.finish_reason,
        model=reply.model,
        usage=reply.usage,
        cost_usd=reply.cost_usd,
        warnings=(*exchange.encoded.warnings, *reply.warnings),
        raw=reply.raw if raw is None else raw,
        id=reply.id,
        item_ids=reply.item_ids,
    )


def opened(source: Source, *, provider: str) -> OpenedBody:
    """The caller's body as an object. Raises InvalidRequestError when it is none."""
    if source.opened is not None:
        return source.opened
    try:
        read = JsonObject.of(source.body)
    except ValueError:
        # Without the cause: it holds the body.
        raise InvalidRequestError("the body is not a JSON object", provider=provider) from None
    if read.has_doubles:
        # The door refuses it. What is sent as it is must not name another model to who takes the first of two.
        raise InvalidRequestError("the body names a member twice", provider=provider)
    return read


def ready_body(
    source: Source,
    body: OpenedBody,
    *,
    provider: str,
    model: str,
    options: Mapping[str, Any] | None,
    reserved: tuple[str, ...],
    stream: bool | None = None,
    asks_for_usage: bool = False,
) -> bytes:
    """The bytes to send: those of `source`, opened as `body`, but for the model and `options` laid over.

    `stream`: whether its answer is to be one, or None where no answer can be. `asks_for_usage`: the dialect tells the
    usage of a stream only to those who ask for it by `stream_options`.
    Raises InvalidRequestError for an option of `reserved`, or one that JSON cannot say.
    """
    changes = _laid_over(options, provider, reserved) if options else {}
    if stream:
        changes |= _streamed(body, asks_for_usage=asks_for_usage)
    elif stream is not None and body.values.get("stream"):
        changes |= {"stream": None, "stream_options": None}
    if _STEERING in body.values:
        changes[_STEERING] = None
    if body.values.get("model") != model:
        changes["model"] = dump_json(model)
    return body.spliced(changes).encode() if changes else source.body.removeprefix(BOM_UTF8)


def _laid_over(options: Mapping[str, Any], provider: str, reserved: tuple[str, ...]) -> dict[str, Change]:
    checked = with_options({}, options, provider=provider, reserved=reserved)
    try:
        return {name: _change(value) for name, value in checked.items()}
    except (ValueError, RecursionError):
        detail = f"vendor_options.{provider} holds a value that JSON cannot say"
        raise InvalidRequestError(detail, provider=provider) from None


def _change(value: Any) -> Change:
    if isinstance(value, Mapping):
        return {name: _change(below) for name, below in value.items()}
    return dump_json(value)


def _streamed(body: OpenedBody, *, asks_for_usage: bool) -> dict[str, Change]:
    """What must change of `body` so that its answer is a stream."""
    changes: dict[str, Change] = {} if body.values.get("stream") is True else {"stream": b"true"}
    if asks_for_usage:
        is_new = "stream_options" not in body.values
        changes["stream_options"] = b'{"include_usage":true}' if is_new else {"include_usage": b"true"}
    return changes
