"""Where does one line of a JSON stream end and the next begin? Lines come as events without a name."""

from __future__ import annotations

from app.upstream.sse import DEFAULT_MAX_EVENT_BYTES, SseEvent
from contracts.errors import ProviderProtocolError


class NdjsonFraming:
    """The state of one stream: the line that is still incomplete. A last line without its line end is given out too.

    Raises ProviderProtocolError for a line of more than `max_event_bytes`, or text that is not UTF-8.
    """

    __slots__ = ("_max_event_bytes", "_pending", "_provider")

    def __init__(self, provider: str, max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES) -> None:
        self._provider = provider
        self._max_event_bytes = max_event_bytes
        self._pending = b""

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """The lines that `chunk` completes."""
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        events = [self._event(line) for line in lines if line.strip()]
        if max(map(len, (self._pending, *lines))) > self._max_event_bytes:
            detail = f"{self._provider} sent a line of more than {self._max_event_bytes} bytes"
            raise ProviderProtocolError(detail, provider=self._provider)
        return events

    def end(self) -> list[SseEvent]:
        """The line that was pending when the stream ended."""
        line, self._pending = self._pending, b""
        return [self._event(line)] if line.strip() else []

    def _event(self, line: bytes) -> SseEvent:
        try:
            return SseEvent("message", line.strip().decode())
        except UnicodeDecodeError:
            # Without the cause: it holds the bytes of the answer.
            detail = f"{self._provider} sent a line that is not UTF-8"
            raise ProviderProtocolError(detail, provider=self._provider) from None
