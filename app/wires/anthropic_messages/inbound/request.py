"""Which conversation does a request body of this dialect hold?

Source: SDK types MessageCreateParams and MessageCountTokensParams, beta's too. Whatever the SDK can send is understood,
or kept in `extras`; what no other vendor could do is a demand besides (`fields` is the table). Refused is only what
breaks a rule: ours, or the dialect's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from app.wires.anthropic_messages.inbound.effort import decode_effort
from app.wires.anthropic_messages.inbound.fields import DEMANDS, KNOWN_FIELDS, UNDERSTOOD
from app.wires.anthropic_messages.inbound.tools import decode_tools
from app.wires.anthropic_messages.inbound.turns import decode_turns
from app.wires.demands import STRANGE, note_demands
from app.wires.free_json import read_schema
from app.wires.inbound import Inbound
from app.wires.place import LONGEST_NAME, Place
from app.wires.request_fields import MOST_TOKENS, open_body, read_model, read_stops
from contracts.calls import Wire
from contracts.chat import Conversation, ResponseFormat, Sampling

_CONFIG_FIELDS = frozenset({"effort", "format"})
_FORMAT: Literal["json_schema"] = "json_schema"


def decode_request(
    body: Mapping[str, Any], *, provider: str = Wire.ANTHROPIC_MESSAGES.value, needs_max_tokens: bool = True
) -> Inbound:
    """The request in `body`, parsed JSON.

    `provider` is whose reasoning signatures and own blocks stand in it: those of the dialect, unless the row is known
    (`app.wires.adopted`). A body for /v1/messages/count_tokens is the same without `max_tokens`. Raises
    InvalidRequestError, whose `errors` name the fields as this dialect does.
    """
    whole = open_body(body, KNOWN_FIELDS)
    inbound = _read(whole, provider, needs_max_tokens=needs_max_tokens)
    found = whole.findings
    found.settle()
    return replace(inbound, demands=found.demands, may_pass=not found.has_own, warnings=found.warnings)


def _read(whole: Place, provider: str, *, needs_max_tokens: bool) -> Inbound:
    note_demands(whole, DEMANDS)
    effort, toolbox = decode_effort(whole), decode_tools(whole)
    extras = {name: value for name, value in whole.value.items() if name not in UNDERSTOOD and value is not None}
    config = {**_unread_config(whole.at("output_config")), **effort.config}
    return Inbound(
        conversation=Conversation(
            messages=decode_turns(whole, provider=provider),
            sampling=_sampling(whole, extras, needs_max_tokens=needs_max_tokens),
            tools=toolbox.tools,
            tool_choice=toolbox.choice,
            parallel_tool_calls=toolbox.may_be_parallel,
            response_format=_format(whole.at("output_config"), config),
            reasoning_effort=effort.effort,
        ),
        model=read_model(whole),
        is_stream=whole.at("stream").flag() or False,
        user_id=_user_id(whole.at("metadata")),
        extras={**extras, **effort.extras, **toolbox.extras, **({"output_config": config} if config else {})},
    )


def _sampling(body: Place, extras: dict[str, Any], *, needs_max_tokens: bool) -> Sampling:
    return Sampling(
        max_tokens=_max_tokens(body.need("max_tokens") if needs_max_tokens else body.at("max_tokens"), extras),
        temperature=body.at("temperature").number(0, 2),
        top_p=body.at("top_p").number(0, 1),
        stop=read_stops(body.at("stop_sequences")),
    )


def _max_tokens(place: Place, extras: dict[str, Any]) -> int | None:
    most = place.whole_number(0, MOST_TOKENS)
    if most == 0:
        place.demand("asks for no answer, only for the vendor's cache to be filled")
        extras["max_tokens"] = 0
    return most or None


def _format(config: Place, extras: dict[str, Any]) -> ResponseFormat | None:
    """`output_config.format`, of which we know one kind, a JSON Schema that is always enforced."""
    shape = config.at("format")
    if not config.is_object() or not shape.is_object():
        return None
    kind = shape.need("type")
    if kind.word(_FORMAT) is None:
        if isinstance(kind.value, str):
            kind.demand(STRANGE)
            extras["format"] = shape.value
        return None
    shape.ignore_others("type", "schema")
    return ResponseFormat(type=_FORMAT, json_schema=read_schema(shape.need("schema")))


def _unread_config(config: Place) -> dict[str, Any]:
    given = config.value if isinstance(config.value, dict) else {}
    return {name: value for name, value in given.items() if name not in _CONFIG_FIELDS and value is not None}


def _user_id(metadata: Place) -> str | None:
    return metadata.at("user_id").text(most=LONGEST_NAME) if metadata.is_object() else None
