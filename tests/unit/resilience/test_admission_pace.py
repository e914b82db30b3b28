"""Who goes when a row takes only so many calls or tokens in a minute?"""

from __future__ import annotations

import asyncio

import pytest

from app.resilience.admission import RowPacedError
from contracts.requests import Priority
from tests.kit.gate import asking, entered, gate, limits, settle
from tests.kit.virtual_time import elapse

NORMAL = Priority.NORMAL


def now() -> float:
    return asyncio.get_running_loop().time()


async def test_paced_admission_paces_calls() -> None:
    """A tenth goes at once, the others wait in their turn; nobody polls."""
    paced, times = gate(requests_per_minute=20), []

    async def call() -> None:
        place = await entered(paced)
        times.append(now())
        place.release()

    began = now()
    await asyncio.gather(*(call() for _ in range(5)))
    assert [time - began for time in times] == [pytest.approx(n * 60 / 19, abs=1e-3) for n in (0, 0, 1, 2, 3)]


async def test_paced_admission_pause_that_is_too_long_is_refused_at_once() -> None:
    """It is known when the next may go: nobody waits in vain."""
    paced = gate(requests_per_minute=1)
    (await entered(paced)).release()
    began = now()
    with pytest.raises(RowPacedError, match=r"alpha has had its calls .*: one more may go in 60\.0 s") as refused:
        await entered(paced, within=59)
    assert (now(), refused.value.status, refused.value.was_sent) == (began, 429, False)
    assert refused.value.retry_after == pytest.approx(60)


async def test_paced_admission_overtaken_until_too_late_is_paced() -> None:
    """Who was let wait, and then overtaken, is told that it was the pace."""
    paced = gate(requests_per_minute=6)
    (await entered(paced)).release()
    late = asking(paced, Priority.LOW, within=15)
    await settle()
    urgent = [asking(paced, Priority.URGENT) for _ in range(2)]
    with pytest.raises(RowPacedError):
        await late
    for task in urgent:
        (await task).release()


async def test_paced_admission_counts_tokens_as_estimated_then_as_used() -> None:
    """What was estimated too much is given back, what was used beyond is taken."""
    paced = gate(tokens_per_minute=6000)
    assert paced.counts_tokens
    place = await entered(paced, tokens=600)
    assert isinstance(paced.refusal(NORMAL, 600), RowPacedError)
    place.release(0)
    assert paced.refusal(NORMAL, 600) is None
    place = await entered(paced, tokens=100)
    place.release(700)
    began = now()
    (await entered(paced, tokens=100)).release()
    assert now() - began == pytest.approx(200 / (5401 / 60), abs=1e-3)


async def test_paced_admission_unknown_usage_leaves_the_estimate() -> None:
    """A call that ended without usage was a call; one that was not made was none."""
    paced = gate(tokens_per_minute=6000, requests_per_minute=10)
    place = await entered(paced, tokens=600)
    place.release()
    assert isinstance(paced.refusal(NORMAL, 600), RowPacedError)
    await elapse(60)
    place = await entered(paced, tokens=600)
    place.forgo()
    assert paced.refusal(NORMAL, 600) is None


async def test_paced_admission_large_call_at_the_head_is_not_overtaken() -> None:
    """A small one behind a large one waits: else the large one would never go."""
    paced = gate(tokens_per_minute=6000)
    (await entered(paced, tokens=600)).release(600)
    large, small = asking(paced, tokens=600), asking(paced, tokens=1)
    await elapse(1)
    assert (large.done(), small.done()) == (False, False)
    (await large).release(600)
    (await small).release(1)


async def test_paced_admission_large_call_that_leaves_frees_those_behind_it() -> None:
    """Who waited for nothing but his turn goes at once."""
    paced = gate(tokens_per_minute=6000)
    (await entered(paced, tokens=600)).release(600)
    large, small = asking(paced, tokens=600), asking(paced, tokens=1)
    await elapse(1)
    large.cancel()
    await settle()
    assert small.done()


async def test_paced_admission_takes_over_another_pace() -> None:
    """A pace that is raised, or taken away, lets those go who waited for it."""
    paced = gate(requests_per_minute=1, tokens_per_minute=10)
    (await entered(paced)).release()
    waiting = asking(paced)
    await settle()
    paced.adopt(limits(requests_per_minute=6000))
    began = now()
    (await waiting).release()
    assert now() - began == pytest.approx(60 / 5401, abs=1e-3)
    paced.adopt(limits())
    assert (paced.counts_tokens, paced.refusal(NORMAL, 10**9)) == (False, None)
