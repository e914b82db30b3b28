"""The `openai` SDK on /responses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from openai import OpenAI
from openai.types.responses import Response, ResponseCompletedEvent, ResponseIncompleteEvent

from app.providers.dialect import Exchange
from tests.referees.openai_responses_asked import MODEL
from tests.referees.referee import Asked, Read
from tests.referees.wire_json import plain_json


class OpenAIResponsesReferee:
    """Implements `tests.referees.referee.Referee`."""

    def __init__(self, address: str, asked: Asked) -> None:
        self.asked = asked
        self._client = OpenAI(base_url=address, api_key="none", max_retries=0)

    def send(self, params: Mapping[str, Any], *, stream: bool) -> None:
        if stream:
            list(self._client.responses.create(**params, stream=True))
        else:
            self._client.responses.create(**params)

    def model(self, params: Mapping[str, Any]) -> str:
        return str(params["model"])

    def normal_theirs(self, body: dict[str, Any]) -> dict[str, Any]:
        """It adds nothing."""
        return body

    def normal_ours(self, exchange: Exchange) -> dict[str, Any]:
        """With the `detail` of images that its types ask for: the API's own default."""
        body: dict[str, Any] = _detailed(plain_json(exchange.encoded.body))
        return body

    def read(self, *, stream: bool) -> Read:
        if not stream:
            return _read(self._client.responses.create(model=MODEL, input="any"))
        (last,) = (
            event.response
            for event in self._client.responses.create(model=MODEL, input="any", stream=True)
            if isinstance(event, ResponseCompletedEvent | ResponseIncompleteEvent)
        )
        return _read(last)

    def close(self) -> None:
        self._client.close()


def _detailed(value: Any) -> Any:
    if isinstance(value, list):
        return [_detailed(one) for one in value]
    if not isinstance(value, dict):
        return value
    default = {"detail": "auto"} if value.get("type") == "input_image" else {}
    return {**default, **{name: _detailed(one) for name, one in value.items()}}


def _read(response: Response) -> Read:
    text, is_refused = "", False
    calls: list[tuple[str, Any]] = []
    for item in response.output:
        if item.type == "function_call":
            calls.append((item.name, json.loads(item.arguments or "{}")))
        for part in item.content if item.type == "message" else ():
            text += part.text if part.type == "output_text" else part.refusal
            is_refused |= part.type == "refusal"
    return Read(text=text, calls=tuple(calls), finish=_finish(response, bool(calls), is_refused))


def _finish(response: Response, has_calls: bool, is_refused: bool) -> str:
    cut = response.incomplete_details
    if cut is not None:
        return "content_filter" if cut.reason == "content_filter" else "length"
    return "content_filter" if is_refused else "tool_calls" if has_calls else "stop"
