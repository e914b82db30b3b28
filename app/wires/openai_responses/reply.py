"""What does the body of a plain reply say?"""

from __future__ import annotations

from app.wires.answer_json import load_body
from app.wires.openai_chat.errors import error_document, in_band_error
from app.wires.openai_responses.assembly import ReplyAssembly
from contracts.calls import Reply
from contracts.deltas import Delta


def decode_response(body: bytes, *, provider: str, model: str) -> Reply:
    """The answer in the body of a reply with status 200.

    Raises ProviderProtocolError for a body that is no response, and the classified error for one that failed.
    """
    assembly = ReplyAssembly(provider=provider, model=model)
    take_whole(assembly, body, provider=provider, model=model)
    return assembly.reply()


def take_whole(assembly: ReplyAssembly, body: bytes, *, provider: str, model: str) -> list[Delta]:
    """Put a whole response into `assembly`; raises as `decode_response` does."""
    data = load_body(body, assembly.unreadable)
    if not isinstance(data, dict):
        error = error_document(data)
        if error is not None:
            raise in_band_error(error, provider=provider, model=model)
        raise assembly.unreadable("answered without output")
    try:
        return assembly.finish(data, status=None)
    except ValueError:
        raise assembly.unreadable("answered with an item that cannot be read") from None
