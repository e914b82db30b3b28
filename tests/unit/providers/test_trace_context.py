"""Does a vendor get the trace of its call only where its row says so, and never the caller's own headers?"""

from __future__ import annotations

import re

import pytest

from app.ports.trail import Trail, enter_trail, leave_trail
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("is_sampled,flags", [(True, "01"), (False, "00")])
@pytest.mark.parametrize("is_stream", [False, True])
async def test_trace_context_is_the_calls_own_span(is_stream: bool, is_sampled: bool, flags: str) -> None:
    """The caller's trace, under a new span of this call, with the caller's wish about sampling."""
    alpha = FakeProvider("alpha")
    engine = Engine(alpha, rows={"alpha": {"send_trace_context": True}})
    token = enter_trail(Trail("r", "c", trace_id=TRACE, parent_span_id="00f067aa0ba902b7", is_sampled=is_sampled))
    try:
        await (engine.events() if is_stream else engine.ask())
    finally:
        leave_trail(token)
    sent = alpha.asked[0].call.trace_parent
    assert sent is not None
    found = re.fullmatch(rf"00-{TRACE}-([0-9a-f]{{16}})-{flags}", sent)
    assert found is not None
    assert found[1] == engine.records.attempts[0].span_id != "00f067aa0ba902b7"


@pytest.mark.parametrize("wants,traces", [(False, True), (True, False)])
async def test_trace_context_is_nobody_elses(wants: bool, traces: bool) -> None:
    """Not of a row that did not ask for it, and not where nobody traces."""
    alpha = FakeProvider("alpha")
    engine = Engine(alpha, rows={"alpha": {"send_trace_context": wants}})
    token = enter_trail(Trail("r", "c")) if traces else None
    try:
        await engine.ask()
    finally:
        if token is not None:
            leave_trail(token)
    assert alpha.asked[0].call.trace_parent is None
