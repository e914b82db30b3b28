"""Which events does a stream hold that the network has cut anywhere?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from app.upstream import Framing, SseEvent, SseFraming


def events_of(chunks: Iterable[bytes], framing: Framing | None = None) -> Iterator[SseEvent]:
    """The events in `chunks`, to the last; server-sent ones unless `framing` is another's."""
    framing = framing or SseFraming("row")
    for chunk in chunks:
        yield from framing.feed(chunk)
    yield from framing.end()


def in_pieces(data: bytes, points: Sequence[int]) -> Iterator[bytes]:
    """`data`, cut at `points`."""
    for start, end in zip([0, *points], [*points, len(data)], strict=True):
        yield data[start:end]
