"""The `openai` SDK on /chat/completions, for OpenAI and all who say that it works with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from openai import OpenAI

from app.providers.dialect import Exchange
from tests.referees.referee import Asked, Read
from tests.referees.wire_json import plain_json


class OpenAIChatReferee:
    """Implements `tests.referees.referee.Referee`."""

    def __init__(self, address: str, asked: Asked) -> None:
        self.asked = asked
        self._client = OpenAI(base_url=address, api_key="none", max_retries=0)

    def send(self, params: Mapping[str, Any], *, stream: bool) -> None:
        if stream:
            list(self._client.chat.completions.create(**params, stream=True))
        else:
            self._client.chat.completions.create(**params)

    def model(self, params: Mapping[str, Any]) -> str:
        return str(params["model"])

    def normal_theirs(self, body: dict[str, Any]) -> dict[str, Any]:
        """It adds nothing."""
        return body

    def normal_ours(self, exchange: Exchange) -> dict[str, Any]:
        return plain_json(exchange.encoded.body)

    def read(self, *, stream: bool) -> Read:
        return self._read_stream() if stream else self._read_whole()

    def close(self) -> None:
        self._client.close()

    def _read_whole(self) -> Read:
        completion = self._client.chat.completions.create(model="any", messages=[])
        (choice,) = completion.choices
        message = choice.message
        calls = [
            (one.function.name, one.function.arguments) for one in message.tool_calls or () if one.type == "function"
        ]
        if message.function_call is not None:
            calls = [(message.function_call.name, message.function_call.arguments)]
        return _read(message.content or "", message.refusal or "", calls, choice.finish_reason)

    def _read_stream(self) -> Read:
        text = refusal = ""
        finish: str | None = None
        calls: dict[int, list[str]] = {}
        for chunk in self._client.chat.completions.create(model="any", messages=[], stream=True):
            for choice in chunk.choices:
                text += choice.delta.content or ""
                refusal += choice.delta.refusal or ""
                finish = choice.finish_reason or finish
                for call in choice.delta.tool_calls or ():
                    name, arguments = calls.setdefault(call.index, ["", ""])
                    said = call.function
                    assert said is not None
                    calls[call.index] = [name + (said.name or ""), arguments + (said.arguments or "")]
        return _read(text, refusal, [(name, arguments) for name, arguments in calls.values()], finish)


def _read(text: str, refusal: str, calls: list[tuple[str, str]], finish: str | None) -> Read:
    assert finish is not None
    ours = "content_filter" if refusal else "tool_calls" if finish == "function_call" else finish
    read = tuple((name, json.loads(arguments or "{}")) for name, arguments in calls)
    return Read(text=text + refusal, calls=read, finish=ours)
