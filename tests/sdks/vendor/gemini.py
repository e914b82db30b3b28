"""How does the vendor speak Gemini's generateContent? Parts, calls without ids, and the model in the path."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.sdks.vendor.dialect import EVENT_STREAM, event
from tests.sdks.vendor.mind import Answer, Heard, tokens


class Gemini:
    """POST /v1beta/models/{model}:generateContent and :streamGenerateContent."""

    stream_type = EVENT_STREAM

    def hear(self, body: dict[str, Any], path: str) -> Heard:
        """The conversation of `systemInstruction` and `contents`."""
        heard = Heard(model=path.rpartition("/")[2].partition(":")[0])
        heard.system = _text(body.get("systemInstruction", {}).get("parts", []))
        declared = [one for tool in body.get("tools", []) for one in tool["functionDeclarations"]]
        heard.tools = {one["name"]: one.get("parametersJsonSchema", {"type": "object"}) for one in declared}
        for turn in body["contents"]:
            (_add_said if turn["role"] == "model" else _add_asked)(heard, turn["parts"])
        calling = body.get("toolConfig", {}).get("functionCallingConfig", {})
        if calling.get("mode") == "ANY":
            heard.must_call = next(iter(calling.get("allowedFunctionNames", heard.tools)))
        generation = body.get("generationConfig", {})
        heard.schema = generation.get("responseJsonSchema")
        heard.thinks = bool(generation.get("thinkingConfig", {}).get("includeThoughts"))
        return heard

    def streams(self, body: dict[str, Any], path: str) -> bool:
        """By the path."""
        return ":stream" in path

    def reply(self, answer: Answer, model: str, body: dict[str, Any]) -> dict[str, Any]:
        """A GenerateContentResponse."""
        return _chunk(model, _parts(answer), answer, is_last=True)

    def stream(self, answer: Answer, model: str, body: dict[str, Any]) -> list[bytes]:
        """A chunk for each word, and the calls whole."""
        pieces: list[dict[str, Any]] = []
        for part in _parts(answer):
            said = [{**part, "text": token} for token in tokens(part["text"])] if "text" in part else [part]
            pieces += said
        chunks = [_chunk(model, [part], answer, is_last=False) for part in pieces]
        return [event(chunk) for chunk in [*chunks, _chunk(model, [{"text": ""}], answer, is_last=True)]]

    def error(self, status: int, code: str, message: str) -> dict[str, Any]:
        """Google's error object."""
        kinds = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
        return {"error": {"code": status, "message": message, "status": kinds.get(status, "INTERNAL")}}


def _add_said(heard: Heard, parts: list[dict[str, Any]]) -> None:
    heard.results.clear()
    heard.said += [text] if (text := _text(parts)) else []


def _add_asked(heard: Heard, parts: list[dict[str, Any]]) -> None:
    heard.results += [part["functionResponse"]["response"]["output"] for part in parts if "functionResponse" in part]
    heard.pictures += [base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part]
    if any("text" in part for part in parts):
        heard.asked.append(_text(parts))


def _text(parts: list[dict[str, Any]]) -> str:
    return "".join(part.get("text", "") for part in parts if not part.get("thought"))


def _parts(answer: Answer) -> list[dict[str, Any]]:
    thought = [{"text": answer.thought, "thought": True}] if answer.thought else []
    text = [{"text": answer.text}] if answer.text else []
    calls = [{"functionCall": {"name": call.name, "args": json.loads(call.arguments)}} for call in answer.calls]
    return [*thought, *text, *calls]


def _chunk(model: str, parts: list[dict[str, Any]], answer: Answer, *, is_last: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, "content": {"parts": parts, "role": "model"}}
    if is_last:
        candidate["finishReason"] = "STOP"
    usage = {
        "promptTokenCount": answer.input_tokens,
        "candidatesTokenCount": answer.output_tokens,
        "totalTokenCount": answer.input_tokens + answer.output_tokens,
    }
    return {"candidates": [candidate], "modelVersion": model, "responseId": "r-T1", "usageMetadata": usage}
