"""What holds at the edges: deadlines of a second, strange lists of candidates, and many callers of a failing vendor?"""

from __future__ import annotations

import asyncio

from tests.chaos import judges as must
from tests.chaos.asking import asking, shapes
from tests.chaos.pace import Pace
from tests.chaos.scenario import Outcome, Row, Scenario, Stage

_STORM = 20
_STORM_SECONDS = 10.0
_SHARE = 0.2
_OFF = Row("off", settings={"enabled": False})


def limits(pace: Pace) -> list[Scenario]:
    """Deadlines, lists, storms."""
    return [*_deadlines(), *_lists(), *_storms(pace)]


def _deadlines() -> list[Scenario]:
    found = []
    for fault in ("silence", "slow-first", "stall", "loris", "503", "429-after=5", "slow=0.2", "cut"):
        for rest in ([], ["b/silence"]):
            found += shapes(
                f"a deadline of 1 s: {fault}{', then silence' if rest else ''}",
                "An answer or an error by then, whatever happens.",
                [f"a/{fault}", *rest],
                lambda _, __: [_soon],
                rules=(1,),
                timeout_seconds=1,
            )
    # The words of a stream may take longer than the deadline, which ends at its first content.
    spoken = ("stall", "slow=", "cut")
    return [one for one in found if not (one.name.endswith("stream") and any(word in one.name for word in spoken))]


def _soon(outcome: Outcome) -> list[str]:
    limit = 1.0 + outcome.pace.margin
    return [] if outcome.saw.seconds <= limit else [f"took {outcome.saw.seconds:.2f} s with a deadline of 1 s"]


def _lists() -> list[Scenario]:
    return [
        *shapes(
            "a list that names the same candidate twice",
            "It is one candidate.",
            ["a/404", "b/404", "b/404", "a/404", "c/ok"],
            lambda _, __: [must.whole, must.attempts(a=1, b=1, c=1)],
            rules=(8,),
        ),
        *(
            Scenario(
                name=f"a list that names an unknown provider, {'stream' if is_stream else 'plain'}",
                told="404 with the list, and nobody is asked.",
                play=asking(
                    ["a/ok", "nosuch/ok"],
                    must.refused(404, "provider_not_found"),
                    must.attempts(),
                    must.within(0),
                    is_stream=is_stream,
                ),
                rules=(8,),
            )
            for is_stream in (False, True)
        ),
        *shapes(
            "an empty list",
            "Nobody else is asked.",
            ["a/404"],
            lambda _, __: [must.refused(404, "model_not_found"), must.attempts(a=1)],
            rules=(8,),
        ),
        *shapes(
            "fallback switched off",
            "Nobody else is asked.",
            ["a/503", "b/ok"],
            lambda _, __: [must.refused(503, "provider_unavailable"), must.attempts(a=(1, 4))],
            rules=(8,),
            enable_fallback=False,
        ),
        *shapes(
            "a preferred provider that is switched off",
            "It is passed over with a warning.",
            ["off/ok", "@/ok"],
            lambda second, _: [must.whole, must.served_by(second), must.warned("off"), must.attempts({second: 1})],
            rules=(8,),
            rows=(_OFF,),
        ),
        *shapes(
            "a preferred provider that is switched off, and no fallback",
            "503, and nobody is asked.",
            ["off/ok", "b/ok"],
            lambda _, __: [must.refused(503, "provider_disabled"), must.attempts()],
            rules=(8,),
            rows=(_OFF,),
            enable_fallback=False,
        ),
    ]


def _storms(pace: Pace) -> list[Scenario]:
    return [
        Scenario(
            name=f"{_STORM} callers of a failing vendor",
            told="Retries stay within a fifth of the calls, three in ten seconds at least.",
            play=_storm,
            rules=(4,),
        ),
        Scenario(
            name=f"{_STORM} callers, all well",
            told="Many at once, and each has its own whole answer.",
            play=_crowd,
            rules=(20,),
        ),
    ]


async def _storm(stage: Stage) -> None:
    saws = await asyncio.gather(*(stage.ask(["a/503"]) for _ in range(_STORM)))
    seen = await stage.seen()
    first = seen[0]["at"] if seen else 0.0
    made = sum(one["at"] - first <= _STORM_SECONDS for one in seen)
    most = _STORM + max(3, int(_SHARE * _STORM))
    stage.must(1 <= made <= most, f"{made} attempts for {_STORM} requests, at most {most}")
    stage.must(all(saw.status == 503 and not saw.hung for saw in saws), f"answers: {[saw.status for saw in saws]}")


async def _crowd(stage: Stage) -> None:
    saws = await asyncio.gather(
        *(stage.ask(["a/slow=0.005", "b/slow=0.005"], is_stream=number % 2 == 0) for number in range(_STORM))
    )
    for saw in saws:
        await stage.judge(saw, must.ended, must.whole)
