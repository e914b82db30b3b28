"""At which pace is the service tried: with short limits, for every test run, or with its defaults, in real minutes?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The service's limits, in seconds, and how long a flapping vendor flaps.

    `margin` is what a busy machine may add to any of them; `wait_seconds` a Retry-After that is within its patience.
    """

    is_short: bool
    max_retries: int = 3
    retry_delay_seconds: float = 0.5
    request_timeout_seconds: float = 30
    fallback_timeout_seconds: float = 45
    first_token_timeout_seconds: float = 12
    stream_idle_timeout_seconds: float = 15
    retry_after_patience_seconds: float = 3
    recovery_timeout_seconds: float = 120
    first_interval_seconds: float = 5
    failure_threshold: int = 3
    success_threshold: int = 2
    flapping_seconds: float = 60
    wait_seconds: float = 2
    margin: float = 1.5

    def settings(self) -> dict[str, Any]:
        """The service's configuration; at the long pace it is left to its defaults."""
        if not self.is_short:
            return {}
        own = {
            "is_short",
            "flapping_seconds",
            "wait_seconds",
            "margin",
            "first_interval_seconds",
            "recovery_timeout_seconds",
            "failure_threshold",
            "success_threshold",
        }
        breaker = ("recovery_timeout_seconds", "failure_threshold", "success_threshold")
        figures = asdict(self)
        settings: dict[str, Any] = {name: value for name, value in figures.items() if name not in own}
        return settings | {"circuit_breaker": {name: figures[name] for name in breaker}}


FULL = Pace(is_short=False)
SHORT = Pace(
    is_short=True,
    retry_delay_seconds=0.05,
    request_timeout_seconds=2,
    fallback_timeout_seconds=6,
    first_token_timeout_seconds=1.5,
    stream_idle_timeout_seconds=1.5,
    retry_after_patience_seconds=1.2,
    recovery_timeout_seconds=1.5,
    first_interval_seconds=1.5,
    flapping_seconds=3,
    wait_seconds=1,
)
