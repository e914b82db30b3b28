"""What does each event of a stream add to the answer, and is the answer whole?

Events are named, and their `type` repeats the name; unknown ones are skipped. There is no `[DONE]`: one of the terminal
events is the end, and the whole response that it carries is what counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.answer_json import load_event
from app.wires.openai_chat.errors import error_document, in_band_error
from app.wires.openai_responses.assembly import ReplyAssembly, is_item
from app.wires.openai_responses.ending import CANCELLED, COMPLETED, FAILED, INCOMPLETE
from app.wires.openai_responses.reply import take_whole
from contracts.calls import Reply
from contracts.chat import Usage
from contracts.deltas import Delta

_DONE = "[DONE]"
_ERROR = "error"
_PREFIX = "response."
_ENDINGS = {f"{_PREFIX}{status}": status for status in (COMPLETED, INCOMPLETE, FAILED, CANCELLED)}
_BEGINNINGS = ("response.created", "response.in_progress", "response.queued")
_TEXTS: dict[str, dict[str, str]] = {
    "response.output_text.delta": {"item": "message", "place": "content", "part": "output_text"},
    "response.refusal.delta": {"item": "message", "place": "content", "part": "refusal"},
    "response.reasoning_summary_text.delta": {"item": "reasoning", "place": "summary", "part": "summary_text"},
    "response.reasoning_text.delta": {"item": "reasoning", "place": "content", "part": "reasoning_text"},
}


class StreamDecoder:
    """The state of one stream. `is_done`: its last event was seen, nothing more will come."""

    def __init__(self, *, provider: str, model: str) -> None:
        self._provider = provider
        self._model = model
        self._assembly = ReplyAssembly(provider=provider, model=model)
        self.is_done = False

    @property
    def is_finished(self) -> bool:
        """Whether the answer is whole."""
        return self._assembly.is_finished

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has counted by now; None: nothing."""
        return self._assembly.usage_so_far

    def feed(self, event: str, data: str) -> list[Delta]:
        """The deltas in one event; events of unknown types give none.

        Raises ProviderProtocolError for data that cannot be read, and the classified error for a failure.
        """
        if self.is_done or not _is_read(event) or not data.strip():
            return []
        if data.strip() == _DONE:
            self.is_done = True
            return []
        document = load_event(data, self._assembly.unreadable)
        kind = document.get("type")
        try:
            return self._take(kind if isinstance(kind, str) else event, document)
        except ValueError:
            # Without the cause: it may hold the answer's text.
            raise self._assembly.unreadable("answered with an item that cannot be read") from None

    def feed_whole(self, body: bytes) -> list[Delta]:
        """The deltas in a plain response, from a server that was asked for a stream and does not know how."""
        deltas = take_whole(self._assembly, body, provider=self._provider, model=self._model)
        self.is_done = True
        return deltas

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without its last event."""
        return self._assembly.reply()

    def _take(self, kind: str, document: dict[str, Any]) -> list[Delta]:
        output = self._assembly.output
        if kind in _TEXTS:
            return output.grow_text(document, **_TEXTS[kind])
        if kind == "response.function_call_arguments.delta":
            return output.grow_call(document)
        if kind == "response.output_item.added":
            return output.begin(document, self._item(document))
        if kind == "response.output_item.done":
            return output.end(document, self._item(document))
        return self._take_state(kind, document)

    def _take_state(self, kind: str, document: dict[str, Any]) -> list[Delta]:
        """What says how the answer as a whole stands."""
        if not kind.startswith(_PREFIX):
            self._check(kind, document)
        if kind in _BEGINNINGS:
            self._assembly.note(self._response(document))
        if kind not in _ENDINGS:
            return []
        deltas = self._assembly.finish(self._response(document), status=_ENDINGS[kind])
        self.is_done = True
        return deltas

    def _check(self, kind: str, document: dict[str, Any]) -> None:
        # The error's own fields stand in the event itself; some servers send the envelope of a plain error.
        error = error_document(document) or (error_document({"error": document}) if kind == _ERROR else None)
        if error is not None:
            raise in_band_error(error, provider=self._provider, model=self._model)

    def _item(self, document: Mapping[str, Any]) -> dict[str, Any]:
        item = document.get("item")
        if not isinstance(item, dict) or not is_item(item):
            raise self._assembly.unreadable("sent an output item that is none")
        return item

    def _response(self, document: Mapping[str, Any]) -> dict[str, Any]:
        response = document.get("response")
        if not isinstance(response, dict):
            raise self._assembly.unreadable("sent an event without its response")
        return response


def _is_read(event: str) -> bool:
    return event in ("message", _ERROR) or event.startswith(_PREFIX)
