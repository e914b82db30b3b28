"""How does the vendor speak OpenAI's chat completions? With the fields that OpenAI itself sends beside the answer."""

from __future__ import annotations

from typing import Any

from tests.sdks.vendor.dialect import EVENT_STREAM, data_of, event, texts_of, tools_of
from tests.sdks.vendor.mind import Answer, Heard, tokens

_CREATED = 1795262400


class OpenAIChat:
    """POST /v1/chat/completions."""

    stream_type = EVENT_STREAM

    def hear(self, body: dict[str, Any], path: str) -> Heard:
        """The conversation of `messages`."""
        heard = Heard(model=body["model"], tools=tools_of(body))
        for message in body["messages"]:
            _add(heard, message)
        if heard.tools and isinstance(chosen := body.get("tool_choice"), dict):
            heard.must_call = chosen["function"]["name"]
        elif heard.tools and body.get("tool_choice") == "required":
            heard.must_call = next(iter(heard.tools))
        shape = body.get("response_format", {})
        heard.schema = shape.get("json_schema", {}).get("schema")
        return heard

    def streams(self, body: dict[str, Any], path: str) -> bool:
        """By `stream`."""
        return bool(body.get("stream"))

    def reply(self, answer: Answer, model: str, body: dict[str, Any]) -> dict[str, Any]:
        """A chat.completion."""
        message: dict[str, Any] = {"role": "assistant", "content": answer.text or None, "refusal": None}
        if answer.calls:
            message["tool_calls"] = [_call(call.id, call.name, call.arguments) for call in answer.calls]
        choice = {"index": 0, "message": message | {"annotations": []}, "logprobs": None, "finish_reason": _end(answer)}
        return {**_head("chat.completion", model), "choices": [choice], "usage": _usage(answer)}

    def stream(self, answer: Answer, model: str, body: dict[str, Any]) -> list[bytes]:
        """Its chunks; the usage in one of its own for those who asked."""
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": "" if answer.text else None, "refusal": None}]
        deltas += [{"content": token} for token in tokens(answer.text)]
        for index, call in enumerate(answer.calls):
            half = len(call.arguments) // 2
            deltas.append({"tool_calls": [{"index": index, **_call(call.id, call.name, "")}]})
            for piece in (call.arguments[:half], call.arguments[half:]):
                deltas.append({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
        chunks = [_chunk(model, delta) for delta in deltas] + [_chunk(model, {}, _end(answer))]
        if body.get("stream_options", {}).get("include_usage"):
            chunks = [{**chunk, "usage": None} for chunk in chunks]
            chunks.append({**_head("chat.completion.chunk", model), "choices": [], "usage": _usage(answer)})
        return [*(event(chunk) for chunk in chunks), b"data: [DONE]\n\n"]

    def error(self, status: int, code: str, message: str) -> dict[str, Any]:
        """OpenAI's error object."""
        kind = "requests" if status == 429 else "server_error" if status >= 500 else "invalid_request_error"
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _add(heard: Heard, message: dict[str, Any]) -> None:
    text = texts_of(message.get("content"), "text")
    match message["role"]:
        case "system" | "developer":
            heard.system += text
        case "user":
            heard.asked.append(text)
            parts = message["content"] if isinstance(message["content"], list) else []
            heard.pictures += [data_of(part["image_url"]["url"]) for part in parts if part["type"] == "image_url"]
        case "tool":
            heard.results.append(text)
        case _:
            heard.results.clear()
            heard.said += [text] if text else []


def _call(identity: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


def _end(answer: Answer) -> str:
    return "tool_calls" if answer.calls else "stop"


def _head(kind: str, model: str) -> dict[str, Any]:
    told = {"service_tier": "default", "system_fingerprint": "fp_44709d6fcb", "x_future": {"ratio": 0.1}}
    return {"id": "chatcmpl-T1", "object": kind, "created": _CREATED, "model": model, **told}


def _chunk(model: str, delta: dict[str, Any], end: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}
    return {**_head("chat.completion.chunk", model), "choices": [choice], "obfuscation": "aGk"}


def _usage(answer: Answer) -> dict[str, Any]:
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.input_tokens + answer.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }
