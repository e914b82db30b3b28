"""How does the vendor speak Anthropic's messages? Blocks, signed thoughts, pings, and early counts."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from tests.sdks.vendor.dialect import EVENT_STREAM, event, texts_of
from tests.sdks.vendor.mind import Answer, Heard, tokens

_SIGNATURE = "EqQBCgIYAg=="
_UNENDED = {"stop_reason": None, "stop_sequence": None}


class AnthropicMessages:
    """POST /v1/messages, and /count_tokens. Conversations that are to be kept (`thread`) are gone on with."""

    stream_type = EVENT_STREAM

    def __init__(self) -> None:
        self._threads: dict[str, dict[str, Any]] = {}

    def hear(self, body: dict[str, Any], path: str) -> Heard:
        """The conversation of `system` and `messages`, after what was kept of it."""
        assert body.get("max_tokens", 0) > 0 or path.endswith("/count_tokens")
        body = self._whole(body)
        heard = Heard(model=body["model"], system=texts_of(body.get("system"), "text"))
        heard.tools = {one["name"]: one["input_schema"] for one in body.get("tools", [])}
        for message in body["messages"]:
            content = message["content"]
            parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
            (_add_said if message["role"] == "assistant" else _add_asked)(heard, parts)
        chosen = body.get("tool_choice", {})
        if chosen.get("type") in ("any", "tool"):
            heard.must_call = chosen.get("name") or next(iter(heard.tools))
        heard.schema = (body.get("output_config") or {}).get("format", {}).get("schema")
        thinking = body.get("thinking") or {}
        heard.thinks = thinking.get("type") in ("enabled", "adaptive") and thinking.get("display") != "omitted"
        return heard

    def streams(self, body: dict[str, Any], path: str) -> bool:
        """By `stream`."""
        return bool(body.get("stream"))

    def reply(self, answer: Answer, model: str, body: dict[str, Any]) -> dict[str, Any]:
        """A message."""
        whole, end = self._whole(body), "tool_use" if answer.calls else "end_turn"
        message = _message(whole, model, _blocks(answer), end, _usage(answer, answer.output_tokens))
        if "thread" in body:
            said = {"role": "assistant", "content": message["content"]}
            self._threads[message["id"]] = {**whole, "messages": [*whole["messages"], said]}
        return message

    def stream(self, answer: Answer, model: str, body: dict[str, Any]) -> list[bytes]:
        """Its events, a ping among them."""
        whole = self.reply(answer, model, body)
        events = [
            {"type": "message_start", "message": {**whole, "content": [], **_UNENDED, "usage": _usage(answer, 1)}},
            {"type": "ping"},
        ]
        for index, block in enumerate(whole["content"]):
            events += [{**one, "index": index} for one in _block_events(block)]
        delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        events.append({"type": "message_delta", "delta": delta, "usage": whole["usage"]})
        events.append({"type": "message_stop"})
        return [event(one, one["type"]) for one in events]

    def error(self, status: int, code: str, message: str) -> dict[str, Any]:
        """Anthropic's error object."""
        kinds = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error"}
        kind = kinds.get(status, "rate_limit_error" if status == 429 else "api_error")
        return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_T1"}

    def _whole(self, body: dict[str, Any]) -> dict[str, Any]:
        thread = body.get("thread", {})
        if thread.get("type") != "continue":
            return body
        kept = self._threads[thread["previous_message_id"]]
        return {**kept, **body, "messages": [*kept["messages"], *body["messages"]]}


def _add_said(heard: Heard, parts: list[dict[str, Any]]) -> None:
    heard.results.clear()
    for part in parts:
        if part["type"] == "thinking":
            assert part["signature"] == _SIGNATURE, "a thought that is not mine"
    heard.said += [text] if (text := texts_of(parts, "text")) else []


def _add_asked(heard: Heard, parts: list[dict[str, Any]]) -> None:
    for part in parts:
        if part["type"] == "tool_result":
            heard.results.append(texts_of(part["content"], "text"))
        if part["type"] == "image":
            heard.pictures.append(base64.b64decode(part["source"]["data"]))
    if any(part["type"] == "text" for part in parts):
        heard.asked.append(texts_of(parts, "text"))


def _blocks(answer: Answer) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if answer.thought:
        blocks.append({"type": "thinking", "thinking": answer.thought, "signature": _SIGNATURE})
    if answer.text:
        blocks.append({"type": "text", "text": answer.text, "citations": None})
    return blocks + [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)}
        for call in answer.calls
    ]


def _block_events(block: dict[str, Any]) -> list[dict[str, Any]]:
    match block["type"]:
        case "thinking":
            begun: dict[str, Any] = {**block, "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": token} for token in tokens(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        case "text":
            begun = {**block, "text": ""}
            deltas = [{"type": "text_delta", "text": token} for token in tokens(block["text"])]
        case _:
            begun, arguments = {**block, "input": {}}, json.dumps(block["input"])
            half = len(arguments) // 2
            pieces = ("", arguments[:half], arguments[half:])
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    said = [{"type": "content_block_delta", "delta": delta} for delta in deltas]
    return [{"type": "content_block_start", "content_block": begun}, *said, {"type": "content_block_stop"}]


def _message(
    whole: dict[str, Any], model: str, content: list[dict[str, Any]], end: str, usage: dict[str, Any]
) -> dict[str, Any]:
    identity = hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:12]
    head = {"id": f"msg_{identity}", "type": "message", "role": "assistant", "model": model, "x_future": {"ratio": 0.1}}
    return {**head, "content": content, "stop_reason": end, "stop_sequence": None, "usage": usage}


def _usage(answer: Answer, output_tokens: int) -> dict[str, Any]:
    cache = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "service_tier": "standard"}
    return {"input_tokens": answer.input_tokens, "output_tokens": output_tokens, **cache}
