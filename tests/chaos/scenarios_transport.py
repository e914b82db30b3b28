"""What must callers see when a vendor fails below its own words: resets, silence, and replies that are none?"""

from __future__ import annotations

from tests.chaos import judges as must
from tests.chaos.asking import shapes
from tests.chaos.pace import Pace
from tests.chaos.scenario import Row, Scenario, Stage


def transport(pace: Pace) -> list[Scenario]:
    """Faults before the first content, and plain replies that are not whole."""
    return [*_connections(pace), *_silences(pace), *_unreadable(pace), *_healthy(pace)]


def _connections(pace: Pace) -> list[Scenario]:
    tries = pace.max_retries + 1
    return [
        *(
            scenario
            for fault, name in (("reset", "reset before headers"), ("hang-up", "closed before headers"))
            for scenario in (
                *shapes(
                    name,
                    "Retried, then the next candidate.",
                    [f"a/{fault}", "@/ok"],
                    lambda second, _: [must.whole, must.attempts({"a": (2, tries), second: 1}), must.backed_off("a")],
                    rules=(4, 7),
                    public=5,
                ),
                *shapes(
                    f"{name}, once",
                    "Asked again, and served by the same.",
                    [f"a/once-{fault}", "b/ok"],
                    lambda _, __: [must.whole, must.attempts(a=2), must.served_by("a")],
                    rules=(4,),
                    public=5,
                ),
            )
        ),
        Scenario(
            name="nobody listens",
            told="A refused connection is retried, and the next candidate serves.",
            play=_nobody_listens,
            rules=(4, 7),
            rows=(Row("nobody", fault="closed-port"),),
        ),
    ]


def _silences(pace: Pace) -> list[Scenario]:
    def limit(is_stream: bool) -> float:
        return pace.first_token_timeout_seconds if is_stream else pace.request_timeout_seconds

    found = []
    for fault, name, public in (
        ("silence", "silence", 6),
        ("slow-first", "slow first token", 7),
        ("loris", "one byte each half second", None),
    ):
        found += shapes(
            name,
            "Given up at its limit, not repeated; the next candidate serves.",
            [f"a/{fault}", "@/ok"],
            lambda second, is_stream: [
                must.whole,
                must.attempts({"a": 1, second: 1}),
                must.within(limit(is_stream)),
                must.served_by(second),
            ],
            rules=(1, 2, 3),
            public=public,
        )
    return [
        *found,
        *shapes(
            "silence, nobody else",
            "504 within the deadline; an error event where a stream's headers are out by then.",
            ["a/silence"],
            lambda _, is_stream: [
                must.failed_in_band("timeout") if is_stream and not pace.is_short else must.refused(504, "timeout"),
                must.attempts(a=1),
                must.within(pace.fallback_timeout_seconds),
            ],
            rules=(1, 3),
            public=6,
        ),
        *shapes(
            "slow first token, nobody else",
            "The last candidate may use all that remains.",
            [f"a/slow-first={pace.first_token_timeout_seconds + 1:g}"],
            lambda _, __: [must.whole, must.attempts(a=1)],
            rules=(2,),
            public=7,
            only="stream",
        ),
        *shapes(
            "stall in a plain reply",
            "Given up at its limit; the next candidate serves.",
            ["a/stall", "@/ok"],
            lambda second, _: [
                must.whole,
                must.attempts({"a": 1, second: 1}),
                must.within(pace.request_timeout_seconds),
            ],
            rules=(1, 3),
            public=9,
            only="plain",
        ),
    ]


def _unreadable(pace: Pace) -> list[Scenario]:
    found = []
    for fault, name, only in (
        ("html", "a page instead of an answer", None),
        ("short", "closed before Content-Length", "plain"),
        ("bad-json", "no JSON", "plain"),
        ("huge", "80 MB", None),
    ):
        found += shapes(
            name,
            "No answer: the next candidate serves.",
            [f"a/{fault}", "@/ok"],
            lambda second, _: [must.whole, must.attempts({"a": 1, second: 1}), must.served_by(second)],
            rules=(7, 11),
            only=only,
        )
    return [
        *found,
        *shapes(
            "an error under 200, before the first token",
            "A real failure: retried or not, the next candidate serves.",
            ["a/error-first", "@/ok"],
            lambda second, _: [must.whole, must.attempts({"a": (1, pace.max_retries + 1), second: 1})],
            rules=(7, 10),
            public=14,
        ),
        *shapes(
            "cut while a plain call is streamed upstream",
            "stream_upstream: nothing was sent, so the next candidate serves.",
            ["su/cut", "@/ok"],
            lambda second, _: [must.whole, must.attempts({"su": 1, second: 1})],
            rules=(1,),
            public=8,
            only="plain",
            rows=(Row("su", settings={"stream_upstream": True}),),
        ),
        *shapes(
            "stall while a plain call is streamed upstream",
            "stream_upstream: the idle limit guards the plain call.",
            ["su/stall", "@/ok"],
            lambda second, _: [
                must.whole,
                must.attempts({"su": 1, second: 1}),
                must.within(pace.stream_idle_timeout_seconds),
            ],
            rules=(1,),
            public=9,
            only="plain",
            rows=(Row("su", settings={"stream_upstream": True}),),
        ),
    ]


def _healthy(pace: Pace) -> list[Scenario]:
    return [
        *shapes(
            "nothing is wrong",
            "Served by the first, counted as the vendor counts.",
            ["a/ok", "@/ok"],
            lambda _, __: [must.whole, must.attempts(a=1), must.served_by("a"), must.counted, must.within(0)],
            rules=(9,),
        ),
        *shapes(
            "nothing is wrong, and the price is known",
            "Its cost is above nothing.",
            ["c!claude-haiku-4-5"],
            lambda _, __: [must.whole, must.counted, must.priced],
            rules=(9,),
        ),
    ]


async def _nobody_listens(stage: Stage) -> None:
    # A model each: a route's retries within ten seconds are bounded.
    for model, is_stream in (("ok", False), ("slow", True)):
        saw = await stage.ask([f"nobody/{model}", "c/ok"], is_stream=is_stream)
        await stage.judge(saw, must.ended, must.whole, must.served_by("c"))
        made = [one["provider"] for one in saw.last.get("attempts", [])]
        stage.must(2 <= made.count("nobody") <= stage.pace.max_retries + 1, f"the attempts were {made}")
