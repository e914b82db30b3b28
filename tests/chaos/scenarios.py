"""Which scenarios are there? One table for each idea; this is all of them, at a pace."""

from __future__ import annotations

from tests.chaos.pace import Pace
from tests.chaos.scenario import Row, Scenario
from tests.chaos.scenarios_breaker import breakers
from tests.chaos.scenarios_leaving import leaving
from tests.chaos.scenarios_limits import limits
from tests.chaos.scenarios_long import long_ones
from tests.chaos.scenarios_rate_limits import rate_limits
from tests.chaos.scenarios_refusals import refusals
from tests.chaos.scenarios_service import services
from tests.chaos.scenarios_streams import streams
from tests.chaos.scenarios_transport import transport

# Faults of the public comparison of 2026, by the numbers that scenarios name.
PUBLIC = {
    1: "429 with Retry-After",
    2: "429 without Retry-After",
    3: "one 500",
    4: "lasting 503",
    5: "reset before headers",
    6: "silence",
    7: "slow first token",
    8: "stream cut at two thirds",
    9: "stall",
    10: "malformed event",
    11: "missing [DONE]",
    12: "context too long",
    13: "content policy",
    14: "in-band error",
    15: "prefill rejected",
    16: "flapping for a minute",
}
# Rows that every scenario may name; `h` is never asked for anything but a healthy answer.
SHARED_ROWS = (*(Row(name) for name in "abdefh"), Row("c", "anthropic"))
_TABLES = (rate_limits, refusals, transport, streams, limits, leaving, breakers, services, long_ones)


def scenarios(pace: Pace) -> list[Scenario]:
    """All that are played at this pace."""
    return [one for table in _TABLES for one in table(pace) if not (one.is_long and pace.is_short)]
