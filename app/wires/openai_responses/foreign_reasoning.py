"""How does reasoning that is not of this dialect travel through it, and come back unchanged?

A reasoning item has one opaque field, `encrypted_content`. What another vendor signed goes there with that vendor's
name, so that a caller who sends the item back gives every vendor its own signatures.
"""

from __future__ import annotations

from typing import Any

from app.wires.json_text import dump_json, load_json
from contracts.chat import ReasoningPart
from contracts.text import whole_text

_MARK = "llm_service.reasoning:"
_LONGEST_NAME = 256


def wrapped(part: ReasoningPart) -> str | None:
    """The `encrypted_content` for a part; None where there is nothing to say beside its text."""
    if part.provider is None:
        return None
    return _MARK + dump_json({"provider": part.provider, "signature": part.signature}).decode()


def is_wrapped(encrypted: Any) -> bool:
    """Whether a field says that it is ours, whatever stands in it."""
    return isinstance(encrypted, str) and encrypted.startswith(_MARK)


def unwrapped(encrypted: Any, *, text: str) -> ReasoningPart | None:
    """The part with `text` that `wrapped` wrote; None for what is not ours."""
    if not is_wrapped(encrypted):
        return None
    try:
        data = load_json(encrypted.removeprefix(_MARK))
    except ValueError:
        return None
    match data:
        case {"provider": str(provider), "signature": str() | None as signature} if _is_name(provider):
            return ReasoningPart(text=text, signature=signature, provider=provider)
    return None


def _is_name(text: str) -> bool:
    try:
        return 0 < len(whole_text(text)) <= _LONGEST_NAME
    except ValueError:
        return False
