"""The `ollama` SDK on /api/chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ollama import ChatResponse, Client

from app.providers.dialect import Exchange
from tests.referees.ollama_asked import MODEL
from tests.referees.referee import Asked, Read
from tests.referees.wire_json import plain_json


class OllamaReferee:
    """Implements `tests.referees.referee.Referee`."""

    def __init__(self, address: str, asked: Asked) -> None:
        self.asked = asked
        self._client = Client(host=address)

    def send(self, params: Mapping[str, Any], *, stream: bool) -> None:
        if stream:
            list(self._client.chat(**params, stream=True))
        else:
            self._client.chat(**params)

    def model(self, params: Mapping[str, Any]) -> str:
        return str(params["model"])

    def normal_theirs(self, body: dict[str, Any]) -> dict[str, Any]:
        """Without the empty list of tools that it always sends."""
        return body if body["tools"] else {name: value for name, value in body.items() if name != "tools"}

    def normal_ours(self, exchange: Exchange) -> dict[str, Any]:
        """Without what its types have no words for.

        `truncate` and `shift`, by which we have a conversation refused rather than cut; the ids of calls; the fields
        of a tool's schema beyond type, properties and required. An empty text it leaves out.
        """
        body = plain_json(exchange.encoded.body)
        del body["truncate"], body["shift"]
        for message in body["messages"]:
            message.pop("tool_call_id", None)
            for call in message.get("tool_calls", ()):
                call.pop("id")
            if not message["content"]:
                del message["content"]
        for tool in body.get("tools", ()):
            tool["function"]["parameters"].pop("additionalProperties", None)
        return body

    def read(self, *, stream: bool) -> Read:
        if stream:
            return _read(self._client.chat(model=MODEL, messages=[], stream=True))
        return _read([self._client.chat(model=MODEL, messages=[])])

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]  # the SDK's own gap


def _read(responses: Iterable[ChatResponse]) -> Read:
    text, finish = "", ""
    calls: list[tuple[str, Any]] = []
    for response in responses:
        text += response.message.content or ""
        finish = response.done_reason or finish
        calls += [(one.function.name, dict(one.function.arguments)) for one in response.message.tool_calls or ()]
    return Read(text=text, calls=tuple(calls), finish="tool_calls" if calls else finish)
