"""What does the body of a plain reply say?"""

from __future__ import annotations

from typing import Any

from app.wires.answer_json import load_body
from app.wires.gemini.assembly import ReplyAssembly
from app.wires.gemini.errors import error_document, in_band_error
from contracts.calls import Reply
from contracts.deltas import Delta


def decode_response(body: bytes, *, provider: str, model: str) -> Reply:
    """The answer in the body of a reply with status 200.

    Raises ProviderProtocolError for a body that is no answer, and the classified error for one that is an error.
    """
    assembly = ReplyAssembly(provider=provider, model=model)
    take_whole(assembly, body, provider=provider, model=model)
    return assembly.reply()


def take_whole(assembly: ReplyAssembly, body: bytes, *, provider: str, model: str) -> list[Delta]:
    """Put a whole reply into `assembly`; raises as `decode_response` does.

    A list of chunks counts, too: it is how a stream is sent where `alt=sse` got lost on the way.
    """
    data = load_body(body, assembly.unreadable)
    deltas: list[Delta] = []
    for document in data if isinstance(data, list) else [data]:
        deltas += take_document(assembly, document, provider=provider, model=model)
    if not assembly.is_finished:
        raise assembly.unreadable("answered without a candidate that is finished")
    return deltas


def take_document(assembly: ReplyAssembly, document: Any, *, provider: str, model: str) -> list[Delta]:
    """Put one reply or chunk into `assembly`. Raises the error that it holds, and what `take` raises."""
    error = error_document(document)
    if error is not None:
        raise in_band_error(error, provider=provider, model=model)
    if not isinstance(document, dict):
        raise assembly.unreadable("answered with something else than a JSON object")
    return assembly.take(document)
