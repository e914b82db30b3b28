"""What does the body of a plain reply say?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.answer_json import load_body, no_json, text_of, unreadable
from app.wires.json_text import load_json
from app.wires.openai_chat.assembly import ReplyAssembly
from app.wires.openai_chat.errors import error_document, in_band_error
from app.wires.openai_chat.quirks import Quirks
from app.wires.openai_chat.text_reply import text_reply
from contracts.calls import Reply
from contracts.deltas import Delta


def decode_response(
    body: bytes, *, provider: str, model: str, quirks: Quirks, choices: int = 1, is_relayed: bool = False
) -> Reply:
    """The answer in the body of a reply with status 200; of `choices` that were asked for, the first.

    `is_relayed`: it goes to the caller as it came, too, and so is in the answer.
    Raises ProviderProtocolError for a body that is no completion, and the classified error for one that is an error
    (OpenRouter answers 200 once a model was asked).
    """
    try:
        data = load_json(body)
    except ValueError:
        # Without the cause: it holds the body.
        raise unreadable(no_json(body), provider=provider, model=model) from None
    raw = text_of(body) if is_relayed else None
    reply = text_reply(data, quirks, raw=raw)
    if reply is not None:
        return reply
    assembly = ReplyAssembly(provider=provider, model=model, quirks=quirks)
    _take(assembly, data, provider=provider, model=model, choices=choices)
    return assembly.reply(raw=raw)


def take_whole(assembly: ReplyAssembly, body: bytes, *, provider: str, model: str) -> list[Delta]:
    """Put a whole completion into `assembly`; raises as `decode_response` does."""
    return _take(assembly, load_body(body, assembly.unreadable), provider=provider, model=model, choices=1)


def first_choice(data: Any) -> Mapping[str, Any] | None:
    """The choice number 0 of a completion or chunk."""
    choices = data.get("choices") if isinstance(data, dict) else None
    if not isinstance(choices, list):
        return None
    for choice in choices:
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return None


def _take(assembly: ReplyAssembly, data: Any, *, provider: str, model: str, choices: int) -> list[Delta]:
    choice = first_choice(data)
    if choice is None or "error" in data or "error" in choice or "error" in (data.get("object"), choice.get("object")):
        error = error_document(data) or error_document(choice)
        if error is not None:
            raise in_band_error(error, provider=provider, model=model)
    message = None if choice is None else choice.get("message")
    if choice is None or not isinstance(message, dict):
        raise assembly.unreadable("answered without a choice")
    assembly.note(data)
    if len(data["choices"]) > choices:
        assembly.warn_of_more_choices()
    deltas = assembly.add(message)
    reason = choice.get("finish_reason")
    if reason is None:
        raise assembly.unreadable("ended its answer without a finish reason")
    assembly.finish(reason)
    return deltas
