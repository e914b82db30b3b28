"""How can a vendor fail before it says anything, or with a reply that is none?"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.chaos.vendor_call import SSE, Call
from tests.chaos.vendor_dialects import Part

Fault = Callable[[Call], Awaitable[None]]
_HUGE_BYTES = 80 * 2**20
_PIECE_BYTES = 2**20
_BYTE_SECONDS = 0.5
_SLOW_FIRST_SECONDS = 60.0


async def limited(call: Call) -> None:
    """429 without a time."""
    await call.refuse(429, "rate_limit_exceeded", "slow down")


async def limited_for_seconds(call: Call) -> None:
    """429 with Retry-After in seconds."""
    await call.refuse(429, "rate_limit_exceeded", "slow down", {"retry-after": f"{call.amount:g}"})


async def limited_for_ms(call: Call) -> None:
    """429 with retry-after-ms; `amount` in seconds."""
    await call.refuse(429, "rate_limit_exceeded", "slow down", {"retry-after-ms": f"{call.amount * 1000:.0f}"})


async def limited_until(call: Call) -> None:
    """429 with Retry-After as a date, which has whole seconds only."""
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=call.amount), usegmt=True)
    await call.refuse(429, "rate_limit_exceeded", "slow down", {"retry-after": until})


def failing(status: int, kind: str = "server_error") -> Fault:
    """A fault that is this status."""

    async def fail(call: Call) -> None:
        await call.refuse(status, kind, f"the vendor says {status}")

    return fail


async def reset(call: Call) -> None:
    """RST before any header."""
    call.exchange.reset()


async def hang_up(call: Call) -> None:
    """The connection is closed without an answer."""
    call.exchange.is_over = True


async def silence(call: Call) -> None:
    """Reads, and never answers."""
    await call.exchange.hang()


async def slow_first(call: Call) -> None:
    """Headers at once, the first word late: after `amount` seconds, or 60."""
    seconds = call.amount or _SLOW_FIRST_SECONDS
    if not call.is_stream:
        await call.exchange.pause(seconds)
        await call.answer()
        return
    await call.exchange.head(200, SSE)
    await call.exchange.pause(seconds)
    await call.say(call.pieces())
    await call.exchange.end()


async def too_long(call: Call) -> None:
    """400: the context window."""
    await call.refuse(400, "context_length_exceeded", "prompt is too long: 300000 tokens > 200000 maximum")


async def content_policy(call: Call) -> None:
    """400: the vendor does not like the content."""
    await call.refuse(400, "content_policy_violation", "this was flagged")


async def refusal(call: Call) -> None:
    """200, and the model declines; in a stream too."""
    if call.is_stream:
        pieces = call.dialect.stream(["No."], call.asked, call.model)
        turned = [
            (part, data.replace(b'"stop"', b'"content_filter"').replace(b"end_turn", b"refusal"))
            for part, data in pieces
        ]
        await call.stream(turned)
        return
    document = json.dumps(call.dialect.plain("No.", call.asked, call.model)).encode()
    await call.exchange.reply(200, document.replace(b'"stop"', b'"content_filter"').replace(b"end_turn", b"refusal"))


async def no_prefill(call: Call) -> None:
    """400 when the conversation ends with the assistant's turn."""
    if call.asked.is_prefilled:
        message = (
            "This model does not support assistant message prefill. The conversation must end with a user message."
        )
        await call.refuse(400, "invalid_request_error", message)
        return
    await call.answer()


async def loris(call: Call) -> None:
    """A right answer, one byte each half second."""
    text = call.dialect.plain("".join(call.tokens()), call.asked, call.model)
    body = b"".join(data for _, data in call.pieces()) if call.is_stream else json.dumps(text).encode()
    await call.exchange.head(200, SSE if call.is_stream else {"content-type": "application/json"}, length=len(body))
    for index in range(len(body)):
        await call.exchange.pause(_BYTE_SECONDS)
        await call.exchange.piece(body[index : index + 1])


async def huge(call: Call) -> None:
    """80 MB: of one JSON string, or of one event that never ends."""
    document = json.dumps(call.dialect.plain("@", call.asked, call.model)).encode()
    before, _, after = document.partition(b"@")
    if call.is_stream:
        before = next(data for part, data in call.pieces() if part is Part.WORD)[:-20]
    await call.exchange.head(200, SSE if call.is_stream else {"content-type": "application/json"})
    await call.exchange.piece(before)
    for _ in range(_HUGE_BYTES // _PIECE_BYTES):
        await call.exchange.piece(b"x" * _PIECE_BYTES)
    await call.exchange.piece(after)
    await call.exchange.end()


async def html(call: Call) -> None:
    """200, and a page of some proxy."""
    page = b"<!doctype html><title>Be right back</title>"
    await call.exchange.head(200, {"content-type": "text/html"}, length=len(page))
    await call.exchange.piece(page)


async def short(call: Call) -> None:
    """Closes before Content-Length is met."""
    body = json.dumps(call.dialect.plain("".join(call.tokens()), call.asked, call.model)).encode()
    await call.exchange.head(200, SSE if call.is_stream else {"content-type": "application/json"}, length=len(body))
    await call.exchange.piece(body[: len(body) * 2 // 3])
    call.exchange.is_over = True


async def bad_json(call: Call) -> None:
    """200, JSON by its type, and no JSON."""
    await call.exchange.reply(200, b'{"choices": [{"message": {"content": "w1 w2')


async def error_in_200(call: Call) -> None:
    """An error document under 200, or as the first event of a stream."""
    if not call.is_stream:
        await call.exchange.reply(200, call.dialect.error(500, "server_error", "it broke"))
        return
    await call.exchange.head(200, SSE)
    await call.exchange.piece(call.dialect.in_band("server_error", "it broke"))
    await call.exchange.end()


async def eager(call: Call) -> None:
    """Answers before it has read what was asked, and never reads it."""
    await call.answer()
    call.exchange.is_over = True
    await call.exchange.pause(2.0)


REFUSALS: dict[str, Fault] = {
    "429": limited,
    "429-after": limited_for_seconds,
    "429-after-ms": limited_for_ms,
    "429-until": limited_until,
    "400": failing(400, "invalid_request_error"),
    "401": failing(401, "invalid_api_key"),
    "403": failing(403, "permission_error"),
    "404": failing(404, "model_not_found"),
    "408": failing(408, "timeout"),
    "500": failing(500),
    "503": failing(503, "overloaded"),
    "529": failing(529, "overloaded"),
    "quota": failing(429, "insufficient_quota"),
    "reset": reset,
    "hang-up": hang_up,
    "silence": silence,
    "slow-first": slow_first,
    "context": too_long,
    "content-policy": content_policy,
    "refusal": refusal,
    "no-prefill": no_prefill,
    "loris": loris,
    "huge": huge,
    "html": html,
    "short": short,
    "bad-json": bad_json,
    "error-first": error_in_200,
    "eager": eager,
}
