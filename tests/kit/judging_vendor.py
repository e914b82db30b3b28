"""A vendor of Anthropic's dialect on loopback that judges essays: the longer one wins. By itself it prints its URL.

`asked` holds the requests in their order; while `refuses` is set it answers 529, as an overloaded vendor does.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

KEY = "sk-ant-judging-vendor"
MODELS = ("claude-haiku-5-5", "claude-opus-5-5")
_ESSAY = re.compile(r"^BEGIN Essay ([AB]) (\w+)\n(.*?)\nEND Essay \1 \2$", re.MULTILINE | re.DOTALL)


class JudgingVendor:
    """Serves at `url` between `start` and `stop`."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refuses = False
        self.url = ""
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listens on any free port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Listens no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of one connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next((line.split(":")[1] for line in head.split("\r\n") if line.startswith("content-length:")), "0")
        body = json.loads(await reader.readexactly(int(length)) or b"null")
        status, document = self._answer(f"x-api-key: {KEY}" in head, body)
        text = json.dumps(document).encode()
        line = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(text)}\r\n"
        writer.write(f"{line}connection: close\r\n\r\n".encode() + text)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def _answer(self, has_key: bool, body: Any) -> tuple[str, dict[str, Any]]:
        if not has_key:
            return "401 Unauthorized", _error("authentication_error", "invalid x-api-key")
        if body is None:
            return "200 OK", {"data": [{"type": "model", "id": model} for model in MODELS], "has_more": False}
        self.asked.append(body)
        if self.refuses:
            return "529 Overloaded", _error("overloaded_error", "Overloaded")
        return "200 OK", _message(body)


def _message(body: dict[str, Any]) -> dict[str, Any]:
    prompt = "".join(part["text"] for turn in body["messages"] for part in turn["content"])
    essays = {name: text for name, _, text in _ESSAY.findall(prompt)}
    said = json.dumps(_verdict(essays)) if essays else "Yes"
    return {
        "id": "msg_judged",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": said}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": len(prompt.split()), "output_tokens": len(said.split())},
    }


def _verdict(essays: dict[str, str]) -> dict[str, Any]:
    winner, loser = ("A", "B") if len(essays["A"]) >= len(essays["B"]) else ("B", "A")
    justification = f"Essay {winner} says more than Essay {loser}."
    return {"justification": justification, "winner": f"Essay {winner}", "confidence": 4}


def _error(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


async def main() -> None:
    """Serves until standard input ends."""
    vendor = JudgingVendor()
    await vendor.start()
    sys.stdout.write(f"{vendor.url}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await vendor.stop()


if __name__ == "__main__":
    asyncio.run(main())
