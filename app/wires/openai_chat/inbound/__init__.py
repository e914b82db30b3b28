"""The inbound half of the dialect: a caller's body becomes a conversation, our answers and errors become its JSON."""

from __future__ import annotations

from app.wires.openai_chat.inbound.errors import encode_error
from app.wires.openai_chat.inbound.reply import encode_response
from app.wires.openai_chat.inbound.request import asks_for_functions, decode_request
from app.wires.openai_chat.inbound.stream import StreamEncoder

__all__ = ["StreamEncoder", "asks_for_functions", "decode_request", "encode_error", "encode_response"]
