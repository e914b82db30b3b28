"""What does a service of its own show: how it ends, how it paces its vendors, and how it explains itself?"""

from __future__ import annotations

import asyncio
import time

import httpx2

from tests.chaos import judges as must
from tests.chaos.pace import Pace
from tests.chaos.scenario import Row, Scenario, Stage

_STILL_TAKEN_SECONDS = 5.0
_FINISH_SECONDS = 20.0
_END_SECONDS = 5.0


def services(pace: Pace) -> list[Scenario]:
    """SIGTERM, admission, explanation."""
    return [
        Scenario(
            name="SIGTERM while a stream is under way",
            told="readyz says 503, calls are still taken for 5 s, the stream finishes, exit 0.",
            play=_drains,
            rules=(19,),
            next_row=None,
            own_service="drained",
        ),
        Scenario(
            name="SIGTERM while a stream would take longer",
            told="After 20 s it is ended by an error event, and the exit code is 0.",
            play=_drains_in_time,
            rules=(19,),
            next_row=None,
            is_long=True,
            own_service="drained late",
        ),
        Scenario(
            name="max_concurrency",
            told="The vendor never has more calls at once, and urgent ones go first.",
            play=_one_at_a_time,
            rules=(19,),
            rows=(Row("one", settings={"max_concurrency": 1}),),
            own_service="admitting",
        ),
        Scenario(
            name="requests_per_minute",
            told="The vendor is not asked more often: the next candidate serves.",
            play=_paced,
            rules=(19,),
            rows=(Row("rpm", settings={"requests_per_minute": 2}),),
            own_service="admitting",
        ),
        Scenario(
            name="POST /process/explain",
            told="It names the candidates, and calls nobody.",
            play=_explains,
        ),
    ]


async def _drains(stage: Stage) -> None:
    streaming = asyncio.create_task(stage.ask(["a/slow=0.1", "b/ok"], is_stream=True))
    await _until_asked(stage)
    told = time.monotonic()
    stage.service().terminate()
    refused = await _readyz_refuses(stage)
    stage.must(
        refused is not None and refused - told < 1,
        f"readyz {'never said 503' if refused is None else f'said 503 after {refused - told:.1f} s'}",
    )
    late = await stage.ask(["a/ok", "b/ok"])
    stage.must(late.is_answer and late.ended - told < _STILL_TAKEN_SECONDS, f"a call after SIGTERM: {late.told()}")
    saw = await streaming
    await stage.judge(saw, must.ended, must.whole)
    await _exits(stage, _STILL_TAKEN_SECONDS + _END_SECONDS + 6)


async def _drains_in_time(stage: Stage) -> None:
    streaming = asyncio.create_task(stage.ask(["a/slow=1", "b/ok"], is_stream=True))
    await _until_asked(stage)
    stage.service().terminate()
    await _exits(stage, _STILL_TAKEN_SECONDS + _FINISH_SECONDS + _END_SECONDS)
    saw = await streaming
    await stage.judge(saw, must.ended)


async def _until_asked(stage: Stage) -> None:
    for _ in range(100):
        if await stage.seen():
            return
        await stage.idle(0.05)
    stage.flaws.append("the vendor was never asked")


async def _readyz_refuses(stage: Stage) -> float | None:
    """When it did; each time over a new connection, as a load balancer asks."""
    for _ in range(15):
        try:
            async with httpx2.AsyncClient(base_url=stage.caller.url, trust_env=False, timeout=1) as fresh:
                if (await fresh.get("/readyz")).status_code == 503:
                    return time.monotonic()
        except httpx2.TransportError:
            return None
        await stage.idle(0.1)
    return None


async def _exits(stage: Stage, seconds: float) -> None:
    try:
        code = await asyncio.wait_for(stage.service().wait(), seconds)
    except TimeoutError:
        stage.flaws.append(f"it has not ended {seconds:.0f} s after SIGTERM")
        return
    stage.must(code == 0, f"exit code {code}")


async def _one_at_a_time(stage: Stage) -> None:
    first = asyncio.create_task(stage.ask(["one/slow=0.02"], tags=["first"]))
    await _until_asked(stage)
    low = [asyncio.create_task(stage.ask(["one/slow=0.005"], priority="low")) for _ in range(3)]
    await stage.idle(0.1)
    urgent = asyncio.create_task(stage.ask(["one/slow=0.006"], priority="urgent"))
    for saw in await asyncio.gather(first, urgent, *low):
        await stage.judge(saw, must.ended, must.whole, must.served_by("one"))
    seen = await stage.seen()
    spans = [(one["at"], one["ended_at"] or one["at"]) for one in seen]
    most = max((sum(begin <= at < end for begin, end in spans) for at, _ in spans), default=0)
    stage.must(most == 1, f"the vendor had {most} calls at once, at most 1")
    order = [one["model"].partition(":")[0] for one in seen]
    stage.must(order[1:2] == ["slow=0.006"], f"the order was {order}: the urgent one was not next")


async def _paced(stage: Stage) -> None:
    for _ in range(4):
        saw = await stage.ask(["rpm/ok", "b/ok"])
        await stage.judge(saw, must.ended, must.whole)
    made = sum(one["row"] == "rpm" for one in await stage.seen())
    stage.must(1 <= made <= 2, f"the vendor was asked {made} times within a minute that allows 2")


async def _explains(stage: Stage) -> None:
    body = stage.body(["a/ok", "b/ok", "c/ok"])
    answer = await stage.caller.http.post("/process/explain", json=body, timeout=5)
    stage.must(answer.status_code == 200, f"it says {answer.status_code}")
    missing = [row for row in ("a", "b", "c") if f'"{row}"' not in answer.text]
    stage.must(not missing, f"it does not name {missing}")
    stage.must(not await stage.seen(), "a vendor was called")
