"""Which conversation does a body for POST /chat/completions hold?

Whatever OpenAI's SDK can send is understood or kept in `extras`. Refused is what would need another answer than we
give (`n` above 1), and what breaks a rule of our own contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.wires.inbound import Inbound
from app.wires.openai_chat.inbound.effort import read_effort
from app.wires.openai_chat.inbound.shapes import read_choice, read_format, read_tools
from app.wires.openai_chat.inbound.turns import read_turns
from app.wires.openai_chat.inbound.user import read_user
from app.wires.place import LONGEST_NAME, Place
from app.wires.request_fields import MOST_TOKENS, open_body, read_model, read_stop, read_stops
from contracts.chat import Conversation, Sampling

_UNDERSTOOD = frozenset(
    {
        "frequency_penalty",
        "function_call",
        "functions",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "model",
        "n",
        "parallel_tool_calls",
        "presence_penalty",
        "prompt_cache_key",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "stop",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
        "user",
    }
)


def decode_request(body: Mapping[str, Any], *, provider: str = "openai") -> Inbound:
    """The request in `body`, parsed JSON whose numbers are int, float or Decimal.

    `provider` is the row whose reasoning signatures and own parts stand in it. Raises InvalidRequestError, whose
    `errors` name the fields as this dialect does.
    """
    place = open_body(body)
    inbound = _read(place, provider)
    place.findings.settle()
    return replace(inbound, warnings=place.findings.warnings)


def asks_for_functions(body: Mapping[str, Any]) -> bool:
    """Whether a body is of the older form, whose answer says `function_call` in place of `tool_calls`."""
    return bool(body.get("functions")) and not body.get("tools")


def _read(body: Place, provider: str) -> Inbound:
    effort, echoes = read_effort(body)
    extras = {name: value for name, value in body.value.items() if name not in _UNDERSTOOD | echoes}
    extras = {name: value for name, value in extras.items() if value is not None}
    tools = read_tools(body, extras)
    conversation = Conversation(
        messages=read_turns(body, provider=provider),
        sampling=_sampling(body),
        tools=tools,
        tool_choice=read_choice(body, tools, extras),
        parallel_tool_calls=_parallel(body),
        response_format=read_format(body.at("response_format")),
        reasoning_effort=effort,
        prompt_cache_key=body.at("prompt_cache_key").text(least=1, most=LONGEST_NAME),
    )
    if body.at("n").whole_number(1, 128) not in (None, 1):
        body.at("n").wrong("must be 1: a request gets one answer here")
    is_stream = body.at("stream").flag() or False
    return Inbound(
        conversation=conversation,
        model=read_model(body),
        is_stream=is_stream,
        wants_usage=_wants_usage(body.at("stream_options")) or not is_stream,
        user_id=read_user(body, extras),
        extras=extras,
    )


def _sampling(body: Place) -> Sampling:
    return Sampling(
        max_tokens=_max_tokens(body),
        temperature=body.at("temperature").number(0, 2),
        top_p=body.at("top_p").number(0, 1),
        frequency_penalty=body.at("frequency_penalty").number(-2, 2),
        presence_penalty=body.at("presence_penalty").number(-2, 2),
        stop=_stop(body.at("stop")),
        seed=body.at("seed").whole_number(-(2**63), 2**63 - 1),
    )


def _max_tokens(body: Place) -> int | None:
    newer = body.at("max_completion_tokens").whole_number(1, MOST_TOKENS)
    older = body.at("max_tokens").whole_number(1, MOST_TOKENS)
    if newer is not None and older is not None and newer != older:
        body.at("max_tokens").wrong("must be the same as max_completion_tokens, or be left out")
    return older if newer is None else newer


def _stop(place: Place) -> tuple[str, ...]:
    return (read_stop(place),) if isinstance(place.value, str) else read_stops(place)


def _parallel(body: Place) -> bool | None:
    # The older form can say one call only, so a model is told to make no more.
    wanted = body.at("parallel_tool_calls").flag()
    return False if wanted is None and asks_for_functions(body.value) else wanted


def _wants_usage(options: Place) -> bool:
    if not options.is_object():
        return False
    options.ignore_others("include_usage", "include_obfuscation")
    if options.at("include_obfuscation").flag():
        options.at("include_obfuscation").wrong("must be false: streams are not padded here")
    return options.at("include_usage").flag() or False
