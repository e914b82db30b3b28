"""How are the scenarios played? Our service, a vendor and the runner: three processes, and sockets between them."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2

from tests.chaos import judges as must
from tests.chaos.caller import Caller
from tests.chaos.doubts import without_doubts
from tests.chaos.house import House
from tests.chaos.machine import Machine
from tests.chaos.pace import Pace
from tests.chaos.scenario import Outcome, Scenario, Seen, Stage, pass_time
from tests.chaos.scenarios import SHARED_ROWS
from tests.chaos.scorecard import Result, attempts_text
from tests.chaos.service import Service, VendorProcess, configuration

_AT_ONCE = 32
_ALONE_AT_ONCE = 5
# One after the other, so that each measures its own vendor and not the others' first moments.
_APART_SECONDS = 0.01
_RUN = "s"


class Runner:
    """Plays scenarios against a running service and vendor."""

    def __init__(self, pace: Pace, vendor: VendorProcess, folder: Path, machine: Machine) -> None:
        self._pace = pace
        self._vendor = vendor
        self._machine = machine
        self._folder = folder
        self._asking = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{vendor.port}", timeout=10, trust_env=False)
        self._number = 0

    async def play_all(self, scenarios: Sequence[Scenario]) -> list[Result]:
        """Every scenario's result, in their order, and those of the services' houses after them."""
        results = await without_doubts(scenarios, self._play_groups)
        await self._asking.aclose()
        order = {one.name: place for place, one in enumerate(scenarios)}
        return sorted(results, key=lambda result: order.get(result.name, len(order)))

    async def _play_groups(self, scenarios: Sequence[Scenario], play: str) -> list[Result]:
        groups: dict[str | None, list[Scenario]] = {}
        for one in scenarios:
            groups.setdefault(one.own_service, []).append(one)
        async with asyncio.TaskGroup() as tasks:
            played = [tasks.create_task(self._play_group(name, group, play)) for name, group in groups.items()]
        return [result for task in played for result in task.result()]

    async def _play_group(self, name: str | None, scenarios: Sequence[Scenario], play: str) -> list[Result]:
        """All scenarios of one service, which is started and ended for them."""
        try:
            service = await self._start(name or "shared", scenarios)
        except (RuntimeError, TimeoutError) as error:
            return [_result(one, "", [], 0.0, [str(error) or "the service did not start"]) for one in scenarios]
        caller = Caller(service.url)
        house = House(service)
        try:
            results = [
                *await self._play_some([one for one in scenarios if not one.alone], _AT_ONCE, caller, service),
                *await self._play_some([one for one in scenarios if one.alone], _ALONE_AT_ONCE, caller, service),
            ]
            await house.settle(self._left_open if name is None else _nothing)
        finally:
            await caller.close()
            code = await service.stop()
        return [*results, house.result(f"the house of the {name or 'shared'} service afterwards{play}", code)]

    async def _play_some(
        self, scenarios: Sequence[Scenario], at_once: int, caller: Caller, service: Service
    ) -> list[Result]:
        gate = asyncio.Semaphore(at_once)

        async def gated(place: int, one: Scenario) -> Result:
            await pass_time(place * _APART_SECONDS)
            async with gate:
                return await self._play(one, caller, service)

        return await asyncio.gather(*(gated(place, one) for place, one in enumerate(scenarios)))

    async def _start(self, name: str, scenarios: Sequence[Scenario]) -> Service:
        rows = [*SHARED_ROWS, *(row for one in scenarios for row in one.rows)]
        self._number += 1
        config = configuration(self._pace, rows, self._vendor.port)
        return await Service.start(f"{name}{self._number}", self._folder, config)

    async def _play(self, scenario: Scenario, caller: Caller, service: Service) -> Result:
        self._number += 1
        run = f"{_RUN}{self._number:03}"
        also = [row.name for row in scenario.rows if row.fault == "eager"]

        async def seen(of: str) -> list[Seen]:
            told: list[Seen] = await self._ask("/_seen", run=",".join([of, *also]))
            return told

        async def heal(of: str) -> None:
            await self._ask("/_heal", run=of)

        stage = Stage(run, self._pace, caller, seen, heal, service)
        began = time.monotonic()
        lost = self._machine.watch(service.pid, self._vendor.pid)
        try:
            await scenario.play(stage)
        except (httpx2.HTTPError, OSError, LookupError, ValueError, TypeError) as error:
            stage.flaws.append(f"it could not be played: {type(error).__name__} {error}")
        seconds = time.monotonic() - began
        attempts = await stage.seen()
        if scenario.next_row is not None:
            await self._next(stage, scenario.next_row)
        shown = [saw.told() for saw in stage.saws[:2]] + (["…"] if len(stage.saws) > 2 else []) + stage.notes
        return _result(scenario, "; ".join(shown), attempts, seconds, stage.flaws, lost())

    async def _next(self, stage: Stage, row: str) -> None:
        """After any fault the next healthy request succeeds."""
        saw = await stage.caller.ask(stage.body([f"{row}/ok"]), is_stream=False, limit_seconds=10)
        for judge in (must.ended, must.whole, must.within(1.0)):
            stage.flaws += [f"the next healthy request: {flaw}" for flaw in judge(Outcome(saw, [], self._pace))]

    async def _left_open(self) -> list[Seen]:
        """Calls of scenarios that the vendor is still answering."""
        exchanges = (await self._ask("/_open"))["exchanges"]
        return [one for one in exchanges if one["run"].startswith(_RUN)]

    async def _ask(self, path: str, **query: str) -> Any:
        return (await self._asking.get(path, params=query)).json()


async def _nothing() -> list[Seen]:
    """Of a service beside the shared one: whose call is open cannot be told."""
    return []


async def run(pace: Pace, scenarios: Sequence[Scenario]) -> list[Result]:
    """Plays these scenarios with a vendor and services that are started for it, and ended after it."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        vendor = await VendorProcess.start()
        try:
            with Machine() as machine:
                return await Runner(pace, vendor, Path(folder), machine).play_all(scenarios)
        finally:
            await vendor.stop()


def _result(
    scenario: Scenario, saw: str, seen: Sequence[Seen], seconds: float, flaws: Sequence[str], lost: float = 0.0
) -> Result:
    return Result(
        name=scenario.name,
        told=scenario.told,
        rules=scenario.rules,
        public=scenario.public,
        saw=saw,
        attempts=attempts_text(seen),
        seconds=round(seconds, 3),
        flaws=tuple(dict.fromkeys(flaws)),
        lost_seconds=round(lost, 3),
    )
