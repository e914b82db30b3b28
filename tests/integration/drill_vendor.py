"""A vendor of OpenAI's dialect on loopback, and a service that asks it: run by itself, in the copy of a drill.

Prints one JSON object of what the service saw of its new row `galaxy`, and what the vendor saw of the service.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from app.main import app
from app.service import LLMProviderService
from contracts import DoneEvent, LLMProviderError, LLMRequest, TextEvent

LIMITS = "x-ratelimit-limit-requests: 100\r\nx-ratelimit-remaining-requests: 0\r\n"


class Galaxy:
    """Lists its model, answers, streams, and refuses the prompt `Too much.` with 429."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of one connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next((line.split(":")[1] for line in head.split("\r\n") if line.startswith("content-length:")), "0")
        body = json.loads(await reader.readexactly(int(length)) or b"null")
        self.asked.append({"line": head.split("\r\n")[0], "has_key": "bearer sk-galaxy" in head, "body": body})
        status, media_type, text = self._answer(body)
        headers = f"content-type: {media_type}\r\ncontent-length: {len(text)}\r\nretry-after: 60\r\n{LIMITS}"
        writer.write(f"HTTP/1.1 {status}\r\n{headers}connection: close\r\n\r\n{text}".encode())
        await writer.drain()
        writer.close()

    def _answer(self, body: Any) -> tuple[str, str, str]:
        if body is None:
            return "200 OK", "application/json", json.dumps({"data": [{"id": "galaxy-1"}]})
        if body["messages"][-1]["content"] == "Too much.":
            error = {"message": "slow down", "code": "rate_limit_exceeded"}
            return "429 Too Many Requests", "application/json", json.dumps({"error": error})
        if body.get("stream"):
            pieces: list[dict[str, Any]] = [
                {"delta": {"content": "from "}},
                {"delta": {"content": "afar"}, "finish_reason": "stop"},
            ]
            chunks = [json.dumps({"choices": [{"index": 0, **piece}]}) for piece in pieces]
            return "200 OK", "text/event-stream", "".join(f"data: {data}\n\n" for data in (*chunks, "[DONE]"))
        choice = {"index": 0, "message": {"role": "assistant", "content": "42"}, "finish_reason": "stop"}
        return "200 OK", "application/json", json.dumps({"model": "galaxy-1", "choices": [choice]})


async def seen(service: LLMProviderService) -> dict[str, Any]:
    """What the service sees of the row: its test, an answer, a stream, a limit, and how it then stands."""
    health = await service.test_provider("galaxy")
    answer = await service.process_request(LLMRequest(prompt="How many?", max_tokens=5))
    async with await service.process_stream(LLMRequest(prompt="Where?", preferred_provider="galaxy")) as stream:
        events = [event async for event in stream]
    try:
        await service.process_request(
            LLMRequest(prompt="Too much.", preferred_provider="galaxy", enable_fallback=False)
        )
        refusal = ""
    except LLMProviderError as error:
        refusal = f"{error.status} {error.error_type} {error.retry_after:.0f}"
    info = await service.get_provider_info("galaxy")
    return {
        "health": [health.status, health.error_message],
        "answer": [answer.content, answer.provider, answer.model],
        "stream": "".join(event.text for event in events if isinstance(event, TextEvent)),
        "done": [event.response.provider for event in events if isinstance(event, DoneEvent)],
        "refusal": refusal,
        "status": info.status,
        "limits": [[limit.name, limit.limit, limit.remaining] for limit in info.rate_limits],
    }


async def main() -> None:
    """Runs the drill."""
    galaxy = Galaxy()
    server = await asyncio.start_server(galaxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    os.environ["GALAXY_API_KEY"] = "sk-galaxy"
    os.environ["LLM_PROVIDER_SERVICE_GALAXY_BASE_URL"] = f"http://127.0.0.1:{port}/v1"
    service = LLMProviderService()
    await service.start()
    try:
        found = await seen(service)
    finally:
        await service.stop()
        server.close()
    found["asked"] = galaxy.asked
    found["is_documented"] = "galaxy" in app.openapi()["components"]["schemas"]["ProviderType"]["enum"]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
