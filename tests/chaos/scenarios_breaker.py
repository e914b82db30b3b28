"""When is a failing route taken out of use, who tries it again, and how soon is a vendor that recovered used again?"""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

from tests.chaos import judges as must
from tests.chaos.caller import Saw
from tests.chaos.pace import Pace
from tests.chaos.scenario import Row, Scenario, Stage

_DOWN = "flapping=600"
_CROWD = 8
_BACK_SECONDS = 15.0
_LONGEST_INTERVAL = 12.0
_JITTER = 1.2
_BUDGET = 3


def breakers(pace: Pace) -> list[Scenario]:
    """Opening, probing, closing; isolation; a minute's outage; all circuits open at once."""
    return [
        Scenario(
            name="a circuit opens, is probed by one, and closes",
            told="While it is open nobody is sent there; then one request probes while others fall back.",
            play=_opens_and_closes,
            rules=(15, 16),
            rows=(Row("brk"),),
        ),
        Scenario(
            name="one model down, its sibling up",
            told="A route's circuit is not its row's.",
            play=_sibling,
            rules=(15,),
            rows=(Row("iso"),),
        ),
        Scenario(
            name=f"down for {pace.flapping_seconds:g} s",
            told="Everybody is served meanwhile, the vendor is left in peace, and used again soon after it recovered.",
            play=_flaps,
            rules=(16,),
            public=16,
            rows=(Row("flap"),),
        ),
        Scenario(
            name="every circuit open, every vendor back",
            told="The least bad is probed, without waiting for its interval.",
            play=_all_open_all_back,
            rules=(17,),
            rows=(Row("all-1"), Row("all-2")),
        ),
        Scenario(
            name="every circuit open, nobody back",
            told="At most one probe each interval, and an error that says when to come again.",
            play=_all_open,
            rules=(17,),
            rows=(Row("out-1"), Row("out-2")),
        ),
        Scenario(
            name="an open circuit is seen, and reset by one call",
            told="Its state, reason and next probe are in the API; after a reset it is asked at once.",
            play=_seen_and_reset,
            rules=(18,),
            rows=(Row("vis"),),
        ),
    ]


async def _open(stage: Stage, row: str, second: str = "b/ok") -> None:
    for _ in range(stage.pace.failure_threshold):
        await stage.ask([f"{row}/{_DOWN}", second])


async def _count(stage: Stage, row: str) -> int:
    return sum(one["row"] == row for one in await stage.seen())


async def _interval(stage: Stage) -> None:
    await stage.idle(stage.pace.first_interval_seconds * _JITTER + 0.1)


async def _opens_and_closes(stage: Stage) -> None:
    await _open(stage, "brk")
    made = await _count(stage, "brk")
    most = stage.pace.failure_threshold + _BUDGET
    stage.must(made <= most, f"{made} attempts before it opened, at most {most}")
    for is_stream in (False, True):
        saw = await stage.ask([f"brk/{_DOWN}", "b/ok"], is_stream=is_stream)
        await stage.judge(saw, must.ended, must.whole, must.served_by("b"), must.within(0))
    stage.must(await _count(stage, "brk") == made, "an open circuit was asked")
    state = (await stage.caller.get("/providers/brk")).json().get("circuit_state")
    stage.must(state == "open", f"GET /providers/brk says {state}")
    await stage.heal(stage.run)
    await _interval(stage)
    crowd = await asyncio.gather(*(stage.ask([f"brk/{_DOWN}", "b/ok"]) for _ in range(_CROWD)))
    for saw in crowd:
        await stage.judge(saw, must.ended, must.whole)
    probes = await _count(stage, "brk") - made
    stage.must(probes == 1, f"{probes} requests probed at once, not 1")
    served = [saw.last.get("provider") for saw in crowd]
    stage.must(served.count("brk") == 1, f"the crowd was served by {served}")
    for _ in range(stage.pace.success_threshold):
        saw = await stage.ask([f"brk/{_DOWN}", "b/ok"])
        await stage.judge(saw, must.ended, must.whole, must.served_by("brk"))
    state = (await stage.caller.get("/providers/brk")).json().get("circuit_state")
    stage.must(state == "closed", f"GET /providers/brk says {state} after its probes")


async def _sibling(stage: Stage) -> None:
    await _open(stage, "iso")
    saw = await stage.ask(["iso/ok", "b/ok"])
    await stage.judge(saw, must.ended, must.whole, must.served_by("iso"))


async def _flaps(stage: Stage) -> None:
    pace = stage.pace
    down = pace.flapping_seconds
    began = time.monotonic()
    back: float | None = None
    while back is None and time.monotonic() - began < down + _BACK_SECONDS + 5:
        saw: Saw = await stage.ask([f"flap/flapping={down:g}", "b/ok"], is_stream=bool(len(stage.saws) % 2))
        await stage.judge(saw, must.ended, must.whole)
        if saw.last.get("provider") == "flap":
            back = saw.ended
        await stage.idle(0.1 if pace.is_short else 0.5)
    attempts = [one["at"] for one in await stage.seen() if one["row"] == "flap"]
    recovered = attempts[0] + down
    soon = pace.first_interval_seconds * _JITTER + 0.5 if pace.is_short else _BACK_SECONDS
    stage.must(
        back is not None and back - recovered <= soon,
        f"used again {f'{back - recovered:.1f} s' if back else 'never'} after it recovered, at most {soon:.1f}",
    )
    most = pace.failure_threshold + _BUDGET + 2 + int(down / (pace.first_interval_seconds * 0.8))
    stage.must(len(attempts) <= most, f"{len(attempts)} attempts while it was down, at most {most}")
    gaps = [later - earlier for earlier, later in pairwise(attempts)]
    longest = max(gaps, default=0.0)
    stage.must(longest <= _LONGEST_INTERVAL + 1, f"it was left alone for {longest:.1f} s")


async def _all_open_all_back(stage: Stage) -> None:
    await _open(stage, "all-1", f"all-2/{_DOWN}")
    await stage.heal(stage.run)
    saw = await stage.ask([f"all-1/{_DOWN}", f"all-2/{_DOWN}"])
    await stage.judge(saw, must.ended, must.whole)


async def _all_open(stage: Stage) -> None:
    await _open(stage, "out-1", f"out-2/{_DOWN}")
    before = len(await stage.seen())
    saws = [await stage.ask([f"out-1/{_DOWN}", f"out-2/{_DOWN}"]) for _ in range(_CROWD)]
    more = len(await stage.seen()) - before
    stage.must(more <= 2, f"{more} attempts at two open circuits within a moment, at most one each")
    stage.must(all(saw.status == 503 for saw in saws), f"answers: {[saw.status for saw in saws]}")
    longest = stage.pace.first_interval_seconds * _JITTER * 1.5 * _JITTER
    await stage.judge(saws[-1], must.ended, must.retry_after(0, longest + 1))


async def _seen_and_reset(stage: Stage) -> None:
    await _open(stage, "vis")
    shown = await stage.caller.get("/api/v1/circuit-breakers")
    stage.must(shown.status_code == 200, f"GET /api/v1/circuit-breakers says {shown.status_code}")
    rows = [one for one in _dicts(shown.json()) if one.get("provider") == "vis" and "state" in one]
    stage.must(any(one["state"] == "open" for one in rows), "the open circuit is not shown")
    reset = await stage.caller.http.post("/api/v1/circuit-breakers/vis/reset", timeout=5)
    stage.must(reset.status_code == 200, f"its reset says {reset.status_code}")
    await stage.heal(stage.run)
    saw = await stage.ask([f"vis/{_DOWN}", "b/ok"])
    await stage.judge(saw, must.ended, must.whole, must.served_by("vis"))


def _dicts(document: object) -> list[dict[str, object]]:
    if isinstance(document, list):
        return [found for one in document for found in _dicts(one)]
    if isinstance(document, dict):
        return [document, *(found for one in document.values() for found in _dicts(one))]
    return []
