"""The `anthropic` SDK on /v1/messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anthropic import Anthropic
from anthropic.types import Message

from app.providers.dialect import Exchange
from tests.referees.anthropic_asked import MODEL
from tests.referees.referee import Asked, Read
from tests.referees.wire_json import plain_json

_FINISHES = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


class AnthropicReferee:
    """Implements `tests.referees.referee.Referee`."""

    def __init__(self, address: str, asked: Asked) -> None:
        self.asked = asked
        # With a timeout of the user's own it takes a large max_tokens without a stream.
        self._client = Anthropic(base_url=address, api_key="none", max_retries=0, timeout=10)

    def send(self, params: Mapping[str, Any], *, stream: bool) -> None:
        if stream:
            list(self._client.messages.create(**params, stream=True))
        else:
            self._client.messages.create(**params)

    def model(self, params: Mapping[str, Any]) -> str:
        return str(params["model"])

    def normal_theirs(self, body: dict[str, Any]) -> dict[str, Any]:
        """It adds nothing."""
        return body

    def normal_ours(self, exchange: Exchange) -> dict[str, Any]:
        return plain_json(exchange.encoded.body)

    def read(self, *, stream: bool) -> Read:
        asked: dict[str, Any] = {"model": MODEL, "max_tokens": 64, "messages": []}
        if not stream:
            return _read(self._client.messages.create(**asked))
        with self._client.messages.stream(**asked) as events:
            return _read(events.get_final_message())

    def close(self) -> None:
        self._client.close()


def _read(message: Message) -> Read:
    text = "".join(block.text for block in message.content if block.type == "text")
    if message.stop_details is not None:
        text += message.stop_details.explanation or ""
    calls = tuple((block.name, block.input) for block in message.content if block.type == "tool_use")
    return Read(text=text, calls=calls, finish=_FINISHES.get(message.stop_reason or "", "stop"))
