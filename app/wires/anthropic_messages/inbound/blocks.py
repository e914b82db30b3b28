"""Which part of ours is a content block?"""

from __future__ import annotations

from app.wires.anthropic_messages.inbound.marks import decode_mark
from app.wires.anthropic_messages.inbound.media import decode_document, decode_image
from app.wires.anthropic_messages.inbound.place import Place
from app.wires.anthropic_messages.inbound.shapes import has_part
from app.wires.anthropic_messages.inbound.signatures import signed_thought
from app.wires.anthropic_messages.tool_inputs import written
from contracts.chat import Part, RawPart, ResultPart, Role, TextPart, ToolCallPart, ToolResultPart

_PLACES = {
    "tool_use": Role.ASSISTANT,
    "thinking": Role.ASSISTANT,
    "redacted_thinking": Role.ASSISTANT,
    "tool_result": Role.USER,
}


def decode_content(content: Place, role: Role, *, provider: str) -> list[tuple[Place, Part]]:
    """The parts of a turn, which must have some, each with its place; plain text is one part."""
    if isinstance(content.needed().value, str):
        text = content.text()
        return [] if text is None else [(content, TextPart(text=text))]
    if content.is_given and not isinstance(content.value, list):
        content.wrong("must be text or a list of content blocks")
        return []
    found = [(block, _part(block, role, provider)) for block in content.items(least=1)]
    return [(block, part) for block, part in found if part is not None]


def _part(block: Place, role: Role, provider: str) -> Part | None:
    if not block.needed().is_object():
        return None
    kind = block.at("type").needed().text()
    if kind is None:
        return None
    if role is Role.SYSTEM and kind != "text":
        block.at("type").wrong("must be text in a message with role system")
    elif kind in _PLACES and role is not _PLACES[kind]:
        block.at("type").wrong(f"must not be {kind} here: it belongs into a message with role {_PLACES[kind]}")
    if not has_part(block.value):
        return RawPart(provider=provider, data=block.json_object() or {})
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
            text, signature = block.at("thinking").needed().text(), block.at("signature").needed().text()
            return signed_thought(text or "", signature or "", provider=provider)


def _text(block: Place) -> TextPart | None:
    text, mark = block.at("text").needed().text(), decode_mark(block)
    return None if text is None else TextPart(text=text, cache_control=mark)


def _call(block: Place) -> ToolCallPart:
    arguments = "{}"
    given = block.at("input").needed()
    if given.is_object():
        try:
            arguments = written(given.value)
        except ValueError:
            # Without the cause: it may hold the value.
            given.wrong("must hold nothing but what JSON can say")
    return ToolCallPart(
        id=block.at("id").needed().name() or "",
        name=block.at("name").needed().name() or "",
        arguments=arguments,
        cache_control=decode_mark(block),
    )


def _result(block: Place) -> ToolResultPart:
    return ToolResultPart(
        tool_call_id=block.at("tool_use_id").needed().name() or "",
        content=_result_content(block.at("content")),
        is_error=block.at("is_error").truth() or False,
        cache_control=decode_mark(block),
    )


def _result_content(content: Place) -> tuple[ResultPart, ...]:
    if isinstance(content.value, str):
        return (TextPart(text=content.text() or ""),)
    if content.is_given and not isinstance(content.value, list):
        content.wrong("must be text or a list of content blocks")
        return ()
    found: list[ResultPart | None] = []
    for block in content.items():
        if block.needed().is_object():
            kind = block.at("type").needed().one_of(["text", "image"])
            found.append(decode_image(block) if kind == "image" else _text(block))
    return tuple(part for part in found if part is not None)
