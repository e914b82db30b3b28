"""Which vendor's SDK is calling? The path says it, and where both have the same path, the headers."""

from __future__ import annotations

from enum import StrEnum

from starlette.types import Scope

from app.http.sent_headers import sent_in

PREFIX = "/v1"
_MESSAGES = f"{PREFIX}/messages"
_BELOW_PREFIX, _BELOW_MESSAGES = f"{PREFIX}/", f"{_MESSAGES}/"


class Dialect(StrEnum):
    """Whose errors, and whose shapes, a caller reads."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


def dialect_of(scope: Scope) -> Dialect | None:
    """The dialect of a request to /v1; None for every other path, where the API is our own."""
    path: str = scope["path"]
    if not path.startswith(_BELOW_PREFIX) and path != PREFIX:
        return None
    if path.startswith(_BELOW_MESSAGES) or path == _MESSAGES:
        return Dialect.ANTHROPIC
    # Anthropic's SDKs always send their version, OpenAI's never do.
    return Dialect.ANTHROPIC if b"anthropic-version" in sent_in(scope) else Dialect.OPENAI
