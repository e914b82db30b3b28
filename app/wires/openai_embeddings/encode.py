"""How do texts become a body for POST /embeddings?

What the vendor cannot be told is left out and named in `warnings`. Nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.encoded import Encoded, with_options
from app.wires.notes import Notes
from app.wires.openai_embeddings.quirks import EmbeddingQuirks
from contracts.embeddings import EmbeddingInput

RESERVED_FIELDS = ("model", "input", "encoding_format")


def encode_embeddings(
    asked: EmbeddingInput,
    *,
    provider: str,
    model: str,
    quirks: EmbeddingQuirks,
    takes_dimensions: bool = True,
    options: Mapping[str, Any] | None = None,
) -> Encoded:
    """The body. `takes_dimensions`: whether `model` can shorten its vectors; `options` are laid over it last."""
    notes = Notes()
    body: dict[str, Any] = {"model": model, "input": list(asked.texts), "encoding_format": quirks.encoding_format}
    if asked.dimensions is not None:
        if takes_dimensions:
            body["dimensions"] = asked.dimensions
        else:
            notes.leave_out("dimensions", f"dimensions was not sent: {model} has vectors of one length only")
    if asked.purpose is not None:
        if asked.purpose in quirks.purposes:
            body["input_type"] = quirks.purposes[asked.purpose]
        else:
            notes.leave_out("purpose", f"purpose was not sent: {provider} does not know it")
    return Encoded(
        body=with_options(body, options or {}, provider=provider, reserved=RESERVED_FIELDS),
        warnings=notes.warnings,
        unsupported=notes.unsupported,
    )
