"""Is an answer of several choices read as one that is whole when all of them are?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.wires.openai_chat import Quirks, StreamDecoder, decode_response
from contracts.calls import Reply
from contracts.chat import FinishReason, Usage, UsageSource
from contracts.deltas import TextDelta, ToolCallDelta
from contracts.errors import ProviderProtocolError, ProviderUnavailableError

MORE = "openai answered with more than one choice: the first was taken"
USAGE = {"prompt_tokens": 3, "completion_tokens": 8, "total_tokens": 11}


def decoder(choices: int = 2) -> StreamDecoder:
    """One that waits for `choices`."""
    return StreamDecoder(provider="openai", model="m", quirks=Quirks(), choices=choices)


def chunk(*choices: dict[str, Any], **fields: Any) -> str:
    """The data of one event."""
    return json.dumps({"choices": list(choices), **fields})


def says(index: Any, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """One choice of a chunk."""
    return {"index": index, "delta": delta, "finish_reason": finish}


def whole(*texts: str, choices: int, **fields: Any) -> Reply:
    """A plain reply with a choice for each text, to a call for `choices`."""
    said = [
        {"index": number, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        for number, text in enumerate(texts)
    ]
    body = json.dumps({"choices": said, "usage": USAGE, **fields}).encode()
    return decode_response(body, provider="openai", model="m", quirks=Quirks(), choices=choices)


def test_stream_of_choices_is_finished_when_all_are() -> None:
    """One that ended early does not cut the others off, and the usage is of all."""
    reading = decoder()
    assert reading.feed("message", chunk(says(1, content="b"))) == []
    assert reading.feed("message", chunk(says(0, content="a"))) == [TextDelta(text="a")]
    reading.feed("message", chunk(says(0, "stop")))
    assert not reading.is_finished
    assert reading.feed("message", chunk(says(1, content="b"))) == []
    reading.feed("message", chunk(says(1, "length")))
    assert reading.is_finished
    reading.feed("message", chunk(usage=USAGE))
    reply = reading.reply()
    assert (reply.message.text, reply.finish_reason.value, reply.warnings) == ("a", "stop", ())
    assert reply.usage is not None
    assert reply.usage.output_tokens == 8


def test_stream_of_choices_may_say_them_in_one_chunk() -> None:
    """Some servers do: what the first says is told, whichever stands first."""
    reading = decoder()
    both = chunk(says(1, reasoning_content="hm"), says(0, content="a"))
    assert reading.feed("message", both) == [TextDelta(text="a")]


def test_stream_of_choices_tells_of_one_answer_only() -> None:
    """A call in the second choice would be mixed with the first one's of the same number, wherever deltas are put
    together: in the audit, and in what another vendor would go on with.
    """
    reading = decoder()
    calls = [{"index": 0, "id": name, "function": {"name": name, "arguments": "{}"}} for name in ("f", "g")]
    (delta,) = reading.feed("message", chunk(says(0, tool_calls=calls[:1]), says(1, tool_calls=calls[1:])))
    assert delta == ToolCallDelta(index=0, id="f", name="f", arguments="{}")
    reading.feed("message", chunk(says(0, "tool_calls"), says(1, "tool_calls")))
    assert [call.name for call in reading.reply().message.tool_calls] == ["f"]


def test_stream_with_fewer_choices_than_asked_is_whole_when_it_says_so() -> None:
    """A copy of OpenAI that does not know `n` gives one."""
    reading = decoder(3)
    reading.feed("message", chunk(says(0, "stop", content="a")))
    assert not reading.is_finished
    reading.feed("message", "[DONE]")
    assert reading.is_finished
    assert reading.reply().message.text == "a"


def test_stream_cut_between_choices_is_not_whole() -> None:
    """The first has its end, the second has none, and the stream did not say that it is done."""
    reading = decoder()
    reading.feed("message", chunk(says(0, "stop", content="a"), says(1, content="b")))
    with pytest.raises(ProviderProtocolError, match="without a finish reason"):
        reading.reply()


def test_stream_cut_between_choices_has_cost_what_all_have_said() -> None:
    """Text, thoughts and calls of every choice, at four characters a token, until the vendor has counted them."""
    reading = decoder(3)
    assert reading.usage_so_far is None
    reading.feed("message", chunk(says(0, content="abcd")))
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}}
    reading.feed("message", chunk(says(1, content="ab", tool_calls=[call]), says(2, reasoning_content="a")))
    assert reading.usage_so_far == Usage(output_tokens=3, total_tokens=3, source=UsageSource.ESTIMATED)
    reading.feed("message", chunk(usage=USAGE))
    assert reading.usage_so_far == Usage(input_tokens=3, output_tokens=8, total_tokens=11)


def test_stream_of_choices_that_nobody_counted_has_cost_what_all_have_said() -> None:
    """It is whole, and the vendor does not know `include_usage`; one answer alone is estimated by its message."""
    for choices, usage in ((2, Usage(output_tokens=2, total_tokens=2, source=UsageSource.ESTIMATED)), (1, None)):
        reading = decoder(choices)
        reading.feed("message", chunk(*(says(number, "stop", content="abcd") for number in range(choices))))
        assert reading.reply().usage == usage


@pytest.mark.parametrize("index", [2, -1, "1", None])
def test_stream_with_more_choices_than_asked_is_told_of(index: Any) -> None:
    """What was not asked is left aside, with a word; a choice without a number is the first."""
    reading = decoder()
    deltas = reading.feed("message", chunk(says(index, content="c")))
    assert bool(deltas) is (index is None)
    reading.feed("message", chunk(says(0, "stop"), says(1, "stop")))
    assert reading.reply().warnings == (() if index is None else (MORE,))


def test_stream_of_one_choice_takes_the_first_only() -> None:
    """As before: who asked for one gets one."""
    reading = decoder(1)
    assert reading.feed("message", chunk(says(0, content="a"), says(1, content="b"))) == [TextDelta(text="a")]
    reading.feed("message", chunk(says(0, "stop")))
    assert (reading.is_finished, reading.reply().warnings) == (True, (MORE,))


@pytest.mark.parametrize("failure", [{"error": {"message": "m", "type": "server_error"}}, {"finish_reason": "error"}])
def test_stream_with_a_choice_that_failed_has_failed(failure: dict[str, Any]) -> None:
    """Whichever it is: the answer will not become whole."""
    reading = decoder()
    with pytest.raises(ProviderUnavailableError):
        reading.feed("message", chunk({**says(1), **failure}))


def test_whole_reply_of_choices_is_the_first_of_them() -> None:
    """The caller gets the vendor's own body with all; what is judged here is the first."""
    reply = whole("a", "b", choices=2)
    assert (reply.message.text, reply.warnings) == ("a", ())
    assert whole("a", "b", "c", choices=2).warnings == (MORE,)
    assert whole("a", choices=2).warnings == ()


def test_whole_reply_in_place_of_a_stream_gives_the_first_choice_only() -> None:
    """It is not relayed, so that the others are lost, with a word."""
    reading = decoder()
    said = [{"index": n, "message": {"content": text}, "finish_reason": "stop"} for n, text in enumerate("ab")]
    assert reading.feed_whole(json.dumps({"choices": said}).encode()) == [TextDelta(text="a")]
    assert reading.reply().warnings == (MORE,)


def test_stream_that_fails_after_its_end_leaves_the_answer_whole() -> None:
    """What gave up was the vendor's counting, behind a finish reason that stands: the answer is not lost with it."""
    stream = decoder(choices=1)
    stream.feed("message", chunk(says(0, "length", content="Half")))
    with pytest.raises(ProviderUnavailableError):
        stream.feed("message", chunk(says(0, "error")))
    assert stream.is_finished
    assert stream.reply().finish_reason is FinishReason.LENGTH
