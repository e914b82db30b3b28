"""Where does one server-sent event end and the next begin?

Follows the framing of the HTML standard (https://html.spec.whatwg.org/multipage/server-sent-events.html), with one
liberty. An event still pending at a clean end of the stream is given out, where the standard discards it: vendors leave
out the last blank line, and that event may carry the finish reason. If it was cut instead, its JSON does not parse, and
the wire says so.
"""

from __future__ import annotations

from typing import NamedTuple

from contracts.errors import ProviderProtocolError

DEFAULT_MAX_EVENT_BYTES = 16 * 2**20
_BOM = b"\xef\xbb\xbf"


class SseEvent(NamedTuple):
    """One event; `event` is its name, "message" by default."""

    event: str
    data: str

    def __repr__(self) -> str:
        return f"SseEvent(event={self.event!r}, data=<{len(self.data)} characters>)"


class SseFraming:
    """The state of one stream: the line and the event that are still incomplete.

    Raises ProviderProtocolError for a line or event of more than `max_event_bytes`, or text that is not UTF-8.
    """

    __slots__ = (
        "_data",
        "_data_bytes",
        "_ended_in_cr",
        "_is_first_line",
        "_line_bytes",
        "_line_parts",
        "_max_event_bytes",
        "_name",
        "_provider",
    )

    def __init__(self, provider: str, max_event_bytes: int = DEFAULT_MAX_EVENT_BYTES) -> None:
        self._provider = provider
        self._max_event_bytes = max_event_bytes
        self._line_parts: list[bytes] = []
        self._line_bytes = 0
        self._name = b""
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._is_first_line = True
        self._ended_in_cr = False

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """The events that `chunk` completes."""
        if self._ended_in_cr or b"\r" in chunk:
            chunk = self._plain_newlines(chunk)
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if lines and self._line_parts:
            lines[0] = b"".join((*self._line_parts, lines[0]))
            self._line_parts, self._line_bytes = [], 0
        events = self._events(lines) if lines else []
        if rest:
            self._line_parts.append(rest)
            self._line_bytes += len(rest)
            if self._line_bytes > self._max_event_bytes:
                raise self._too_large()
        return events

    def end(self) -> list[SseEvent]:
        """The event that was pending when the stream ended, if it has any data."""
        lines, self._line_parts = self._line_parts, []
        if lines:
            self._events([b"".join(lines)])
        return self._events([b""]) if any(self._data) else []

    def _plain_newlines(self, chunk: bytes) -> bytes:
        # A CR ends its line at once. If its LF comes with the next chunk, that LF is no second line end.
        if self._ended_in_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._ended_in_cr = False
        if chunk:
            self._ended_in_cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _events(self, lines: list[bytes]) -> list[SseEvent]:
        if self._is_first_line:
            lines[0] = lines[0].removeprefix(_BOM)
            self._is_first_line = False
        events: list[SseEvent] = []
        try:
            for line in lines:
                if line.startswith(b"data:") or line == b"data":
                    value = line[6:] if line.startswith(b"data: ") else line[5:]
                    self._data.append(value)
                    self._data_bytes += len(value) + 1
                    if self._data_bytes > self._max_event_bytes:
                        raise self._too_large()
                elif not line:
                    if self._data:
                        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
                        events.append(SseEvent(self._name.decode() or "message", data.decode()))
                        self._data, self._data_bytes = [], 0
                    self._name = b""
                elif line.startswith(b"event:"):
                    self._name = line[6:].removeprefix(b" ")
        except UnicodeDecodeError:
            # Without the cause: it holds the bytes of the answer.
            detail = f"the stream of {self._provider} is not UTF-8"
            raise ProviderProtocolError(detail, provider=self._provider) from None
        return events

    def _too_large(self) -> ProviderProtocolError:
        detail = f"an event in the stream of {self._provider} is larger than {self._max_event_bytes} bytes"
        return ProviderProtocolError(detail, provider=self._provider)
