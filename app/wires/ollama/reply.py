"""What does the body of a plain reply say?"""

from __future__ import annotations

from app.wires.answer_json import load_body
from app.wires.ollama.assembly import ReplyAssembly
from contracts.calls import Reply
from contracts.deltas import Delta


def decode_response(body: bytes, *, provider: str, model: str) -> Reply:
    """The answer in the body of a reply with status 200.

    Raises ProviderProtocolError for a body that is no answer, and the classified error for one that is an error.
    """
    assembly = ReplyAssembly(provider=provider, model=model)
    take_whole(assembly, body)
    return assembly.reply()


def take_whole(assembly: ReplyAssembly, body: bytes) -> list[Delta]:
    """Put a whole answer into `assembly`; raises as `decode_response` does."""
    data = load_body(body, assembly.unreadable)
    deltas = assembly.take(data)
    if not assembly.is_finished:
        raise assembly.unreadable("ended its answer without a finish reason")
    return deltas
