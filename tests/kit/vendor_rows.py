"""A snapshot of real rows, as the service builds them, that nobody calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpx2
from pydantic import SecretStr

from app.engine.runtime import Runtime
from app.engine.steering import Steering
from app.ports import ModelAddress
from app.providers import build_provider
from app.resilience.clock import Clock
from app.resilience.routes import Routes
from app.upstream import UpstreamClient
from contracts.config import LLMProviderConfig
from contracts.providers import ProviderType


class SmallModel:
    """The embedded model as the service finds it, in no process; `reason`: why it cannot be called."""

    model_name = "smollm2-135m-instruct"

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason

    def unavailable_reason(self) -> str | None:
        """As set."""
        return self.reason

    async def address(self) -> ModelAddress:
        """Nobody listens."""
        msg = "the embedded model was asked"
        raise AssertionError(msg)

    async def aclose(self) -> None:
        """Nothing is open."""


def runtime_of(
    kinds: Iterable[ProviderType] = (), *, clock: Clock | None = None, small: SmallModel | None = None, **config: Any
) -> Runtime:
    """The snapshot of a configuration in which the rows of `kinds` have keys, and the mock is on if it is one of them.

    `config` is laid over that; rows that it gives are added. Nothing can be sent.
    """
    clock = clock or Clock()
    given = {kind.value: {"type": kind.value, "enabled": True, "api_key": "sk-0123456789"} for kind in kinds}
    given.pop(ProviderType.LOCAL.value, None)
    rows = {**given, **config.pop("providers", {})}
    whole = LLMProviderConfig(providers=rows, **config)
    upstream = UpstreamClient(httpx2.MockTransport(_nobody))
    providers = {
        name: build_provider(
            name, row, upstream=upstream, model_server=small or SmallModel(), api_key=_key(row.api_key)
        )
        for name, row in whole.providers.items()
    }
    routes = Routes(whole.circuit_breaker, clock)
    routes.adopt_limits(whole.providers)
    return Runtime(1, whole, providers, routes, steering=Steering(clock))


def _key(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def _nobody(request: httpx2.Request) -> httpx2.Response:
    msg = f"{request.url} was asked"
    raise AssertionError(msg)
