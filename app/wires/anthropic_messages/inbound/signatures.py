"""Whose is the signature of a thought that a caller sends back?

The dialect has one field for it and no field for who signed. What another row's model signed goes out with that row's
name before it, so that it comes back to the same row and never to one that would refuse it. Signatures of the vendor
itself are base64, which holds no colon.

Some sign a tool call, by a thought without words right before it. In a stream such a signature is known when the call
has gone out: it follows then, and names the call.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

from app.wires.place import Place
from contracts.chat import Part, ReasoningPart, ToolCallPart

_SIGNED_BY = "llm-service:"


def written_signature(part: ReasoningPart, *, provider: str, call_id: str | None = None) -> str:
    """The signature of `part` for a caller to whom all signatures are `provider`'s; none is the empty text.

    `call_id`: it stands behind the call that it belongs before.
    """
    if not part.signature:
        return ""
    if part.provider is None or part.provider == provider:
        return part.signature
    place = "" if call_id is None else f"@{quote(call_id, safe='')}"
    return f"{_SIGNED_BY}{quote(part.provider, safe='')}{place}:{part.signature}"


def signed_thought(block: Place, *, provider: str) -> ReasoningPart:
    """The thought in `block` that came back, with the row that signed it.

    One of another row, or that nobody signed, is of our making: no vendor of this dialect takes it.
    """
    text, signature = block.need("thinking").text() or "", block.need("signature").text() or ""
    if not signature or signature.startswith(_SIGNED_BY):
        block.findings.claim()
    row, colon, rest = signature.removeprefix(_SIGNED_BY).partition(":")
    if signature.startswith(_SIGNED_BY) and row and colon and rest:
        return ReasoningPart(text=text, signature=rest, provider=unquote(row.partition("@")[0]))
    return ReasoningPart(text=text, signature=signature or None, provider=provider)


def before_their_calls(found: Sequence[tuple[Place, Part]]) -> list[tuple[Place, Part]]:
    """The parts of a turn, each with its place; signatures that followed their calls stand before them."""
    calls = {part.id for _, part in found if isinstance(part, ToolCallPart)}
    late = [(block, part) for block, part in found if _call_of(block, part) in calls]
    ordered: list[tuple[Place, Part]] = []
    for block, part in found:
        if isinstance(part, ToolCallPart):
            ordered += [one for one in late if _call_of(*one) == part.id]
        if _call_of(block, part) not in calls:
            ordered.append((block, part))
    return ordered


def _call_of(block: Place, part: Part) -> str | None:
    """The id of the call that a signature belongs to but followed."""
    if not isinstance(part, ReasoningPart):
        return None
    signature = str(block.value.get("signature"))
    row = signature.removeprefix(_SIGNED_BY).partition(":")[0]
    _, at, call_id = row.partition("@")
    return unquote(call_id) if signature.startswith(_SIGNED_BY) and at else None
