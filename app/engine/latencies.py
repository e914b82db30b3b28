"""How long does each route take to answer lately? A peak-sensitive average that fades, times the calls under way.

A slow call counts at once, a fast one little by little; what nobody has used for a while is forgotten, and so tried
again. For a stream the time to its first content counts, for a plain call the time to the whole answer: the two are
kept apart. A failure counts as a slow answer, for a vendor that refuses everything at once is not fast.
"""

from __future__ import annotations

from collections import OrderedDict
from math import exp

from app.resilience.clock import Clock
from contracts.errors import LLMProviderError, RateLimitExceededError
from contracts.fault import Fault

FADE_SECONDS = 30.0
FAILURE_SECONDS = 10.0
FORGOTTEN_SECONDS = 0.001
MAX_METERS = 2000


class Meter:
    """One route's estimate in seconds, for one kind of call. Who begins one adds it to those `under_way`."""

    __slots__ = ("_at", "_clock", "_estimate", "under_way")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._estimate = 0.0
        self._at = 0.0
        self.under_way = 0

    def ended(self, began: float, error: BaseException | None) -> None:
        """A call that was `under_way` has ended. A caller's own fault, or leaving, says nothing of the route."""
        self.under_way -= 1
        now = self._clock.monotonic()
        seconds = now - began
        if error is not None:
            if not (isinstance(error, LLMProviderError) and _is_failure(error)):
                return
            seconds = max(seconds, FAILURE_SECONDS)
        if seconds > self._estimate:
            self._estimate = seconds
        else:
            kept = exp((self._at - now) / FADE_SECONDS)
            self._estimate = self._estimate * kept + seconds * (1 - kept)
        self._at = now

    def cost(self) -> float:
        """Seconds that one more call may have to wait; 0 when nothing is known and nobody is finding out."""
        faded = self._estimate * exp((self._at - self._clock.monotonic()) / FADE_SECONDS)
        if faded < FORGOTTEN_SECONDS:
            return FAILURE_SECONDS * self.under_way
        return faded * (self.under_way + 1)


def _is_failure(error: LLMProviderError) -> bool:
    """A route that was called too often rests for that, and is none the slower after it."""
    return error.fault is Fault.PROVIDER and error.was_sent and not isinstance(error, RateLimitExceededError)


class Latencies:
    """The meters of all routes that were used, the least lately used forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._meters: OrderedDict[tuple[str, bool], Meter] = OrderedDict()

    def meter(self, route: str, *, to_first_token: bool) -> Meter:
        """That of a route on which a call begins."""
        key = (route, to_first_token)
        meter = self._meters.get(key)
        if meter is None:
            meter = self._meters[key] = Meter(self._clock)
            if len(self._meters) > MAX_METERS:
                self._meters.popitem(last=False)
        self._meters.move_to_end(key)
        return meter

    def cost(self, route: str, *, to_first_token: bool) -> float:
        """See Meter.cost; 0 for a route that nobody has used yet."""
        meter = self._meters.get((route, to_first_token))
        return meter.cost() if meter is not None else 0.0

    def forget(self, provider: str) -> None:
        """Drops what was learnt of a row whose address or key has changed."""
        for key in [key for key in self._meters if key[0].startswith(f"{provider}/")]:
            del self._meters[key]
