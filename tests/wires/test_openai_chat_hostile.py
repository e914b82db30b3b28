"""What may a vendor write into its reply without harm to us? Names, numbers and masses that nobody expects."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from app.wires.openai_chat import Quirks, StreamDecoder, decode_response
from contracts.calls import Reply

HUGE = b'{"a": 1e400}'


def decoded(message: dict[str, Any], **fields: Any) -> Reply:
    body = {"choices": [{"message": message, "finish_reason": "stop"}], **fields}
    return decode_response(json.dumps(body).encode(), provider="row", model="m", quirks=Quirks())


def call(number: int, arguments: str) -> dict[str, Any]:
    return {"index": number, "id": f"id{number}", "function": {"name": "f", "arguments": arguments}}


@pytest.mark.parametrize("name", ["a\r\nSet-Cookie: b", "модель", "a\ud800", "a\x00", "m" * 257, " "])
def test_model_name_that_no_header_can_carry_is_not_taken(name: str) -> None:
    """The answer is good all the same; the model that was asked stands for it, with a warning."""
    reply = decoded({"content": "hi"}, model=name)
    assert reply.model is None
    assert reply.warnings == ("row named its model in a way that cannot be passed on: the one asked for is named",)


def test_model_name_of_a_stream_is_checked_too() -> None:
    """A later chunk cannot bring in what the first may not."""
    stream = StreamDecoder(provider="row", model="m", quirks=Quirks())
    for name in ("fine", "a\ud800"):
        choice = {"delta": {"content": "x"}, "finish_reason": "stop"}
        stream.feed("message", json.dumps({"model": name, "choices": [choice]}))
    assert stream.reply().model == "fine"


def test_half_character_in_the_replys_id_is_replaced() -> None:
    """The id of a call that has none is made of it, and has to be valid text."""
    reply = decoded({"tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}, id="a\ud800")
    assert [one.id for one in reply.message.tool_calls] == ["call_a\ufffd_0"]


def test_number_beyond_a_double_keeps_its_text() -> None:
    """Arguments that came as an object are written again with every digit, though no float could hold them."""
    message = b'{"tool_calls": [{"function": {"name": "f", "arguments": ' + HUGE + b"}}]}"
    body = b'{"choices": [{"message": ' + message + b', "finish_reason": "stop"}]}'
    (one,) = decode_response(body, provider="row", model="m", quirks=Quirks()).message.tool_calls
    assert json.loads(one.arguments, parse_float=str) == {"a": "1E+400"}


def seconds_for(calls: int) -> float:
    """Processor time to read so many tool calls, the best of three."""
    times = []
    for _ in range(3):
        began = time.process_time()
        reply = decoded({"tool_calls": [call(number, "{}") for number in range(calls)]})
        times.append(time.process_time() - began)
        assert len(reply.message.tool_calls) == calls
    return min(times)


def test_many_tool_calls_are_read_in_linear_time() -> None:
    """Eight times as many take about eight times as long, not sixty-four: nobody else is served meanwhile."""
    assert seconds_for(16_000) < 24 * seconds_for(2_000)


def test_many_fragments_of_one_tool_call_are_read_in_linear_time() -> None:
    """Forty thousand pieces, each of which copied all before it."""
    stream = StreamDecoder(provider="row", model="m", quirks=Quirks())
    piece = json.dumps({"choices": [{"delta": {"tool_calls": [call(0, "x" * 100)]}}]})
    began = time.process_time()
    for _ in range(40_000):
        stream.feed("message", piece)
    assert time.process_time() - began < 3
    stream.feed("message", json.dumps({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}))
    assert len(stream.reply().message.tool_calls[0].arguments) == 4_000_000
