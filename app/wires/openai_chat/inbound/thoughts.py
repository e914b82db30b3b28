"""Which reasoning does an assistant's message bring back, and whose is it?

OpenRouter's `reasoning_details` are opaque blocks of the vendor. What other vendors sign has no place in this dialect:
it travels in blocks of a type of our own, which name the vendor, so that a caller who sends the message back unchanged
gives every vendor its own signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.wires.json_text import dump_json, load_json
from app.wires.place import Place
from contracts.chat import ReasoningPart

OUR_BLOCK = "llm_service.reasoning"
_MOST_BLOCKS = 10_000
_TEXT_FIELDS = ("reasoning_content", "reasoning")
THOUGHT_FIELDS = (*_TEXT_FIELDS, "reasoning_details")


def read_thoughts(message: Place, provider: str) -> tuple[ReasoningPart, ...]:
    """The reasoning parts of `message`; what is not in blocks of ours belongs to `provider`."""
    texts = [message.at(name).text() or "" for name in _TEXT_FIELDS]
    blocks = message.at("reasoning_details").entries(most=_MOST_BLOCKS)
    ours = [block for block in blocks if block.is_object() and block.value.get("type") == OUR_BLOCK]
    if ours:
        message.findings.claim()
    if ours and len(ours) == len(blocks):
        return tuple(_own_block(block) for block in blocks)
    text = texts[0] or texts[1] or "".join(_block_text(block) for block in blocks)
    signature = _signature(message.at("reasoning_details"), blocks)
    return (ReasoningPart(text=text, signature=signature, provider=provider),) if text or signature else ()


def write_thoughts(parts: Iterable[ReasoningPart]) -> list[dict[str, Any]]:
    """The `reasoning_details` of an answer: empty when nothing was signed."""
    found = list(parts)
    if not any(part.signature for part in found):
        return []
    native = [_native_blocks(part) for part in found]
    if all(native):
        return [block for blocks in native for block in blocks]
    fields = ("provider", "text", "signature")
    return [
        {"type": OUR_BLOCK, "index": index, **{name: getattr(part, name) for name in fields}}
        for index, part in enumerate(found)
    ]


def _own_block(block: Place) -> ReasoningPart:
    return ReasoningPart(
        text=block.at("text").text() or "",
        signature=block.at("signature").text(),
        provider=block.need("provider").name(),
    )


def _block_text(block: Place) -> str:
    return "".join(block.at(name).text() or "" for name in ("text", "summary"))


def _signature(place: Place, blocks: Sequence[Place]) -> str | None:
    if not blocks:
        return None
    try:
        return dump_json([block.value for block in blocks]).decode()
    except ValueError:
        place.wrong("must hold nothing but what JSON can say")
        return None


def _native_blocks(part: ReasoningPart) -> list[dict[str, Any]]:
    try:
        blocks = load_json(part.signature or "null")
    except ValueError:
        return []
    is_native = isinstance(blocks, list) and all(isinstance(one, dict) and "type" in one for one in blocks)
    return blocks if is_native else []
