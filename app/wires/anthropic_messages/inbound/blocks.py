"""Which part of ours is a content block?"""

from __future__ import annotations

from app.wires.anthropic_messages.inbound.media import decode_document, decode_image
from app.wires.anthropic_messages.inbound.shapes import has_part, is_known
from app.wires.anthropic_messages.inbound.signatures import before_their_calls, signed_thought
from app.wires.cache_marks import read_mark
from app.wires.demands import STRANGE
from app.wires.free_json import read_object
from app.wires.json_text import dump_json
from app.wires.place import Place
from app.wires.request_fields import MOST_PARTS
from contracts.chat import Part, RawPart, ResultPart, Role, TextPart, ToolCallPart, ToolResultPart

_PLACES = {
    "tool_use": Role.ASSISTANT,
    "thinking": Role.ASSISTANT,
    "redacted_thinking": Role.ASSISTANT,
    "tool_result": Role.USER,
}
_TEXT_FIELDS = frozenset({"type", "text", "cache_control"})
_THOUGHTS = ("thinking", "redacted_thinking")
# Of a block of a kind that is known here.
_OWN = "says what only vendors of this dialect know"


def decode_content(content: Place, role: Role, *, provider: str) -> list[tuple[Place, Part]]:
    """The parts of a turn, which must have some, each with its place; plain text is one part."""
    if not content.is_given:
        content.wrong("is required")
    if isinstance(content.value, str):
        text = content.text()
        return [] if text is None else [(content, TextPart(text=text))]
    if content.is_given and not isinstance(content.value, list):
        content.wrong("must be text or a list of content blocks")
        return []
    found = [(block, _part(block, role, provider)) for block in content.entries(least=1, most=MOST_PARTS)]
    return before_their_calls([(block, part) for block, part in found if part is not None])


def _part(block: Place, role: Role, provider: str) -> Part | None:
    if not block.is_object(required=True):
        return None
    kind = block.need("type").text()
    if kind is None:
        return None
    if role is Role.SYSTEM and kind != "text" and is_known(kind):
        block.at("type").wrong("must be text in a message with role system")
    elif kind in _PLACES and role is not _PLACES[kind]:
        block.at("type").wrong(f"must not be {kind} here: it belongs into a message with role {_PLACES[kind]}")
    if not has_part(block.value):
        # What one vendor thought is never shown to another: without it the answer is the same.
        if kind not in _THOUGHTS:
            block.demand(_OWN if is_known(kind) else STRANGE)
        return RawPart(provider=provider, data=read_object(block))
    return _own_part(block, kind, provider)


def _own_part(block: Place, kind: str, provider: str) -> Part | None:
    match kind:
        case "text":
            return _text(block)
        case "image":
            return decode_image(block)
        case "document":
            return decode_document(block)
        case "tool_use":
            return _call(block)
        case "tool_result":
            return _result(block)
        case _:
            return signed_thought(block, provider=provider)


def _text(block: Place) -> TextPart | None:
    block.ignore_others(_TEXT_FIELDS)
    text, mark = block.need("text").text(), read_mark(block)
    return None if text is None else TextPart(text=text, cache_control=mark)


def _call(block: Place) -> ToolCallPart:
    arguments = "{}"
    given = block.need("input")
    if given.is_object():
        try:
            arguments = dump_json(given.value).decode()
        except ValueError:
            # Without the cause: it may hold the value.
            given.wrong("must hold nothing but what JSON can say")
    return ToolCallPart(
        id=block.need("id").name(),
        name=block.need("name").name(),
        arguments=arguments,
        cache_control=read_mark(block),
    )


def _result(block: Place) -> ToolResultPart:
    return ToolResultPart(
        tool_call_id=block.need("tool_use_id").name(),
        content=_result_content(block.at("content")),
        is_error=block.flag_at("is_error") or False,
        cache_control=read_mark(block),
    )


def _result_content(content: Place) -> tuple[ResultPart, ...]:
    if isinstance(content.value, str):
        return (TextPart(text=content.text() or ""),)
    if content.is_given and not isinstance(content.value, list):
        content.wrong("must be text or a list of content blocks")
        return ()
    found: list[ResultPart | None] = []
    for block in content.entries(most=MOST_PARTS):
        if block.is_object(required=True):
            kind = block.need("type").one_of("text", "image")
            found.append(decode_image(block) if kind == "image" else _text(block))
    return tuple(part for part in found if part is not None)
