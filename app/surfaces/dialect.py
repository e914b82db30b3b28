"""Which vendor's SDK is calling? The path says it, and where both have the same path, the headers."""

from __future__ import annotations

from enum import StrEnum

from starlette.types import Scope

PREFIX = "/v1"
_MESSAGES = f"{PREFIX}/messages"


class Dialect(StrEnum):
    """Whose errors, and whose shapes, a caller reads."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


def dialect_of(scope: Scope) -> Dialect | None:
    """The dialect of a request to /v1; None for every other path, where the API is our own."""
    path: str = scope["path"]
    if not _is_within(path, PREFIX):
        return None
    # Anthropic's SDKs always send their version, OpenAI's never do.
    if _is_within(path, _MESSAGES) or b"anthropic-version" in [name for name, _ in scope["headers"]]:
        return Dialect.ANTHROPIC
    return Dialect.OPENAI


def _is_within(path: str, folder: str) -> bool:
    return path.startswith(folder) and path[len(folder) : len(folder) + 1] in ("", "/")
