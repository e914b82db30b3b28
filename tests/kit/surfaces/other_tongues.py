"""How do Anthropic, Gemini and Ollama say an answer? Written from their documents."""

from __future__ import annotations

import json
from typing import Any

from tests.kit.surfaces.answer import INPUT_TOKENS, OUTPUT_TOKENS, Answer, Tongue, sse


def _blocks(answer: Answer) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if answer.thoughts:
        blocks.append({"type": "thinking", "thinking": answer.thoughts, "signature": "c2ln"})
    if answer.arguments is None:
        return [*blocks, {"type": "text", "text": answer.text}]
    return [*blocks, {"type": "tool_use", "id": answer.call_id, "name": "look", "input": answer.arguments}]


def _message(answer: Answer, content: list[dict[str, Any]], stop: str | None) -> dict[str, Any]:
    usage = {"input_tokens": INPUT_TOKENS, "output_tokens": OUTPUT_TOKENS}
    shell = {"id": "msg_v", "type": "message", "role": "assistant", "model": "served-1", "content": content}
    return {**shell, "stop_reason": stop, "stop_sequence": None, "usage": usage}


def _stop(answer: Answer) -> str:
    return "end_turn" if answer.arguments is None else "tool_use"


def _message_stream(answer: Answer) -> list[str]:
    events: list[dict[str, Any]] = [{"type": "message_start", "message": _message(answer, [], None)}]
    for number, block in enumerate(_blocks(answer)):
        empty, deltas = _growing(block, answer)
        events.append({"type": "content_block_start", "index": number, "content_block": empty})
        events += [{"type": "content_block_delta", "index": number, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": number})
    delta = {"stop_reason": _stop(answer), "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": {"output_tokens": OUTPUT_TOKENS}})
    return [sse(event, event["type"]) for event in (*events, {"type": "message_stop"})]


def _growing(block: dict[str, Any], answer: Answer) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if block["type"] == "thinking":
        deltas = [
            {"type": "thinking_delta", "thinking": block["thinking"]},
            {"type": "signature_delta", "signature": block["signature"]},
        ]
        return {"type": "thinking", "thinking": "", "signature": ""}, deltas
    if block["type"] == "tool_use":
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": json.dumps(block["input"])}]
    return {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in answer.pieces]


def _anthropic_error(status: int, code: str, message: str) -> dict[str, Any]:
    kind = {429: "rate_limit_error", 503: "overloaded_error"}.get(status, "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": message}}


def _gemini_parts(answer: Answer) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [{"text": answer.thoughts, "thought": True}] if answer.thoughts else []
    parts += [{"text": piece} for piece in answer.pieces]
    if answer.arguments is not None:
        called = {"name": "look", "args": answer.arguments, "id": answer.call_id}
        parts.append({"functionCall": called, "thoughtSignature": "c2ln"})
    return parts


def _gemini(parts: list[dict[str, Any]], finish: str | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, "content": {"role": "model", "parts": parts}}
    shell: dict[str, Any] = {"candidates": [candidate], "modelVersion": "served-1", "responseId": "r-v"}
    if finish is None:
        return shell
    candidate["finishReason"] = finish
    counts = {"promptTokenCount": INPUT_TOKENS, "candidatesTokenCount": OUTPUT_TOKENS}
    return {**shell, "usageMetadata": {**counts, "totalTokenCount": INPUT_TOKENS + OUTPUT_TOKENS}}


def _gemini_stream(answer: Answer) -> list[str]:
    said = [sse(_gemini([part], None)) for part in _gemini_parts(answer)]
    return [*said, sse(_gemini([{"text": ""}], "STOP"))]


def _gemini_error(status: int, code: str, message: str) -> dict[str, Any]:
    word = {429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}.get(status, "INVALID_ARGUMENT")
    return {"error": {"code": status, "message": message, "status": word}}


def _ollama(message: dict[str, Any], *, done: bool) -> dict[str, Any]:
    shell = {"model": "served-1", "created_at": "2026-11-21T12:00:01Z", "message": {"role": "assistant", **message}}
    counts = {"done_reason": "stop", "prompt_eval_count": INPUT_TOKENS, "eval_count": OUTPUT_TOKENS}
    return {**shell, "done": done, **(counts if done else {})}


def _ollama_said(answer: Answer) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = [{"content": "", "thinking": answer.thoughts}] if answer.thoughts else []
    said += [{"content": piece} for piece in answer.pieces]
    if answer.arguments is not None:
        call = {"id": answer.call_id, "function": {"index": 0, "name": "look", "arguments": answer.arguments}}
        said.append({"content": "", "tool_calls": [call]})
    return said


def _ollama_plain(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {}
    for piece in _ollama_said(answer):
        message |= {**piece, "content": message.get("content", "") + piece["content"]}
    return _ollama(message, done=True)


def _ollama_stream(answer: Answer) -> list[str]:
    lines = [_ollama(piece, done=False) for piece in _ollama_said(answer)] + [_ollama({"content": ""}, done=True)]
    return [f"{json.dumps(line)}\n" for line in lines]


MESSAGES = Tongue(
    "anthropic_messages",
    lambda answer: _message(answer, _blocks(answer), _stop(answer)),
    _message_stream,
    _anthropic_error,
)
GEMINI = Tongue("gemini", lambda answer: _gemini(_gemini_parts(answer), "STOP"), _gemini_stream, _gemini_error)
OLLAMA = Tongue(
    "ollama",
    _ollama_plain,
    _ollama_stream,
    lambda status, code, message: {"error": message},
    media_type="application/x-ndjson",
)
