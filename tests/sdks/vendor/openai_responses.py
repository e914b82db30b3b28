"""How does the vendor speak OpenAI's responses? Items, their events, and a thought that only it can read again."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.sdks.vendor.dialect import EVENT_STREAM, data_of, event, texts_of
from tests.sdks.vendor.mind import Answer, Heard, tokens

_CREATED = 1795262400
_SEALED = "gAAAAAB-only-mine"


class OpenAIResponses:
    """POST /v1/responses."""

    stream_type = EVENT_STREAM

    def hear(self, body: dict[str, Any], path: str) -> Heard:
        """The conversation of `instructions` and `input`."""
        heard = Heard(model=body["model"], system=body.get("instructions") or "")
        heard.tools = {one["name"]: one["parameters"] for one in body.get("tools", []) if one["type"] == "function"}
        given = body["input"]
        for item in [{"role": "user", "content": given}] if isinstance(given, str) else given:
            _add(heard, item)
        if heard.tools and isinstance(chosen := body.get("tool_choice"), dict):
            heard.must_call = chosen["name"]
        elif heard.tools and body.get("tool_choice") == "required":
            heard.must_call = next(iter(heard.tools))
        heard.schema = body.get("text", {}).get("format", {}).get("schema")
        heard.thinks = bool((body.get("reasoning") or {}).get("summary"))
        return heard

    def streams(self, body: dict[str, Any], path: str) -> bool:
        """By `stream`."""
        return bool(body.get("stream"))

    def reply(self, answer: Answer, model: str, body: dict[str, Any]) -> dict[str, Any]:
        """A response."""
        return _response(body, model, "completed", _items(answer), answer)

    def stream(self, answer: Answer, model: str, body: dict[str, Any]) -> list[bytes]:
        """Its numbered events."""
        begun = _response(body, model, "in_progress", [])
        events: list[dict[str, Any]] = [{"type": "response.created", "response": begun}]
        events.append({"type": "response.in_progress", "response": begun})
        for index, item in enumerate(_items(answer)):
            events += _item_events(index, item)
        events.append({"type": "response.completed", "response": self.reply(answer, model, body)})
        number = count()
        return [event({**one, "sequence_number": next(number)}, one["type"]) for one in events]

    def error(self, status: int, code: str, message: str) -> dict[str, Any]:
        """OpenAI's error object."""
        kind = "requests" if status == 429 else "server_error" if status >= 500 else "invalid_request_error"
        return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _add(heard: Heard, item: dict[str, Any]) -> None:
    match item.get("type", "message"):
        case "message":
            _add_message(heard, item)
        case "function_call":
            heard.results.clear()
        case "function_call_output":
            heard.results.append(texts_of(item["output"], "input_text"))
        case "reasoning":
            assert item.get("encrypted_content", _SEALED) == _SEALED, "a thought that is not mine"


def _add_message(heard: Heard, item: dict[str, Any]) -> None:
    text = texts_of(item["content"], "input_text", "output_text")
    match item["role"]:
        case "system" | "developer":
            heard.system += text
        case "user":
            heard.asked.append(text)
            parts = item["content"] if isinstance(item["content"], list) else []
            heard.pictures += [data_of(part["image_url"]) for part in parts if part["type"] == "input_image"]
        case _:
            heard.results.clear()
            heard.said.append(text)


def _items(answer: Answer) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if answer.thought:
        summary = [{"type": "summary_text", "text": answer.thought}]
        items.append({"id": "rs_1", "type": "reasoning", "summary": summary, "encrypted_content": _SEALED})
    if answer.text:
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": answer.text}
        items.append(_message("completed", [part]))
    for call in answer.calls:
        told = {"call_id": call.id, "name": call.name, "arguments": call.arguments}
        items.append({"id": f"fc_{call.id}", "type": "function_call", "status": "completed", **told})
    return items


def _message(status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": "msg_1", "type": "message", "status": status, "role": "assistant", "content": content}


def _item_events(index: int, item: dict[str, Any]) -> list[dict[str, Any]]:
    at = {"item_id": item["id"], "output_index": index}
    match item["type"]:
        case "reasoning":
            begun, inner = {**item, "summary": []}, _summary_events(at, item["summary"][0])
        case "message":
            begun, inner = _message("in_progress", []), _text_events(at, item["content"][0])
        case _:
            begun, inner = {**item, "status": "in_progress", "arguments": ""}, _call_events(at, item)
    added = {"type": "response.output_item.added", "output_index": index, "item": begun}
    return [added, *inner, {"type": "response.output_item.done", "output_index": index, "item": item}]


def _summary_events(at: dict[str, Any], part: dict[str, Any]) -> list[dict[str, Any]]:
    at = {**at, "summary_index": 0}
    head = "response.reasoning_summary"
    return [
        {"type": f"{head}_part.added", **at, "part": {**part, "text": ""}},
        *({"type": f"{head}_text.delta", **at, "delta": token} for token in tokens(part["text"])),
        {"type": f"{head}_text.done", **at, "text": part["text"]},
        {"type": f"{head}_part.done", **at, "part": part},
    ]


def _text_events(at: dict[str, Any], part: dict[str, Any]) -> list[dict[str, Any]]:
    at = {**at, "content_index": 0}
    return [
        {"type": "response.content_part.added", **at, "part": {**part, "text": ""}},
        *({"type": "response.output_text.delta", **at, "delta": t, "logprobs": []} for t in tokens(part["text"])),
        {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []},
        {"type": "response.content_part.done", **at, "part": part},
    ]


def _call_events(at: dict[str, Any], item: dict[str, Any]) -> list[dict[str, Any]]:
    arguments, half = item["arguments"], len(item["arguments"]) // 2
    head = "response.function_call_arguments"
    return [
        *({"type": f"{head}.delta", **at, "delta": piece} for piece in (arguments[:half], arguments[half:])),
        {"type": f"{head}.done", **at, "name": item["name"], "arguments": arguments},
    ]


def _response(
    body: dict[str, Any], model: str, status: str, output: list[dict[str, Any]], answer: Answer | None = None
) -> dict[str, Any]:
    usage = answer and {
        "input_tokens": answer.input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": answer.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": answer.input_tokens + answer.output_tokens,
    }
    repeated = {
        name: body[name] for name in ("instructions", "tools", "tool_choice", "text", "metadata") if name in body
    }
    head = {"id": "resp_T1", "object": "response", "created_at": _CREATED, "status": status, "error": None}
    told = {"incomplete_details": None, "model": model, "output": output, "parallel_tool_calls": True}
    used = {"tools": [], "tool_choice": "auto", "temperature": 1.0, "top_p": 1.0, "x_future": {"ratio": 0.1}}
    return {**head, **told, **used, **repeated, "usage": usage}
