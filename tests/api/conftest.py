"""Clients of the whole app: the real service, with rows of the mock vendor and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import LLMProviderConfig

ADMIN_KEY = "admin-key-7f3a"
CALLER_KEY = "caller-key-1b2c"
ROWS: dict[str, Any] = {
    "mock": {"type": "mock", "enabled": True},
    "second": {"type": "mock", "api_key": "sk-second-0123456789", "default_model": "mock-echo"},
    "local": {"type": "local", "enabled": False},
}
MakeClient = Callable[..., TestClient]


def config(**changes: Any) -> LLMProviderConfig:
    """Two rows of the mock vendor, tried once each."""
    base = {"fallback_order": ("mock", "second"), "providers": ROWS, "max_retries": 0}
    return LLMProviderConfig(**{**base, **changes})


@pytest.fixture
def make_client() -> Iterator[MakeClient]:
    """Makes a client of a started app; `changes` are laid over the configuration, keys go to the settings."""
    with ExitStack() as opened:

        def make(*, admin: bool = False, callers: bool = False, **changes: Any) -> TestClient:
            settings = Settings(
                config=config(**changes),
                admin_api_key=SecretStr(ADMIN_KEY) if admin else None,
                api_keys=(SecretStr(CALLER_KEY),) if callers else (),
            )
            return opened.enter_context(TestClient(create_app(settings)))

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> TestClient:
    """A client on the service's own machine: no key is configured."""
    return make_client()


@pytest.fixture
def guarded(make_client: MakeClient) -> TestClient:
    """A client of an app that has an admin key."""
    return make_client(admin=True)
