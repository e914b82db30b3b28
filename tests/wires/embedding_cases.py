"""What each dialect sends for texts, and what its vendors answer: written by us, after the SDKs' types."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.wires import gemini, ollama, openai_embeddings
from app.wires.openai_embeddings import EmbeddingQuirks
from contracts.calls import EmbeddingReply
from contracts.embeddings import EmbeddingInput

TEXTS = EmbeddingInput(texts=("a red apple", "ein grüner Apfel ☂"))


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a dialect writes rows of vectors into a reply, and how its wire reads them."""

    name: str
    write: Callable[[list[Any]], dict[str, Any]]
    decode: Callable[..., EmbeddingReply]

    def read(self, rows: list[Any], *, asked: EmbeddingInput = TEXTS, dimensions: int | None = None) -> EmbeddingReply:
        """What our wire makes of a reply with these rows."""
        return self.read_body(json.dumps(self.write(rows)).encode(), asked=asked, dimensions=dimensions)

    def read_body(self, body: bytes, *, asked: EmbeddingInput = TEXTS, dimensions: int | None = None) -> EmbeddingReply:
        """What our wire makes of `body`."""
        return self.decode(body, asked=asked, provider="vendor", model="m", dimensions=dimensions)


def _openai(rows: list[Any]) -> dict[str, Any]:
    data = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]
    return {"object": "list", "data": data, "model": "m-2", "usage": {"prompt_tokens": 9, "total_tokens": 9}}


def _gemini(rows: list[Any]) -> dict[str, Any]:
    return {"embeddings": [{"values": row} for row in rows], "usageMetadata": {"promptTokenCount": 9}}


def _ollama(rows: list[Any]) -> dict[str, Any]:
    return {"model": "m-2", "embeddings": rows, "total_duration": 14143917, "prompt_eval_count": 9}


DIALECTS = (
    Dialect("openai", _openai, openai_embeddings.decode_embeddings),
    Dialect("gemini", _gemini, gemini.decode_embeddings),
    Dialect("ollama", _ollama, ollama.decode_embeddings),
)

ENCODERS = {
    "openai": partial(openai_embeddings.encode_embeddings, quirks=EmbeddingQuirks()),
    "gemini": gemini.encode_embeddings,
    "ollama": ollama.encode_embeddings,
}
