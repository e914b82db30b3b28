"""The dialect of OpenAI's /chat/completions, as OpenAI and the many who speak it really write it.

Outbound: a conversation becomes a request body; a reply, a stream or an error document becomes ours.
Inbound: a request body becomes a conversation; our reply, stream or error becomes this dialect's.
"""

from __future__ import annotations

from app.wires.openai_chat.encode import encode_request
from app.wires.openai_chat.errors import decode_error
from app.wires.openai_chat.inbound import (
    StreamEncoder,
    asks_for_functions,
    decode_request,
    encode_error,
    encode_response,
)
from app.wires.openai_chat.model_list import decode_model_list
from app.wires.openai_chat.quirks import EffortStyle, Quirks, ReasoningEcho
from app.wires.openai_chat.reply import decode_response
from app.wires.openai_chat.stream import StreamDecoder
from app.wires.openai_chat.usage import read_cost, read_usage

__all__ = [
    "EffortStyle",
    "Quirks",
    "ReasoningEcho",
    "StreamDecoder",
    "StreamEncoder",
    "asks_for_functions",
    "decode_error",
    "decode_model_list",
    "decode_request",
    "decode_response",
    "encode_error",
    "encode_request",
    "encode_response",
    "read_cost",
    "read_usage",
]
