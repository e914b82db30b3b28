"""What must callers see when a vendor refuses, with a status or in words? Nothing of the answer was there yet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.chaos import judges as must
from tests.chaos.asking import shapes
from tests.chaos.pace import Pace
from tests.chaos.scenario import Row, Scenario, Stage


def refusals(pace: Pace) -> list[Scenario]:
    """Failures, and what is nobody's to retry."""
    return [*_failing(pace), *_final(), *_of_rows()]


def _failing(pace: Pace) -> list[Scenario]:
    tries = pace.max_retries + 1
    return [
        *shapes(
            "one 500",
            "Asked again, and served by the same.",
            ["a/once-500", "@/ok"],
            lambda _, __: [must.whole, must.attempts(a=2), must.backed_off("a"), must.served_by("a"), must.counted],
            rules=(4,),
            public=3,
        ),
        *shapes(
            "lasting 503",
            "Retried within bounds, then the next candidate.",
            ["a/503", "@/ok"],
            lambda second, _: [
                must.whole,
                must.attempts({"a": (2, tries), second: 1}),
                must.backed_off("a"),
                must.served_by(second),
                must.counted,
            ],
            rules=(4, 7, 9),
            public=4,
        ),
        *shapes(
            "lasting 503, nobody else",
            "503, and SDKs are told not to multiply it.",
            ["a/503"],
            lambda _, __: [
                must.refused(503, "provider_unavailable"),
                must.attempts(a=(2, tries)),
                must.not_to_be_retried,
            ],
            rules=(4,),
            public=4,
        ),
        *shapes(
            "529 once, 408 once",
            "Both are passing faults.",
            ["a/once-529", "b/once-408", "c/ok"],
            lambda _, __: [must.whole, must.attempts(a=2), must.served_by("a")],
            rules=(4,),
        ),
        *shapes(
            "six attempts in all",
            "Every untried candidate keeps its first try.",
            ["a/503", "b/503", "d/503", "e/503", "f/503", "c/ok"],
            lambda _, __: [must.whole, must.attempts(a=1, b=1, d=1, e=1, f=1, c=1)],
            rules=(4,),
        ),
    ]


def _final() -> list[Scenario]:
    return [
        *shapes(
            "context too long, a window that is not known next",
            "A candidate whose window may be larger is asked.",
            ["a/context", "@/ok"],
            lambda second, _: [must.whole, must.attempts({"a": 1, second: 1})],
            rules=(6, 7),
            public=12,
        ),
        *shapes(
            "context too long, nobody else",
            "Straight back, never retried.",
            ["a/context"],
            lambda _, __: [must.refused(400, "context_length_exceeded"), must.attempts(a=1), must.within(0)],
            rules=(6,),
            public=12,
        ),
        *shapes(
            "context too long, a smaller window next",
            "Straight back: no smaller window is asked.",
            ["small!claude-opus-4-7", "c!claude-haiku-4-5"],
            lambda _, __: [must.refused(400, "context_length_exceeded"), must.attempts(small=1)],
            rules=(7,),
            public=12,
            rows=(Row("small", "anthropic", fault="context"),),
        ),
        *shapes(
            "content policy",
            "Straight back; no other vendor is asked to say it.",
            ["a/content-policy", "@/ok"],
            lambda _, __: [must.refused(400, "content_policy_violation"), must.attempts(a=1)],
            rules=(6, 7),
            public=13,
        ),
        *shapes(
            "a caller's own mistake",
            "400 goes straight back.",
            ["a/400", "@/ok"],
            lambda _, __: [must.refused(422, "invalid_request"), must.attempts(a=1)],
            rules=(6, 8),
        ),
        *shapes(
            "the model declines",
            "A refusal is told as one; no other vendor is asked.",
            ["a/refusal", "@/ok"],
            lambda _, __: [must.declined, must.attempts(a=1)],
            rules=(7,),
            public=13,
        ),
        *shapes(
            "model unknown at one vendor",
            "The next candidate serves.",
            ["a/404", "@/ok"],
            lambda second, _: [must.whole, must.attempts({"a": 1, second: 1}), must.served_by(second)],
            rules=(6, 7),
        ),
    ]


def _of_rows() -> list[Scenario]:
    return [
        *(
            Scenario(
                name=f"{fault}, then another request",
                told="The next candidate serves, and the refused key is not sent again.",
                play=_refuses_the_row(f"row-{fault}", fault),
                rules=(6, 7, 15),
                rows=(Row(f"row-{fault}"),),
            )
            for fault in ("401", "quota")
        ),
        Scenario(
            name="403, then another model",
            told="Only the route is closed, not the row.",
            play=_refuses_the_route,
            rules=(15,),
            rows=(Row("row-403"),),
        ),
    ]


def _refuses_the_row(row: str, fault: str) -> Callable[[Stage], Awaitable[None]]:
    async def play(stage: Stage) -> None:
        first = await stage.ask([f"{row}/{fault}", "b/ok"])
        await stage.judge(first, must.ended, must.whole, must.listed, must.attempts({row: 1, "b": 1}))
        again = await stage.ask([f"{row}/ok", "b/ok"])
        await stage.judge(again, must.ended, must.whole, must.attempts({row: 1, "b": 2}), must.served_by("b"))

    return play


async def _refuses_the_route(stage: Stage) -> None:
    first = await stage.ask(["row-403/403", "b/ok"])
    await stage.judge(first, must.ended, must.whole, must.attempts({"row-403": 1, "b": 1}))
    again = await stage.ask(["row-403/403", "b/ok"])
    await stage.judge(again, must.ended, must.whole, must.attempts({"row-403": 1, "b": 2}))
    sibling = await stage.ask(["row-403/ok", "b/ok"])
    await stage.judge(sibling, must.ended, must.whole, must.served_by("row-403"))
