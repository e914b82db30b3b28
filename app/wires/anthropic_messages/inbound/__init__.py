"""The dialect's inbound half: a caller's request becomes a conversation, our answer becomes what their SDK reads."""

from __future__ import annotations

from app.wires.anthropic_messages.inbound.error import encode_error
from app.wires.anthropic_messages.inbound.request import decode_request
from app.wires.anthropic_messages.inbound.response import encode_response
from app.wires.anthropic_messages.inbound.stream import StreamEncoder

__all__ = ["StreamEncoder", "decode_request", "encode_error", "encode_response"]
