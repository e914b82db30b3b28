"""Whether a route may be called: pybreaker made fit for async, with one probe at a time and late outcomes ignored.

pybreaker counts and keeps the state; this wrapper never awaits inside it, decides who probes, and keeps its own
time, because pybreaker lets every caller through a half-open circuit and counts a cancelled call as a failure.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from app.resilience.breaker_library import pybreaker
from app.resilience.clock import Clock
from app.resilience.outage import Outage
from contracts.config import CircuitBreakerConfig
from contracts.errors import CircuitOpenError, LLMProviderError
from contracts.providers import CircuitState
from contracts.redaction import without_keys

_log = logging.getLogger(__name__)

_STATES = {
    pybreaker.STATE_CLOSED: CircuitState.CLOSED,
    pybreaker.STATE_OPEN: CircuitState.OPEN,
    pybreaker.STATE_HALF_OPEN: CircuitState.HALF_OPEN,
}


class _CountedError(Exception):
    """What pybreaker is shown of a failure, so that the real error keeps its own traceback."""


class Permit:
    """Leave to make one call. It is settled once; an outcome from before the circuit changed counts for nothing."""

    __slots__ = ("_breaker", "_epoch", "began", "is_early", "is_probe")

    def __init__(
        self, breaker: Breaker | None, epoch: int = 0, *, is_probe: bool = False, is_early: bool = False
    ) -> None:
        self._breaker = breaker
        self._epoch = epoch
        self.is_probe = is_probe
        self.is_early = is_early
        self.began = 0.0

    def succeed(self) -> None:
        """The route answered whole (or, for a probe, its first content is here)."""
        if self._breaker is not None and not (self._breaker.is_troubled or self.is_probe):
            # As nearly always: a success is nothing new.
            self._breaker = None
        elif (breaker := self._take()) and breaker.is_troubled:
            breaker.record_success()

    def fail(self, error: LLMProviderError) -> None:
        """The route is at fault."""
        if breaker := self._take():
            breaker.record_failure(error, self)

    def trip(self, error: LLMProviderError) -> None:
        """The key was refused: the circuit opens whatever its count."""
        if breaker := self._take():
            breaker.record_trip(error, self)

    def release(self) -> None:
        """The call says nothing of the route: a caller's fault, a rate limit, a cancellation."""
        if (breaker := self._take()) and self.is_early:
            breaker.record_nothing()

    def _take(self) -> Breaker | None:
        breaker, self._breaker = self._breaker, None
        if breaker is None:
            return None
        if self.is_probe:
            breaker.probe_ended(self)
        return breaker if breaker.epoch == self._epoch else None


class Breaker:
    """The circuit of one route, or of a whole provider row (opened by a refused key).

    `outage` None: it is closed. `reason` and `why` tell what opened it, as error_type and in words. `is_troubled`: it
    failed since it last succeeded, or is not closed; only then a success is anything new.
    """

    def __init__(self, name: str, settings: CircuitBreakerConfig, clock: Clock) -> None:
        self.name = name
        self.epoch = 0
        self.reason: str | None = None
        self.why: str | None = None
        self.last_error: str | None = None
        self.outage: Outage | None = None
        self.is_troubled = False
        self._clock = clock
        self._probe: Permit | None = None
        self._circuit = pybreaker.CircuitBreaker(name=name, throw_new_error_on_trip=False)
        self.adopt(settings)

    def adopt(self, settings: CircuitBreakerConfig) -> None:
        """Takes over changed thresholds. The state stays; switched off, the circuit forgets all it knew."""
        self._settings = settings
        self._circuit.fail_max = settings.failure_threshold
        self._circuit.success_threshold = settings.success_threshold
        if not settings.enabled:
            self._forget()
        elif self.outage is not None:
            self.outage.shorten(settings.recovery_timeout_seconds)

    def reset(self) -> None:
        """Closes the circuit and forgets every failure; calls under way say nothing of it any more."""
        self._forget()
        self.last_error = None

    @property
    def state(self) -> CircuitState:
        """The state as it stands; an open circuit becomes half-open only when someone probes."""
        return _STATES[self._circuit.current_state] if self._settings.enabled else CircuitState.CLOSED

    @property
    def failures(self) -> int:
        """Failed requests in a row."""
        return int(self._circuit.fail_counter)

    def refusal(self) -> CircuitOpenError | None:
        """Why a call would be refused now; None when it would be let through. Changes nothing."""
        outage = self.outage
        if outage is None:
            return None
        if self._probe is not None:
            # Of a probe that is made before its time others know when the next is due; of one in time nobody knows.
            return self._refused("while one request probes it", outage.until_probe() or None)
        if self.state is CircuitState.OPEN and (seconds := outage.until_probe()):
            return self._refused(f"for {seconds:.1f} s", seconds)
        return None

    def until_probe(self) -> float | None:
        """Seconds until a probe is due, 0 when it is; None: it is closed, or being probed."""
        if self.outage is None or self._probe is not None:
            return None
        return self.outage.until_probe() if self.state is CircuitState.OPEN else 0.0

    def admit(self) -> Permit:
        """Leave to call. Raises CircuitOpenError; of a half-open circuit's callers only one is let through."""
        if self.outage is None:
            return self.permit(self.epoch)
        if refusal := self.refusal():
            raise refusal
        return self._probing(is_early=False)

    def permit(self, epoch: int) -> Permit:
        """What was, or is, given to a caller in that epoch, in which it is closed."""
        return Permit(self if self._settings.enabled else None, epoch)

    def until_early_probe(self) -> float | None:
        """How far from its next probe it is, in seconds; None: it is being probed, or was before its time already."""
        if self.outage is None:
            return 0.0
        seconds = self.until_probe()
        return None if seconds and self.outage.is_probed_early else seconds

    def admit_early(self) -> Permit:
        """Leave to call though the circuit may be open: once in each interval. Raises CircuitOpenError."""
        if self.outage is None or self.refusal() is None or self.until_early_probe() is None:
            return self.admit()
        self.outage.is_probed_early = True
        return self._probing(is_early=True)

    def record_success(self) -> None:
        """One success of a circuit that is troubled. Called by a permit."""
        with self._circuit.calling():
            pass
        if self.outage is None:
            self.is_troubled = False
        elif self.state is CircuitState.CLOSED:
            self._forget()
            _log.info("the circuit of %s closed", without_keys(self.name))

    def record_failure(self, error: LLMProviderError, permit: Permit) -> None:
        """One failure. Called by a permit."""
        self.last_error = error.error_type
        self.is_troubled = True
        with suppress(_CountedError), self._circuit.calling():
            raise _CountedError
        if self.state is CircuitState.OPEN:
            self._note_opening(error, permit)

    def record_trip(self, error: LLMProviderError, permit: Permit) -> None:
        """Opens the circuit at once. Called by a permit."""
        self.last_error = error.error_type
        self.is_troubled = True
        self._circuit.open()
        self._note_opening(error, permit)

    def record_nothing(self) -> None:
        """A probe made before its time says nothing: the circuit is open as before. Called by a permit."""
        self._circuit.open()

    def probe_ended(self, permit: Permit) -> None:
        """The next caller may probe. Called by a permit."""
        if self._probe is permit:
            self._probe = None

    def _probing(self, *, is_early: bool) -> Permit:
        if self.state is CircuitState.OPEN:
            self._circuit.half_open()
        self._probe = Permit(self, self.epoch, is_probe=True, is_early=is_early)
        self._probe.began = self._clock.monotonic()
        return self._probe

    def _note_opening(self, error: LLMProviderError, permit: Permit) -> None:
        self.reason, self.why = error.error_type, error.title[:1].lower() + error.title[1:]
        self.epoch += 1
        longest = self._settings.recovery_timeout_seconds
        if self.outage is None:
            self.outage = Outage(self._clock, longest_seconds=longest)
            verb = "opened"
        elif permit.is_early and self.outage.until_probe():
            return
        else:
            self.outage.go_on(longest_seconds=longest, probed_for_seconds=self._clock.monotonic() - permit.began)
            verb = "stays open"
        # A caller may have named the model.
        name, seconds = without_keys(self.name), self.outage.interval_seconds
        _log.warning("the circuit of %s %s for %.1f s (%s)", name, verb, seconds, self.reason)

    def _forget(self) -> None:
        self._circuit.close()
        self.is_troubled = False
        self.outage = self.reason = self.why = self._probe = None
        self.epoch += 1

    def _refused(self, wait: str, seconds: float | None) -> CircuitOpenError:
        return CircuitOpenError(f"the circuit of {self.name} is open {wait} ({self.why})", retry_after=seconds)
