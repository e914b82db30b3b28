"""What vectors does the vendor give for texts, in OpenAI's dialect, in Gemini's and in Ollama's?

Half of a vector's numbers are ±0.5 and exact in any encoding; eight of them make one of length 1.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import Any

_DIMENSIONS = 8


def embedded(path: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """The reply to a request for vectors; None for every other."""
    if path == "/v1/embeddings":
        return _openai(body)
    if path == "/api/embed":
        vectors = [vector(text) for text in body["input"]]
        return {"model": body["model"], "embeddings": vectors, "prompt_eval_count": _words(body["input"])}
    if path.endswith(":batchEmbedContents"):
        texts = [one["content"]["parts"][0]["text"] for one in body["requests"]]
        usage = {"promptTokenCount": _words(texts)}
        return {"embeddings": [{"values": vector(text)} for text in texts], "usageMetadata": usage}
    return None


def vector(text: str) -> list[float]:
    """Of eight numbers, the same for the same text."""
    digest = hashlib.sha256(text.encode()).digest()
    pairs = [(0.5 if byte & 1 else -0.5, byte & 2) for byte in digest[: _DIMENSIONS // 2]]
    return [number for value, is_first in pairs for number in ((value, 0.0) if is_first else (0.0, value))]


def _openai(body: dict[str, Any]) -> dict[str, Any]:
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    is_packed = body.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(text) if is_packed else vector(text)}
        for index, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": _words(texts), "total_tokens": _words(texts)}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage, "x_future": {"ratio": 0.1}}


def _packed(text: str) -> str:
    return base64.b64encode(struct.pack(f"<{_DIMENSIONS}f", *vector(text))).decode()


def _words(texts: list[str]) -> int:
    return sum(len(text.split()) for text in texts)
