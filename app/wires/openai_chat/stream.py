"""What does each event of a stream add to the answer, and is the answer whole?"""

from __future__ import annotations

from typing import Any

from app.wires.answer_json import load_event
from app.wires.openai_chat.assembly import ReplyAssembly
from app.wires.openai_chat.errors import error_document, in_band_error
from app.wires.openai_chat.quirks import Quirks
from app.wires.openai_chat.reply import first_choice, take_whole
from contracts.calls import Reply
from contracts.deltas import Delta

_DONE = "[DONE]"
_ERROR_EVENT = "error"
_READ_EVENTS = ("message", _ERROR_EVENT)


class StreamDecoder:
    """The state of one stream. `is_done`: the dialect's `[DONE]` was seen, nothing more will come."""

    def __init__(self, *, provider: str, model: str, quirks: Quirks) -> None:
        self._provider = provider
        self._model = model
        self._assembly = ReplyAssembly(provider=provider, model=model, quirks=quirks)
        self.is_done = False

    @property
    def is_finished(self) -> bool:
        """Whether a finish reason was seen: what still comes is usage."""
        return self._assembly.is_finished

    def feed(self, event: str, data: str) -> list[Delta]:
        """The deltas in one event; events of unknown types and chunks without content give none.

        Raises ProviderProtocolError for data that cannot be read, and the classified error for an error event.
        """
        if self.is_done or event not in _READ_EVENTS or not data.strip():
            return []
        if data.strip() == _DONE:
            self.is_done = True
            return []
        return self._take(load_event(data, self._assembly.unreadable), is_error=event == _ERROR_EVENT)

    def feed_whole(self, body: bytes) -> list[Delta]:
        """The deltas in a plain completion, from a server that was asked for a stream and does not know how."""
        deltas = take_whole(self._assembly, body, provider=self._provider, model=self._model)
        self.is_done = True
        return deltas

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without a finish reason."""
        return self._assembly.reply()

    def _take(self, chunk: dict[str, Any], *, is_error: bool) -> list[Delta]:
        choice = first_choice(chunk)
        error = error_document({"error": chunk} if is_error and "error" not in chunk else chunk) or error_document(
            choice
        )
        if error is not None:
            raise in_band_error(error, provider=self._provider, model=self._model)
        self._assembly.note(chunk)
        if choice is None:
            if chunk.get("choices"):
                self._assembly.warn(f"{self._provider} answered with more than one choice: the first was taken")
            return []
        delta = choice.get("delta")
        deltas = self._assembly.add(delta) if isinstance(delta, dict) else []
        if choice.get("finish_reason") is not None:
            self._assembly.finish(choice["finish_reason"])
        return deltas
