"""The dialect of OpenAI's /embeddings, as OpenAI and the many who speak it write it.

Outbound: texts become a request body; a reply becomes vectors. Inbound: a caller's body becomes texts, vectors become a
reply. Errors are those of `openai_chat`. Sources: the types of the SDK `openai` 3 (EmbeddingCreateParams,
CreateEmbeddingResponse) and of `openrouter` 1.3 (CreateEmbeddings…).
"""

from __future__ import annotations

from app.wires.openai_embeddings.encode import encode_embeddings
from app.wires.openai_embeddings.inbound import decode_request, encode_response, wanted_format
from app.wires.openai_embeddings.quirks import EmbeddingQuirks
from app.wires.openai_embeddings.reply import decode_embeddings, decode_relayed

__all__ = [
    "EmbeddingQuirks",
    "decode_embeddings",
    "decode_relayed",
    "decode_request",
    "encode_embeddings",
    "encode_response",
    "wanted_format",
]
