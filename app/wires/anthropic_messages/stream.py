"""What does each event of a stream add to the answer, and is the answer whole?

Events are named (streaming, "Event types"), and their `type` repeats the name; unknown ones are skipped, as the vendor
asks. There is no `[DONE]`: `message_stop` is the end.
"""

from __future__ import annotations

from typing import Any

from app.wires.answer_json import load_event
from app.wires.anthropic_messages.assembly import ReplyAssembly
from app.wires.anthropic_messages.errors import ErrorDocument, error_document, in_band_error
from app.wires.anthropic_messages.reply import take_whole
from contracts.calls import Reply
from contracts.chat import Usage
from contracts.deltas import Delta

_READ_EVENTS = frozenset(
    {
        "message",
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "error",
    }
)


class StreamDecoder:
    """The state of one stream. `is_done`: `message_stop` was seen, nothing more will come."""

    def __init__(self, *, provider: str, model: str) -> None:
        self._provider = provider
        self._model = model
        self._assembly = ReplyAssembly(provider=provider, model=model)
        self.is_done = False

    @property
    def is_finished(self) -> bool:
        """Whether a stop reason was seen: what still comes is the end."""
        return self._assembly.is_finished

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has counted by now; None: nothing."""
        return self._assembly.usage_so_far

    def feed(self, event: str, data: str) -> list[Delta]:
        """The deltas in one event; pings and events of unknown types give none.

        Raises ProviderProtocolError for data that cannot be read, and the classified error for an error event.
        """
        if self.is_done or event not in _READ_EVENTS or not data.strip():
            return []
        document = load_event(data, self._assembly.unreadable)
        kind = document.get("type")
        return self._take(kind if isinstance(kind, str) else event, document)

    def feed_whole(self, body: bytes) -> list[Delta]:
        """The deltas in a plain message, from a server that was asked for a stream and does not know how."""
        deltas = take_whole(self._assembly, body, provider=self._provider, model=self._model)
        self.is_done = True
        return deltas

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without a stop reason."""
        return self._assembly.reply()

    def _take(self, kind: str, document: dict[str, Any]) -> list[Delta]:
        if kind == "error" or "error" in document:
            self._refuse_error(kind, document)
        match kind:
            case "message_start":
                return self._begin(document.get("message"))
            case "content_block_start":
                return self._assembly.begin(document.get("index"), document.get("content_block"))
            case "content_block_delta":
                return self._assembly.grow(document.get("index"), document.get("delta"))
            case "content_block_stop":
                return self._assembly.end(document.get("index"))
            case "message_delta":
                self._assembly.note({"usage": document.get("usage")})
                delta = document.get("delta")
                return self._assembly.finish(delta) if isinstance(delta, dict) else []
            case "message_stop":
                self.is_done = True
        return []

    def _refuse_error(self, kind: str, document: dict[str, Any]) -> None:
        error = error_document(document)
        if error is not None or kind == "error":
            raise in_band_error(error or ErrorDocument(), provider=self._provider, model=self._model)

    def _begin(self, message: Any) -> list[Delta]:
        if not isinstance(message, dict):
            raise self._assembly.unreadable("began its stream without a message")
        self._assembly.note(message, is_beginning=True)
        return []
