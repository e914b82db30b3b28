"""What does the vendor say? Chat completions and messages, whole and as a stream, in OpenAI's and Anthropic's dialect.

A token of a stream is the moment at which it was sent, so that a caller on the same machine can tell how long it took.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from benchmarks.vendor import REPLY_BYTES, completion

CHAT_PATH = "/v1/chat/completions"
MESSAGES_PATH = "/v1/messages"
_MODEL = "bench-model"
_SLOT = "<sent>"


class Dialect(Protocol):
    """How one vendor says it."""

    whole: bytes
    opening: bytes
    ending: bytes

    def token(self, text: str) -> bytes:
        """The event that carries `text`."""
        ...


class _Chat:
    """OpenAI's chat completions."""

    def __init__(self) -> None:
        self.whole = completion()
        self.opening = self._event({"role": "assistant", "content": ""}, None)
        self.ending = self._event({}, "stop") + self._usage() + b"data: [DONE]\n\n"
        self._token = self._event({"content": _SLOT}, None).decode()

    def token(self, text: str) -> bytes:
        return self._token.replace(_SLOT, text).encode()

    def _event(self, delta: dict[str, str], finish: str | None) -> bytes:
        return self._chunk([{"index": 0, "delta": delta, "finish_reason": finish}])

    def _usage(self) -> bytes:
        return self._chunk([], usage={"prompt_tokens": 12, "completion_tokens": 20, "total_tokens": 32})

    def _chunk(self, choices: list[dict[str, Any]], **fields: Any) -> bytes:
        envelope = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_700_000_000}
        return f"data: {json.dumps({**envelope, 'model': _MODEL, 'choices': choices, **fields})}\n\n".encode()


class _Messages:
    """Anthropic's messages."""

    def __init__(self) -> None:
        self.whole = _message()
        begun = {**json.loads(self.whole), "content": [], "stop_reason": None}
        begins = {"index": 0, "content_block": {"type": "text", "text": ""}}
        self.opening = _named("message_start", message=begun) + _named("content_block_start", **begins)
        self.ending = (
            _named("content_block_stop", index=0)
            + _named("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 20})
            + _named("message_stop")
        )
        self._token = _named("content_block_delta", index=0, delta={"type": "text_delta", "text": _SLOT}).decode()

    def token(self, text: str) -> bytes:
        return self._token.replace(_SLOT, text).encode()


def _message() -> bytes:
    """A message of exactly `REPLY_BYTES` bytes."""

    def of(text: str) -> bytes:
        body = {
            "id": "msg_bench",
            "type": "message",
            "role": "assistant",
            "model": _MODEL,
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 12, "output_tokens": 96},
        }
        return json.dumps(body).encode()

    return of("x" * (REPLY_BYTES - len(of(""))))


def _named(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


_DIALECTS: dict[str, Dialect] = {CHAT_PATH: _Chat(), MESSAGES_PATH: _Messages()}


def dialect_of(path: str) -> Dialect:
    """Which is spoken at a path that ends so. Raises ValueError where nothing is."""
    for end, dialect in _DIALECTS.items():
        if path.endswith(end):
            return dialect
    msg = f"nothing is served at {path}"
    raise ValueError(msg)
