"""Ollama's own dialect, /api/chat: one JSON object for a plain reply, a line of JSON for each piece of a stream.

Outbound: a conversation becomes a request body; a reply, a stream or an error document becomes ours. Sources: the types
of the SDK `ollama` 0.6, docs.ollama.com/api (chat, errors, tags) and capabilities (thinking, structured-outputs).
"""

from __future__ import annotations

from app.wires.ollama.embeddings import decode_embeddings, encode_embeddings
from app.wires.ollama.encode import encode_request
from app.wires.ollama.errors import decode_error
from app.wires.ollama.model_list import decode_model_list
from app.wires.ollama.reply import decode_response
from app.wires.ollama.stream import StreamDecoder
from app.wires.ollama.usage import read_usage

__all__ = [
    "StreamDecoder",
    "decode_embeddings",
    "decode_error",
    "decode_model_list",
    "decode_response",
    "encode_embeddings",
    "encode_request",
    "read_usage",
]
