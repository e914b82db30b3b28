"""Does a chunk differ from the last one in nothing but its text? Then that is all that is read of it.

So do most chunks of most vendors. To read one as a whole, and to look at all that it could say, takes four times as
long.
"""

from __future__ import annotations

import json.decoder
import re
from collections.abc import Callable, Mapping
from typing import Any

from app.wires.json_text import load_json

# The rest of a JSON text behind its opening quote, and where it ends: what `json` itself reads one by.
_text_at: Callable[[str, int], tuple[str, int]] = json.decoder.scanstring  # type: ignore[attr-defined]  # no stub
_CONTENT = re.compile(r'"content"\s*:\s*"')
# What OpenAI makes its chunks equally long with; nobody reads it.
_PADDING = '"obfuscation":"'
# No chunk's text: where it comes back as the content, a chunk's text stands in that place.
_PROBE = "\x7f\x7f"
# So many lessons are in vain, and the vendor's chunks are taken to differ in more.
_MOST_LESSONS = 2


class ChunkFrame:
    """What stands before and behind the text of a stream's chunks, learned from one of them."""

    __slots__ = ("_after", "_before", "_has_fitted", "_lessons", "_padding")

    def __init__(self) -> None:
        self._before: str | None = None
        self._padding = self._after = ""
        self._has_fitted = False
        self._lessons = 0

    def text_in(self, data: str) -> str | None:
        """The text of the chunk `data`; None where something else in it is new, too."""
        before = self._before
        if before is None or not data.startswith(before):
            return None
        try:
            text, at = _text_at(data, len(before))
            if self._padding:
                if not data.startswith(self._padding, at):
                    return None
                _, at = _text_at(data, at + len(self._padding))
        except ValueError:
            return None
        if data[at:] != self._after:
            return None
        self._has_fitted = True
        return text

    def learn(self, data: str, chunk: Mapping[str, Any]) -> None:
        """Take `data`, read as `chunk`, for what the next ones look like, if it says nothing but a text.

        What it says must have been taken from `chunk`, which is not left as it was.
        """
        if self._lessons > _MOST_LESSONS:
            return
        match chunk:
            case {"choices": [{"delta": {"content": str(text)} as delta} as choice]} if text:
                if choice.get("finish_reason") is None and chunk.get("usage") is None and _is_only_text(delta):
                    self._lessons = 1 if self._has_fitted else self._lessons + 1
                    self.forget()
                    if self._lessons <= _MOST_LESSONS:
                        self._cut(data, chunk, delta)

    def forget(self) -> None:
        """Until it has learned again, nothing fits."""
        self._before = None
        self._has_fitted = False

    def _cut(self, data: str, chunk: Mapping[str, Any], delta: dict[str, Any]) -> None:
        content = _CONTENT.search(data)
        if content is None:
            return
        before = data[: content.end()]
        after = data[_text_at(data, content.end())[1] :]
        delta["content"] = _PROBE
        try:
            is_content = load_json(f'{before}{_PROBE}"{after}') == chunk
        except (ValueError, RecursionError):
            # Nested as deeply as can be, and here we are deeper still.
            return
        if not is_content:
            return
        behind, padding, rest = after.rpartition(_PADDING)
        if padding:
            after = rest[_text_at(rest, 0)[1] :]
        self._before, self._padding, self._after = before, behind + padding, after


def _is_only_text(delta: Mapping[str, Any]) -> bool:
    return all(value is None or name in ("content", "role") for name, value in delta.items())
