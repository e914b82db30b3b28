"""Whether, and after which pause, a failed attempt is made again on the same route."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.resilience.clock import Clock
from app.resilience.cooldown import Cooldown
from app.resilience.deadline import SHORTEST_ATTEMPT_SECONDS, Deadline
from contracts.errors import LLMProviderError, RateLimitExceededError

WINDOW_SECONDS = 10.0
RETRY_SHARE = 0.2
RETRIES_ALWAYS_LEFT = 3
BURST_ATTEMPTS = 4
BURST_SECONDS = 3.0
ATTEMPTS_PER_REQUEST = 6


class RetryBudget:
    """Bounds the retries of one route over all requests: a fifth of its recent calls, or three in ten seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: deque[float] = deque(maxlen=10_000)
        self._retries: deque[float] = deque(maxlen=2_000)

    def note_call(self) -> None:
        """A request makes its first attempt here."""
        calls, now = self._calls, self._clock.monotonic()
        calls.append(now)
        while calls[0] < now - WINDOW_SECONDS:
            calls.popleft()

    def take(self) -> bool:
        """Takes one retry out of the budget; False when it is used up."""
        self._forget_old(self._calls)
        now = self._forget_old(self._retries)
        if len(self._retries) >= max(RETRIES_ALWAYS_LEFT, RETRY_SHARE * len(self._calls)):
            return False
        self._retries.append(now)
        return True

    def _forget_old(self, times: deque[float]) -> float:
        """Gives the moment that it is."""
        now = self._clock.monotonic()
        since = now - WINDOW_SECONDS
        while times and times[0] < since:
            times.popleft()
        return now


@dataclass(slots=True)
class RequestBudget:
    """Six attempts for the whole request; the first try of each untried candidate is kept for it."""

    left: int = ATTEMPTS_PER_REQUEST

    def has_room(self, untried: int) -> bool:
        """Whether a retry fits beside the first tries of `untried` candidates."""
        return self.left > untried


@dataclass(slots=True, kw_only=True)
class RetryPolicy:
    """Decides for one request on one route. `has_other` tells whether another candidate is ready now.

    `times` are the moments at which attempts began: a policy is made when the first has failed.
    """

    clock: Clock
    deadline: Deadline
    request: RequestBudget
    route: RetryBudget
    cooldown: Cooldown
    max_retries: int
    delay_seconds: float
    patience_seconds: float
    untried: int
    has_other: Callable[[], bool]
    is_probe: bool = False
    pause: float = 0.0
    waited: float = 0.0
    times: list[float] = field(default_factory=list)

    def note_attempt(self) -> None:
        """An attempt begins."""
        self.request.left -= 1
        self.times.append(self.clock.monotonic())

    def allows(self, error: BaseException) -> bool:
        """Whether to try again; then `pause` says after how many seconds."""
        if not isinstance(error, LLMProviderError) or not error.is_retryable or error.retry_is_pointless:
            return False
        if not error.was_sent:
            return False
        if self.is_probe or len(self.times) > self.max_retries or not self.request.has_room(self.untried):
            return False
        self.pause = max(self._backoff(), self._rest_of_burst())
        if error.retry_after is not None or isinstance(error, RateLimitExceededError):
            rest = self.cooldown.remaining()
            if rest > self.patience_seconds and self.has_other():
                return False
            self.pause = max(self.pause, rest)
        left = self.deadline.remaining() - SHORTEST_ATTEMPT_SECONDS
        return self.pause < left and self.route.take()

    async def wait(self, seconds: float) -> None:
        """Sleeps; `waited` adds up what this request has waited on this route."""
        began = self.clock.monotonic()
        try:
            await self.clock.sleep(seconds)
        finally:
            self.waited += self.clock.monotonic() - began

    def _backoff(self) -> float:
        ceiling: float = self.delay_seconds * 2 ** (len(self.times) - 1)
        return self.clock.rng.uniform(0, ceiling)

    def _rest_of_burst(self) -> float:
        if len(self.times) < BURST_ATTEMPTS:
            return 0.0
        return self.times[-BURST_ATTEMPTS] + BURST_SECONDS - self.clock.monotonic()
