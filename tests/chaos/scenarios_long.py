"""What needs real minutes: comments that keep idle proxies open, headers that are held, circuits that open longer?"""

from __future__ import annotations

from tests.chaos import judges as must
from tests.chaos.pace import Pace
from tests.chaos.scenario import Row, Scenario, Stage

_HELD_SECONDS = 25.0
_COMMENT_SECONDS = 10.0


def long_ones(pace: Pace) -> list[Scenario]:
    """Scenarios of the full mode alone."""
    return [
        Scenario(
            name="no first content for longer than headers are held",
            told="After 25 s: 200 and comments; fallback goes on unseen.",
            play=_held,
            rules=(10, 14),
            is_long=True,
        ),
        Scenario(
            name="nobody has any content",
            told="Headers are out: an in-band error.",
            play=_held_in_vain,
            rules=(10,),
            is_long=True,
        ),
        Scenario(
            name="a pause inside a stream",
            told="Comments come every 10 s, and the stream goes on.",
            play=_pauses,
            rules=(14,),
            is_long=True,
        ),
        Scenario(
            name="an answer before the question was read",
            told="Answer or error, and nothing hangs: the vendor never reads the eight megabytes that it answers.",
            play=_answered_unread,
            rules=(20,),
            rows=(Row("eager", fault="eager"),),
            alone=True,
            is_long=True,
        ),
    ]


async def _answered_unread(stage: Stage) -> None:
    words = [{"role": "user", "content": "word " * 190_000}] * 8
    saw = await stage.ask(["eager/ok", "b/ok"], prompt=None, messages=words)
    await stage.judge(saw, must.ended, must.within(stage.pace.request_timeout_seconds))


async def _held(stage: Stage) -> None:
    saw = await stage.ask(["a/slow-first=60", "b/slow-first=60", "c/slow-first=8"], is_stream=True)
    await stage.judge(saw, must.ended, must.whole, must.served_by("c"), must.not_before(_HELD_SECONDS))


async def _held_in_vain(stage: Stage) -> None:
    saw = await stage.ask(["a/silence", "b/silence", "c/silence"], is_stream=True)
    await stage.judge(saw, must.ended, must.failed_in_band("timeout"), must.within(stage.pace.fallback_timeout_seconds))
    least = int((stage.pace.fallback_timeout_seconds - _HELD_SECONDS) / _COMMENT_SECONDS)
    stage.must(saw.comments >= least, f"{saw.comments} comments, at least {least}")


async def _pauses(stage: Stage) -> None:
    saw = await stage.ask(["a/hesitates=13", "b/ok"], is_stream=True)
    await stage.judge(saw, must.ended, must.whole, must.served_by("a"))
    stage.must(saw.comments >= 1, "no comment in 13 s")
