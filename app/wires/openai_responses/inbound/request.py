"""Which conversation does a body for POST /responses hold?

Whatever OpenAI's SDK can send is understood, or kept in `extras`; what no other vendor could do is a demand besides
(`fields` is the table), such as the state of earlier calls, which is kept at the vendor and not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.wires.demands import note_demands
from app.wires.inbound import Inbound
from app.wires.openai_chat.inbound.user import read_user
from app.wires.openai_responses.inbound.fields import DEMANDS, KNOWN_FIELDS, LOGPROBS, STATE, UNDERSTOOD
from app.wires.openai_responses.inbound.shapes import read_choice, read_format, read_tools
from app.wires.openai_responses.inbound.turns import read_turns
from app.wires.place import LONGEST_NAME, Place
from app.wires.request_fields import MOST_TOKENS, open_body, read_model
from contracts.calls import Wire
from contracts.chat import Conversation, ReasoningEffort, Sampling

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
    place = open_body(body, KNOWN_FIELDS)
    inbound = _read(place, provider)
    found = place.findings
    found.settle()
    return replace(inbound, demands=found.demands, may_pass=not found.has_own, warnings=found.warnings)


def _read(body: Place, provider: str) -> Inbound:
    extras = {name: value for name, value in body.value.items() if name not in UNDERSTOOD and value is not None}
    note_demands(body, DEMANDS)
    _read_flags(body, extras)
    tools = read_tools(body, extras)
    conversation = Conversation(
        messages=read_turns(body, provider=provider, has_state=any(body.at(name).is_given for name in STATE)),
        sampling=Sampling(
            max_tokens=body.at("max_output_tokens").whole_number(1, MOST_TOKENS),
            temperature=body.at("temperature").number(0, 2),
            top_p=body.at("top_p").number(0, 1),
        ),
        tools=tools,
        tool_choice=read_choice(body, tools, extras),
        parallel_tool_calls=body.at("parallel_tool_calls").flag(),
        response_format=read_format(body.at("text"), extras),
        reasoning_effort=_effort(body.at("reasoning"), extras),
        prompt_cache_key=body.at("prompt_cache_key").text(least=1, most=LONGEST_NAME),
    )
    _included(body.at("include"), extras)
    return Inbound(
        conversation=conversation,
        model=read_model(body),
        is_stream=body.at("stream").flag() or False,
        user_id=read_user(body),
        extras=extras,
    )


def _read_flags(body: Place, extras: dict[str, Any]) -> None:
    # What every call of this dialect says anyway.
    if body.at("store").flag() is False:
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
    entries = place.entries(most=_MOST_INCLUDED)
    for entry in entries:
        if entry.text() == _PROBABILITIES:
            entry.demand(LOGPROBS)
    more = [entry.value for entry in entries if entry.value != _ENCRYPTED_REASONING]
    if more:
        extras["include"] = more
