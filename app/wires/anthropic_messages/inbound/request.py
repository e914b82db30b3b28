"""Which conversation does a request body of this dialect hold?

Source: SDK types MessageCreateParams and MessageCountTokensParams. Fields that a conversation has no place for
(`top_k`, `container`, `service_tier`, ...) are kept as they came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.wires.anthropic_messages.inbound.effort import decode_effort
from app.wires.anthropic_messages.inbound.tools import decode_tools
from app.wires.anthropic_messages.inbound.turns import decode_turns
from app.wires.free_json import read_schema
from app.wires.inbound import Inbound
from app.wires.place import LONGEST_NAME, Place
from app.wires.request_fields import MOST_TOKENS, open_body, read_model, read_stops
from contracts.chat import Conversation, ResponseFormat, Sampling

VENDOR = "anthropic"

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
    whole = open_body(body)
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
        model=read_model(whole),
        is_stream=whole.at("stream").flag() or False,
        user_id=_user_id(whole.at("metadata")),
        extras=_laid_over(_unread(body), effort.extras) | toolbox.extras,
    )
    whole.findings.settle()
    return replace(request, warnings=whole.findings.warnings)


def _sampling(body: Place, *, needs_max_tokens: bool) -> Sampling:
    max_tokens = body.need("max_tokens") if needs_max_tokens else body.at("max_tokens")
    return Sampling(
        max_tokens=max_tokens.whole_number(1, MOST_TOKENS),
        temperature=body.at("temperature").number(0, 2),
        top_p=body.at("top_p").number(0, 1),
        stop=read_stops(body.at("stop_sequences")),
    )


def _format(config: Place) -> ResponseFormat | None:
    """`output_config.format`, the one kind of which is a JSON Schema; it is always enforced."""
    if not config.is_object():
        return None
    shape = config.at("format")
    if not shape.is_object():
        return None
    shape.need("type").one_of("json_schema")
    shape.ignore_others("type", "schema")
    return ResponseFormat(type="json_schema", json_schema=read_schema(shape.need("schema")))


def _user_id(metadata: Place) -> str | None:
    return metadata.at("user_id").text(most=LONGEST_NAME) if metadata.is_object() else None


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
