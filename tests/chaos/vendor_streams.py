"""How can a vendor fail once it has begun to speak? Plain calls, which have no middle, are cut in theirs."""

from __future__ import annotations

import json

from tests.chaos.vendor_call import SLOW_SECONDS, SSE, Call
from tests.chaos.vendor_dialects import OpenAIChat, Part, Piece
from tests.chaos.vendor_refusals import Fault, short

# What was written before a reset must have been read by then, or the reset takes it along.
_SETTLE_SECONDS = 0.05
_COMMENT: Piece = (Part.OPENING, b": keep-alive\n\n\n")
_UNKNOWN: Piece = (Part.OPENING, b'event: weather\ndata: {"type":"weather","is":"fine"}\n\n')


def cut(*, chunked: bool, ended: bool = False, resets: bool = False) -> Fault:
    """A fault: two thirds of the words, then an end that is clean only for the transport, or none, or a reset."""

    async def fail(call: Call) -> None:
        if not call.is_stream:
            await short(call)
            return
        await call.exchange.head(200, SSE, chunked=chunked)
        await call.say(call.first_two_thirds())
        if resets:
            await call.exchange.pause(_SETTLE_SECONDS)
            call.exchange.reset()
        elif ended:
            await call.exchange.end()
        call.exchange.is_over = True

    return fail


async def cut_within_word(call: Call) -> None:
    """The last token before the cut is half a word."""
    await call.exchange.head(200, SSE, chunked=False)
    pieces = call.first_two_thirds()
    tokens = call.tokens()
    half = tokens[len(tokens) * 2 // 3][:-1]
    await call.say(pieces)
    await call.say([one for one in call.dialect.stream([half], call.asked, call.model) if one[0] is Part.WORD])
    call.exchange.is_over = True


async def stall(call: Call) -> None:
    """Two thirds, then nothing more."""
    if call.is_stream:
        await call.exchange.head(200, SSE)
        await call.say(call.first_two_thirds())
    else:
        body = json.dumps(call.dialect.plain("".join(call.tokens()), call.asked, call.model)).encode()
        await call.exchange.head(200, {"content-type": "application/json"}, length=len(body))
        await call.exchange.piece(body[: len(body) * 2 // 3])
    await call.exchange.hang()


async def malformed(call: Call) -> None:
    """Two thirds, then an event that is no JSON, then the rest as if nothing had happened."""
    begun = call.first_two_thirds()
    await call.exchange.head(200, SSE)
    await call.say([*begun, (Part.WORD, b'data: {"choices": [{"delta"\n\n'), *call.pieces()[len(begun) :]])
    await call.exchange.end()


async def error_mid(call: Call) -> None:
    """Two thirds, then an error event."""
    await call.exchange.head(200, SSE)
    await call.say(call.first_two_thirds())
    await call.exchange.piece(call.dialect.in_band("server_error", "it broke"))
    await call.exchange.end()


def lacking(*parts: Part, hangs: bool = False) -> Fault:
    """A fault: the whole stream but these parts; then its end, or silence on an open connection."""

    async def fail(call: Call) -> None:
        if not call.is_stream:
            await call.answer()
            return
        await call.exchange.head(200, SSE, chunked=hangs)
        await call.say([one for one in call.pieces() if one[0] not in parts])
        if hangs:
            await call.exchange.hang()

    return fail


async def chatter(call: Call) -> None:
    """A right stream among comments, blank lines and events that nobody knows."""
    pieces = [one for piece in call.pieces() for one in (_COMMENT, _UNKNOWN, piece)]
    await call.stream(pieces)


async def slow(call: Call) -> None:
    """A right answer, a word each `amount` seconds, or 0.05."""
    await call.answer(seconds_each=call.amount or SLOW_SECONDS)


async def hesitates(call: Call) -> None:
    """Two thirds, a pause of `amount` seconds, and the rest."""
    begun = call.first_two_thirds()
    await call.exchange.head(200, SSE)
    await call.say(begun)
    await call.exchange.pause(call.amount)
    await call.say(call.pieces()[len(begun) :])
    await call.exchange.end()


async def repeats(call: Call) -> None:
    """Begins again from the first word, whatever was said before."""
    await call.answer(back=call.asked.said_words)


async def overlaps(call: Call) -> None:
    """Says the last three words again."""
    await call.answer(back=3)


async def half_tool_call(call: Call) -> None:
    """A tool call, cut within its arguments."""
    dialect = OpenAIChat()
    await call.exchange.head(200, SSE, chunked=False)
    await call.exchange.piece(dialect.tool_call(call.model, ""))
    await call.exchange.piece(dialect.tool_call(call.model, '{"where": "he'))
    call.exchange.is_over = True


STREAM_FAULTS: dict[str, Fault] = {
    "cut": cut(chunked=False),
    "cut-chunked": cut(chunked=True),
    "cut-ended": cut(chunked=True, ended=True),
    "cut-reset": cut(chunked=True, resets=True),
    "cut-word": cut_within_word,
    "cut-tool": half_tool_call,
    "stall": stall,
    "malformed": malformed,
    "error-mid": error_mid,
    "cut-last": lacking(Part.FINISH, Part.USAGE, Part.END),
    "no-done": lacking(Part.END),
    "no-done-hang": lacking(Part.END, hangs=True),
    "no-finish": lacking(Part.FINISH),
    "chatter": chatter,
    "slow": slow,
    "hesitates": hesitates,
    "repeats": repeats,
    "overlaps": overlaps,
}
