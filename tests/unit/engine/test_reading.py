"""Is an open reply read under its limits, and whole only with a finish reason?"""

from __future__ import annotations

import asyncio

import pytest

from app.engine.reading import Reading
from app.ports import CallLimits
from app.resilience.deadline import SlowReaderError
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall, Operation
from contracts.chat import Conversation
from contracts.config import LLMProviderConfig
from contracts.deltas import Piece, TextDelta, ToolCallDelta
from contracts.errors import LLMTimeoutError, ProviderProtocolError
from contracts.fault import Fault
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import USAGE, Counted, Finish, Pause, Ping, Silent, Step, Streams, unreadable
from tests.kit.virtual_time import elapse, loop_clock


async def reading(*steps: Step) -> Reading:
    """A reading of a stream that takes `steps`."""
    call = ModelCall(
        operation=Operation.CHAT,
        conversation=Conversation(messages=()),
        caller=IN_PROCESS_CALLER,
        request_id="r",
        correlation_id="c",
    )
    provider = FakeProvider("alpha", [Streams(steps)])
    stream = await provider.open_stream(call, model="m", limits=CallLimits(connect_timeout_seconds=5))
    return Reading(stream, "alpha", LLMProviderConfig(), loop_clock())


async def following(given: Reading) -> Piece | None:
    """The next content; None at the end."""
    return given.held.popleft() if given.held or await given.read_on() else None


async def contents(given: Reading) -> list[Piece]:
    """All content to the end."""
    deltas: list[Piece] = []
    while (delta := await following(given)) is not None:
        deltas.append(delta)
    return deltas


async def read_slowly(given: Reading, pause_seconds: float) -> None:
    """To the end, with a pause after each content."""
    while await following(given):
        await elapse(pause_seconds)


async def test_reading_holds_the_first_content_back() -> None:
    """What was read to open the stream is given first, and nothing is lost or doubled."""
    given = await reading(Ping(), "", "a", "b", Finish())
    await given.until_first_content()
    assert await contents(given) == [TextDelta(text="a"), TextDelta(text="b")]
    assert given.reply().message.text == "ab"


async def test_reading_counts_characters() -> None:
    """Text, reasoning and tool arguments count, for the estimate of a cut answer."""
    call = ToolCallDelta(index=0, id="x", name="look", arguments='{"a":1}')
    given = await reading("abc", call, Finish())
    assert await contents(given) == [TextDelta(text="abc"), call]
    assert given.characters == 10


async def test_reading_opens_without_a_limit_of_its_own() -> None:
    """To the first content the attempt's limit holds, and no other."""
    given = await reading(Pause(1000), "a", Finish())
    await given.until_first_content()
    assert await following(given) == TextDelta(text="a")


async def test_reading_end_without_finish_is_a_cut() -> None:
    """An end without a finish reason is never a whole answer, before content or after it."""
    with pytest.raises(ProviderProtocolError):
        await (await reading(Ping())).until_first_content()
    given = await reading("a")
    assert await following(given) == TextDelta(text="a")
    with pytest.raises(ProviderProtocolError):
        await following(given)


async def test_reading_silence_is_too_late() -> None:
    """15 s without anything."""
    given = await reading("a", Silent())
    await following(given)
    with pytest.raises(LLMTimeoutError, match="alpha was silent for 15 s"):
        await following(given)


async def test_reading_content_with_and_after_the_finish_is_kept() -> None:
    """A finish reason does not swallow what comes along with it."""
    given = await reading("a", Finish(), "b", Counted())
    assert await contents(given) == [TextDelta(text="a"), TextDelta(text="b")]
    assert given.reply().usage == USAGE


async def test_reading_after_the_finish_nothing_fails() -> None:
    """Neither a stall nor a cut takes a whole answer back."""
    for last in (Silent(), unreadable()):
        given = await reading("a", Finish(), last)
        began = asyncio.get_running_loop().time()
        assert await contents(given) == [TextDelta(text="a")]
        assert asyncio.get_running_loop().time() - began <= 2.001
        assert given.reply().message.text == "a"


async def test_reading_end_stays_the_end() -> None:
    """Asked again after the end, it is still the end."""
    given = await reading("a", Finish())
    await contents(given)
    assert await following(given) is None


async def test_reading_for_a_slow_caller_blames_nobody() -> None:
    """A stream that outlives its limit because it was read slowly is the caller's doing, and says so."""
    given = await reading(*["a"] * 9)
    with pytest.raises(SlowReaderError, match="most of the 1800 s that a stream may take went by before it was read"):
        await read_slowly(given, 400)


async def test_reading_of_a_slow_vendor_is_the_vendors_doing() -> None:
    """A caller who took less than half of the stream's life is not to blame for its end."""
    given = await reading(*[step for _ in range(200) for step in ("a", Pause(11))])
    with pytest.raises(LLMTimeoutError, match="alpha streamed for more than 1800 s") as caught:
        await read_slowly(given, 7)
    assert caught.value.fault is Fault.PROVIDER
