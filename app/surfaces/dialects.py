"""Which surfaces are there? One for each endpoint at which a vendor's SDK asks a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.surfaces.surface import Asked, Surface
from app.wires import anthropic_messages, openai_chat, openai_responses
from app.wires.anthropic_messages.inbound import fields as anthropic_messages_fields
from app.wires.anthropic_messages.inbound.version import VERSION_HEADER, check_version
from app.wires.inbound import ReplyNames, StreamEncoder
from app.wires.openai_chat.inbound import fields as openai_chat_fields
from app.wires.openai_responses.inbound import fields as openai_responses_fields
from contracts import Reply, Wire
from contracts.kept_state import STATEFUL

_Extras = Mapping[str, Any]
_VERSION = VERSION_HEADER.encode()


def _chat_answer(reply: Reply, names: ReplyNames, asked: Asked, extras: _Extras) -> dict[str, Any]:
    # Whoever asks in the older form reads the older form.
    has_functions = openai_chat.asks_for_functions(asked.body)
    return openai_chat.encode_response(reply, names, has_functions=has_functions, extras=extras)


def _chat_encoder(names: ReplyNames, asked: Asked) -> StreamEncoder:
    has_functions = openai_chat.asks_for_functions(asked.body)
    return openai_chat.StreamEncoder(names, wants_usage=asked.wants_usage, has_functions=has_functions)


def _response(reply: Reply, names: ReplyNames, asked: Asked, extras: _Extras) -> dict[str, Any]:
    return openai_responses.encode_response(reply, names, asked=asked.body, extras=extras)


def _response_encoder(names: ReplyNames, asked: Asked) -> StreamEncoder:
    return openai_responses.StreamEncoder(names, asked=asked.body)


def _message(reply: Reply, names: ReplyNames, _: Asked, extras: _Extras) -> dict[str, Any]:
    return anthropic_messages.encode_response(reply, names, extras=extras)


def _message_encoder(names: ReplyNames, _: Asked) -> StreamEncoder:
    return anthropic_messages.StreamEncoder(names)


def _check_anthropic_version(sent: Mapping[bytes, bytes]) -> None:
    if _VERSION in sent:
        check_version(sent[_VERSION].decode("latin-1"))


CHAT_COMPLETIONS = Surface(
    wire=Wire.OPENAI_CHAT,
    decode=openai_chat.decode_request,
    known=openai_chat_fields.KNOWN_FIELDS,
    stateless=openai_chat_fields.KNOWN_FIELDS - STATEFUL,
    encode=_chat_answer,
    encoder=_chat_encoder,
)
RESPONSES = Surface(
    wire=Wire.OPENAI_RESPONSES,
    decode=openai_responses.decode_request,
    known=openai_responses_fields.KNOWN_FIELDS,
    encode=_response,
    encoder=_response_encoder,
)
MESSAGES = Surface(
    wire=Wire.ANTHROPIC_MESSAGES,
    decode=anthropic_messages.decode_request,
    known=anthropic_messages_fields.KNOWN_FIELDS,
    stateless=anthropic_messages_fields.KNOWN_FIELDS - STATEFUL,
    encode=_message,
    encoder=_message_encoder,
    check=_check_anthropic_version,
)
