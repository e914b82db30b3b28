"""Does the service stay as it is under random faults for many minutes: no leak, no growth, no request lost?"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx2

from tests.chaos import judges as must
from tests.chaos.caller import Caller
from tests.chaos.pace import SHORT
from tests.chaos.scenario import Outcome, pass_time
from tests.chaos.scenarios import SHARED_ROWS
from tests.chaos.scorecard import Result
from tests.chaos.service import Service, VendorProcess, configuration, open_files, resident_mb

_CALLERS = 12
_RUNS = 5
_LEAVING = 0.1
_STREAMED = 0.5
_PAUSE_SECONDS = 0.05
_SAMPLE_SECONDS = 1.0
_WARM_UP = 0.3
# Of memory after warm-up and at the end, each the median of a tenth of all samples.
_GROWTH = 1.05
_GROWTH_MB = 8.0
_GROWTH_FILES = 1.5
_FAULTS = (
    *("ok", "ok", "slow=0.01", "once-500", "503", "429", "429-after=1", "reset", "hang-up", "silence", "slow-first"),
    *("cut", "cut-chunked", "cut-reset", "cut-word", "stall", "malformed", "error-mid", "error-first", "no-done"),
    *("context", "content-policy", "404", "html", "short", "bad-json", "loris", "chatter", "refusal", "flapping=2"),
)


async def soak(minutes: float, seed: int) -> Result:
    """Moderate load over random faults, for so many minutes."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        vendor = await VendorProcess.start()
        service = await Service.start("soak", Path(folder), configuration(SHORT, SHARED_ROWS, vendor.port))
        played = _Soak(service, vendor, random.Random(seed))
        try:
            await played.run(minutes * 60)
        finally:
            await played.caller.close()
            code = await service.stop()
            await vendor.stop()
        played.flaws += [f"exit code {code}"] if code else []
        played.flaws += [f"its log says {line}" for line in service.defects()[:3]]
    return Result(
        name=f"a soak of {minutes:g} minutes, seed {seed}",
        told="No leaked connection, memory flat after warm-up, every request accounted for.",
        rules=(20,),
        public=None,
        saw=played.told(),
        attempts=played.growth(),
        seconds=minutes * 60,
        flaws=tuple(dict.fromkeys(played.flaws)),
    )


class _Soak:
    def __init__(self, service: Service, vendor: VendorProcess, rng: random.Random) -> None:
        self.caller = Caller(service.url)
        self.flaws: list[str] = []
        self._service = service
        self._vendor = vendor
        self._rng = rng
        self._memory: list[float] = []
        self._files: list[int] = []
        self._ends: Counter[str] = Counter()

    async def run(self, seconds: float) -> None:
        """Plays, settles, and judges."""
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            group.create_task(self._measure(until))
            for number in range(_CALLERS):
                group.create_task(self._call(number, until))
        await self._settle()
        await self._account()
        self._judge_growth()

    def told(self) -> str:
        """How the requests ended."""
        ends = ", ".join(f"{count} {end}" for end, count in self._ends.most_common(3))
        return f"{sum(self._ends.values())} requests: {ends}"

    def growth(self) -> str:
        """Memory and open files, after warm-up and at the end."""
        memory, files = self._before_and_after()
        return f"memory {memory[0]:.0f} → {memory[1]:.0f} MB, files {files[0]} → {files[1]}"

    async def _call(self, number: int, until: float) -> None:
        asked = 0
        while time.monotonic() < until:
            asked += 1
            run = f"k{self._rng.randrange(_RUNS)}"
            first, second = self._rng.choice(_FAULTS), self._rng.choice(_FAULTS)
            body: dict[str, object] = {
                "prompt": f"Count to sixty, please. (run {run} {number}{asked:06})",
                "provider": self._rng.choice("ac"),
                "model": f"{first}:{run}",
                "fallback_providers": [f"b/{second}:{run}", f"d/ok:{run}"],
            }
            await self._one(body, is_stream=self._rng.random() < _STREAMED)
            await pass_time(self._rng.uniform(0, 2 * _PAUSE_SECONDS))

    async def _one(self, body: dict[str, object], *, is_stream: bool) -> None:
        if self._rng.random() < _LEAVING:
            await self.caller.leave(body, is_stream=is_stream, after_seconds=self._rng.uniform(0.01, 0.5))
            self._ends["left"] += 1
            return
        saw = await self.caller.ask(body, is_stream=is_stream, limit_seconds=SHORT.fallback_timeout_seconds * 3)
        outcome = Outcome(saw, (), SHORT)
        self._ends["whole" if saw.is_answer else str(saw.last.get("error_type"))] += 1
        declined = saw.last.get("finish_reason") == "content_filter"
        flaws = must.ended(outcome) + (must.whole(outcome) if saw.is_answer and not declined else [])
        self.flaws += [f"{body['model']} then {body['fallback_providers']}: {flaw}" for flaw in flaws][:1]

    async def _measure(self, until: float) -> None:
        while time.monotonic() < until:
            self._memory.append(resident_mb(self._service.pid))
            self._files.append(open_files(self._service.pid))
            await pass_time(_SAMPLE_SECONDS)

    async def _settle(self) -> None:
        """What callers left behind ends by itself, and soon."""
        left: list[dict[str, str]] = []
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self._vendor.port}", trust_env=False) as http:
            for _ in range(20):
                left = (await http.get("/_open")).json()["exchanges"]
                if not left:
                    return
                await pass_time(0.1)
        self.flaws.append(f"{len(left)} calls are still open, e.g. {left[0]['row']}/{left[0]['fault']}")

    async def _account(self) -> None:
        counted = (await self.caller.get("/statistics")).json()["total_requests_processed"]
        sent = sum(self._ends.values())
        # Who left before the whole request was read asked nothing.
        if not sent - self._ends["left"] <= counted <= sent:
            self.flaws.append(f"{counted} requests are counted, {sent} were sent")

    def _judge_growth(self) -> None:
        memory, files = self._before_and_after()
        if memory[1] > memory[0] * _GROWTH + _GROWTH_MB:
            self.flaws.append(f"memory grew from {memory[0]:.0f} to {memory[1]:.0f} MB after warm-up")
        if files[1] > files[0] * _GROWTH_FILES + _CALLERS:
            self.flaws.append(f"open files grew from {files[0]} to {files[1]}")

    def _before_and_after(self) -> tuple[tuple[float, float], tuple[int, int]]:
        tenth = max(1, len(self._memory) // 10)
        warm = slice(int(len(self._memory) * _WARM_UP), int(len(self._memory) * _WARM_UP) + tenth)
        memory = _median(self._memory[warm]), _median(self._memory[-tenth:])
        return memory, (max(self._files[warm]), max(self._files[-tenth:]))


def _median(figures: list[float]) -> float:
    return sorted(figures)[len(figures) // 2]
