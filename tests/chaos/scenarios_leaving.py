"""What happens when the caller leaves, at every moment it can? The vendor's work ends at once, and nobody is blamed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from tests.chaos import judges as must
from tests.chaos.pace import Pace
from tests.chaos.scenario import Scenario, Stage

# What the promise says, and what two processes and an operating system may add before it is written down.
_CLOSED_SECONDS = 0.1
_NOTICED_SECONDS = 0.05
_EXTRA_LEAVES = 4


def leaving(pace: Pace) -> list[Scenario]:
    """Before headers, between tokens, during waits and fallback; none of it opens a circuit."""
    first = pace.first_token_timeout_seconds
    idle = pace.stream_idle_timeout_seconds
    moments: list[tuple[str, Sequence[str], bool, int, dict[str, Any]]] = [
        ("before headers, plain", ["a/silence", "b/ok"], False, 1, {"after_seconds": 0.3}),
        ("before headers, stream", ["a/silence", "b/ok"], True, 1, {"after_seconds": 0.3}),
        ("within a slow plain reply", ["a/loris", "b/ok"], False, 1, {"after_seconds": 0.7}),
        ("before the first token", ["a/slow-first", "b/ok"], True, 1, {"after_seconds": 0.5}),
        ("between tokens", ["a/slow", "b/ok"], True, 1, {"after_texts": 5}),
        ("between tokens, Anthropic", ["c/slow", "b/ok"], True, 1, {"after_texts": 5}),
        ("while the stream stalls", ["a/stall", "b/ok"], True, 1, {"after_texts": 40}),
        ("while it waits for Retry-After", ["a/once-429-after=1"], False, 0, {"after_seconds": 0.4}),
        ("during fallback, plain", ["a/404", "b/silence"], False, 1, {"after_seconds": 0.4}),
        ("during fallback, stream", ["a/silence", "b/silence"], True, 1, {"after_seconds": first + 0.4}),
        ("during recovery", ["a/cut", "b/silence"], True, 1, {"after_seconds": 0.5}),
        ("during recovery from a stall", ["a/stall", "b/slow=0.1"], True, 1, {"after_seconds": idle + 0.6}),
    ]
    return [
        *(
            Scenario(
                name=f"the caller leaves {name}",
                told="The vendor sees the connection closed within 100 ms, and is not asked again.",
                play=_leaves(candidates, is_stream, calls, when),
                rules=(13,),
                alone=True,
            )
            for name, candidates, is_stream, calls, when in moments
        ),
        Scenario(
            name="callers leave again and again",
            told="No circuit opens: the next caller of the same route is served by it.",
            play=_leave_often,
            rules=(13, 15),
            alone=True,
        ),
    ]


def _leaves(
    candidates: Sequence[str], is_stream: bool, calls: int, when: dict[str, Any]
) -> Callable[[Stage], Awaitable[None]]:
    async def play(stage: Stage) -> None:
        saw = await stage.leave(candidates, is_stream=is_stream, **when)
        # A wait that went on after the caller would show itself by another attempt.
        await stage.idle(0.8)
        outcome = await stage.judge(saw, must.closed_upstream(_CLOSED_SECONDS + _NOTICED_SECONDS, calls=calls))
        left = saw.left_at or 0.0
        closed = [one["caller_left_at"] - left for one in outcome.seen if (one["caller_left_at"] or 0.0) >= left]
        stage.notes += [f"vendor's call closed after {seconds * 1000:.0f} ms" for seconds in closed]

    return play


async def _leave_often(stage: Stage) -> None:
    most = stage.pace.failure_threshold + _EXTRA_LEAVES
    for number in range(most):
        await stage.leave(["a/slow=0.02", "b/ok"], is_stream=number % 2 == 0, after_seconds=0.12)
    saw = await stage.ask(["a/slow=0.02", "b/ok"], is_stream=True)
    await stage.judge(saw, must.ended, must.whole, must.served_by("a"), must.attempts(a=most + 1))
