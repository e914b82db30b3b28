"""The inbound half of the dialect: a caller's body becomes a conversation, our answers and errors become its JSON."""

from __future__ import annotations

from app.wires.openai_chat.inbound import encode_error
from app.wires.openai_responses.inbound.request import decode_request
from app.wires.openai_responses.inbound.response import encode_response
from app.wires.openai_responses.inbound.stream import StreamEncoder

__all__ = ["StreamEncoder", "decode_request", "encode_error", "encode_response"]
