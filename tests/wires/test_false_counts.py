"""Are counts that cannot be true left out, without losing those that were good before them, in every dialect?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.wires import anthropic_messages, gemini, openai_chat, openai_responses
from app.wires.token_counts import contradicts, lasting, take_counts
from contracts.calls import Reply
from contracts.chat import Usage, UsageSource

_FALSE = ("the token counts of row cannot be true and were not taken",)
_COST_IS_FALSE = "the cost that row gave cannot be true and was not taken"
_GOOD = Usage(input_tokens=100, output_tokens=20, total_tokens=120)


def _said(number: int) -> dict[str, int]:
    """Of /chat/completions: so many of each."""
    return {"prompt_tokens": number, "completion_tokens": number}


def _chat(*usages: Any) -> Reply:
    decoder = openai_chat.StreamDecoder(provider="row", model="m", quirks=openai_chat.Quirks(reports_cost=True))
    for usage in usages:
        decoder.feed("message", json.dumps({"choices": [{"index": 0, "delta": {"content": "x"}}], "usage": usage}))
    decoder.feed("message", json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
    return decoder.reply()


def _claude(first: Any, last: Any) -> tuple[Reply, Usage | None]:
    """The reply, and what was known of its usage before its end."""
    decoder = anthropic_messages.StreamDecoder(provider="row", model="m")

    def feed(**event: Any) -> None:
        decoder.feed(event["type"], json.dumps(event))

    feed(type="message_start", message={"id": "msg_1", "model": "m", "usage": first})
    feed(type="content_block_start", index=0, content_block={"type": "text", "text": ""})
    feed(type="content_block_delta", index=0, delta={"type": "text_delta", "text": "Hello"})
    so_far = decoder.usage_so_far
    feed(type="message_delta", delta={"stop_reason": "end_turn"}, usage=last)
    return decoder.reply(), so_far


def _gemini(*usages: Any) -> Reply:
    decoder = gemini.StreamDecoder(provider="row", model="m")
    for usage in usages:
        content = {"parts": [{"text": "x"}], "role": "model"}
        decoder.feed("message", json.dumps({"candidates": [{"content": content}], "usageMetadata": usage}))
    decoder.feed("message", json.dumps({"candidates": [{"finishReason": "STOP"}]}))
    return decoder.reply()


def _responses(*usages: Any) -> Reply:
    decoder = openai_responses.StreamDecoder(provider="row", model="m")
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "x"}]}
    *early, last = usages
    for usage in early:
        decoder.feed("response.in_progress", json.dumps({"type": "response.in_progress", "response": {"usage": usage}}))
    whole = {"status": "completed", "output": [item], "usage": last}
    decoder.feed("response.completed", json.dumps({"type": "response.completed", "response": whole}))
    return decoder.reply()


@pytest.mark.parametrize("later", [_said(0), _said(-1), {"prompt_tokens": 0, "completion_tokens": 5}])
def test_later_chunk_of_nonsense_leaves_the_earlier_count(later: dict[str, Any]) -> None:
    """It is kept, as what was told by then, and the caller is warned."""
    reply = _chat({"prompt_tokens": 100, "completion_tokens": 20}, later)
    assert reply.usage == replace(_GOOD, source=UsageSource.ESTIMATED)
    assert reply.warnings == _FALSE


def test_later_chunk_that_counts_on_is_taken() -> None:
    """Some vendors count in every chunk."""
    reply = _chat(_said(5), _said(7))
    assert (reply.usage, reply.warnings) == (Usage(input_tokens=7, output_tokens=7, total_tokens=14), ())


@pytest.mark.parametrize("later", [{"input_tokens": -1, "output_tokens": 5}, {"input_tokens": 0, "output_tokens": 0}])
def test_later_response_of_nonsense_leaves_the_earlier_count(later: dict[str, Any]) -> None:
    """As in /chat/completions."""
    reply = _responses({"input_tokens": 100, "output_tokens": 20}, later)
    assert (reply.usage, reply.warnings) == (replace(_GOOD, source=UsageSource.ESTIMATED), _FALSE)


@pytest.mark.parametrize("later", [{"promptTokenCount": 0}, {"candidatesTokenCount": -3}, {"promptTokenCount": "7"}])
def test_later_metadata_of_nonsense_leaves_the_earlier_count(later: dict[str, Any]) -> None:
    """Each count by itself, since a chunk may hold some of them only."""
    reply = _gemini({"promptTokenCount": 100, "candidatesTokenCount": 20}, later)
    assert (reply.usage, reply.warnings) == (replace(_GOOD, source=UsageSource.ESTIMATED), _FALSE)


FIRST = {"input_tokens": 100, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 50, "output_tokens": 1}
TOLD = Usage(input_tokens=1050, output_tokens=1, total_tokens=1051, cached_input_tokens=900, cache_write_tokens=50)


def test_beginning_of_a_message_says_what_was_put_in() -> None:
    """Before its end: a stream that is cut there is billed for cached reads and writes as the vendor counts them."""
    reply, so_far = _claude(FIRST, {"output_tokens": 30})
    assert so_far == TOLD
    assert reply.usage == replace(TOLD, output_tokens=30, total_tokens=1080)


@pytest.mark.parametrize(
    "last,warnings",
    [({"output_tokens": -4}, _FALSE), ({"output_tokens": "7"}, _FALSE), ({"output_tokens": None}, ()), (None, ())],
)
def test_end_of_a_message_without_a_count_keeps_its_beginning(last: Any, warnings: tuple[str, ...]) -> None:
    """The output of the beginning is no last word, so it is marked; the input stays."""
    reply, _ = _claude(FIRST, last)
    assert (reply.usage, reply.warnings) == (replace(TOLD, source=UsageSource.ESTIMATED), warnings)


def test_end_of_a_message_does_not_take_its_input_back() -> None:
    """A proxy that counts nothing at the end."""
    reply, _ = _claude(FIRST, {"input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 30})
    assert reply.usage == replace(TOLD, output_tokens=30, total_tokens=1080, source=UsageSource.ESTIMATED)
    assert reply.warnings == _FALSE


@pytest.mark.parametrize(
    "made",
    [
        lambda total: _chat({"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": total}),
        lambda total: _responses({"input_tokens": 100, "output_tokens": 20, "total_tokens": total}),
        lambda total: _gemini({"promptTokenCount": 100, "candidatesTokenCount": 20, "totalTokenCount": total}),
    ],
)
@pytest.mark.parametrize("total", [7, 10**9, -1])
def test_total_that_contradicts_its_parts_is_not_believed(made: Callable[[int], Reply], total: int) -> None:
    """Their sum is, and it is said."""
    reply = made(total)
    assert reply.usage == _GOOD
    (warning,) = reply.warnings
    assert "is not the sum of its parts" in warning or warning in _FALSE


@pytest.mark.parametrize("later", [{}, {"cost": None}, {"cost": "free"}, {"cost": -1}])
def test_cost_that_was_given_stays(later: dict[str, Any]) -> None:
    """A later chunk without one, or with nonsense, does not take it back."""
    reply = _chat({**_said(5), "cost": 0.25}, {**_said(5), **later})
    assert reply.cost_usd == Decimal("0.25")
    assert (_COST_IS_FALSE in reply.warnings) is bool(later.get("cost"))


def test_parts_that_are_more_than_the_whole_are_no_counts() -> None:
    """What was read from a cache and written to it is part of the input."""
    details = {"cached_tokens": 6, "cache_write_tokens": 6}
    reply = _chat({"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": details})
    assert (reply.usage, reply.warnings) == (None, _FALSE)


def test_lasting_count_is_the_last_good_one() -> None:
    """None before says nothing, and none after takes nothing back."""
    assert lasting(None, None) is None
    assert lasting(None, _GOOD) is _GOOD
    assert lasting(_GOOD, None) == replace(_GOOD, source=UsageSource.ESTIMATED)
    assert lasting(Usage(), _GOOD) is _GOOD


def test_counts_are_taken_one_by_one() -> None:
    """What is no number is nobody's count, and passes."""
    known: dict[str, Any] = {"a": 5, "tier": "standard", "b": 0}
    assert take_counts(known, {"a": None, "tier": "priority", "b": 0, "more": {"x": 1}})
    assert known == {"a": 5, "tier": "priority", "b": 0, "more": {"x": 1}}
    assert not take_counts(known, {"a": True, "b": Decimal("1.5"), "c": 3})
    assert known == {"a": 5, "tier": "priority", "b": 0, "more": {"x": 1}, "c": 3}
    assert take_counts(known, {"a": 0}, provisional={"a"})
    assert known["a"] == 0


def test_total_that_is_not_given_contradicts_nothing() -> None:
    """Nor does the right one, however it is written."""
    assert not contradicts(None, _GOOD)
    assert not contradicts(Decimal("120.0"), _GOOD)
    assert contradicts("120", _GOOD)
