"""What vectors does the mock vendor make? Ones in which texts that share words are near each other, as one expects."""

from __future__ import annotations

import base64
import hashlib
import math
from array import array
from collections.abc import Sequence
from typing import Any

from app.providers.mock_answer import words

DIMENSIONS = 32


def embedded(body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request for vectors: the same text has the same vector, of `dimensions` numbers or 32."""
    texts = _texts(body["input"])
    wanted = body.get("dimensions")
    vectors = [_vector(text, DIMENSIONS if wanted is None else wanted) for text in texts]
    written = [_packed(vector) if body.get("encoding_format") == "base64" else vector for vector in vectors]
    count = sum(len(words(text)) for text in texts)
    return {
        "object": "list",
        "data": [{"object": "embedding", "index": index, "embedding": one} for index, one in enumerate(written)],
        "model": body["model"],
        "usage": {"prompt_tokens": count, "total_tokens": count},
    }


def _texts(given: Any) -> list[str]:
    """One text or many; lists of tokens as texts that are as many words long."""
    if isinstance(given, str):
        return [given]
    if all(isinstance(one, int) for one in given):
        return [_spelled(given)]
    return [one if isinstance(one, str) else _spelled(one) for one in given]


def _spelled(tokens: Sequence[int]) -> str:
    return " ".join(map(str, tokens))


def _vector(text: str, dimensions: int) -> list[float]:
    """Each word adds one at a place of its own, and the whole is made one long."""
    counts = [0] * dimensions
    for word in words(text.lower()):
        digest = hashlib.sha256(word.strip().encode()).digest()
        counts[int.from_bytes(digest[:4], "big") % dimensions] += 1
    length = math.sqrt(sum(count * count for count in counts)) or 1.0
    return [count / length for count in counts]


def _packed(vector: Sequence[float]) -> str:
    return base64.b64encode(array("f", vector).tobytes()).decode()
