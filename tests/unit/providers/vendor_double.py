"""A vendor that answers what a test tells it, keeps what it was sent, and knows when its connection was closed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

from app.ports import CallLimits, ModelAddress, ModelServer, Provider
from app.providers import build_provider
from app.upstream import UpstreamClient
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall, Operation
from contracts.chat import Conversation, Message, Role, TextPart
from contracts.config import ProviderConfig
from contracts.providers import ProviderType

LIMITS = CallLimits(connect_timeout_seconds=5.0)
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
SSE = {"content-type": "text/event-stream"}


def call(text: str = "Hello", *, options: dict[str, dict[str, Any]] | None = None, **fields: Any) -> ModelCall:
    """A call that says `text`; `fields` go into its conversation."""
    fields.setdefault("messages", (Message(role=Role.USER, content=(TextPart(text=text),)),))
    return ModelCall(
        operation=Operation.CHAT,
        conversation=Conversation(**fields),
        caller=IN_PROCESS_CALLER,
        request_id="r",
        correlation_id="c",
        vendor_options=options or {},
    )


def completion(text: str = "hi") -> dict[str, Any]:
    """A plain completion."""
    message = {"role": "assistant", "content": text}
    return {"model": "m", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def events(*texts: str, finish: str | None = "stop", done: bool = True) -> list[bytes]:
    """A stream, one chunk for each event."""
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    if finish:
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    lines = [json.dumps(chunk) for chunk in chunks] + (["[DONE]"] if done else [])
    return [f"data: {line}\n\n".encode() for line in lines]


class Body(httpx2.AsyncByteStream):
    """A body in chunks; an exception among them is raised. It counts what was read and whether it was closed."""

    def __init__(self, chunks: Sequence[bytes | Exception]) -> None:
        self.chunks = list(chunks)
        self.given = 0
        self.is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            self.given += 1
            yield chunk

    async def aclose(self) -> None:
        self.is_closed = True


@dataclass
class VendorDouble(httpx2.AsyncBaseTransport):
    """Answers every request with the next of `replies`, the last one again and again."""

    replies: list[httpx2.Response] = field(default_factory=list)
    requests: list[httpx2.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.requests.append(request)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def answers(self, status: int, body: Any, **headers: str) -> None:
        """The next reply is JSON."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replies.append(httpx2.Response(status, json=body, headers=named))

    def streams(
        self, chunks: Sequence[bytes | Exception], status: int = 200, headers: dict[str, str] | None = None
    ) -> Body:
        """The next reply is a stream of `chunks`."""
        body = Body(chunks)
        self.replies.append(httpx2.Response(status, headers=SSE if headers is None else headers, stream=body))
        return body

    @property
    def sent(self) -> dict[str, Any]:
        """The body of the last request."""
        body: dict[str, Any] = json.loads(self.requests[-1].content)
        return body

    def row(
        self,
        kind: str = "openai",
        *,
        name: str | None = None,
        api_key: str | None = "sk-secret-of-the-row",
        model_server: ModelServer | None = None,
        upstream: UpstreamClient | None = None,
        **config: Any,
    ) -> Provider:
        """A provider of `kind` whose calls come here."""
        return build_provider(
            name or kind,
            ProviderConfig(type=ProviderType(kind), **config),
            upstream=upstream or UpstreamClient(self),
            model_server=model_server,
            api_key=api_key,
            clock=lambda: NOW,
        )


@dataclass
class ModelServerDouble:
    """An embedded model that moves to another port each time it is asked for."""

    model_name: str = "tiny"
    reason: str | None = None
    port: int = 1000

    def unavailable_reason(self) -> str | None:
        return self.reason

    async def address(self) -> ModelAddress:
        self.port += 1
        return ModelAddress(base_url=f"http://127.0.0.1:{self.port}/v1", api_key=f"key-{self.port}")

    async def aclose(self) -> None:
        """Holds nothing."""
