"""The dialect of Anthropic's /v1/messages.

Outbound: a conversation becomes a request body; a reply, a stream or an error document becomes ours. Inbound: the other
way round, for callers who speak it. Sources: the types of the SDK `anthropic` 2.12 and platform.claude.com (thinking,
thinking-troubleshooting, effort, structured-outputs, errors, and the migration guides of the 5.5 models), read November
2026.
"""

from __future__ import annotations

from app.wires.anthropic_messages.abilities import Abilities, ThinkingForm
from app.wires.anthropic_messages.encode import encode_request
from app.wires.anthropic_messages.errors import decode_error
from app.wires.anthropic_messages.inbound import StreamEncoder, decode_request, encode_error, encode_response
from app.wires.anthropic_messages.model_list import decode_model_list
from app.wires.anthropic_messages.reply import decode_response
from app.wires.anthropic_messages.stream import StreamDecoder

__all__ = [
    "Abilities",
    "StreamDecoder",
    "StreamEncoder",
    "ThinkingForm",
    "decode_error",
    "decode_model_list",
    "decode_request",
    "decode_response",
    "encode_error",
    "encode_request",
    "encode_response",
]
