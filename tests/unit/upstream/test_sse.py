"""Are server-sent events read the same however the bytes arrive, and within bounds?"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.upstream import SseEvent, SseFraming
from contracts.errors import ProviderProtocolError


def read(*chunks, max_event_bytes=1000):
    """What each of these chunks completes, and what was pending at the end."""
    framing = SseFraming("openai", max_event_bytes)
    return [*map(framing.feed, chunks), framing.end()]


def read_events(*chunks):
    """The events alone."""
    return [event for found in read(*chunks) for event in found]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_sse_reads_names_and_data(newline):
    """An event has a name or is a `message`; ids, retries and unknown fields are no part of it."""
    stream = b'event: ping\ndata: {"a":1}\n\nid: 7\nretry: 3\nodd: x\ndata:two\n\n: hi\ndata: [DONE]\n\n'
    assert read_events(stream.replace(b"\n", newline)) == [
        SseEvent("ping", '{"a":1}'),
        SseEvent("message", "two"),
        SseEvent("message", "[DONE]"),
    ]


def test_sse_joins_lines_of_data():
    """Several data lines are one text with line feeds; one space after the colon is framing, a second is data."""
    assert read_events(b"data: a\ndata:  b\ndata\ndata:\n\n") == [SseEvent("message", "a\n b\n\n")]


def test_sse_gives_no_event_without_data():
    """A name without data is no event, and does not stick to the next one."""
    assert read_events(b"event: lonely\n\ndata: x\n\n") == [SseEvent("message", "x")]


@pytest.mark.parametrize("chunk", [b": OPENROUTER PROCESSING\n\n", b"\n", b"data: beg", b"event: ping\n\n"])
def test_sse_finds_no_event_in_bytes_without_one(chunk):
    """Whatever a vendor sends shows that it is alive, but not all of it is an event."""
    assert read(chunk)[0] == []


def test_sse_gives_an_event_at_its_blank_line():
    """An event is out before the next chunk is looked at, even if its last CR may be half a CRLF."""
    assert read(b"data: a\r\n\r", b"\ndata: b\r\n\r\n") == [[SseEvent("message", "a")], [SseEvent("message", "b")], []]


def test_sse_end_is_one():
    """Asked again, a stream that has ended has no other last event."""
    framing = SseFraming("openai")
    framing.feed(b"data: a\ndata: b")
    assert framing.end() == [SseEvent("message", "a\nb")]
    assert framing.end() == []


def test_sse_drops_a_byte_order_mark():
    """A BOM at the start is no part of the first field, even if it is split."""
    assert read_events(b"\xef", b"\xbb\xbfdata: a\n\n") == [SseEvent("message", "a")]


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\r"])
def test_sse_gives_the_last_event_without_its_blank_line(ending):
    """A vendor that ends its stream without the last blank line loses no finish event."""
    assert read_events(b"data: a\n\nevent: end\ndata: b" + ending) == [
        SseEvent("message", "a"),
        SseEvent("end", "b"),
    ]


@pytest.mark.parametrize("ending", [b"", b"data", b"data:", b"data: \n", b"event: end\n", b": bye", b"\xef\xbb\xbf"])
def test_sse_invents_no_event_at_the_end(ending):
    """What is left over without any data is no event."""
    assert read_events(b"data: a\n\n", ending) == [SseEvent("message", "a")]


@pytest.mark.parametrize("chunk", [b"\xef\xbb\xbf", b"\n"])
def test_sse_reads_a_stream_without_any_event(chunk):
    """A stream may hold nothing but its first bytes."""
    assert read_events(chunk) == []


@pytest.mark.parametrize("stream", [b"data: \xff\n\n", b"event: \xff\ndata: x\n\n", b"data: caf\xc3"])
def test_sse_refuses_what_is_not_utf8(stream):
    """Bytes that are no text are the vendor's fault, told without the bytes."""
    with pytest.raises(ProviderProtocolError, match=r"^the stream of openai is not UTF-8$") as caught:
        read(stream)
    assert caught.value.provider == "openai"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "chunks",
    [
        (b"data: " + b"x" * 1000 + b"\n\n",),
        (b"data: ", *(b"x" * 100 for _ in range(20))),
        (b"data: " + b"x" * 600 + b"\n", b"data: " + b"x" * 600 + b"\n\n"),
        (b":", *(b" " * 100 for _ in range(20))),
    ],
    ids=["one line", "an endless line", "many lines", "an endless comment"],
)
def test_sse_refuses_an_event_that_is_too_large(chunks):
    """Neither a line nor an event may grow without end."""
    with pytest.raises(ProviderProtocolError, match=r"^an event in the stream of openai is larger than 1000 bytes$"):
        read(*chunks)


def test_sse_limit_is_per_event():
    """Many events of lawful size are no large event."""
    assert len(read_events(*[b"data: " + b"x" * 900 + b"\n\n"] * 5)) == 5


def test_sse_event_does_not_print_its_data():
    """An answer does not leave through repr."""
    assert repr(SseEvent("message", "secret")) == "SseEvent(event='message', data=<6 characters>)"


_LINES = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])), min_size=1, max_size=3)


@given(
    events=st.lists(_LINES, max_size=4),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    cuts=st.lists(st.integers(0, 200), max_size=12),
)
def test_sse_reads_the_same_however_it_is_cut(events, newline, cuts):
    """Any cut, inside a CRLF or a character too, gives the events that were sent."""
    text = "".join("".join(f"data: {line}{newline}" for line in lines) + newline for lines in events)
    stream = text.encode()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(edges)]
    assert read_events(*chunks) == [SseEvent("message", "\n".join(lines)) for lines in events]
