"""Many pictures at once by the async client, and what goes wrong: a busy vendor, a slow one, faults of our own."""

import asyncio
import base64
import struct
import zlib

import openai
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionUserMessageParam


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


HEAD = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
PNG = b"\x89PNG\r\n\x1a\n" + HEAD + chunk(b"IDAT", zlib.compress(b"\x00\xff\x00\x00")) + chunk(b"IEND", b"")
PICTURE = base64.b64encode(PNG).decode()


def question(number: int) -> ChatCompletionUserMessageParam:
    return {
        "role": "user",
        "content": [
            {"type": "text", "text": f"What is in picture {number}?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}", "detail": "low"}},
        ],
    }


async def ask(client: AsyncOpenAI, number: int) -> str | None:
    completion = await client.chat.completions.create(model="gpt-6-luna", messages=[question(number)])
    return completion.choices[0].message.content


async def main() -> None:
    async with AsyncOpenAI() as client:
        for answer in await asyncio.gather(*(ask(client, number) for number in range(12))):
            print(answer)
        for fault in ("rate-limited-once", "overloaded-once", "no-such-model", "bad-request", "silent"):
            try:
                completion = (
                    await client.with_options(timeout=1.2 if fault == "silent" else 30)
                    .with_options(max_retries=0 if fault == "silent" else 2)
                    .chat.completions.create(
                        model="gpt-6-luna", messages=[{"role": "user", "content": f"Chat (fault {fault})"}]
                    )
                )
                print(fault, completion.choices[0].message.content)
            except openai.APIStatusError as error:
                print(fault, type(error).__name__, error.status_code, error.code)
            except openai.APITimeoutError as error:
                print(fault, type(error).__name__)


asyncio.run(main())
