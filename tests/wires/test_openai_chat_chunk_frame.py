"""A chunk that is read by what the last one looked like says what it says when it is read as a whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wires.openai_chat import Quirks, StreamDecoder
from app.wires.openai_chat.chunk_frame import ChunkFrame
from contracts.deltas import Delta, TextDelta
from contracts.errors import LLMProviderError, ProviderProtocolError

# Quotes, escapes and halves of characters, and what the frame itself looks for.
TEXTS = st.text(alphabet=st.sampled_from('ab "\\{}:,\n\x7f\x00é日😀\ud800')) | st.sampled_from(
    ['"content":"', '"obfuscation":"', "\x7f\x7f", "[DONE]", ""]
)


def chunk(text: Any, *, spaced: bool = False, is_ascii: bool = True, **more: Any) -> str:
    """One chunk of a stream whose chunks are alike but for `text` and `more`."""
    choice = {"index": 0, "delta": {"content": text}, "logprobs": None, "finish_reason": None}
    document = {"id": "c1", "object": "chat.completion.chunk", "model": "m", "choices": [choice], **more}
    written = json.dumps(document, ensure_ascii=is_ascii, separators=(", ", ": ") if spaced else (",", ":"))
    return written.encode("utf-8", "backslashreplace").decode()


def decoder() -> StreamDecoder:
    """One that has read nothing yet."""
    return StreamDecoder(provider="row", model="m", quirks=Quirks())


def said(data: str) -> list[Delta]:
    """What a chunk says by itself, read as a whole."""
    return decoder().feed("message", data)


def learned(data: str, *, content: str) -> ChunkFrame:
    """A frame that has learned from one chunk."""
    frame = ChunkFrame()
    frame.learn(data, json.loads(data))
    assert frame.text_in(data) == content
    return frame


@given(
    texts=st.lists(TEXTS, max_size=8),
    spaced=st.booleans(),
    is_ascii=st.booleans(),
    more=st.sampled_from([{}, {"usage": None}, {"content": "x"}, {"obfuscation": "aB3"}, {"obfuscation": 7}]),
)
def test_chunks_of_one_stream_say_what_each_says_alone(
    texts: list[str], spaced: bool, is_ascii: bool, more: dict[str, Any]
) -> None:
    """Whatever the texts are, and however a vendor writes its chunks."""
    stream = decoder()
    for text in texts:
        data = chunk(text, spaced=spaced, is_ascii=is_ascii, **more)
        assert stream.feed("message", data) == said(data)


@pytest.mark.parametrize("more", [{}, {"usage": None, "obfuscation": "abc"}, {"obfuscation": "abc", "usage": None}])
def test_frame_reads_the_text_of_a_chunk_that_is_alike(more: dict[str, Any]) -> None:
    """Its escapes too, and whatever a vendor pads its chunks with."""
    frame = learned(chunk("one", **more), content="one")
    padding = {"obfuscation": "\\"} if "obfuscation" in more else {}
    assert frame.text_in(chunk('t\n"wo', **{**more, **padding})) == 't\n"wo'


@pytest.mark.parametrize(
    "other",
    [
        chunk("two", id="c2"),
        chunk("two", usage={"total_tokens": 1}),
        chunk("two", obfuscation="x"),
        chunk("two")[:-1],
        chunk("two") + "}",
        chunk(None),
        chunk("two").replace("null}]", '"stop"}]'),
        chunk("x").partition("x")[0] + "two",
        chunk("x").partition("x")[0] + "\n" + '"' + chunk("x").partition('x"')[2],
        "[DONE]",
    ],
)
def test_frame_leaves_a_chunk_alone_in_which_more_is_new(other: str) -> None:
    """It is read as a whole then, and judged as a whole."""
    assert learned(chunk("one"), content="one").text_in(other) is None


@pytest.mark.parametrize("cut", ["", ',"obfuscation":"x', ',"obfuscation":7}', '"}'])
def test_frame_with_padding_leaves_a_chunk_alone_that_ends_in_another_way(cut: str) -> None:
    """What stands in the padding's place must be one."""
    whole = chunk("one", obfuscation="abc")
    assert learned(whole, content="one").text_in(whole.partition(',"obfuscation"')[0] + cut) is None


@pytest.mark.parametrize(
    "data",
    [
        chunk("one", usage={"total_tokens": 1}),
        chunk("one").replace('"content"', '"content":"zero","content"'),
        chunk("one").replace('"id"', '"content":"zero","id"'),
        chunk("one").replace('"content"', '"reasoning_content":"thought","content"'),
        chunk("one").replace('"content"', '"cont\\u0065nt"'),
        chunk("one").replace("null}]", '"stop"}]'),
        chunk(""),
        chunk([{"text": "one"}]),
    ],
)
def test_frame_learns_only_from_what_says_nothing_but_a_text(data: str) -> None:
    """Where the text stands must be beyond doubt."""
    frame = ChunkFrame()
    frame.learn(data, json.loads(data))
    assert frame.text_in(data) is None


def test_frame_does_not_learn_from_what_is_nested_as_deeply_as_can_be() -> None:
    """The chunk itself was read: to look at it again is no reason to fail."""
    deep = "[" * 100_000 + "]" * 100_000
    document = json.loads(chunk("one"))
    data = chunk("one").replace('"id"', f'"deep":{deep},"id"')
    frame = ChunkFrame()
    frame.learn(data, document)
    assert frame.text_in(data) is None


def test_frame_gives_up_a_vendor_whose_chunks_are_never_alike() -> None:
    """Lessons cost more than they save then; one whose chunks were alike for a while is learned from again."""
    frame = ChunkFrame()
    for number in range(5):
        data = chunk("one", created=number)
        frame.learn(data, json.loads(data))
    assert frame.text_in(data) is None

    frame = ChunkFrame()
    for number in range(5):
        data = chunk("one", created=number)
        frame.learn(data, json.loads(data))
        assert frame.text_in(data) == "one"


def test_stream_is_judged_as_before_behind_chunks_that_were_alike() -> None:
    """A chunk that cannot be read, an error and the end are what they are in any stream."""
    stream = decoder()
    for _ in range(4):
        assert stream.feed("message", chunk("a")) == [TextDelta(text="a")]
    with pytest.raises(ProviderProtocolError):
        stream.feed("message", chunk("a")[:-1])
    with pytest.raises(LLMProviderError):
        stream.feed("message", chunk("a", error={"message": "no"}))
    stream.feed("message", chunk("a").replace("null}]", '"stop"}]'))
    assert stream.feed("message", "[DONE]") == stream.feed("message", chunk("a")) == []
    content = stream.reply().message.content
    assert [part.text for part in content if part.type == "text"] == ["aaaaa"]


def test_stream_names_its_model_by_the_chunk_that_came_last() -> None:
    """A chunk under another name between those that are alike is no part of what they look like."""
    stream = decoder()
    for _ in range(3):
        stream.feed("message", chunk("a"))
    stream.feed("message", json.dumps({"id": "c2", "model": "other", "choices": []}))
    stream.feed("message", chunk("a").replace("null}]", '"stop"}]'))
    assert stream.reply().model == "m"
    stream.feed("message", json.dumps({"id": "c2", "model": "other", "choices": []}))
    stream.feed("message", chunk("a"))
    assert stream.reply().model == "m"
