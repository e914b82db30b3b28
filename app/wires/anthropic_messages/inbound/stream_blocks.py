"""What of a content block of a stream has gone out, and what still waits?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from app.wires.inbound import ServerEvent
from app.wires.json_text import dump_json
from app.wires.text_frame import TextFrame
from app.wires.tool_arguments import object_of

# For each kind of block that grows: the type of the deltas, and their field.
_GROWN_BY = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "tool_use": ("input_json_delta", "partial_json"),
}


class StreamBlock:
    """A block that begins empty as `head` and grows by pieces of `field` in deltas of type `delta`.

    `index`: its place, where it was begun already.
    """

    def __init__(self, head: dict[str, Any], *, delta: str, field: str, index: int | None = None) -> None:
        self.kind: str = head["type"]
        self.is_ended = False
        self._head = head
        self._delta = delta
        self._field = field
        self._index = index
        self._frame: TextFrame | None = None
        # To lengthen one text by each piece would copy it as often.
        self._pieces: list[str] = []
        self._waiting: list[str] = []

    @property
    def text(self) -> str:
        """All of it, as far as it is known."""
        return "".join(self._pieces)

    @property
    def is_whole(self) -> bool:
        """Whether another block may follow: the arguments of a tool call are whole when they are a JSON object."""
        if self.kind != "tool_use" or self.is_ended:
            return True
        return self.text.rstrip().endswith("}") and object_of(self.text)[1]

    @property
    def can_go_on(self) -> bool:
        """Whether a vendor may go on with what another began: thoughts are signed as a whole, and by one only."""
        return self.kind in _GROWN_BY and self.kind != "thinking" and not self.is_ended

    def note(self, piece: str) -> None:
        """Takes a piece that went out already."""
        self._pieces.append(piece)

    def add(self, piece: str) -> None:
        """Takes a piece; it goes out with the next `sent`."""
        self._pieces.append(piece)
        self._waiting.append(piece)

    def sent(self, index: int) -> list[ServerEvent]:
        """The events for all that waits, in the block's place `index`."""
        events: list[ServerEvent] = []
        if self._index is None:
            self._index = index
            events.append(written({"type": "content_block_start", "index": index, "content_block": self._head}))
        pieces, self._waiting = self._waiting, []
        events += [self._grown(piece) for piece in pieces if piece]
        return events

    def said(self, piece: str) -> list[ServerEvent]:
        """The event for a piece of a block that has begun, and of which nothing waits."""
        self._pieces.append(piece)
        return [self._grown(piece)]

    def ended(self, signature: str = "") -> list[ServerEvent]:
        """The events for its end, once; a thought ends with its signature."""
        if self.is_ended:
            return []
        self.is_ended = True
        ending = written({"type": "content_block_stop", "index": self._index})
        if not signature:
            return [ending]
        signed = {"type": "signature_delta", "signature": signature}
        return [written({"type": "content_block_delta", "index": self._index, "delta": signed}), ending]

    def _grown(self, piece: str) -> ServerEvent:
        if self._frame is None:
            self._frame = _frame(self._delta, self._field, self._index)
        return ServerEvent(self._frame.around(piece), "content_block_delta")


def written(event: dict[str, Any]) -> ServerEvent:
    """An event under the name that it has in itself, too."""
    return ServerEvent(dump_json(event).decode(), event["type"])


def text_block() -> StreamBlock:
    """A block of text."""
    return StreamBlock({"type": "text", "text": "", "citations": None}, delta="text_delta", field="text")


def thinking_block() -> StreamBlock:
    """A block of thoughts."""
    return _grown_block({"type": "thinking", "thinking": "", "signature": ""})


def call_block(call_id: str, name: str) -> StreamBlock:
    """A block with a tool call."""
    return _grown_block({"type": "tool_use", "id": call_id, "name": name, "input": {}})


def whole_block(block: dict[str, Any]) -> StreamBlock:
    """A block that begins whole."""
    return StreamBlock(block, delta="", field="")


def relayed_block(head: dict[str, Any], index: int) -> StreamBlock:
    """A block that a vendor has begun itself."""
    delta, field = _GROWN_BY.get(head["type"], ("", ""))
    return StreamBlock(head, delta=delta, field=field, index=index)


def _grown_block(head: dict[str, Any]) -> StreamBlock:
    delta, field = _GROWN_BY[head["type"]]
    return StreamBlock(head, delta=delta, field=field)


@lru_cache(maxsize=64, typed=True)
def _frame(delta: str, field: str, index: int | None) -> TextFrame:
    """A block's deltas: the same in every answer, most of which have one block or two."""
    document = {"type": "content_block_delta", "index": index, "delta": {"type": delta, field: ""}}
    return TextFrame(document, field)
