"""Does a test call the vendor now, report what it met, and leave circuits alone?"""

from __future__ import annotations

import asyncio

import pytest

from app.engine.accounts import Accounts
from app.engine.probe import Probe
from app.engine.runtime import Runtime
from app.ports import CallLimits
from app.resilience.routes import Routes
from contracts import (
    AuthenticationError,
    CircuitState,
    LLMProviderConfig,
    ModelNotFoundError,
    ProviderHealth,
    ProviderStatus,
    ProviderUnavailableError,
    RateLimitExceededError,
)
from tests.kit.engine import Records
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Fails, Outcome, Says, Silent, broken, limited, unauthorized
from tests.kit.virtual_time import loop_clock


class Lists(FakeProvider):
    """A provider whose model list fails, or never comes."""

    async def list_models(self, *, limits: CallLimits) -> list[str]:
        """As its name says."""
        if self.name == "silent":
            await asyncio.Event().wait()
        if self.name == "limited":
            raise RateLimitExceededError("wait", vendor_message="PRIVATE")
        if self.name == "failing":
            raise ProviderUnavailableError("failing has an inner error (500)", upstream_status=500)
        if self.name == "unreached":
            raise ProviderUnavailableError("unreached is not reachable")
        if self.name == "emptied":
            return ["another"]
        raise AuthenticationError("the key was refused")


async def probed(
    provider: FakeProvider, records: Records, *, deep: bool = False, enabled: bool = True
) -> tuple[ProviderHealth, Routes]:
    """What a test of the row says."""
    clock = loop_clock()
    rows = {provider.name: {"type": "mock", "enabled": enabled}}
    config = LLMProviderConfig.model_validate({"providers": rows})
    routes = Routes(config.circuit_breaker, clock)
    runtime = Runtime(1, config, {provider.name: provider}, routes)
    return await Probe(Accounts(observers=(records,), limiter=records, clock=clock)).test(
        provider, runtime, deep=deep
    ), routes


async def test_probe_of_a_vendor_that_lists_its_models_is_healthy() -> None:
    """Nothing is spent, and nothing recorded."""
    records = Records()
    health, _ = await probed(FakeProvider("alpha"), records)
    assert (health.provider, health.status, health.error_message) == ("alpha", ProviderStatus.HEALTHY, None)
    assert health.checked_at is not None
    assert (records.attempts, records.requests) == ([], [])


@pytest.mark.parametrize(
    "name,status,words",
    [
        ("refused", ProviderStatus.UNHEALTHY, "provider_authentication: the key was refused"),
        ("limited", ProviderStatus.RATE_LIMITED, "rate_limit_exceeded: wait"),
        ("silent", ProviderStatus.UNHEALTHY, "timeout: silent gave no model list in 30 s"),
        ("failing", ProviderStatus.UNHEALTHY, "provider_unavailable: failing has an inner error (500)"),
        ("unreached", ProviderStatus.OFFLINE, "provider_unavailable: unreached is not reachable"),
        ("emptied", ProviderStatus.DEGRADED, "emptied does not list emptied-1"),
    ],
)
async def test_probe_reports_a_failure(name: str, status: ProviderStatus, words: str) -> None:
    """It is the answer, not an error, and it comes within the limit of an attempt."""
    health, _ = await probed(Lists(name), Records())
    assert (health.status, health.error_message) == (status, words)
    assert health.latency_ms == (30_000.0 if name == "silent" else 0.0)


async def test_deep_probe_asks_for_one_token() -> None:
    """A real completion, recorded like any other, because it costs that token."""
    provider, records = FakeProvider("alpha", [Says(after=0.2)]), Records()
    health, _ = await probed(provider, records, deep=True)
    (asked,) = provider.asked
    assert (asked.model, asked.call.conversation.sampling.max_tokens) == ("alpha-1", 1)
    assert (health.status, health.latency_ms) == (ProviderStatus.HEALTHY, 200.0)
    assert records.outcomes == [("alpha", "success")]
    assert [record.provider for record in records.requests] == ["alpha"]
    assert records.settled == records.requests


@pytest.mark.parametrize(
    "outcome,status,recorded",
    [
        (limited(), ProviderStatus.RATE_LIMITED, "rate_limit_exceeded"),
        (unauthorized(), ProviderStatus.UNHEALTHY, "provider_authentication"),
        (Silent(), ProviderStatus.UNHEALTHY, "timeout"),
        (Fails(lambda: ModelNotFoundError("run `ollama pull m` there")), ProviderStatus.DEGRADED, "model_not_found"),
    ],
)
async def test_deep_probe_records_a_failure(outcome: Outcome, status: ProviderStatus, recorded: str) -> None:
    """Once as an attempt and once as a request; no circuit moves, however often it fails."""
    provider, records = FakeProvider("alpha", [outcome]), Records()
    health, routes = await probed(provider, records, deep=True)
    assert health.status is status
    assert records.outcomes == [("alpha", recorded)]
    assert [record.error_type for record in records.requests] == [recorded]
    assert routes.circuit_state("alpha") is CircuitState.CLOSED


@pytest.mark.parametrize("deep", [False, True])
async def test_probe_of_a_row_that_cannot_serve_is_offline(deep: bool) -> None:
    """It is not called, and the reason is said."""
    provider = FakeProvider("alpha", unusable="alpha has no key: set KEY")
    health, _ = await probed(provider, Records(), deep=deep)
    assert (health.status, health.error_message) == (
        ProviderStatus.OFFLINE,
        "provider_unavailable: alpha has no key: set KEY",
    )
    switched_off, _ = await probed(FakeProvider("beta"), Records(), deep=deep, enabled=False)
    assert (switched_off.status, switched_off.error_message) == (
        ProviderStatus.OFFLINE,
        "provider_unavailable: beta is disabled",
    )
    assert provider.asked == []


async def test_deep_probe_whose_caller_left_is_recorded() -> None:
    """As cancelled: that token may have been spent."""
    records = Records()
    task = asyncio.ensure_future(probed(FakeProvider("alpha", [Silent()]), records, deep=True))
    asyncio.get_running_loop().call_later(5, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert records.outcomes == [("alpha", "cancelled")]
    assert [record.is_cancelled for record in records.requests] == [True]


async def test_deep_probe_that_meets_a_defect_is_recorded() -> None:
    """As our failure, and the defect goes on to whoever logs it."""
    records = Records()
    with pytest.raises(KeyError):
        await probed(FakeProvider("alpha", [broken()]), records, deep=True)
    assert records.outcomes == [("alpha", "internal_error")]
    assert [record.error_type for record in records.requests] == ["internal_error"]
