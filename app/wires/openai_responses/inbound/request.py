"""Which conversation does a body for POST /responses hold?

Whatever OpenAI's SDK can send is understood, or kept in `extras`; what no other vendor could do is a demand besides
(`fields` is the table), such as the state of earlier calls, which is kept at the vendor and not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from app.wires.demands import note_demands
from app.wires.inbound import Inbound, new_inbound
from app.wires.openai_chat.inbound.user import read_user
from app.wires.openai_responses.inbound.fields import DEMANDS, KNOWN_FIELDS, LOGPROBS, STATE, UNDERSTOOD
from app.wires.openai_responses.inbound.shapes import read_choice, read_format, read_tools
from app.wires.openai_responses.inbound.turns import SPEAKERS, read_turns
from app.wires.place import LONGEST_NAME, Place
from app.wires.plain_turns import plain_turns
from app.wires.request_fields import MOST_TOKENS, could_be_model, open_body, read_model
from contracts.calls import Wire
from contracts.chat import Conversation, Message, ReasoningEffort, Role, Sampling, Tool, new_conversation

# Most bodies say no more than this: then no other field need be looked for.
_USUAL = frozenset({"input", "instructions", "model", "stream"})
_FLAGS = frozenset({"store", "background", "previous_response_id", "stream_options"})
_MOST_INCLUDED = 100
# Ours come always.
_ENCRYPTED_REASONING = "reasoning.encrypted_content"
_PROBABILITIES = "message.output_text.logprobs"
# What a request id of ours begins with: such an answer was translated here, and no vendor knows it.
_OUR_ANSWER = "resp_req_"


def decode_request(body: Mapping[str, Any], *, provider: str = Wire.OPENAI_RESPONSES.value) -> Inbound:
    """The request in `body`, parsed JSON whose numbers are int, float or Decimal.

    `provider` is whose reasoning and own items stand in it: those of the dialect, unless the row is known
    (`app.wires.adopted`). Raises InvalidRequestError, whose `errors` name the fields as this dialect does.
    """
    # What most bodies are: texts for a model, of which nothing need be noted.
    if isinstance(body, dict) and body.keys() <= _USUAL:
        model, is_stream, messages = body.get("model"), body.get("stream"), _plain_turns(body)
        is_plain = is_stream is None or is_stream is False or is_stream is True
        if is_plain and messages is not None and isinstance(model, str) and could_be_model(model):
            return new_inbound(read_as=new_conversation(messages=messages), model=model, is_stream=is_stream or False)
    return _whole(body, provider)


def _plain_turns(body: Mapping[str, Any]) -> tuple[Message, ...] | None:
    """Those of a conversation of texts, of which an assistant says none behind another: they would be one turn."""
    given = body.get("input")
    said = [{"role": "user", "content": given}] if isinstance(given, str) else given
    turns = plain_turns(said, SPEAKERS, system=body.get("instructions"))
    if turns is None or any(one.role is next_.role is Role.ASSISTANT for one, next_ in pairwise(turns)):
        return None
    return turns


def _whole(body: Mapping[str, Any], provider: str) -> Inbound:
    """Any request, looked through field by field."""
    whole = open_body(body, KNOWN_FIELDS)
    found, is_usual = whole.findings, whole.says_only(_USUAL)
    extras, tools = ({}, ()) if is_usual else _before_turns(whole)
    has_state = not is_usual and any(whole.value.get(name) is not None for name in STATE)
    messages = read_turns(whole, provider=provider, has_state=has_state)
    wishes = {} if is_usual else _wishes(whole, tools, extras)
    model = read_model(whole)
    is_stream = whole.flag_at("stream") or False
    user_id = None if is_usual else read_user(whole)
    found.settle()
    return Inbound(
        read_as=Conversation(messages=messages, tools=tools, **wishes),
        model=model,
        is_stream=is_stream,
        user_id=user_id,
        extras=extras,
        demands=found.demands,
        may_pass=not found.has_own,
        warnings=found.warnings,
    )


def _before_turns(body: Place) -> tuple[dict[str, Any], tuple[Tool, ...]]:
    """What the conversation has no place for, and the tools."""
    extras = {name: value for name, value in body.value.items() if name not in UNDERSTOOD and value is not None}
    note_demands(body, DEMANDS)
    if body.says_any(_FLAGS):
        _read_flags(body, extras)
    return extras, read_tools(body, extras)


def _wishes(body: Place, tools: tuple[Tool, ...], extras: dict[str, Any]) -> dict[str, Any]:
    """What else the conversation says, by the names of its fields."""
    wishes = {
        "sampling": Sampling(
            max_tokens=body.whole_number_at("max_output_tokens", 1, MOST_TOKENS),
            temperature=body.number_at("temperature", 0, 2),
            top_p=body.number_at("top_p", 0, 1),
        ),
        "tool_choice": read_choice(body, tools, extras),
        "parallel_tool_calls": body.flag_at("parallel_tool_calls"),
        "response_format": read_format(body.at("text"), extras),
        "reasoning_effort": _effort(body.at("reasoning"), extras),
        "prompt_cache_key": body.text_at("prompt_cache_key", least=1, most=LONGEST_NAME),
    }
    _included(body.at("include"), extras)
    return wishes


def _read_flags(body: Place, extras: dict[str, Any]) -> None:
    # What every call of this dialect says anyway.
    if body.flag_at("store") is False:
        extras.pop("store")
    background = body.at("background")
    if background.flag():
        background.wrong("must be false: what is made later could not be fetched here, nor be paid for by its caller")
    previous = body.at("previous_response_id")
    if (previous.text() or "").startswith(_OUR_ANSWER):
        previous.wrong("names an answer that was translated and is kept nowhere: send it as input")
    options = body.at("stream_options")
    more = {name: value for name, value in options.value.items() if value} if options.is_object() else {}
    if more:
        extras["stream_options"] = more


def _effort(reasoning: Place, extras: dict[str, Any]) -> ReasoningEffort | None:
    if not reasoning.is_object():
        return None
    word = reasoning.at("effort").word(*ReasoningEffort)
    effort = ReasoningEffort(word) if word else None
    said = {"effort"} if effort else set()
    more = {name: value for name, value in reasoning.value.items() if name not in said and value is not None}
    # Beside an effort this is what every vendor of this dialect is asked anyway.
    is_usual = effort not in (None, ReasoningEffort.NONE) and more == {"summary": "auto"}
    if more and not is_usual:
        extras["reasoning"] = more
    return effort


def _included(place: Place, extras: dict[str, Any]) -> None:
    if not place.is_given:
        return
    entries = place.entries(most=_MOST_INCLUDED)
    for entry in entries:
        if entry.text() == _PROBABILITIES:
            entry.demand(LOGPROBS)
    more = [entry.value for entry in entries if entry.value != _ENCRYPTED_REASONING]
    if more:
        extras["include"] = more
