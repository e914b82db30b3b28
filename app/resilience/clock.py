"""Where time and chance come from, so that tests bring their own."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

_utc_now = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """`monotonic` in seconds for limits, `now` for stamps, `sleep` for back-off, `rng` for jitter."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    rng: random.Random = field(default_factory=random.SystemRandom)
