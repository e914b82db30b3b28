"""Pictures and thoughts at once by the async client, thoughts carried into the next turn, and what goes wrong."""

import asyncio
import base64
import struct
import zlib
from typing import Any

import anthropic
from anthropic import AsyncAnthropic
from anthropic.types import MessageParam


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


HEAD = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
PNG = b"\x89PNG\r\n\x1a\n" + HEAD + chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00")) + chunk(b"IEND", b"")
PICTURE = base64.b64encode(PNG).decode()


async def think(client: AsyncAnthropic, number: int) -> list[str]:
    messages: list[MessageParam] = [
        {
            "role": "user",
            "content": [
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}},
                {"type": "text", "text": f"What is in picture {number}?"},
            ],
        }
    ]
    told: list[str] = []
    for question in ("Are you sure?", "Really?"):
        message = await client.messages.create(
            model="claude-haiku-5-5",
            max_tokens=4000,
            thinking={"type": "enabled", "budget_tokens": 2000},
            messages=messages,
        )
        for block in message.content:
            if block.type == "thinking":
                told.append(f"thought: {block.thinking}")
            elif block.type == "text":
                told.append(block.text)
        messages += [{"role": "assistant", "content": message.content}, {"role": "user", "content": question}]
    return told


async def main() -> None:
    async with AsyncAnthropic() as client:
        for told in await asyncio.gather(*(think(client, number) for number in range(6))):
            print("\n".join(told))
        for fault in ("rate-limited-once", "overloaded-once", "no-such-model", "bad-request", "silent"):
            patience: dict[str, Any] = {"timeout": 1.2, "max_retries": 0} if fault == "silent" else {}
            try:
                message = await client.with_options(**patience).messages.create(
                    model="claude-haiku-5-5",
                    max_tokens=200,
                    messages=[{"role": "user", "content": f"Message (fault {fault})"}],
                )
                print(fault, "".join(block.text for block in message.content if block.type == "text"))
            except anthropic.APIStatusError as error:
                print(fault, type(error).__name__, error.status_code, error.type)
            except anthropic.APITimeoutError as error:
                print(fault, type(error).__name__)


asyncio.run(main())
