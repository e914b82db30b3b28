"""Pictures and thoughts at once by the async client, thoughts carried into the next turn, and what goes wrong."""

import asyncio
import base64
import struct
import zlib
from typing import Any

import openai
from openai import AsyncOpenAI


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


HEAD = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
PNG = b"\x89PNG\r\n\x1a\n" + HEAD + chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00")) + chunk(b"IEND", b"")
PICTURE = base64.b64encode(PNG).decode()


async def think(client: AsyncOpenAI, number: int) -> list[str]:
    items: list[Any] = [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": f"What is in picture {number}?"},
                {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE}", "detail": "auto"},
            ],
        }
    ]
    told: list[str] = []
    for question in ("Are you sure?", None):
        response = await client.responses.create(
            model="gpt-6-luna",
            input=items,
            reasoning={"effort": "low", "summary": "auto"},
            include=["reasoning.encrypted_content"],
            store=False,
        )
        for item in response.output:
            if item.type == "reasoning":
                told += [f"thought: {part.text}" for part in item.summary]
        told.append(response.output_text)
        items += [*response.output, {"role": "user", "content": question}]
    return told


async def main() -> None:
    async with AsyncOpenAI() as client:
        for told in await asyncio.gather(*(think(client, number) for number in range(6))):
            print("\n".join(told))
        for fault in ("rate-limited-once", "overloaded-once", "no-such-model", "bad-request", "silent"):
            patience: dict[str, Any] = {"timeout": 1.2, "max_retries": 0} if fault == "silent" else {}
            try:
                response = await client.with_options(**patience).responses.create(
                    model="gpt-6-luna", input=f"Respond (fault {fault})"
                )
                print(fault, response.output_text)
            except openai.APIStatusError as error:
                print(fault, type(error).__name__, error.status_code, error.code)
            except openai.APITimeoutError as error:
                print(fault, type(error).__name__)


asyncio.run(main())
