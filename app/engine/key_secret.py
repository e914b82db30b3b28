"""What does the secret of a caller's key look like? Drawn here, shown once; what is kept of it is its digest."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_hex

# Whoever scans logs and repositories for secrets finds ours by it; the rest is hexadecimal, so it is one word anywhere.
PREFIX = "llmps_"
_RANDOM_BYTES = 32
_SHOWN_CHARACTERS = 4


def new_secret() -> str:
    """`llmps_` and 256 random bits."""
    return PREFIX + token_hex(_RANDOM_BYTES)


def digest_of(secret: bytes) -> bytes:
    """Its SHA-256. What was drawn at random is not found by trying, so it needs neither salt nor a slow digest."""
    return sha256(secret).digest()


def hint_of(secret: str) -> str:
    """How it begins and ends: enough to tell it from others, too little to guess it."""
    return f"{PREFIX}…{secret[-_SHOWN_CHARACTERS:]}"
