"""A service in one process whose only vendor, of OpenAI's dialect, answers at once and keeps all that it gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx2

from app.providers import build_provider
from app.upstream import UpstreamClient
from contracts import IN_PROCESS_CALLER, Caller, Completion, LLMProviderConfig, SurfaceRequest
from contracts.config import ProviderConfig
from contracts.providers import ProviderType
from contracts.streams import AnswerStream
from tests.kit.surface_engine import SurfaceEngine
from tests.unit.http.fake_service import FakeService

KEY = "sk-row-4d5e"
MODEL = "bench-model"
SAID = '{"sum": 100}'
_ENVELOPE = {"id": "chatcmpl-1", "created": 1_700_000_000, "model": MODEL}


class RecordingVendor(httpx2.AsyncBaseTransport):
    """Gives as many answers as it is asked for, each of a shape that all may ask; `replies` holds what it said."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self.replies: list[bytes] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The dialect's answer, plain or streamed."""
        body = json.loads(await request.aread())
        self.requests.append(request)
        choices = range(int(body.get("n") or 1))
        is_stream = bool(body.get("stream"))
        self.replies.append(_streamed(choices) if is_stream else _plain(choices))
        kind = "text/event-stream" if is_stream else "application/json"
        return httpx2.Response(200, content=self.replies[-1], headers={"content-type": kind})


class RecordedService(FakeService):
    """Answers at the surfaces by the real engine and the real provider; make it inside a running loop."""

    def __init__(self, vendor: RecordingVendor) -> None:
        super().__init__()
        row = build_provider(
            "openai",
            ProviderConfig(type=ProviderType.OPENAI, default_model=MODEL),
            upstream=UpstreamClient(vendor),
            api_key=KEY,
        )
        self.config = LLMProviderConfig()
        self.engine = SurfaceEngine(row)  # type: ignore[arg-type]  # it asks for no more than a provider has

    async def complete(
        self, request: SurfaceRequest, *, caller: Caller = IN_PROCESS_CALLER, headers: Mapping[str, str] | None = None
    ) -> Completion:
        """By the engine."""
        return await self.engine.complete(request)

    async def complete_stream(  # type: ignore[override]  # the engine's own handle
        self, request: SurfaceRequest, *, caller: Caller = IN_PROCESS_CALLER, headers: Mapping[str, str] | None = None
    ) -> AnswerStream:
        """By the engine."""
        return await self.engine.stream(request)


def _plain(choices: range) -> bytes:
    said = [
        {"index": number, "message": {"role": "assistant", "content": SAID}, "finish_reason": "stop"}
        for number in choices
    ]
    # Numbers and fields that no serializer of ours would write so.
    return json.dumps({**_ENVELOPE, "choices": said, "x_reply": "é"}, indent=1).encode()[:-2] + b', "x_cost": 1.0E-3}'


def _streamed(choices: range) -> bytes:
    deltas = [{"index": number, "delta": {"content": SAID}} for number in choices]
    ends = [{"index": number, "delta": {}, "finish_reason": "stop"} for number in choices]
    return b"".join(_event({**_ENVELOPE, "choices": [one]}) for one in (*deltas, *ends)) + b"data: [DONE]\n\n"


def _event(chunk: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk)}\n\n".encode()
