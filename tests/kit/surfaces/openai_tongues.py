"""How does OpenAI say an answer, on /chat/completions and on /responses? Written from its documents."""

from __future__ import annotations

import json
from typing import Any

from tests.kit.surfaces.answer import INPUT_TOKENS, OUTPUT_TOKENS, Answer, Tongue, sse

_CHUNK = {"id": "chatcmpl-v", "object": "chat.completion.chunk", "created": 1795000000, "model": "served-1"}
_CHAT_USAGE = {
    "prompt_tokens": INPUT_TOKENS,
    "completion_tokens": OUTPUT_TOKENS,
    "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
}


def _chat_plain(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text or None}
    if answer.thoughts:
        message["reasoning_content"] = answer.thoughts
    if answer.arguments is not None:
        message["tool_calls"] = [_chat_call(answer)]
    finish = "stop" if answer.arguments is None else "tool_calls"
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {**_CHUNK, "object": "chat.completion", "choices": [choice], "usage": _CHAT_USAGE}


def _chat_call(answer: Answer) -> dict[str, Any]:
    function = {"name": "look", "arguments": json.dumps(answer.arguments)}
    return {"id": answer.call_id, "type": "function", "function": function}


def _chat_stream(answer: Answer) -> list[str]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if answer.thoughts:
        deltas.append({"reasoning_content": answer.thoughts})
    deltas += [{"content": piece} for piece in answer.pieces]
    if answer.arguments is not None:
        deltas.append({"tool_calls": [{"index": 0, **_chat_call(answer)}]})
    finish = "stop" if answer.arguments is None else "tool_calls"
    chunks = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    chunks.append({"index": 0, "delta": {}, "finish_reason": finish})
    said = [sse({**_CHUNK, "choices": [chunk]}) for chunk in chunks]
    return [*said, sse({**_CHUNK, "choices": [], "usage": _CHAT_USAGE}), sse("[DONE]")]


def _openai_error(status: int, code: str, message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def _items(answer: Answer) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    if answer.thoughts:
        summary = [{"type": "summary_text", "text": answer.thoughts}]
        items.append({"id": "rs_1", "type": "reasoning", "summary": summary, "encrypted_content": "enc"})
    if answer.arguments is None:
        content = [{"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}]
        items.append({"id": "msg_1", "type": "message", "status": "completed", "role": "assistant", "content": content})
        return items
    called = {"name": "look", "arguments": json.dumps(answer.arguments), "call_id": answer.call_id}
    items.append({"id": "fc_1", "type": "function_call", "status": "completed", **called})
    return items


def _response(items: list[dict[str, Any]], status: str) -> dict[str, Any]:
    usage = {
        "input_tokens": INPUT_TOKENS,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": OUTPUT_TOKENS,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
    }
    return {
        "id": "resp_v",
        "object": "response",
        "created_at": 1795000000,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": "served-1",
        "output": items,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": usage if status == "completed" else None,
    }


def _response_stream(answer: Answer) -> list[str]:
    events: list[dict[str, Any]] = [{"type": "response.created", "response": _response([], "in_progress")}]
    for number, item in enumerate(_items(answer)):
        place = {"output_index": number, "item_id": item["id"]}
        empty = {name: [] if isinstance(value, list) else value for name, value in item.items()}
        empty |= {"arguments": ""} if "arguments" in item else {}
        events.append({"type": "response.output_item.added", "output_index": number, "item": empty})
        events += [{**event, **place} for event in _inside(item, answer)]
        events.append({"type": "response.output_item.done", "output_index": number, "item": item})
    events.append({"type": "response.completed", "response": _response(_items(answer), "completed")})
    return [sse({**event, "sequence_number": number}, event["type"]) for number, event in enumerate(events)]


def _inside(item: dict[str, Any], answer: Answer) -> list[dict[str, Any]]:
    if item["type"] == "reasoning":
        kind = "response.reasoning_summary"
        part = {"type": "summary_text", "text": answer.thoughts}
        return [
            {"type": f"{kind}_part.added", "summary_index": 0, "part": {**part, "text": ""}},
            {"type": f"{kind}_text.delta", "summary_index": 0, "delta": answer.thoughts},
            {"type": f"{kind}_text.done", "summary_index": 0, "text": answer.thoughts},
            {"type": f"{kind}_part.done", "summary_index": 0, "part": part},
        ]
    if item["type"] == "function_call":
        kind = "response.function_call_arguments"
        return [
            {"type": f"{kind}.delta", "delta": item["arguments"]},
            {"type": f"{kind}.done", "arguments": item["arguments"], "name": "look"},
        ]
    place = {"content_index": 0}
    part = item["content"][0]
    deltas = [{"type": "response.output_text.delta", **place, "delta": one, "logprobs": []} for one in answer.pieces]
    return [
        {"type": "response.content_part.added", **place, "part": {**part, "text": ""}},
        *deltas,
        {"type": "response.output_text.done", **place, "text": answer.text, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": part},
    ]


CHAT = Tongue("openai_chat", _chat_plain, _chat_stream, _openai_error)
RESPONSES = Tongue(
    "openai_responses", lambda answer: _response(_items(answer), "completed"), _response_stream, _openai_error
)
