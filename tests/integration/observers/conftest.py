"""One run of the real service that leaves every metric: calls that succeed, fail, are repeated and go elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts.config import LLMProviderConfig
from tests.kit.metrics_page import Page

PROMPT = "tell nobody of my cat Wilhelmina"
MADE_UP = "model-named-after-wilhelmina"
METRICS_TOKEN = "scraper-token-91"
ADMIN_KEY = "admin-key-of-the-run-77"
CONFIG = {
    "retry_delay_seconds": 0.05,
    "max_retries": 1,
    "fallback_order": ["mock", "spare"],
    "providers": {
        "mock": {"enabled": True},
        "spare": {"type": "mock", "enabled": True},
    },
}


def ask(client: TestClient, **fields: object) -> None:
    """One model call, answered one way or another."""
    client.post("/process", json={"prompt": PROMPT, **fields}, headers=admin())


def admin() -> dict[str, str]:
    """The headers of an administrator."""
    return {"x-api-key": ADMIN_KEY}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The service, after calls of every kind."""
    state: Path = tmp_path_factory.mktemp("state")
    settings = Settings(
        config=LLMProviderConfig.model_validate(CONFIG),
        state_dir=state,
        admin_api_key=ADMIN_KEY,  # type: ignore[arg-type]
        metrics_token=METRICS_TOKEN,  # type: ignore[arg-type]
    )
    with TestClient(create_app(settings)) as client:
        for _ in range(3):
            ask(client, provider="mock", model="mock-echo", use_cache=True)
        ask(client, provider="mock", model="mock-500", fallback_providers=["spare/mock-echo"])
        ask(client, provider="mock", model=MADE_UP)
        ask(client, provider="mock", model="mock-429")
        streamed = {"prompt": PROMPT, "provider": "mock"}
        assert client.post("/process/stream", json=streamed, headers=admin()).status_code == 200
        yield client


@pytest.fixture(scope="module")
def page(service: TestClient) -> Page:
    """Its metrics, as Prometheus reads them."""
    answer = service.get("/metrics", headers={"authorization": f"Bearer {METRICS_TOKEN}"})
    assert answer.status_code == 200, answer.text
    return Page(answer.content)
