"""What must callers see of a vendor's rate limits: its time is kept, or the next candidate serves?"""

from __future__ import annotations

from tests.chaos import judges as must
from tests.chaos.asking import shapes
from tests.chaos.pace import Pace
from tests.chaos.scenario import Scenario, Stage

# A rest that no caller waits for.
_LONG = 300


def rate_limits(pace: Pace) -> list[Scenario]:
    """With Retry-After in its three forms, without it, and from all at once."""
    return [*_limited(pace), *_cooling()]


def _limited(pace: Pace) -> list[Scenario]:
    wait = pace.wait_seconds
    return [
        *shapes(
            "429, Retry-After within patience",
            "The same route is asked again, no sooner than the vendor said.",
            [f"a/once-429-after={wait:g}", "@/ok"],
            lambda second, _: [must.whole, must.attempts(a=2), must.spaced("a", wait), must.served_by("a")],
            rules=(5,),
            public=1,
        ),
        *shapes(
            "429, Retry-After beyond patience",
            "The next candidate is asked at once.",
            [f"a/429-after={_LONG}", "@/ok"],
            lambda second, _: [
                must.whole,
                must.attempts({"a": 1, second: 1}),
                must.within(0),
                must.served_by(second),
            ],
            rules=(5, 7),
            public=1,
        ),
        *shapes(
            "429, Retry-After, nobody else",
            "It is waited for where it fits within the deadline.",
            [f"a/once-429-after={2 * wait:g}"],
            lambda _, __: [must.whole, must.attempts(a=2), must.spaced("a", 2 * wait)],
            rules=(5,),
            public=1,
        ),
        *shapes(
            "429, Retry-After beyond the deadline, nobody else",
            "429 at once, with the vendor's time.",
            [f"a/429-after={_LONG}"],
            lambda _, __: [
                must.refused(429, "rate_limit_exceeded"),
                must.retry_after(_LONG - 10, _LONG),
                must.attempts(a=1),
                must.within(0),
            ],
            rules=(5,),
            public=1,
        ),
        *shapes(
            "429, retry-after-ms",
            "Milliseconds are kept as well.",
            ["a/once-429-after-ms=0.7", "@/ok"],
            lambda _, __: [must.whole, must.attempts(a=2), must.spaced("a", 0.7)],
            rules=(5,),
            public=1,
        ),
        *shapes(
            "429, Retry-After a date",
            "A date is kept as well; it has whole seconds only.",
            ["a/once-429-until=2"],
            lambda _, __: [must.whole, must.attempts(a=2), must.spaced("a", 1.0)],
            rules=(5,),
            public=1,
        ),
        *shapes(
            "429 once, no Retry-After",
            "The route rests for a second and is asked again.",
            ["a/once-429", "@/ok"],
            lambda _, __: [must.whole, must.attempts(a=2), must.spaced("a", 1.0), must.served_by("a")],
            rules=(4, 5),
            public=2,
        ),
        *shapes(
            "429 for ever, no Retry-After",
            "Rests double, and the next candidate serves.",
            ["a/429", "@/ok"],
            lambda second, _: [
                must.whole,
                must.attempts({"a": (1, 4), second: 1}),
                must.spaced("a", 1.0),
                must.within(2 * pace.retry_after_patience_seconds),
            ],
            rules=(5, 7),
            public=2,
        ),
    ]


def _cooling() -> list[Scenario]:
    return [
        *shapes(
            "429 from all",
            "429, with the soonest of their times.",
            [f"a/429-after={_LONG}", f"@/429-after={_LONG - 100}"],
            lambda second, _: [
                must.refused(429, "rate_limit_exceeded"),
                must.retry_after(_LONG - 110, _LONG - 100),
                must.attempts({"a": 1, second: 1}),
                must.within(0),
            ],
            rules=(5,),
            public=1,
        ),
        *shapes(
            "503 from one, 429 from the other",
            "429: one of them only cools.",
            ["a/503", f"@/429-after={_LONG}"],
            lambda second, _: [
                must.refused(429, "rate_limit_exceeded"),
                must.retry_after(0, _LONG),
                must.attempts({"a": (1, 4), second: 1}),
            ],
            rules=(5,),
            public=1,
        ),
        Scenario(
            name="429 cools the route for the next request too",
            told="While it cools it is not asked.",
            play=_still_cools,
            rules=(5,),
            public=1,
        ),
    ]


async def _still_cools(stage: Stage) -> None:
    await stage.ask([f"a/429-after={_LONG}", "b/ok"])
    again = await stage.ask([f"a/429-after={_LONG}", "b/ok"], is_stream=True)
    await stage.judge(again, must.ended, must.whole, must.attempts(a=1, b=2), must.served_by("b"))
