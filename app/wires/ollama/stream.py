"""What does each line of a stream add to the answer, and is the answer whole?"""

from __future__ import annotations

from app.wires.answer_json import load_event
from app.wires.ollama.assembly import ReplyAssembly
from app.wires.ollama.reply import take_whole
from contracts.calls import Reply
from contracts.chat import Usage
from contracts.deltas import Delta


class StreamDecoder:
    """The state of one stream. Its last line is the one with `done`, which holds reason and usage together."""

    def __init__(self, *, provider: str, model: str) -> None:
        self._assembly = ReplyAssembly(provider=provider, model=model)

    @property
    def is_finished(self) -> bool:
        """Whether the line with `done` was seen."""
        return self._assembly.is_finished

    @property
    def is_done(self) -> bool:
        """The same: nothing comes after it."""
        return self._assembly.is_finished

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has counted by now; None: nothing."""
        return self._assembly.usage_so_far

    def feed(self, event: str, data: str) -> list[Delta]:
        """The deltas in one line; lines are events named `message`, and what is not named so is skipped.

        Raises ProviderProtocolError for a line that cannot be read, and the classified error for an error's line.
        """
        if self.is_done or event != "message" or not data.strip():
            return []
        line = load_event(data, self._assembly.unreadable)
        return self._assembly.take(line)

    def feed_whole(self, body: bytes) -> list[Delta]:
        """The deltas in a plain answer, from a server that was asked for a stream and does not know how."""
        return take_whole(self._assembly, body)

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without `done`."""
        return self._assembly.reply()
