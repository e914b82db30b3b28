"""Where does one line of a JSON stream end and the next begin?"""

from __future__ import annotations

import pytest

from app.upstream import NdjsonFraming, SseEvent
from contracts.errors import ProviderProtocolError


def lines(*chunks: bytes, most: int = 100) -> list[list[str]]:
    """Those that each chunk completes, and what was pending at the end."""
    framing = NdjsonFraming("row", max_event_bytes=most)
    return [[event.data for event in found] for found in (*map(framing.feed, chunks), framing.end())]


@pytest.mark.parametrize(
    "chunks,expected",
    [
        ((b'{"a":1}\n{"b":2}\n',), [['{"a":1}', '{"b":2}'], []]),
        ((b'{"a"', b":1}\r\n"), [[], ['{"a":1}'], []]),
        ((b"\n \n",), [[], []]),
        ((b'{"a":1}\n', b'{"last":1}'), [['{"a":1}'], [], ['{"last":1}']]),
        (("é".encode()[:1], "é".encode()[1:] + b"\n"), [[], ["é"], []]),
        ((), [[]]),
    ],
)
def test_ndjson_lines_come_whole(chunks: tuple[bytes, ...], expected: list[list[str]]) -> None:
    """Each line once, however it is cut, with the chunk that completes it; the last needs no end."""
    assert lines(*chunks) == expected


def test_ndjson_line_has_no_name() -> None:
    """A line is an event named `message`, as an SSE event without a name is."""
    assert NdjsonFraming("row").feed(b"{}\n") == [SseEvent("message", "{}")]


@pytest.mark.parametrize("chunks", [(b"x" * 101 + b"\n",), (b"x" * 60, b"x" * 60), (b"\xff\n",), (b"\xff",)])
def test_ndjson_that_cannot_be_read_fails(chunks: tuple[bytes, ...]) -> None:
    """A line that is too long or no UTF-8 ends the stream with an error that names the row, without the bytes."""
    with pytest.raises(ProviderProtocolError, match="row sent a line") as caught:
        lines(*chunks)
    assert caught.value.provider == "row"
    assert caught.value.__cause__ is None
