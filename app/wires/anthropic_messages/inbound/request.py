"""Which conversation does a request body of this dialect hold?

Source: SDK types MessageCreateParams and MessageCountTokensParams, beta's too. Whatever the SDK can send is understood,
or kept in `extras`; what no other vendor could do is a demand besides (`fields` is the table). Refused is only what
breaks a rule: ours, or the dialect's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from app.wires.anthropic_messages.inbound.effort import Effort, decode_effort
from app.wires.anthropic_messages.inbound.fields import DEMANDS, KNOWN_FIELDS, UNDERSTOOD
from app.wires.anthropic_messages.inbound.tools import Toolbox, decode_tools
from app.wires.anthropic_messages.inbound.turns import SPEAKERS, decode_turns
from app.wires.demands import STRANGE, note_demands
from app.wires.findings import Findings
from app.wires.free_json import read_schema
from app.wires.inbound import Inbound, new_inbound
from app.wires.place import LONGEST_NAME, Place
from app.wires.plain_turns import plain_turns
from app.wires.request_fields import MOST_TOKENS, could_be_model, open_body, read_model, read_stops
from contracts.calls import Wire
from contracts.chat import Conversation, Message, ResponseFormat, Sampling, new_conversation, new_sampling

# Most bodies say no more than this: then no other field need be looked for.
_PLAIN = frozenset({"max_tokens", "messages", "model", "stream", "system"})
_USUAL = _PLAIN | {"stop_sequences", "temperature", "top_p"}
_NO_EFFORT, _NO_TOOLS = Effort(), Toolbox()
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
    # What most bodies are: texts for a model, of which nothing need be noted.
    if isinstance(body, dict) and body.keys() <= _USUAL:
        model, is_stream = body.get("model"), body.get("stream")
        messages = plain_turns(body.get("messages"), SPEAKERS, system=body.get("system"))
        is_plain = is_stream is None or is_stream is False or is_stream is True
        if is_plain and messages is not None and isinstance(model, str) and could_be_model(model):
            return _drawn(body, messages, model, is_stream=is_stream or False, needs_max_tokens=needs_max_tokens)
    return _whole(body, provider, needs_max_tokens=needs_max_tokens)


def _drawn(
    body: dict[str, Any], messages: tuple[Message, ...], model: str, *, is_stream: bool, needs_max_tokens: bool
) -> Inbound:
    """A usual request, in which nothing can be wrong but how its answer is drawn."""
    most = body.get("max_tokens")
    if body.keys() <= _PLAIN and type(most) is int and 0 < most <= MOST_TOKENS:
        asked = new_conversation(messages=messages, sampling=new_sampling(max_tokens=most))
        return new_inbound(read_as=asked, model=model, is_stream=is_stream)
    whole, extras = Place(body, "", Findings()), dict[str, Any]()
    sampling = _sampling(whole, extras, needs_max_tokens=needs_max_tokens)
    whole.findings.settle()
    return new_inbound(
        read_as=new_conversation(messages=messages, sampling=sampling),
        model=model,
        is_stream=is_stream,
        extras=extras,
        demands=whole.findings.demands,
    )


def _whole(body: Mapping[str, Any], provider: str, *, needs_max_tokens: bool) -> Inbound:
    """Any request, looked through field by field."""
    whole = open_body(body, KNOWN_FIELDS)
    found, is_usual = whole.findings, whole.says_only(_USUAL)
    effort, toolbox, extras, config = (_NO_EFFORT, _NO_TOOLS, {}, {}) if is_usual else _before_turns(whole)
    conversation = Conversation(
        messages=decode_turns(whole, provider=provider),
        sampling=_sampling(whole, extras, needs_max_tokens=needs_max_tokens),
        tools=toolbox.tools,
        tool_choice=toolbox.choice,
        parallel_tool_calls=toolbox.may_be_parallel,
        response_format=None if is_usual else _format(whole.at("output_config"), config),
        reasoning_effort=effort.effort,
    )
    model = read_model(whole)
    is_stream = whole.flag_at("stream") or False
    user_id = None if is_usual else _user_id(whole.at("metadata"))
    found.settle()
    return Inbound(
        read_as=conversation,
        model=model,
        is_stream=is_stream,
        user_id=user_id,
        extras={**extras, **effort.extras, **toolbox.extras, **({"output_config": config} if config else {})},
        demands=found.demands,
        may_pass=not found.has_own,
        warnings=found.warnings,
    )


def _before_turns(body: Place) -> tuple[Effort, Toolbox, dict[str, Any], dict[str, Any]]:
    """The effort, the tools, and what has no place in the conversation: fields, and those of `output_config`."""
    note_demands(body, DEMANDS)
    effort, toolbox = decode_effort(body), decode_tools(body)
    extras = {name: value for name, value in body.value.items() if name not in UNDERSTOOD and value is not None}
    return effort, toolbox, extras, {**_unread_config(body.at("output_config")), **effort.config}


def _sampling(body: Place, extras: dict[str, Any], *, needs_max_tokens: bool) -> Sampling:
    return Sampling(
        max_tokens=_max_tokens(body, extras, is_needed=needs_max_tokens),
        temperature=body.number_at("temperature", 0, 2),
        top_p=body.number_at("top_p", 0, 1),
        stop=read_stops(body.at("stop_sequences")),
    )


def _max_tokens(body: Place, extras: dict[str, Any], *, is_needed: bool) -> int | None:
    most = body.whole_number_at("max_tokens", 0, MOST_TOKENS)
    if most is None and is_needed:
        body.need("max_tokens")
    if most == 0:
        body.at("max_tokens").demand("asks for no answer, only for the vendor's cache to be filled")
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
    shape.ignore_others({"type", "schema"})
    return ResponseFormat(type=_FORMAT, json_schema=read_schema(shape.need("schema")))


def _unread_config(config: Place) -> dict[str, Any]:
    given = config.value if isinstance(config.value, dict) else {}
    return {name: value for name, value in given.items() if name not in _CONFIG_FIELDS and value is not None}


def _user_id(metadata: Place) -> str | None:
    return metadata.text_at("user_id", most=LONGEST_NAME) if metadata.is_object() else None
