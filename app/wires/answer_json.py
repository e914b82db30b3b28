"""How is the JSON of an answer read, and which error is it that it cannot be read?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.wires.json_text import load_json
from contracts.errors import ProviderProtocolError

# Makes the error for an answer of which a fact is true.
Unreadable = Callable[[str], ProviderProtocolError]


def unreadable(fact: str, *, provider: str, model: str) -> ProviderProtocolError:
    """The error for an answer of `provider` of which `fact` is true."""
    return ProviderProtocolError(f"{provider} {fact}", provider=provider, model=model, upstream_status=200)


def load_body(body: bytes, wrong: Unreadable) -> Any:
    """The JSON value of a plain answer's body. Raises what `wrong` makes."""
    try:
        return load_json(body)
    except ValueError:
        # Without the cause: it holds the body.
        raise wrong(no_json(body)) from None


def no_json(body: bytes) -> str:
    """What is true of an answer whose `body` cannot be read."""
    return f"answered with {'a body that is not JSON' if body.strip() else 'an empty body'}"


def text_of(body: bytes) -> str | None:
    """A body as text, for a caller of the dialect; None for one that is no UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def load_event(data: str, wrong: Unreadable) -> dict[str, Any]:
    """The JSON object of one event of a stream. Raises what `wrong` makes."""
    try:
        document = load_json(data)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        # Without the cause: it holds the answer's text.
        raise wrong("sent a stream event that is not a JSON object")
    return document
