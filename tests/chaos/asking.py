"""How is a scenario made of one request: its candidates, its fields, and its judges?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from tests.chaos.judges import ended, gentle, listed
from tests.chaos.scenario import Judge, Row, Scenario, Stage

# Who may go on after the first: a row of OpenAI's dialect, or one of Anthropic's.
SECONDS = {"b": "openai", "c": "anthropic"}
SHAPES = {"plain": False, "stream": True}

Judges = Callable[[str, bool], Iterable[Judge]]


def asking(
    candidates: Sequence[str], *judges: Judge, is_stream: bool = False, **fields: Any
) -> Callable[[Stage], Awaitable[None]]:
    """A play of one request, judged also for what holds of every request."""

    async def play(stage: Stage) -> None:
        saw = await stage.ask(candidates, is_stream=is_stream, **fields)
        await stage.judge(saw, ended, gentle, listed, *judges)

    return play


def shapes(
    name: str,
    told: str,
    candidates: Sequence[str],
    judges: Judges,
    *,
    rules: tuple[int, ...],
    public: int | None = None,
    only: str | None = None,
    rows: tuple[Row, ...] = (),
    **fields: Any,
) -> list[Scenario]:
    """The same as a plain call and as a stream; `judges` gets the second candidate's row and whether it is a stream.

    A candidate `@/ok` is each of `SECONDS` in turn. `only`: one shape.
    """
    seconds = SECONDS if any(one.startswith("@") for one in candidates) else {"": ""}
    return [
        Scenario(
            name=f"{name}{f' → {dialect}' if dialect else ''}, {shape}",
            told=told,
            play=asking(
                [one.replace("@", row) for one in candidates], *judges(row, is_stream), is_stream=is_stream, **fields
            ),
            rules=rules,
            public=public,
            rows=rows,
        )
        for shape, is_stream in SHAPES.items()
        if only in (None, shape)
        for row, dialect in seconds.items()
    ]
