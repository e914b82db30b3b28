"""How are texts turned into vectors by :batchEmbedContents?

Sources: google-genai 3 (EmbedContentConfig, EmbedContentResponse, whose `usage_metadata` newer models fill) and
ai.google.dev/gemini-api/docs/embeddings. One request holds at most 100 texts (400 INVALID_ARGUMENT beyond).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.answer_json import unreadable
from app.wires.encoded import Encoded, with_options
from app.wires.gemini.errors import error_document, in_band_error
from app.wires.gemini.usage import read_usage
from app.wires.notes import Notes
from app.wires.vectors import dimension_warnings, load_vectors, read_vectors
from contracts.calls import EmbeddingReply
from contracts.embeddings import EmbeddingInput
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

MOST_TEXTS = 100
RESERVED_FIELDS = ("model", "content", "requests")

_TASKS = {"query": "RETRIEVAL_QUERY", "document": "RETRIEVAL_DOCUMENT"}


def encode_embeddings(
    asked: EmbeddingInput,
    *,
    provider: str,
    model: str,
    takes_dimensions: bool = True,
    options: Mapping[str, Any] | None = None,
) -> Encoded:
    """The body; `options` are laid over the request of each text. `model` is its path, as `models/…`.

    Raises InvalidRequestError for more texts than one request may hold.
    """
    if len(asked.texts) > MOST_TEXTS:
        raise InvalidRequestError(
            f"{provider} takes at most {MOST_TEXTS} texts in one request, not {len(asked.texts)}",
            provider=provider,
            errors=[FieldError(field="input", message=f"at most {MOST_TEXTS} texts with this provider")],
        )
    notes = Notes()
    shared: dict[str, Any] = {"model": model}
    if asked.purpose is not None:
        shared["taskType"] = _TASKS[asked.purpose]
    if asked.dimensions is not None:
        if takes_dimensions:
            shared["outputDimensionality"] = asked.dimensions
        else:
            notes.leave_out("dimensions", f"dimensions was not sent: {model} has vectors of one length only")
    shared = with_options(shared, options or {}, provider=provider, reserved=RESERVED_FIELDS)
    requests = [{**shared, "content": {"parts": [{"text": text}]}} for text in asked.texts]
    return Encoded(body={"requests": requests}, warnings=notes.warnings, unsupported=notes.unsupported)


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
    entries = data.get("embeddings") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise unreadable("answered without a list of vectors", provider=provider, model=model)
    rows = [entry.get("values") for entry in entries]
    vectors = read_vectors(rows, count=len(asked.texts), provider=provider, model=model)
    usage = data.get("usageMetadata")
    return EmbeddingReply(
        vectors=vectors,
        usage=read_usage(usage) if isinstance(usage, dict) else None,
        warnings=dimension_warnings(vectors, dimensions, provider=provider),
    )
