"""How are texts turned into vectors by POST /api/embed?

Left alone, Ollama cuts a text that is longer than the model's context and answers 200 from what is left: `truncate`
false makes it refuse instead. It shortens the vectors of any model by itself. Sources: the SDK `ollama` 0.6
(EmbedRequest, EmbedResponse), docs.ollama.com/api/embed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.answer_json import unreadable
from app.wires.encoded import Encoded, with_options
from app.wires.notes import Notes
from app.wires.ollama.errors import error_document, in_band_error
from app.wires.ollama.usage import read_usage
from app.wires.vectors import dimension_warnings, load_vectors, read_vectors
from contracts.calls import EmbeddingReply
from contracts.embeddings import EmbeddingInput

RESERVED_FIELDS = ("model", "input")


def encode_embeddings(
    asked: EmbeddingInput, *, provider: str, model: str, options: Mapping[str, Any] | None = None
) -> Encoded:
    """The body; `options` are laid over it last."""
    notes = Notes()
    body: dict[str, Any] = {"model": model, "input": list(asked.texts), "truncate": False}
    if asked.dimensions is not None:
        body["dimensions"] = asked.dimensions
    if asked.purpose is not None:
        notes.leave_out("purpose", f"purpose was not sent: {provider} does not know it")
    return Encoded(
        body=with_options(body, options or {}, provider=provider, reserved=RESERVED_FIELDS),
        warnings=notes.warnings,
        unsupported=notes.unsupported,
    )


def decode_embeddings(
    body: bytes, *, asked: EmbeddingInput, provider: str, model: str, dimensions: int | None = None
) -> EmbeddingReply:
    """The vectors in the body of a reply with status 200, in the order of the texts; `dimensions` is what was sent.

    Raises ProviderProtocolError for a body that does not hold one for each text, and the classified error for one that
    is an error.
    """
    data = load_vectors(body, provider=provider, model=model)
    error = error_document(data)
    if error is not None:
        raise in_band_error(error, provider=provider, model=model)
    if not isinstance(data, dict):
        raise unreadable("answered with something else than a JSON object", provider=provider, model=model)
    vectors = read_vectors(data.get("embeddings"), count=len(asked.texts), provider=provider, model=model)
    named = data.get("model")
    return EmbeddingReply(
        vectors=vectors,
        model=named if isinstance(named, str) and named else None,
        usage=read_usage(data),
        warnings=dimension_warnings(vectors, dimensions, provider=provider),
    )
