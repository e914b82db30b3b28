"""How does the vendor speak Ollama's own dialect? JSON lines, a tool call whole, durations in nanoseconds."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.sdks.vendor.dialect import tools_of
from tests.sdks.vendor.mind import Answer, Heard, tokens


class Ollama:
    """POST /api/chat."""

    stream_type = "application/x-ndjson"

    def hear(self, body: dict[str, Any], path: str) -> Heard:
        """The conversation of `messages`."""
        heard = Heard(model=body["model"], tools=tools_of(body))
        for message in body["messages"]:
            _add(heard, message)
        shape = body.get("format")
        heard.schema = shape if isinstance(shape, dict) else None
        heard.thinks = bool(body.get("think"))
        return heard

    def streams(self, body: dict[str, Any], path: str) -> bool:
        """Unless `stream` is false."""
        return bool(body.get("stream", True))

    def reply(self, answer: Answer, model: str, body: dict[str, Any]) -> dict[str, Any]:
        """One object."""
        message = {"content": answer.text, **({"thinking": answer.thought} if answer.thought else {})}
        if answer.calls:
            message |= {"tool_calls": _calls(answer)}
        return _line(model, message) | _end(answer)

    def stream(self, answer: Answer, model: str, body: dict[str, Any]) -> list[bytes]:
        """A line for each word, and the calls whole."""
        lines = [_line(model, {"content": "", "thinking": token}) for token in tokens(answer.thought)]
        lines += [_line(model, {"content": token}) for token in tokens(answer.text)]
        if answer.calls:
            lines.append(_line(model, {"content": "", "tool_calls": _calls(answer)}))
        lines.append(_line(model, {"content": ""}) | _end(answer))
        return [json.dumps(line).encode() + b"\n" for line in lines]

    def error(self, status: int, code: str, message: str) -> dict[str, Any]:
        """A sentence."""
        return {"error": message}


def _add(heard: Heard, message: dict[str, Any]) -> None:
    text = message.get("content", "")
    match message["role"]:
        case "system":
            heard.system += text
        case "user":
            heard.asked.append(text)
            heard.pictures += [base64.b64decode(one) for one in message.get("images", [])]
        case "tool":
            heard.results.append(text)
        case _:
            heard.results.clear()
            heard.said += [text] if text else []


def _calls(answer: Answer) -> list[dict[str, Any]]:
    return [{"function": {"name": call.name, "arguments": json.loads(call.arguments)}} for call in answer.calls]


def _line(model: str, message: dict[str, Any]) -> dict[str, Any]:
    head = {"model": model, "created_at": "2026-11-22T12:00:00.1Z"}
    return {**head, "message": {"role": "assistant", **message}, "done": False}


def _end(answer: Answer) -> dict[str, Any]:
    counts = {"prompt_eval_count": answer.input_tokens, "eval_count": answer.output_tokens}
    return {"done": True, "done_reason": "stop", "total_duration": 5191566416, **counts}
