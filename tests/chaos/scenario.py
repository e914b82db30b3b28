"""What is a scenario: which faults are met, what is asked, and what must be true of what caller and vendor saw?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.chaos.caller import Caller, Saw
from tests.chaos.pace import Pace

Seen = dict[str, Any]
HEALTHY = "h"


async def pass_time(seconds: float) -> None:
    """Waits where there is no event to wait for."""
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, passed.set)
    await passed.wait()


@dataclass(frozen=True, slots=True)
class Row:
    """A provider row that a scenario needs; `fault` for models whose names cannot say it."""

    name: str
    kind: str = "openai"
    fault: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What caller and vendor saw; `seen` in the order of arrival."""

    saw: Saw
    seen: Sequence[Seen]
    pace: Pace

    def of_row(self, row: str) -> list[Seen]:
        """The attempts that one row made."""
        return [one for one in self.seen if one["row"] == row]


Judge = Callable[[Outcome], list[str]]
Told = Callable[[str], Awaitable[list[Seen]]]


class Running(Protocol):
    """A service as a process."""

    def terminate(self) -> None:
        """SIGTERM."""
        ...

    async def wait(self) -> int:
        """Its exit code, once it has one."""
        ...


@dataclass(slots=True)
class Stage:
    """Where one scenario plays: `run` marks its models, `seen` asks the vendor, `flaws` is what was found,
    `notes` what else the scorecard shows."""

    run: str
    pace: Pace
    caller: Caller
    vendor_seen: Told
    heal: Callable[[str], Awaitable[None]]
    own: Running | None = None
    saws: list[Saw] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _asked: int = 0

    def model(self, fault: str) -> str:
        """The model that misbehaves so, in this run."""
        return f"{fault}:{self.run}"

    def candidate(self, row_and_fault: str) -> str:
        """`b/ok` as a candidate of this run; a model that is no fault (`c!claude-opus-4-7`) is taken as it is."""
        row, bang, model = row_and_fault.partition("!")
        if bang:
            return f"{row}/{model}"
        row, _, fault = row_and_fault.partition("/")
        return f"{row}/{self.model(fault)}"

    def body(self, candidates: Sequence[str], **fields: Any) -> dict[str, Any]:
        """A request; its words are never the same, so that nothing remembered answers for the vendor."""
        self._asked += 1
        first, *rest = [self.candidate(one) for one in candidates]
        row, _, model = first.partition("/")
        prompt = f"Count to sixty, please. (run {self.run} {self._asked})"
        return {"prompt": prompt, "provider": row, "model": model, "fallback_providers": rest, **fields}

    async def ask(self, candidates: Sequence[str], *, is_stream: bool = False, **fields: Any) -> Saw:
        """One request, until its end; a chain and a half is a hang."""
        limit = fields.get("timeout_seconds") or self.pace.fallback_timeout_seconds
        body = self.body(candidates, **fields)
        saw = await self.caller.ask(body, is_stream=is_stream, limit_seconds=limit * 1.5 + 5)
        self.saws.append(saw)
        return saw

    async def leave(self, candidates: Sequence[str], *, is_stream: bool, **when: Any) -> Saw:
        """One request whose caller leaves."""
        saw = await self.caller.leave(self.body(candidates), is_stream=is_stream, **when)
        self.saws.append(saw)
        return saw

    def service(self) -> Running:
        """The service that plays in this scenario alone. Raises LookupError when there is none."""
        if self.own is None:
            raise LookupError(self.run)
        return self.own

    async def idle(self, seconds: float) -> None:
        """Lets time pass: what must not happen in it has no event to wait for."""
        await pass_time(seconds)

    async def seen(self) -> list[Seen]:
        """What the vendor saw of this run."""
        return await self.vendor_seen(self.run)

    def must(self, holds: object, flaw: str) -> None:
        """Notes a flaw unless something holds."""
        if not holds:
            self.flaws.append(flaw)

    async def judge(self, saw: Saw, *judges: Judge) -> Outcome:
        """Judges one request by what came back and what the vendor saw."""
        outcome = Outcome(saw, await self.seen(), self.pace)
        for one in judges:
            self.flaws += one(outcome)
        return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`rules` of the promise; `public`: the fault's number among the sixteen of the public comparison.

    `rows` are added to those that every scenario may use; `next_row` answers the healthy request that ends it. `alone`:
    not beside others, because it measures milliseconds. `own_service`: the name of a service that it plays against
    alone, or with others that name it; None: the one that is shared by all.
    """

    name: str
    told: str
    play: Callable[[Stage], Awaitable[None]]
    rules: tuple[int, ...] = ()
    public: int | None = None
    rows: tuple[Row, ...] = ()
    next_row: str | None = HEALTHY
    alone: bool = False
    is_long: bool = False
    own_service: str | None = None
