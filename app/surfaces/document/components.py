"""Which components of `openapi.yaml` are the surfaces'?"""

from __future__ import annotations

from app.http.openapi import Components
from app.surfaces.document import chat_completions, embeddings, messages, responses, token_counts
from app.surfaces.document.errors import ERROR_EXAMPLES, ERROR_SCHEMAS
from app.surfaces.document.pieces import shared_schemas


def components() -> Components:
    """Made when the document is asked for, which start-up does not."""
    return Components(
        schemas={
            **shared_schemas(),
            **ERROR_SCHEMAS,
            **chat_completions.SCHEMAS,
            **responses.SCHEMAS,
            **messages.SCHEMAS,
            **token_counts.SCHEMAS,
            **embeddings.SCHEMAS,
        },
        examples=ERROR_EXAMPLES,
    )
