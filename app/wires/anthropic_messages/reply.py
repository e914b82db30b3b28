"""What does the body of a plain reply say?"""

from __future__ import annotations

from app.wires.answer_json import load_body
from app.wires.anthropic_messages.assembly import ReplyAssembly
from app.wires.anthropic_messages.errors import error_document, in_band_error
from contracts.calls import Reply
from contracts.deltas import Delta


def decode_response(body: bytes, *, provider: str, model: str) -> Reply:
    """The answer in the body of a reply with status 200.

    Raises ProviderProtocolError for a body that is no message, and the classified error for one that is an error.
    """
    assembly = ReplyAssembly(provider=provider, model=model)
    take_whole(assembly, body, provider=provider, model=model)
    return assembly.reply()


def take_whole(assembly: ReplyAssembly, body: bytes, *, provider: str, model: str) -> list[Delta]:
    """Put a whole message into `assembly`; raises as `decode_response` does."""
    data = load_body(body, assembly.unreadable)
    error = error_document(data)
    if error is not None:
        raise in_band_error(error, provider=provider, model=model)
    content = data.get("content") if isinstance(data, dict) else None
    if not isinstance(content, list):
        raise assembly.unreadable("answered without content")
    assembly.note(data)
    deltas: list[Delta] = []
    for index, block in enumerate(content):
        deltas += [*assembly.begin(index, block), *assembly.end(index)]
    return deltas + assembly.finish(data)
