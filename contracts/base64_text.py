"""Is a text base64 as vendors take it: the standard alphabet, padded, nothing before, between or behind?

It is not decoded: ten megabytes are looked at in some 10 ms, where decoding them would hold the loop for 25.
"""

from __future__ import annotations

import base64
import string

from contracts.broken_rule import BrokenRuleError, Path

_ALPHABET = (string.ascii_letters + string.digits + "+/").encode()
_NOT_BASE64 = "must be base64 with padding, without line breaks and not of the URL-safe alphabet (+ and /, not - and _)"


def check_base64(text: str, at: Path) -> None:
    """Refuses what is no base64, and base64 of nothing. Raises BrokenRuleError."""
    if not text:
        raise BrokenRuleError(at, "must not be empty")
    if text[:5].lower() == "data:":
        raise BrokenRuleError(at, "must be base64 alone: send what follows the comma of the data: URL")
    unpadded = text.rstrip("=")
    is_padded = len(text) % 4 == 0 and len(text) - len(unpadded) <= 2
    if not (is_padded and unpadded.isascii()) or unpadded.encode().translate(None, _ALPHABET):
        raise BrokenRuleError(at, _NOT_BASE64)


def decoded_bytes(text: str) -> int:
    """How many bytes checked base64 stands for."""
    return len(text) // 4 * 3 - (len(text) - len(text.rstrip("=")))


def first_bytes(text: str, count: int) -> bytes:
    """The first `count` bytes of checked base64, or all where there are fewer."""
    return base64.b64decode(text[: -(-count // 3) * 4])[:count]
