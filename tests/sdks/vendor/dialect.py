"""What must a dialect be able to do for the vendor: hear a request, and say an answer, a stream and an error."""

from __future__ import annotations

import base64
import json
from typing import Any, Protocol

from tests.sdks.vendor.mind import Answer, Heard

EVENT_STREAM = "text/event-stream"


class Dialect(Protocol):
    """One of the five. A stream is a list of the pieces that are sent one after the other, framed."""

    stream_type: str

    def hear(self, body: dict[str, Any], path: str) -> Heard:
        """The conversation in a request's body."""
        ...

    def streams(self, body: dict[str, Any], path: str) -> bool:
        """Whether the answer is to be a stream."""
        ...

    def reply(self, answer: Answer, model: str, body: dict[str, Any]) -> dict[str, Any]:
        """The whole answer."""
        ...

    def stream(self, answer: Answer, model: str, body: dict[str, Any]) -> list[bytes]:
        """The same as a stream."""
        ...

    def error(self, status: int, code: str, message: str) -> dict[str, Any]:
        """The vendor's error document."""
        ...


def event(data: dict[str, Any], name: str | None = None) -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def data_of(url: str) -> bytes:
    """What a data URL holds."""
    return base64.b64decode(url.partition("base64,")[2])


def texts_of(content: str | list[dict[str, Any]] | None, *kinds: str) -> str:
    """The text of a message's content, whose parts of `kinds` hold it under `text`."""
    if isinstance(content, str) or content is None:
        return content or ""
    return "".join(part["text"] for part in content if part["type"] in kinds)


def tools_of(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The functions of `tools` with their schemas, as chat completions and Ollama write them."""
    functions = [one["function"] for one in body.get("tools", [])]
    return {one["name"]: one.get("parameters") or {"type": "object"} for one in functions}
