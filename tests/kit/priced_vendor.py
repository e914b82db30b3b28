"""A vendor of OpenAI's dialect on loopback that keeps its own books: what did it really charge for?

Rows of a configuration reach it under a path of their own (`url_of`). A prompt says how a row is to treat it, by a
word `row=conduct`; every other call is answered. It counts only what it told its caller, so a reply that was cut, or
whose caller left before it, is not in `bills`. Run by itself it prints its port, and lives until its standard input
ends.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from tests.kit.virtual_time import elapse

VERDICT = {"winner": "Essay A", "justification": "It says more.", "confidence": 4}
_CONDUCT = r"\b{row}=(\w+)"
_SLOWLY_SECONDS = 0.02
_FAILURES = {
    "broken": ("500 Internal Server Error", "server_error"),
    "refusing": ("400 Bad Request", "invalid_value"),
}


@dataclass(frozen=True, slots=True)
class Bill:
    """What one whole reply said of itself."""

    row: str
    model: str
    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    reasoning_tokens: int = 0


class PricedVendor:
    """Serves between `start` and `stop`. `says`: what every answer, and every refusal, holds beside its words."""

    def __init__(self, *, says: str = "") -> None:
        self.bills: list[Bill] = []
        self.port = 0
        self._says = says
        self._server: asyncio.Server | None = None
        self._exchanges: set[asyncio.Task[Any]] = set()

    def url_of(self, row: str) -> str:
        """The base URL of a row."""
        return f"http://127.0.0.1:{self.port}/{row}/v1"

    async def __aenter__(self) -> Self:
        """Starts it."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ends it."""
        await self.stop()

    async def start(self) -> None:
        """Listens on any free port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listens no more, and leaves those who wait for an answer that never comes."""
        assert self._server is not None
        self._server.close()
        for exchange in self._exchanges:
            exchange.cancel()
        await asyncio.gather(*self._exchanges, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of one connection."""
        exchange = asyncio.current_task()
        assert exchange is not None
        self._exchanges.add(exchange)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"(?i)content-length: (\d+)", head)
            body = json.loads(await reader.readexactly(int(length[1]))) if length else None
            await self._answer(reader, writer, head.split()[1].split("/")[1], head.split()[1], body)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # Its caller has left.
        finally:
            self._exchanges.discard(exchange)
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, row: str, path: str, body: Any
    ) -> None:
        if body is None:
            return await _send(writer, json.dumps({"data": []}))
        said = json.dumps(body.get("messages") or body["input"])
        named = re.search(_CONDUCT.format(row=row), said)
        conduct = named[1] if named else ""
        if conduct in _FAILURES:
            status, code = _FAILURES[conduct]
            error = {"message": f"You said: {said} {self._says}", "code": code}
            return await _send(writer, json.dumps({"error": error}), status)
        if conduct == "silent":
            await reader.read()
            return None
        if conduct == "slow":
            await elapse(_SLOWLY_SECONDS)
        bill = _bill(row, body["model"], said)
        if path.endswith("/embeddings"):
            await self._told(bill, _send(writer, json.dumps(_vectors(body, bill))))
        elif body.get("stream"):
            await self._stream(reader, writer, body, bill, conduct)
        else:
            text = json.dumps(_completion(body, bill, self._text(body, said, conduct)))
            if conduct == "cut":
                await _send(writer, text[: len(text) // 2], length=len(text))
            else:
                await self._told(bill, _send(writer, text))
        return None

    async def _told(self, bill: Bill, sending: Any) -> None:
        self.bills.append(bill)
        await sending

    def _text(self, body: dict[str, Any], said: str, conduct: str) -> str:
        if "response_format" not in body or (conduct == "odd" and len(body["messages"]) < 3):
            return f"answer {hashlib.sha256(said.encode()).hexdigest()[:12]} {self._says}".strip()
        return json.dumps(VERDICT)

    async def _stream(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        body: dict[str, Any],
        bill: Bill,
        conduct: str,
    ) -> None:
        """In pieces; `cut` breaks off without a word of its end, `stalling` waits until its caller leaves."""
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        words = self._text(body, json.dumps(body["messages"]), conduct).split(" ")
        for number, word in enumerate(words):
            if number == len(words) - 1 and conduct in ("cut", "stalling"):
                if conduct == "stalling":
                    await reader.read()
                return
            writer.write(_event({"choices": [{"index": 0, "delta": {"content": f"{' ' if number else ''}{word}"}}]}))
            await writer.drain()
        writer.write(_event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
        self.bills.append(bill)
        writer.write(_event({"choices": [], "usage": _usage(bill)}) + b"data: [DONE]\n\n")
        await writer.drain()


def _bill(row: str, model: str, said: str) -> Bill:
    """Other numbers for other words."""
    digest = hashlib.sha256(said.encode()).digest()
    if "embedding" in model:
        return Bill(row, model, 3 + digest[0], 0)
    return Bill(row, model, 300 + digest[0], 20 + digest[1], digest[2], digest[3] % 20)


def _usage(bill: Bill) -> dict[str, Any]:
    return {
        "prompt_tokens": bill.input_tokens,
        "completion_tokens": bill.output_tokens,
        "total_tokens": bill.input_tokens + bill.output_tokens,
        "prompt_tokens_details": {"cached_tokens": bill.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": bill.reasoning_tokens},
    }


def _completion(body: dict[str, Any], bill: Bill, text: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"id": "chatcmpl-1", "model": body["model"], "choices": [choice], "usage": _usage(bill)}


def _vectors(body: dict[str, Any], bill: Bill) -> dict[str, Any]:
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    data = [{"object": "embedding", "index": index, "embedding": [0.6, 0.8]} for index in range(len(texts))]
    used = {"prompt_tokens": bill.input_tokens, "total_tokens": bill.input_tokens}
    return {"object": "list", "model": body["model"], "data": data, "usage": used}


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps({'id': 'chatcmpl-1', **data})}\n\n".encode()


async def _send(writer: asyncio.StreamWriter, text: str, status: str = "200 OK", *, length: int | None = None) -> None:
    size = len(text.encode()) if length is None else length
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n"
    writer.write(head.encode() + text.encode())
    await writer.drain()


def rows_of(vendor: PricedVendor, *, key: str = "sk-of-a-row") -> Iterator[tuple[str, dict[str, Any]]]:
    """Two rows of a configuration that reach `vendor`."""
    for name, model in (("first", "gpt-6-luna"), ("second", "gpt-6-sol")):
        yield (
            name,
            {"type": "openai", "base_url": vendor.url_of(name), "api_key": key, "default_model": model},
        )


async def main() -> None:
    """Serves until standard input ends."""
    vendor = PricedVendor()
    await vendor.start()
    sys.stdout.write(f"{vendor.port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await vendor.stop()


if __name__ == "__main__":
    asyncio.run(main())
