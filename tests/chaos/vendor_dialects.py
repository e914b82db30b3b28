"""How does each dialect say an answer, its stream and its errors? Written from the vendors' documents."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from tests.chaos.words import whole_words


class Part(StrEnum):
    """What a piece of a stream is, whatever its dialect."""

    OPENING = "opening"
    WORD = "word"
    FINISH = "finish"
    USAGE = "usage"
    END = "end"


Piece = tuple[Part, bytes]
_RUN = re.compile(r"\(run (\S+) \d+\)")
_ANTHROPIC_KINDS = {
    "context_length_exceeded": "invalid_request_error",
    "rate_limit_exceeded": "rate_limit_error",
    "invalid_api_key": "authentication_error",
    "model_not_found": "not_found_error",
    "server_error": "api_error",
    "overloaded": "overloaded_error",
    "invalid_request_error": "invalid_request_error",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a conversation holds: how much of the answer was said, how it is asked to go on, and in which run."""

    last_role: str
    said_words: int
    input_words: int
    wants_usage: bool
    run: str
    ends_in_space: bool

    @property
    def is_prefilled(self) -> bool:
        """The conversation ends with the assistant's own turn."""
        return self.last_role == "assistant"


def asked_of(body: dict[str, Any]) -> Asked:
    """Reads a request of either dialect."""
    turns = [(turn["role"], _text(turn.get("content"))) for turn in body["messages"]]
    said = [text for role, text in turns if role == "assistant"]
    options = body.get("stream_options") or {}
    return Asked(
        last_role=turns[-1][0],
        said_words=whole_words(said[-1]) if said else 0,
        input_words=sum(len(text.split()) for _, text in turns),
        wants_usage=bool(options.get("include_usage")),
        ends_in_space=turns[-1][1][-1:].isspace(),
        run=next((found[1] for _, text in turns if (found := _RUN.search(text))), ""),
    )


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


class Dialect(Protocol):
    """A dialect of the vendor."""

    def plain(self, text: str, asked: Asked, model: str) -> dict[str, Any]:
        """A whole answer."""
        ...

    def stream(self, tokens: Sequence[str], asked: Asked, model: str) -> list[Piece]:
        """A whole stream, piece by piece."""
        ...

    def error(self, status: int, kind: str, message: str) -> dict[str, Any]:
        """An error document; `kind` is OpenAI's code."""
        ...

    def in_band(self, kind: str, message: str) -> bytes:
        """An error in the middle of a stream."""
        ...


class OpenAIChat:
    """/v1/chat/completions."""

    def plain(self, text: str, asked: Asked, model: str) -> dict[str, Any]:
        """A whole answer."""
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        shell = {"id": "chatcmpl-chaos", "object": "chat.completion", "created": 1_790_000_000, "model": model}
        return {**shell, "choices": [choice], "usage": _openai_usage(asked, len(text.split()))}

    def stream(self, tokens: Sequence[str], asked: Asked, model: str) -> list[Piece]:
        """Chunks, a chunk of usage where it was asked for, and [DONE]."""
        said = [(Part.WORD, self._chunk(model, {"content": token})) for token in tokens]
        usage = _openai_usage(asked, len("".join(tokens).split()))
        last = [(Part.USAGE, self._chunk(model, None, usage=usage))] if asked.wants_usage else []
        return [
            (Part.OPENING, self._chunk(model, {"role": "assistant", "content": ""})),
            *said,
            (Part.FINISH, self._chunk(model, {}, finish="stop")),
            *last,
            (Part.END, b"data: [DONE]\n\n"),
        ]

    def error(self, status: int, kind: str, message: str) -> dict[str, Any]:
        """An error document."""
        return {"error": {"message": message, "type": kind, "param": None, "code": kind}}

    def in_band(self, kind: str, message: str) -> bytes:
        """An error in the middle of a stream."""
        return _data(self.error(500, kind, message))

    def tool_call(self, model: str, arguments: str) -> bytes:
        """A chunk of a tool call."""
        call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": arguments}}
        return self._chunk(model, {"tool_calls": [call]})

    def _chunk(
        self,
        model: str,
        delta: dict[str, Any] | None,
        *,
        finish: str | None = None,
        usage: dict[str, int] | None = None,
    ) -> bytes:
        shell = {"id": "chatcmpl-chaos", "object": "chat.completion.chunk", "created": 1_790_000_000, "model": model}
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
        return _data({**shell, "choices": choices, "usage": usage})


class AnthropicMessages:
    """/v1/messages."""

    def plain(self, text: str, asked: Asked, model: str) -> dict[str, Any]:
        """A whole answer."""
        usage = {"input_tokens": asked.input_words, "output_tokens": len(text.split())}
        said = {"content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": None}
        return {"id": "msg_chaos", "type": "message", "role": "assistant", "model": model, **said, "usage": usage}

    def stream(self, tokens: Sequence[str], asked: Asked, model: str) -> list[Piece]:
        """Named events."""
        message = {**self.plain("", asked, model), "content": [], "stop_reason": None}
        opening = (
            _event("message_start", {"message": message})
            + _event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}})
            + _event("ping", {})
        )
        said = [_event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": t}}) for t in tokens]
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        usage = {"output_tokens": len("".join(tokens).split())}
        finish = _event("content_block_stop", {"index": 0}) + _event("message_delta", {"delta": delta, "usage": usage})
        return [
            (Part.OPENING, opening),
            *((Part.WORD, one) for one in said),
            (Part.FINISH, finish),
            (Part.END, _event("message_stop", {})),
        ]

    def error(self, status: int, kind: str, message: str) -> dict[str, Any]:
        """An error document."""
        return {"type": "error", "error": {"type": _ANTHROPIC_KINDS.get(kind, kind), "message": message}}

    def in_band(self, kind: str, message: str) -> bytes:
        """An error in the middle of a stream."""
        return _event("error", self.error(500, kind, message))


def _openai_usage(asked: Asked, output_words: int) -> dict[str, int]:
    total = asked.input_words + output_words
    return {"prompt_tokens": asked.input_words, "completion_tokens": output_words, "total_tokens": total}


def _data(document: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(document)}\n\n".encode()


def _event(name: str, document: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **document})}\n\n".encode()
