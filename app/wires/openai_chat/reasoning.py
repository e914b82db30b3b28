"""What did the model think, and which signed blocks must go back with it?

The text comes as `reasoning_content` (DeepSeek, llama.cpp, vLLM) or `reasoning` (OpenRouter, newer vLLM). OpenRouter's
`reasoning_details` hold the same text in signed or encrypted blocks, which a stream sends in fragments; they are kept
as the JSON text in `ReasoningPart.signature`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.json_text import dump_json, mended_text
from contracts.chat import ReasoningPart
from contracts.deltas import ReasoningDelta

_TEXT_FIELDS = ("reasoning_content", "reasoning")
REASONING_FIELDS = frozenset({*_TEXT_FIELDS, "reasoning_details"})
_GROWING_FIELDS = ("text", "summary", "data")


class ReasoningAssembly:
    """The reasoning of one answer."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._blocks: list[dict[str, Any]] = []
        # Blocks that come behind the plain text, as our own streams send them, hold it once more.
        self._has_plain_text = False

    def add(self, message: Mapping[str, Any]) -> list[ReasoningDelta]:
        """Take what a delta or message holds of it, in any of `REASONING_FIELDS`."""
        blocks = message.get("reasoning_details")
        blocks = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
        for block in blocks:
            self._take_block(block)
        text = _text_of(message)
        if text:
            self._has_plain_text = True
        elif not self._has_plain_text:
            text = "".join(_text_of_block(block) for block in blocks)
        if not text:
            return []
        self._texts.append(text)
        return [ReasoningDelta(text=text)]

    def parts(self, provider: str) -> tuple[ReasoningPart, ...]:
        """The reasoning as one part, or none."""
        if not self._texts and not self._blocks:
            return ()
        signature = dump_json(self._blocks).decode() if self._blocks else None
        return (ReasoningPart(text="".join(self._texts), signature=signature, provider=provider),)

    def _take_block(self, block: Mapping[str, Any]) -> None:
        last = self._blocks[-1] if self._blocks else None
        if last is None or not _continues(last, block):
            self._blocks.append(dict(block))
            return
        for name, value in block.items():
            grows = name in _GROWING_FIELDS and isinstance(value, str) and isinstance(last.get(name), str)
            if grows:
                last[name] += value
            elif value is not None:
                last[name] = value


def _continues(last: Mapping[str, Any], block: Mapping[str, Any]) -> bool:
    """Whether `block` is a further fragment: of the same kind and number, and not under another id."""
    same = all(last.get(name) == block.get(name) for name in ("type", "index"))
    return same and block.get("index") is not None and block.get("id") in (None, last.get("id"))


def _text_of(message: Mapping[str, Any]) -> str:
    values = (message.get(name) for name in _TEXT_FIELDS)
    return next((mended_text(value) for value in values if isinstance(value, str) and value), "")


def _text_of_block(block: Mapping[str, Any]) -> str:
    values = (block.get("text"), block.get("summary"))
    return mended_text("".join(value for value in values if isinstance(value, str)))
