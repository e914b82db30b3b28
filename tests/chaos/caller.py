"""What does a caller of our service see? One request at a time, kept whole, with times."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2

_LAST = ("done", "error")


@dataclass(slots=True)
class Event:
    """One server-sent event; `at` in seconds of the monotonic clock."""

    name: str
    data: dict[str, Any]
    at: float


@dataclass(slots=True)
class Saw:
    """What came back. `hung`: nothing had ended it within the limit; `left_at`: the caller left."""

    is_stream: bool
    began: float
    ended: float = 0.0
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    comments: int = 0
    hung: bool = False
    broken: str | None = None
    left_at: float | None = None

    @property
    def seconds(self) -> float:
        """From the request to its end."""
        return self.ended - self.began

    @property
    def text(self) -> str:
        """All text that came."""
        if self.is_stream and self.status == 200:
            return "".join(event.data["text"] for event in self.events if event.name == "text")
        return str(self.body.get("content", ""))

    @property
    def last(self) -> dict[str, Any]:
        """The answer, or the error: the body, or what the last event held; empty when neither came."""
        if not (self.is_stream and self.status == 200):
            return self.body
        return self.events[-1].data if self.events and self.events[-1].name in _LAST else {}

    @property
    def is_answer(self) -> bool:
        """It ended as an answer does."""
        if not (self.is_stream and self.status == 200):
            return self.status == 200
        return bool(self.events) and self.events[-1].name == "done"

    def told(self) -> str:
        """In a few words."""
        if self.left_at is not None:
            return f"left after {self.left_at - self.began:.2f} s"
        if self.hung:
            return f"hung for {self.seconds:.1f} s"
        if self.broken:
            return f"a broken reply ({self.broken})"
        words = len(self.text.split())
        said = f", {words} words" if self.is_answer or words else ""
        kind = "" if self.is_answer else f" {self.last.get('error_type', 'no end')}"
        return f"{self.status}{kind}{said}, {self.seconds:.2f} s"


class Caller:
    """A caller of the service at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        limits = httpx2.Limits(max_connections=500, max_keepalive_connections=100)
        self.http = httpx2.AsyncClient(base_url=url, timeout=None, limits=limits, trust_env=False)

    async def ask(self, body: dict[str, Any], *, is_stream: bool, limit_seconds: float) -> Saw:
        """One request, until its end or the limit."""
        saw = Saw(is_stream=is_stream, began=time.monotonic())
        try:
            async with asyncio.timeout(limit_seconds):
                await (self._stream(body, saw) if is_stream else self._plain(body, saw))
        except TimeoutError:
            saw.hung = True
        except httpx2.HTTPError as error:
            saw.broken = type(error).__name__
        saw.ended = time.monotonic()
        return saw

    async def get(self, path: str) -> httpx2.Response:
        """A document of the service; nothing waits longer than 5 s for one."""
        return await self.http.get(path, timeout=5)

    async def leave(
        self, body: dict[str, Any], *, is_stream: bool, after_seconds: float = 60, after_texts: int = 10_000
    ) -> Saw:
        """Asks, and closes the connection after so many seconds, or so many text events."""
        address = urlsplit(self.url)
        payload = json.dumps(body).encode()
        path = "/process/stream" if is_stream else "/process"
        head = f"POST {path} HTTP/1.1\r\nhost: {address.netloc}\r\ncontent-type: application/json\r\n"
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        saw = Saw(is_stream=is_stream, began=time.monotonic())
        writer.write(f"{head}content-length: {len(payload)}\r\n\r\n".encode() + payload)
        try:
            async with asyncio.timeout(after_seconds):
                await _read_texts(reader, after_texts)
        except TimeoutError:
            pass  # That is when it meant to leave.
        saw.left_at = saw.ended = time.monotonic()
        writer.transport.abort()
        return saw

    async def close(self) -> None:
        """Ends its connections."""
        await self.http.aclose()

    async def _plain(self, body: dict[str, Any], saw: Saw) -> None:
        response = await self.http.post("/process", json=body)
        saw.status, saw.headers = response.status_code, response.headers
        saw.body = response.json()

    async def _stream(self, body: dict[str, Any], saw: Saw) -> None:
        async with self.http.stream("POST", "/process/stream", json=body) as response:
            saw.status, saw.headers = response.status_code, response.headers
            if response.status_code != 200:
                saw.body = json.loads(await response.aread())
                return
            name = ""
            async for line in response.aiter_lines():
                if line.startswith(":"):
                    saw.comments += 1
                elif line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    saw.events.append(Event(name, json.loads(line.removeprefix("data: ")), time.monotonic()))


async def _read_texts(reader: asyncio.StreamReader, count: int) -> None:
    seen = 0
    while seen < count and (line := await reader.readline()):
        seen += line.startswith(b"event: text")
