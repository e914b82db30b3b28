"""Which conversation does a body for POST /chat/completions hold?

Whatever OpenAI's SDK can send is understood, or kept in `extras`; what no other vendor could do is a demand besides
(`fields` is the table). Refused is only what breaks a rule: ours, or the dialect's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.demands import note_demands
from app.wires.findings import Findings
from app.wires.inbound import Inbound, new_inbound
from app.wires.openai_chat.inbound.effort import read_effort
from app.wires.openai_chat.inbound.fields import DEMANDS, KNOWN_FIELDS, UNDERSTOOD
from app.wires.openai_chat.inbound.shapes import read_choice, read_format, read_tools
from app.wires.openai_chat.inbound.turns import SPEAKERS, read_turns
from app.wires.openai_chat.inbound.user import read_user
from app.wires.place import LONGEST_NAME, Place
from app.wires.plain_turns import plain_turns
from app.wires.request_fields import MOST_TOKENS, could_be_model, open_body, read_model, read_stop, read_stops
from contracts.calls import Wire
from contracts.chat import Conversation, Message, ReasoningEffort, Sampling, Tool, new_conversation

_SAMPLING = frozenset(
    {
        "max_completion_tokens",
        "max_tokens",
        "temperature",
        "top_p",
        "frequency_penalty",
        "presence_penalty",
        "stop",
        "seed",
    }
)
_NO_SAMPLING = Sampling()
# Most bodies say no more than this.
_PLAIN = frozenset({"messages", "model", "stream"})
_USUAL = _PLAIN | {"stream_options"} | _SAMPLING


def decode_request(body: Mapping[str, Any], *, provider: str = Wire.OPENAI_CHAT.value) -> Inbound:
    """The request in `body`, parsed JSON whose numbers are int, float or Decimal.

    `provider` is whose reasoning signatures and own parts stand in it: those of the dialect, unless the row is known
    (`app.wires.adopted`). Raises InvalidRequestError, whose `errors` name the fields as this dialect does.
    """
    # What most bodies are: texts for a model, of which nothing need be noted.
    if isinstance(body, dict) and body.keys() <= _USUAL:
        model, is_stream = body.get("model"), body.get("stream")
        messages = plain_turns(body.get("messages"), SPEAKERS)
        is_plain = is_stream is None or is_stream is False or is_stream is True
        if is_plain and messages is not None and isinstance(model, str) and could_be_model(model):
            if body.keys() <= _PLAIN:
                return new_inbound(
                    read_as=new_conversation(messages=messages),
                    model=model,
                    is_stream=is_stream or False,
                    wants_usage=not is_stream,
                )
            return _drawn(body, messages, model, is_stream=is_stream or False)
    return _whole(body, provider)


def asks_for_functions(body: Mapping[str, Any]) -> bool:
    """Whether a body is of the older form, whose answer says `function_call` in place of `tool_calls`."""
    return bool(body.get("functions")) and not body.get("tools")


def _drawn(body: dict[str, Any], messages: tuple[Message, ...], model: str, *, is_stream: bool) -> Inbound:
    """A usual request that says how its answer is drawn, in which a number may be out of its bounds."""
    whole, extras = Place(body, "", Findings()), dict[str, Any]()
    sampling = _sampling(whole)
    wants_usage = "stream_options" in body and _wants_usage(whole.at("stream_options"), extras)
    whole.findings.settle()
    return new_inbound(
        read_as=new_conversation(messages=messages, sampling=sampling),
        model=model,
        is_stream=is_stream,
        wants_usage=wants_usage or not is_stream,
        extras=extras,
    )


def _whole(body: Mapping[str, Any], provider: str) -> Inbound:
    """Any request, looked through field by field."""
    whole = open_body(body, KNOWN_FIELDS)
    found = whole.findings
    extras, effort, tools = _before_messages(whole)
    messages = read_turns(whole, provider=provider)
    sampling = _sampling(whole) if whole.says_any(_SAMPLING) else _NO_SAMPLING
    wishes = _wishes(whole, tools, extras)
    is_stream = whole.flag_at("stream") or False
    model = read_model(whole)
    wants_usage = _wants_usage(whole.at("stream_options"), extras)
    user_id, choices = read_user(whole), _choices(whole.at("n"))
    found.settle()
    return Inbound(
        read_as=Conversation(messages=messages, sampling=sampling, tools=tools, reasoning_effort=effort, **wishes),
        model=model,
        is_stream=is_stream,
        wants_usage=wants_usage or not is_stream,
        user_id=user_id,
        extras=extras,
        demands=found.demands,
        choices=choices,
        may_pass=not found.has_own,
        warnings=found.warnings,
    )


def _before_messages(body: Place) -> tuple[dict[str, Any], ReasoningEffort | None, tuple[Tool, ...]]:
    """What the conversation has no place for, the effort, and the tools."""
    effort, said = read_effort(body)
    others = {name: value for name, value in body.value.items() if name not in UNDERSTOOD and value is not None}
    extras = {name: value for name, value in others.items() if name not in said} if said else others
    if effort is None and body.value.get("reasoning_effort") is not None:
        extras["reasoning_effort"] = body.value["reasoning_effort"]
    note_demands(body, DEMANDS)
    return extras, effort, read_tools(body, extras)


def _wishes(body: Place, tools: tuple[Tool, ...], extras: dict[str, Any]) -> dict[str, Any]:
    """What else the conversation says, by the names of its fields."""
    return {
        "tool_choice": read_choice(body, tools, extras),
        "parallel_tool_calls": _parallel(body),
        "response_format": read_format(body.at("response_format"), extras),
        "prompt_cache_key": body.text_at("prompt_cache_key", least=1, most=LONGEST_NAME),
    }


def _sampling(body: Place) -> Sampling:
    return Sampling(
        max_tokens=_max_tokens(body),
        temperature=body.number_at("temperature", 0, 2),
        top_p=body.number_at("top_p", 0, 1),
        frequency_penalty=body.number_at("frequency_penalty", -2, 2),
        presence_penalty=body.number_at("presence_penalty", -2, 2),
        stop=_stop(body.at("stop")) if "stop" in body.value else (),
        seed=body.whole_number_at("seed", -(2**63), 2**63 - 1),
    )


def _max_tokens(body: Place) -> int | None:
    newer = body.whole_number_at("max_completion_tokens", 1, MOST_TOKENS)
    older = body.whole_number_at("max_tokens", 1, MOST_TOKENS)
    if newer is not None and older is not None and newer != older:
        body.at("max_tokens").wrong("must be the same as max_completion_tokens, or be left out")
    return older if newer is None else newer


def _stop(place: Place) -> tuple[str, ...]:
    return (read_stop(place),) if isinstance(place.value, str) else read_stops(place)


def _parallel(body: Place) -> bool | None:
    # The older form can say one call only, so a model is told to make no more.
    wanted = body.flag_at("parallel_tool_calls")
    return False if wanted is None and asks_for_functions(body.value) else wanted


def _wants_usage(options: Place, extras: dict[str, Any]) -> bool:
    if not options.is_object():
        return False
    more = {name: value for name, value in options.value.items() if name != "include_usage" and value}
    if more:
        extras["stream_options"] = more
    return options.flag_at("include_usage") or False


def _choices(place: Place) -> int:
    choices = place.whole_number(1, 128) or 1
    if choices > 1:
        place.demand("asks for more answers than one, which only vendors of this dialect give")
    return choices
