"""Which conversation does a body for POST /responses hold?

Whatever OpenAI's SDK can send is understood or kept in `extras`. Refused is what another answer would follow from: the
state of earlier calls, which is not kept here and at a vendor would be everybody's, and answers in the background.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.wires.inbound import Inbound
from app.wires.openai_chat.inbound.user import read_user
from app.wires.openai_responses.inbound.shapes import read_choice, read_format, read_tools
from app.wires.openai_responses.inbound.turns import read_turns
from app.wires.place import LONGEST_NAME, Place
from app.wires.request_fields import MOST_TOKENS, open_body, read_model
from contracts.chat import Conversation, ReasoningEffort, Sampling

_MOST_INCLUDED = 100
# Ours come always.
_ENCRYPTED_REASONING = "reasoning.encrypted_content"
_STATE = "must be left out: nothing is kept between calls, so send the whole conversation as input"
_REFUSED = {
    "previous_response_id": _STATE,
    "conversation": _STATE,
    "prompt": "must be left out: templates are not kept here, so send their text as instructions",
}
_UNDERSTOOD = frozenset(
    {
        *_REFUSED,
        "background",
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "model",
        "parallel_tool_calls",
        "prompt_cache_key",
        "reasoning",
        "safety_identifier",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_p",
        "user",
    }
)


def decode_request(body: Mapping[str, Any], *, provider: str = "openai") -> Inbound:
    """The request in `body`, parsed JSON whose numbers are int, float or Decimal.

    `provider` is the row whose reasoning and own items stand in it. Raises InvalidRequestError, whose `errors` name
    the fields as this dialect does.
    """
    place = open_body(body)
    inbound = _read(place, provider)
    place.findings.settle()
    return replace(inbound, warnings=place.findings.warnings)


def _read(body: Place, provider: str) -> Inbound:
    extras = {name: value for name, value in body.value.items() if name not in _UNDERSTOOD and value is not None}
    _refuse(body, extras)
    tools = read_tools(body, extras)
    conversation = Conversation(
        messages=read_turns(body, provider=provider),
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
        user_id=read_user(body, extras),
        extras=extras,
    )


def _refuse(body: Place, extras: dict[str, Any]) -> None:
    for name, message in _REFUSED.items():
        if body.at(name).is_given:
            body.at(name).wrong(message)
    if body.at("background").flag():
        body.at("background").wrong("must be false: an answer is made while its caller waits")
    if body.at("store").flag():
        extras["store"] = True
    options = body.at("stream_options")
    options.ignore_others("include_obfuscation")
    if options.is_object() and options.at("include_obfuscation").flag():
        options.at("include_obfuscation").wrong("must be false: streams are not padded here")


def _effort(reasoning: Place, extras: dict[str, Any]) -> ReasoningEffort | None:
    if not reasoning.is_object():
        return None
    word = reasoning.at("effort").one_of(*ReasoningEffort)
    effort = ReasoningEffort(word) if word else None
    more = {name: value for name, value in reasoning.value.items() if name != "effort" and value is not None}
    # Beside an effort this is what every vendor of this dialect is asked anyway.
    is_usual = effort not in (None, ReasoningEffort.NONE) and more == {"summary": "auto"}
    if more and not is_usual:
        extras["reasoning"] = more
    return effort


def _included(place: Place, extras: dict[str, Any]) -> None:
    wanted = [entry.text() for entry in place.entries(most=_MOST_INCLUDED)]
    more = [word for word in wanted if word is not None and word != _ENCRYPTED_REASONING]
    if more:
        extras["include"] = more
