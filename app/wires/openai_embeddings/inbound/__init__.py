"""The inbound half of the dialect: a caller's body becomes texts, our vectors become its JSON."""

from __future__ import annotations

from app.wires.openai_embeddings.inbound.request import decode_request, wanted_format
from app.wires.openai_embeddings.inbound.response import encode_response

__all__ = ["decode_request", "encode_response", "wanted_format"]
