"""Which conversation does a request body of this dialect hold?

Source: SDK types MessageCreateParams and MessageCountTokensParams. Fields that a conversation has no place for
(`top_k`, `container`, `service_tier`, ...) are kept as they came.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.wires.anthropic_messages.inbound.effort import decode_effort
from app.wires.anthropic_messages.inbound.place import Faults, Place
from app.wires.anthropic_messages.inbound.tools import decode_schema, decode_tools
from app.wires.anthropic_messages.inbound.turns import decode_turns
from app.wires.inbound import Inbound
from contracts.chat import Conversation, ResponseFormat, Sampling

VENDOR = "anthropic"

_MODEL = re.compile(r"[\x21-\x7e]{1,256}")
_MOST_TOKENS = 10_000_000
_MOST_STOPS = 16
_LONGEST_STOP = 256
_READ = frozenset(
    {
        "model",
        "messages",
        "system",
        "max_tokens",
        "temperature",
        "top_p",
        "stop_sequences",
        "stream",
        "thinking",
        "tool_choice",
        "tools",
    }
)
# Objects of which we read these fields; others in them go to `extras`.
_READ_WITHIN = {"metadata": frozenset({"user_id"}), "output_config": frozenset({"effort", "format"})}


def decode_request(body: Mapping[str, Any], *, provider: str = VENDOR, needs_max_tokens: bool = True) -> Inbound:
    """The request in `body`, parsed JSON; raw parts and signatures in it are those of the row `provider`.

    A body for /v1/messages/count_tokens is the same without `max_tokens`. Raises InvalidRequestError.
    """
    faults = Faults()
    whole = Place(body, "", faults)
    if not whole.is_object():
        whole.wrong("must be an object")
        faults.check()
    effort, toolbox = decode_effort(whole), decode_tools(whole)
    request = Inbound(
        conversation=Conversation(
            messages=decode_turns(whole, provider=provider),
            sampling=_sampling(whole, needs_max_tokens=needs_max_tokens),
            tools=toolbox.tools,
            tool_choice=toolbox.choice,
            parallel_tool_calls=toolbox.may_be_parallel,
            response_format=_format(whole.at("output_config")),
            reasoning_effort=effort.effort,
        ),
        model=whole.at("model").needed().matching(_MODEL, "must have 1 to 256 printable ASCII characters") or "",
        is_stream=whole.at("stream").truth() or False,
        user_id=_user_id(whole.at("metadata")),
        extras=_laid_over(_unread(body), effort.extras) | toolbox.extras,
    )
    faults.check()
    return request


def _sampling(body: Place, *, needs_max_tokens: bool) -> Sampling:
    max_tokens = body.at("max_tokens")
    if needs_max_tokens:
        max_tokens.needed()
    stops = [
        stop.needed().text(least=1, most=_LONGEST_STOP) for stop in body.at("stop_sequences").items(most=_MOST_STOPS)
    ]
    return Sampling(
        max_tokens=max_tokens.whole_number(least=1, most=_MOST_TOKENS),
        temperature=body.at("temperature").number(least=0, most=2),
        top_p=body.at("top_p").number(least=0, most=1),
        stop=tuple(stop for stop in stops if stop is not None),
    )


def _format(config: Place) -> ResponseFormat | None:
    """`output_config.format`, the one kind of which is a JSON Schema; it is always enforced."""
    if not config.is_given or not config.is_object():
        return None
    shape = config.at("format")
    if not shape.is_given or not shape.is_object():
        return None
    shape.at("type").needed().one_of(["json_schema"])
    return ResponseFormat(type="json_schema", json_schema=decode_schema(shape.at("schema").needed()))


def _user_id(metadata: Place) -> str | None:
    return metadata.at("user_id").text(most=256) if metadata.is_given and metadata.is_object() else None


def _unread(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that nothing above reads, those without a value aside."""
    unread = {name: value for name, value in body.items() if name not in _READ and value is not None}
    for name, read in _READ_WITHIN.items():
        value = unread.pop(name, None)
        left = {key: below for key, below in value.items() if key not in read} if isinstance(value, Mapping) else {}
        if left:
            unread[name] = left
    return unread


def _laid_over(unread: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both; of `output_config` each may hold a part."""
    config = {**unread.get("output_config", {}), **more.get("output_config", {})}
    return {**unread, **more, **({"output_config": config} if config else {})}
