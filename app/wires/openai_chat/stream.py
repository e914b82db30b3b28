"""What does each event of a stream add to the answer, and is the answer whole?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.wires.answer_json import load_event
from app.wires.openai_chat.assembly import ReplyAssembly
from app.wires.openai_chat.chunk_frame import ChunkFrame
from app.wires.openai_chat.errors import error_document, in_band_error
from app.wires.openai_chat.quirks import Quirks
from app.wires.openai_chat.reply import take_whole
from contracts.calls import Reply
from contracts.chat import CHARACTERS_PER_TOKEN, Usage, UsageSource
from contracts.deltas import Delta, ToolCallDelta

_DONE = "[DONE]"
_ERROR_EVENT = "error"
_MESSAGE_EVENT = "message"
# Those of another API: OpenAI's SDK takes them for no chunks, either.
_FOREIGN_EVENTS = "thread."


class StreamDecoder:
    """The state of one stream. `is_done`: the dialect's `[DONE]` was seen, nothing more will come.

    `is_finished`: a finish reason of every answer was seen, what still comes is usage. A vendor that gives fewer
    answers than were asked for has finished when it says that it is done.

    `choices` is how many answers were asked for at once: of the others than the first only the end is told, and what
    they used. The deltas are one answer, which is shown, kept and gone on with as such.
    """

    __slots__ = (
        "_assembly",
        "_characters",
        "_frame",
        "_has_spoken",
        "_model",
        "_named",
        "_others",
        "_provider",
        "is_done",
        "is_finished",
    )

    def __init__(self, *, provider: str, model: str, quirks: Quirks, choices: int = 1) -> None:
        self._provider = provider
        self._model = model
        self._assembly = ReplyAssembly(provider=provider, model=model, quirks=quirks)
        self._others: Sequence[ReplyAssembly] = ()
        if choices > 1:
            self._others = [ReplyAssembly(provider=provider, model=model, quirks=quirks) for _ in range(1, choices)]
        self._characters = 0
        self._named: tuple[object, object] = (None, None)
        self._frame: ChunkFrame | None = None
        self._has_spoken = False
        self.is_done = self.is_finished = False

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has counted by now; None: nothing.

        Of several answers that it has not counted, what they all have said: the deltas hold only the first.
        """
        counted = self._assembly.usage_so_far
        if counted is not None or not self._characters:
            return counted
        tokens = -(-self._characters // CHARACTERS_PER_TOKEN)
        return Usage(output_tokens=tokens, total_tokens=tokens, source=UsageSource.ESTIMATED)

    def feed(self, event: str, data: str) -> list[Delta]:
        """The deltas in one event; chunks without content give none, nor does what holds no chunk.

        The dialect's events have no names, and OpenAI's SDK reads them under any: a proxy may give them one.

        Raises ProviderProtocolError for data that cannot be read, and the classified error for an error event.
        """
        if self._frame is not None and event == _MESSAGE_EVENT and (new := self._frame.text_in(data)) is not None:
            return self._assembly.add_text(new)
        text = data.strip()
        if self.is_done or not (text if event == _MESSAGE_EVENT else _is_read(event, text)):
            return []
        if text == _DONE:
            self._end()
            return []
        chunk = load_event(data, self._assembly.unreadable)
        deltas = self._take(chunk, is_error=event == _ERROR_EVENT)
        if deltas and not self._others:
            self._learn(data, chunk)
        return deltas

    def feed_whole(self, body: bytes) -> list[Delta]:
        """The deltas in a plain completion, from a server that was asked for a stream and does not know how."""
        deltas = take_whole(self._assembly, body, provider=self._provider, model=self._model)
        self._end()
        return deltas

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without a finish reason."""
        if not self.is_finished:
            raise self._assembly.unreadable("ended its answer without a finish reason")
        reply = self._assembly.reply()
        return replace(reply, usage=self.usage_so_far) if self._others else reply

    def _learn(self, data: str, chunk: dict[str, Any]) -> None:
        # From no sooner than the second piece: the first is waited for.
        if self._has_spoken:
            self._frame = self._frame or ChunkFrame()
            self._frame.learn(data, chunk)
        self._has_spoken = True

    def _end(self) -> None:
        self._frame = None
        self.is_done = True
        self.is_finished = self._assembly.is_finished

    def _take(self, chunk: dict[str, Any], *, is_error: bool) -> list[Delta]:
        said: dict[int, Mapping[str, Any]]
        match chunk.get("choices"):
            case [dict() as only] if not only.get("index"):
                said = {0: only}
            case choices:
                said = self._said(choices)
        # What can be no error by its keys is looked at no closer: two calls less for each token.
        if is_error or "error" in chunk or chunk.get("object") == "error":
            self._refuse_error({"error": chunk} if is_error and "error" not in chunk else chunk)
        for choice in said.values():
            if "error" in choice or "object" in choice:
                self._refuse_error(choice)
        # Nearly every chunk says the same of itself.
        named = chunk.get("id"), chunk.get("model")
        if named != self._named or chunk.get("usage") is not None:
            self._named = named
            self._assembly.note(chunk)
            if self._frame is not None:
                self._frame.forget()
        deltas: list[Delta] = []
        for number, choice in said.items():
            assembly = self._others[number - 1] if number else self._assembly
            if isinstance(delta := choice.get("delta"), dict):
                said_here = assembly.add(delta)
                deltas += [] if number else said_here
                self._characters += _length(said_here) if self._others else 0
            if choice.get("finish_reason") is not None:
                assembly.finish(choice["finish_reason"])
                self.is_finished = self._assembly.is_finished and all(other.is_finished for other in self._others)
        return deltas

    def _refuse_error(self, document: Mapping[str, Any]) -> None:
        error = error_document(document)
        if error is not None:
            raise in_band_error(error, provider=self._provider, model=self._model)

    def _said(self, choices: Any) -> dict[int, Mapping[str, Any]]:
        """What is said of each answer that was asked for, by its number; one that has none is the first."""
        said: dict[int, Mapping[str, Any]] = {}
        for choice in choices if isinstance(choices, list) else ():
            number = choice.get("index") or 0 if isinstance(choice, dict) else None
            if isinstance(number, int) and 0 <= number <= len(self._others):
                said.setdefault(int(number), choice)
            else:
                self._assembly.warn_of_more_choices()
        return said


def _length(deltas: Iterable[Delta]) -> int:
    """In characters."""
    return sum(len(delta.arguments if isinstance(delta, ToolCallDelta) else delta.text) for delta in deltas)


def _is_read(event: str, data: str) -> bool:
    """Whether `data` of a named event must be a chunk, an error or the end; a proxy's own sign of life is none."""
    if event == _ERROR_EVENT:
        return bool(data)
    return not event.startswith(_FOREIGN_EVENTS) and (data.startswith("{") or data == _DONE)
