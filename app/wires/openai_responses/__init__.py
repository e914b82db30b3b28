"""The dialect of OpenAI's /responses: items instead of messages, and typed events instead of chunks.

Outbound: a conversation becomes a request body; a reply or a stream becomes ours. Inbound: a caller's body becomes a
conversation; our answers become its JSON. Error documents are those of /chat/completions, so its wire handles them.
"""

from __future__ import annotations

from app.wires.openai_chat import decode_error
from app.wires.openai_responses.encode import encode_request
from app.wires.openai_responses.inbound import StreamEncoder, decode_request, encode_error, encode_response
from app.wires.openai_responses.reply import decode_response
from app.wires.openai_responses.stream import StreamDecoder
from app.wires.openai_responses.usage import read_usage

__all__ = [
    "StreamDecoder",
    "StreamEncoder",
    "decode_error",
    "decode_request",
    "decode_response",
    "encode_error",
    "encode_request",
    "encode_response",
    "read_usage",
]
