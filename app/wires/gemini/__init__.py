"""The dialect of Google's Gemini API: /models/{model}:generateContent and :streamGenerateContent.

Outbound: a conversation becomes a request body; a reply, a stream or an error document becomes ours. Facts are those
of the types of google-genai 3.4 and of the guides on ai.google.dev, read November 2026.
"""

from __future__ import annotations

from app.wires.gemini.embeddings import decode_embeddings, encode_embeddings
from app.wires.gemini.encode import encode_request
from app.wires.gemini.errors import decode_error
from app.wires.gemini.model_list import decode_model_list
from app.wires.gemini.reply import decode_response
from app.wires.gemini.stream import StreamDecoder
from app.wires.gemini.traits import ModelTraits
from app.wires.gemini.usage import read_usage

__all__ = [
    "ModelTraits",
    "StreamDecoder",
    "decode_embeddings",
    "decode_error",
    "decode_model_list",
    "decode_response",
    "encode_embeddings",
    "encode_request",
    "read_usage",
]
