"""What does each event of a stream add to the answer, and is the answer whole?

An event is a whole reply with what is new in it. There is no `[DONE]`: the stream ends with its body.
"""

from __future__ import annotations

from app.wires.answer_json import load_event
from app.wires.gemini.assembly import ReplyAssembly
from app.wires.gemini.reply import take_document, take_whole
from contracts.calls import Reply
from contracts.chat import Usage
from contracts.deltas import Delta

_ERROR_EVENT = "error"
_READ_EVENTS = ("message", _ERROR_EVENT)


class StreamDecoder:
    """The state of one stream. `is_done` is set by a plain reply in its place only."""

    def __init__(self, *, provider: str, model: str) -> None:
        self._provider = provider
        self._model = model
        self._assembly = ReplyAssembly(provider=provider, model=model)
        self.is_done = False

    @property
    def is_finished(self) -> bool:
        """Whether a finish reason was seen: what still comes is usage."""
        return self._assembly.is_finished

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has counted by now; None: nothing."""
        return self._assembly.usage_so_far

    def feed(self, event: str, data: str) -> list[Delta]:
        """The deltas in one event; events of unknown types and chunks without content give none.

        Raises ProviderProtocolError for data that cannot be read, and the classified error for an error event.
        """
        if event not in _READ_EVENTS or not data.strip():
            return []
        document = load_event(data, self._assembly.unreadable)
        if event == _ERROR_EVENT and "error" not in document:
            document = {"error": document}
        return take_document(self._assembly, document, provider=self._provider, model=self._model)

    def feed_whole(self, body: bytes) -> list[Delta]:
        """The deltas in a plain reply, from a server that was asked for a stream and does not know how."""
        deltas = take_whole(self._assembly, body, provider=self._provider, model=self._model)
        self.is_done = True
        return deltas

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without a finish reason."""
        return self._assembly.reply()
