"""What does a run of the real service leave in the metrics?"""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.integration.observers.conftest import ADMIN_KEY, MADE_UP, METRICS_TOKEN, PROMPT, admin
from tests.kit.metrics_page import Page


def test_metrics_count_each_call_by_how_it_ended(page: Page) -> None:
    """Three that were answered by the row asked for (of three equal ones two were kept), and those that failed."""
    calls = page.series("llm_requests_total")
    assert calls["mock-echo", "spare", "success"] == 1
    assert calls["mock-500", "mock", "provider_unavailable"] == 2
    assert page.value("llm_retries_total", provider="mock") >= 1
    assert page.value("llm_cache_requests_total", result="hit") == 2


def test_metrics_tell_of_the_way_from_one_row_to_the_next(page: Page) -> None:
    """With what sent it there."""
    assert page.series("llm_fallbacks_total")["mock", "provider_unavailable", "spare"] == 1


def test_metrics_of_http_name_templates(page: Page) -> None:
    """Each route by its template."""
    handlers = {handler for handler, _, _ in page.series("http_requests_total")}
    assert {"/process", "/process/stream"} <= handlers
    assert handlers <= {"/process", "/process/stream", "/metrics", "none"}


def test_metrics_have_a_circuit_for_each_row_that_may_serve(page: Page) -> None:
    """By the configuration's names."""
    assert {"mock", "spare"} <= {provider for (provider,) in page.series("llm_circuit_breaker_state")}


def test_metrics_hold_nothing_of_callers(page: Page) -> None:
    """No prompt, no answer, no key, no model that a caller made up."""
    for secret in (PROMPT, "Wilhelmina", MADE_UP, METRICS_TOKEN, ADMIN_KEY):
        assert secret.lower() not in page.text.lower()
    assert any(model == "other" for model, _, _ in page.series("llm_requests_total"))


@pytest.mark.parametrize(
    "headers,status", [({}, 401), (admin(), 200), ({"x-api-key": METRICS_TOKEN}, 200), ({"x-api-key": "x"}, 401)]
)
def test_metrics_are_for_the_admin_key_and_the_token(service: TestClient, headers: dict[str, str], status: int) -> None:
    """Not even for this machine, once there is a key."""
    assert service.get("/metrics", headers=headers).status_code == status
