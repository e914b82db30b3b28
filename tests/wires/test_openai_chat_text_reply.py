"""Is an answer that is read in one look what it is when it is put together piece by piece?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wires.openai_chat import Quirks, StreamDecoder
from app.wires.openai_chat.text_reply import text_reply
from contracts.calls import Reply
from contracts.chat import FinishReason, TextPart, Usage
from contracts.errors import LLMProviderError

USAGE: dict[str, Any] = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
OPENAIS: dict[str, Any] = {
    "message": {"role": "assistant", "content": "hi", "refusal": None, "annotations": []},
    "logprobs": None,
    "finish_reason": "stop",
    "index": 0,
}


def completion(message: Any = None, *, choice: Any = None, **more: Any) -> dict[str, Any]:
    """One whose message and choice say what is given besides; what is None in `more` is left out."""
    said = {**OPENAIS, "message": {**OPENAIS["message"], **(message or {})}, **(choice or {})}
    whole = {"id": "c1", "object": "chat.completion", "model": "m-1", "choices": [said], "usage": USAGE, **more}
    return {name: value for name, value in whole.items() if value is not None}


def put_together(data: Any, quirks: Quirks) -> Reply | None:
    """What the decoder of streams makes of it, piece by piece; None for an error."""
    decoder = StreamDecoder(provider="row", model="m", quirks=quirks)
    try:
        decoder.feed_whole(json.dumps(data).encode())
        return decoder.reply()
    except LLMProviderError:
        return None


@pytest.mark.parametrize(
    "message, usage",
    [
        ({}, {}),
        ({"content": "häß 😀 \ud800"}, {}),
        ({"tool_calls": None, "reasoning_content": None, "function_call": None, "audio": None}, {}),
        ({}, {"completion_tokens_details": {"reasoning_tokens": 1}, "prompt_tokens_details": {"cached_tokens": 2}}),
    ],
)
def test_one_text_is_read_in_one_look(message: dict[str, Any], usage: dict[str, Any]) -> None:
    """With the fields that vendors fill with nothing, and all that they count."""
    data = completion(message, usage={**USAGE, **usage})
    reply = text_reply(data, Quirks(reports_cost=True))
    assert reply is not None
    assert reply == put_together(data, Quirks(reports_cost=True))


def test_reply_of_one_text_has_all_that_was_said() -> None:
    """The text, how it ended, who wrote it, and what it took."""
    reply = text_reply(completion(choice={"finish_reason": "length"}), Quirks())
    assert reply is not None
    assert reply.message.content == (TextPart(text="hi"),)
    assert (reply.finish_reason, reply.model) == (FinishReason.LENGTH, "m-1")
    assert reply.usage == Usage(input_tokens=3, output_tokens=2, total_tokens=5)


@pytest.mark.parametrize(
    "data",
    [
        completion({"content": ""}),
        completion({"content": None}),
        completion({"content": [{"text": "hi"}]}),
        completion({"refusal": "no"}),
        completion({"refusal": ""}),
        completion({"reasoning_content": "hm"}),
        completion({"tool_calls": []}),
        completion({"function_call": {"name": "f"}}),
        completion(choice={"finish_reason": "tool_calls"}),
        completion(choice={"finish_reason": "error"}),
        completion(choice={"finish_reason": "new"}),
        completion(choice={"finish_reason": []}),
        completion(choice={"finish_reason": None}),
        completion(choice={"index": 1}),
        completion(choice={"error": {"message": "no"}}),
        completion(choice={"object": "error"}),
        completion(choice={"message": "hi"}),
        completion(choices=[OPENAIS, OPENAIS]),
        completion(choices=[]),
        completion(choices=["hi"]),
        completion(choices={"message": OPENAIS}),
        completion(choices=7),
        completion(error={"message": "no"}),
        completion(object="error"),
        completion(model="m\n1"),
        completion(model=""),
        completion(model=7),
        completion(usage=[]),
        completion(usage={"prompt_tokens": -1}),
        completion(usage={**USAGE, "total_tokens": 6}),
        completion(usage={**USAGE, "cost": 1}),
        {"choices": [OPENAIS]},
        [],
        "hi",
        None,
    ],
)
def test_what_says_more_or_may_be_wrong_is_looked_at_as_a_whole(data: Any) -> None:
    """So that there is one judge of it."""
    assert text_reply(data, Quirks(reports_cost=True)) is None


def test_cost_is_read_only_of_vendors_that_tell_one() -> None:
    """To the others the field means nothing."""
    assert text_reply(completion(usage={**USAGE, "cost": 1}), Quirks()) is not None


ODD: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from(["", "stop", "error", "é"]) | st.just([])
)
MESSAGES = st.dictionaries(
    st.sampled_from(["content", "refusal", "reasoning", "tool_calls", "function_call", "annotations", "x"]), ODD
)
CHOICES = st.dictionaries(st.sampled_from(["index", "finish_reason", "error", "object", "x"]), ODD, max_size=2)
WHOLES = st.dictionaries(st.sampled_from(["model", "usage", "error", "object", "id", "x"]), ODD, max_size=2)
COUNTS = st.dictionaries(
    st.sampled_from([*USAGE, "cost", "prompt_tokens_details", "prompt_cache_hit_tokens"]), ODD, max_size=2
)


@given(message=MESSAGES, choice=CHOICES, counts=COUNTS, whole=WHOLES, reports_cost=st.booleans())
def test_answer_is_the_same_in_one_look_and_piece_by_piece(
    message: dict[str, Any], choice: dict[str, Any], counts: dict[str, Any], whole: dict[str, Any], reports_cost: bool
) -> None:
    """Whatever a vendor writes into its fields."""
    data = completion(message, choice=choice, **{"usage": {**USAGE, **counts}, **whole})
    quirks = Quirks(reports_cost=reports_cost)
    reply = text_reply(data, quirks)
    assert reply is None or reply == put_together(data, quirks)
