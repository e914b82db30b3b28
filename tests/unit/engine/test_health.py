"""What is said of a provider, and of the service?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app import __version__
from app.engine.health import Health
from app.engine.runtime import Runtime
from app.engine.statistics import Statistics
from app.ports import AttemptRecord
from app.resilience.routes import Routes
from contracts import (
    AttemptOutcome,
    AuthenticationError,
    CircuitState,
    Cost,
    Fault,
    LLMProviderConfig,
    ProviderHealth,
    ProviderStatus,
    ProviderType,
    ProviderUnavailableError,
)
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import EPOCH, HandClock


class Ward:
    """Two rows that can serve and one without a key, under observation."""

    def __init__(self, faults: dict[str, str | None] | None = None, **config: Any) -> None:
        self.hand = HandClock()
        self.alpha, self.beta = FakeProvider("alpha"), FakeProvider("beta")
        self.keyless = FakeProvider("keyless", unusable="keyless has no key: set KEY")
        providers = {each.name: each for each in (self.alpha, self.beta, self.keyless)}
        rows = {name: {"type": "mock"} for name in providers}
        self.statistics = Statistics(self.hand.clock)
        self.health = Health(
            self.statistics, self.hand.clock, dependency_faults=lambda: faults or {}, rows_lost=lambda: 3
        )
        made = LLMProviderConfig.model_validate({"providers": rows, **config})
        self.runtime = Runtime(1, made, providers, Routes(made.circuit_breaker, self.hand.clock))

    def ended(
        self, provider: FakeProvider, *errors: str | None, seconds: float = 0.5, fault: Fault = Fault.PROVIDER
    ) -> None:
        """Attempts, good (None) and failed ones."""
        for error in errors:
            outcome = AttemptOutcome.FAILED if error else AttemptOutcome.SUCCESS
            self.statistics.attempt_ended(
                AttemptRecord(
                    request_id="r",
                    correlation_id="c",
                    provider=provider.name,
                    provider_type=ProviderType.MOCK,
                    model="m",
                    outcome=outcome,
                    started_at=EPOCH,
                    duration_seconds=seconds,
                    error_type=error,
                    fault=fault if error else None,
                    cost=Cost(usd=Decimal(0), source="free"),
                )
            )

    def open_circuit(self, provider: FakeProvider) -> None:
        """As many failures as it takes."""
        for _ in range(3):
            error = ProviderUnavailableError("down")
            self.runtime.routes.route(provider.name, "m").admit().fail(error)

    def of(self, provider: FakeProvider) -> ProviderHealth:
        """Its last known health."""
        return self.health.provider(provider, self.runtime)

    @property
    def overall(self) -> str:
        """The service's state."""
        return self.health.report(self.runtime)["status"]


@pytest.fixture
def ward() -> Ward:
    """Fresh."""
    return Ward()


def test_health_of_a_row_that_was_never_called_is_unknown(ward: Ward) -> None:
    """It counts as able to serve."""
    assert ward.of(ward.alpha) == ProviderHealth(provider="alpha", status=ProviderStatus.UNKNOWN)
    assert ward.overall == "healthy"


@pytest.mark.parametrize(
    "ends,status",
    [
        ([None], ProviderStatus.HEALTHY),
        (["timeout", None], ProviderStatus.DEGRADED),
        ([None, "timeout"], ProviderStatus.DEGRADED),
        (["timeout"], ProviderStatus.UNHEALTHY),
        (["timeout", *[None] * 20], ProviderStatus.HEALTHY),
    ],
)
def test_health_follows_the_last_attempts(ward: Ward, ends: list[str | None], status: ProviderStatus) -> None:
    """The last twenty of them."""
    ward.ended(ward.alpha, *ends)
    assert ward.of(ward.alpha).status is status


def test_health_says_what_the_last_call_showed(ward: Ward) -> None:
    """When, how fast, and with which error."""
    ward.ended(ward.alpha, None, "timeout")
    known = ward.of(ward.alpha)
    assert (known.latency_ms, known.checked_at, known.success_rate) == (500.0, EPOCH, 50.0)
    assert known.error_message == "the last call failed: timeout"


def test_health_hides_times_when_they_are_not_wanted() -> None:
    """`enable_performance_monitoring: false` means no latency figure anywhere."""
    ward = Ward(enable_performance_monitoring=False)
    ward.ended(ward.alpha, None)
    assert ward.of(ward.alpha).latency_ms is None
    assert ward.health.info(ward.alpha, ward.runtime).average_latency_ms is None


def test_health_of_an_open_circuit_is_unhealthy(ward: Ward) -> None:
    """And says what opened it."""
    ward.open_circuit(ward.alpha)
    known = ward.of(ward.alpha)
    assert (known.status, known.error_message) == (
        ProviderStatus.UNHEALTHY,
        "the circuit is open: provider_unavailable",
    )
    assert ward.health.info(ward.alpha, ward.runtime).circuit_state is CircuitState.OPEN


def test_health_of_a_resting_row_is_rate_limited(ward: Ward) -> None:
    """Until it may be called again."""
    ward.runtime.routes.row("alpha").cooldown.rest(30)
    assert ward.of(ward.alpha).status is ProviderStatus.RATE_LIMITED
    assert ward.health.info(ward.alpha, ward.runtime).cooling_until == EPOCH + timedelta(seconds=30)
    ward.hand.advance(31)
    assert ward.of(ward.alpha).status is ProviderStatus.UNKNOWN


def test_health_of_a_row_that_cannot_serve_is_offline(ward: Ward) -> None:
    """It lacks something, or is switched off; what it once did does not matter."""
    assert ward.of(ward.keyless).status is ProviderStatus.OFFLINE
    assert ward.of(ward.keyless).error_message == "keyless has no key: set KEY"
    disabled = Ward(enabled_providers=["beta"])
    disabled.ended(disabled.alpha, None)
    assert disabled.of(disabled.alpha).status is ProviderStatus.OFFLINE
    assert disabled.of(disabled.alpha).error_message == "alpha is disabled"


def test_later_test_is_believed_until_the_next_call(ward: Ward) -> None:
    """A test by hand is newer than an old failure, and older than the next one."""
    ward.ended(ward.alpha, "timeout")
    tested = ProviderHealth(provider="alpha", status=ProviderStatus.HEALTHY, latency_ms=3, checked_at=EPOCH)
    ward.health.tested["alpha"] = tested
    assert ward.of(ward.alpha) == tested.model_copy(update={"success_rate": 0.0})
    older = tested.model_copy(update={"checked_at": EPOCH - timedelta(seconds=1)})
    ward.health.tested["alpha"] = older
    assert ward.of(ward.alpha).status is ProviderStatus.UNHEALTHY


@pytest.mark.parametrize("limit", ["rate_limit_exceeded", "quota_exceeded"])
def test_health_after_a_limit_is_degraded(ward: Ward, limit: str) -> None:
    """Once the row may be called again, nothing is known against it: that was no outage."""
    ward.ended(ward.alpha, limit)
    known = ward.of(ward.alpha)
    assert (known.status, known.error_message) == (ProviderStatus.DEGRADED, f"the last call failed: {limit}")
    ward.ended(ward.alpha, "provider_unavailable")
    assert ward.of(ward.alpha).status is ProviderStatus.UNHEALTHY


def test_health_tells_a_refused_key_from_an_outage(ward: Ward) -> None:
    """It is mended here, and an outage elsewhere."""
    ward.ended(ward.alpha, "provider_authentication")
    told = "provider_authentication (it refused our key: set it anew)"
    assert ward.of(ward.alpha).error_message == f"the last call failed: {told}"
    ward.runtime.routes.route("alpha", "m").admit().trip(AuthenticationError("refused"))
    assert ward.of(ward.alpha).error_message == f"the circuit is open: {told}"
    ward.ended(ward.beta, "provider_unavailable")
    assert ward.of(ward.beta).error_message == "the last call failed: provider_unavailable"


def test_health_is_not_moved_by_callers_faults(ward: Ward) -> None:
    """A request that the vendor refuses for what is in it was answered well."""
    ward.ended(ward.alpha, None)
    ward.ended(ward.alpha, "context_length_exceeded", "content_policy_violation", fault=Fault.CALLER)
    known = ward.of(ward.alpha)
    assert (known.status, known.error_message) == (ProviderStatus.HEALTHY, None)
    assert ward.statistics.tally("alpha").failures == 2


def test_info_has_the_status_that_health_has(ward: Ward) -> None:
    """A test by hand shows in the list of providers, too."""
    ward.health.tested["alpha"] = ProviderHealth(
        provider="alpha", status=ProviderStatus.DEGRADED, checked_at=EPOCH, error_message="m is not pulled"
    )
    assert ward.health.info(ward.alpha, ward.runtime).status is ProviderStatus.DEGRADED


def test_row_that_nobody_answers_for_counts_for_the_service(ward: Ward) -> None:
    """Unlike one without a key: it could serve."""
    unreached = ProviderHealth(provider="alpha", status=ProviderStatus.OFFLINE, checked_at=EPOCH)
    ward.health.tested["alpha"] = unreached
    assert ward.overall == "degraded"
    ward.health.tested["beta"] = unreached.model_copy(update={"provider": "beta"})
    assert ward.overall == "unhealthy"


def test_service_is_degraded_while_one_row_serves(ward: Ward) -> None:
    """And unhealthy when none does; rows without a key do not count."""
    ward.ended(ward.alpha, "timeout")
    assert ward.overall == "degraded"
    ward.runtime.routes.row("beta").cooldown.rest(30)
    assert ward.overall == "unhealthy"


def test_service_without_a_usable_row_is_unhealthy() -> None:
    """Nobody could answer."""
    assert Ward(enabled_providers=["keyless"]).overall == "unhealthy"


@pytest.mark.parametrize(
    "faults,status,redis,told",
    [
        ({}, "healthy", "off", {}),
        ({"redis": None}, "healthy", "ok", {}),
        ({"redis": "it gave no answer in 50 ms"}, "degraded", "down", {"redis": "it gave no answer in 50 ms"}),
        ({"redis": ""}, "degraded", "down", {"redis": ""}),
    ],
)
def test_report_tells_what_the_service_leans_on(
    faults: dict[str, str | None], status: str, redis: str, told: dict[str, str]
) -> None:
    """What is down degrades the service, and is named with its reason; what is not there is off."""
    ward = Ward(faults)
    report = ward.health.report(ward.runtime)
    assert (report["status"], report["dependency_faults"]) == (status, told)
    assert report["dependencies"] == {"redis": redis, "kafka": "off", "database": "off"}
    assert report["ledger_rows_lost"] == 3
    assert ward.health.report(None)["status"] == "not_started"


def test_report_without_a_usable_row_is_worse_than_without_a_dependency() -> None:
    """Nobody could answer, whatever else is down."""
    assert Ward({"redis": "gone"}, enabled_providers=["keyless"]).overall == "unhealthy"


def test_report_counts_rows_and_requests(ward: Ward) -> None:
    """Plain data, complete."""
    ward.hand.advance(12.5)
    report = ward.health.report(ward.runtime)
    assert [one.provider for one in report["providers"]] == ["alpha", "beta", "keyless"]
    assert (report["total_providers"], report["total_requests"], report["uptime"]) == (3, 0, 12.5)
    assert report["enabled_providers"] == sum(row.enabled for row in ward.runtime.config.providers.values())
    assert report["service_status"] == report["status"]
    assert report["dependencies"] == {"redis": "off", "kafka": "off", "database": "off"}
    assert (report["version"], report["timestamp"]) == (__version__, EPOCH.isoformat())


def test_report_before_the_start_is_whole(ward: Ward) -> None:
    """No rows are known yet, but the memory is."""
    report = ward.health.report(None)
    assert (report["status"], report["service_status"], report["providers"]) == ("not_started", "not_started", [])
    assert (report["total_providers"], report["enabled_providers"], report["uptime"]) == (0, 0, 0.0)
    assert report["memory_usage"]["rss"] > 0


def test_info_says_how_a_row_stands(ward: Ward) -> None:
    """All that ProviderInfo promises."""
    ward.ended(ward.alpha, None, None, "timeout", seconds=0.2)
    info = ward.health.info(ward.alpha, ward.runtime)
    assert (info.name, info.type, info.enabled, info.usable) == ("alpha", ProviderType.MOCK, True, True)
    assert (info.unusable_reason, info.status, info.default_model) == (None, ProviderStatus.DEGRADED, "alpha-1")
    assert (info.average_latency_ms, info.success_rate, info.last_error) == (200.0, 66.67, "timeout")
    assert (info.last_success, info.last_failure, info.cooling_until) == (EPOCH, EPOCH, None)
    keyless = ward.health.info(ward.keyless, ward.runtime)
    assert (keyless.usable, keyless.unusable_reason) == (False, "keyless has no key: set KEY")


def test_health_info_counts_calls_under_way(ward: Ward) -> None:
    """Also of a row that limits nothing."""
    places = [ward.runtime.routes.row("alpha").admission.enter_at_once() for _ in range(2)]
    info = ward.health.info(ward.alpha, ward.runtime)
    assert (info.in_flight, info.queued, len(places)) == (2, 0, 2)
