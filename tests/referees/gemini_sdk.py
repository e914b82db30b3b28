"""The `google-genai` SDK on :generateContent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from google.genai import Client
from google.genai.types import FinishReason, GenerateContentResponse, HttpOptions

from app.providers.dialect import Exchange
from tests.referees.gemini_asked import MODEL
from tests.referees.referee import Asked, Read
from tests.referees.wire_json import plain_json

_FINISHES = {FinishReason.STOP: "stop", FinishReason.MAX_TOKENS: "length"}
_UNDERSCORE = re.compile(r"_([a-z])")
# What stands in these is the caller's own.
_FREE = {"args", "response", "parametersJsonSchema", "responseJsonSchema"}


class GeminiReferee:
    """Implements `tests.referees.referee.Referee`."""

    def __init__(self, address: str, asked: Asked) -> None:
        self.asked = asked
        self._client = Client(api_key="none", http_options=HttpOptions(base_url=address, api_version="v1beta"))

    def send(self, params: Mapping[str, Any], *, stream: bool) -> None:
        if stream:
            list(self._client.models.generate_content_stream(**params))
        else:
            self._client.models.generate_content(**params)

    def model(self, params: Mapping[str, Any]) -> str:
        return str(params["model"])

    def normal_theirs(self, body: dict[str, Any]) -> dict[str, Any]:
        """Names and bytes as the API itself writes them, no role of instructions, no empty config.

        The SDK writes some names as `mime_type`, which the API reads too, and bytes with the letters for URLs.
        """
        normal: dict[str, Any] = _as_the_api_writes(body)
        normal.get("systemInstruction", {}).pop("role", None)
        if not normal["generationConfig"]:
            del normal["generationConfig"]
        return normal

    def normal_ours(self, exchange: Exchange) -> dict[str, Any]:
        return plain_json(exchange.encoded.body)

    def read(self, *, stream: bool) -> Read:
        if stream:
            return _read(self._client.models.generate_content_stream(model=MODEL, contents="any"))
        return _read([self._client.models.generate_content(model=MODEL, contents="any")])

    def close(self) -> None:
        self._client.close()


def _as_the_api_writes(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_the_api_writes(one) for one in value]
    if not isinstance(value, dict):
        return value
    written: dict[str, Any] = {}
    for name, one in value.items():
        ours = _UNDERSCORE.sub(lambda found: found[1].upper(), name)
        if ours == "data":
            written[ours] = one.replace("-", "+").replace("_", "/")
        else:
            written[ours] = one if ours in _FREE else _as_the_api_writes(one)
    return written


def _read(responses: Iterable[GenerateContentResponse]) -> Read:
    text = ""
    calls: list[tuple[str, Any]] = []
    finish: FinishReason | None = None
    for response in responses:
        assert response.candidates is not None
        (candidate,) = response.candidates
        finish = candidate.finish_reason or finish
        for part in (candidate.content.parts if candidate.content else None) or ():
            text += "" if part.thought else part.text or ""
            if part.function_call is not None:
                calls.append((part.function_call.name or "", part.function_call.args or {}))
    assert finish is not None
    return Read(
        text=text, calls=tuple(calls), finish="tool_calls" if calls else _FINISHES.get(finish, "content_filter")
    )
