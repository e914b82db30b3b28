"""POST /process: one whole answer, or one clear error."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import LLMResponse, Problem
from tests.api.conftest import MakeClient, config
from tests.unit.http.asgi import Exchange, local_scope


def test_process_answers(client: TestClient) -> None:
    """A prompt is answered whole: text, usage, cost and attempts, in body and headers."""
    answer = client.post("/process", json={"prompt": "hello there", "correlation_id": "c-1"})
    body = LLMResponse.model_validate(answer.json())
    assert (answer.status_code, body.content, body.provider) == (200, "[mock] hello there", "mock")
    assert (body.correlation_id, answer.headers["x-correlation-id"]) == ("c-1", "c-1")
    assert body.usage.total_tokens == body.usage.input_tokens + body.usage.output_tokens > 0
    told = ("x-llm-provider", "x-llm-model", "x-llm-attempts", "x-llm-cache", "x-llm-cost-usd", "content-type")
    assert [answer.headers[name] for name in told] == ["mock", "mock-echo", "1", "bypass", "0", "application/json"]
    assert answer.headers["server-timing"].startswith("total;dur=")


def test_process_messages_are_read_strictly(client: TestClient) -> None:
    """Messages with parts and plain strings, enums and tuples: all of it from strict JSON."""
    answer = client.post(
        "/process",
        json={
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "user", "content": [{"type": "text", "text": "parts"}]},
            ],
            "provider": "mock",
            "fallback_providers": ["second/mock-echo", {"provider": "second"}],
            "stop": "END",
            "priority": "urgent",
            "tags": ["a"],
            "metadata": {"n": 1},
        },
    )
    assert (answer.status_code, answer.json()["content"]) == (200, "[mock] parts")


def test_process_falls_back(client: TestClient) -> None:
    """A failing candidate is followed by the next; the answer lists both attempts."""
    body = {
        "prompt": "x",
        "preferred_provider": "mock",
        "model": "mock/mock-503",
        "fallback_providers": ["second/mock-echo"],
    }
    answer = client.post("/process", json=body)
    assert (answer.status_code, answer.json()["provider"], answer.json()["fallback_used"]) == (200, "second", True)
    assert [attempt["outcome"] for attempt in answer.json()["attempts"]] == ["failed", "success"]
    assert answer.headers["x-llm-attempts"] == "2"


def test_process_no_body_can_be_eleven_megabytes(client: TestClient) -> None:
    """11 MB are 413 by the default limit."""
    answer = client.post("/process", json={"prompt": "x" * 11_000_000})
    assert (answer.status_code, answer.json()["error_type"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    "body,field,says",
    [
        ({"prompt": "x", "temprature": 0.1}, "temprature", "did you mean temperature?"),
        ({"prompt": "   "}, "prompt", "must not be blank"),
        ({"prompt": "x", "messages": [{"role": "user", "content": "y"}]}, "", "not both"),
        ({}, "", "give prompt or messages"),
        ({"prompt": "x", "temperature": 3}, "temperature", "at most 2"),
        ({"prompt": "x", "top_p": -0.1}, "top_p", "at least 0"),
        ({"prompt": "x", "max_tokens": 0}, "max_tokens", "at least 1"),
        ({"prompt": "x", "timeout_seconds": 0.5}, "timeout_seconds", "at least 1"),
        ({"prompt": "x", "max_tokens": "5"}, "max_tokens", "a whole number"),
        ({"prompt": "x" * 1_000_001}, "prompt", "at most 1000000 characters"),
    ],
)
def test_process_wrong_fields_are_422(client: TestClient, body: dict[str, Any], field: str, says: str) -> None:
    """Each wrong field is named with what is wrong, and how to mend it where that is known."""
    answer = client.post("/process", json=body)
    problem = Problem.model_validate(answer.json())
    assert (answer.status_code, problem.errors[0].field) == (422, field)
    assert says in problem.detail


@pytest.mark.parametrize(
    "content,content_type,status,says",
    [
        (b'{"prompt": "x",}', "application/json", 400, "line 1, column"),
        (b'{"prompt": "x", "prompt": "y"}', "application/json", 400, "`prompt` twice"),
        (b"prompt=x", "application/x-www-form-urlencoded", 415, "reads application/json"),
    ],
)
def test_process_unreadable_bodies_are_refused(
    client: TestClient, content: bytes, content_type: str, status: int, says: str
) -> None:
    """Broken JSON is 400, another media type 415."""
    answer = client.post("/process", content=content, headers={"content-type": content_type})
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True)


def test_process_unknown_provider_is_404_with_the_list(client: TestClient) -> None:
    """An unknown provider's refusal lists those that there are."""
    answer = client.post("/process", json={"prompt": "x", "preferred_provider": "opnai"})
    assert (answer.status_code, answer.json()["error_type"]) == (404, "provider_not_found")
    assert {"openai", "mock", "second"} <= set(answer.json()["detail"].replace(",", " ").split())


def test_process_disabled_provider_is_503(client: TestClient) -> None:
    """A provider that is named, switched off, and must not be replaced."""
    client.post("/providers/second/disable")
    answer = client.post("/process", json={"prompt": "x", "preferred_provider": "second", "enable_fallback": False})
    assert (answer.status_code, answer.json()["error_type"]) == (503, "provider_disabled")


def test_process_without_any_usable_provider_says_what_to_set(make_client: MakeClient) -> None:
    """With no key and no local model the refusal names a variable."""
    off = {"local": {"type": "local", "enabled": False}, "mock": {"type": "mock", "enabled": False}}
    client = make_client(providers=off, fallback_order=("openai", "deepseek"))
    answer = client.post("/process", json={"prompt": "x"})
    assert answer.status_code == 503
    assert "OPENAI_API_KEY" in answer.json()["detail"]


@pytest.mark.parametrize(
    "model,status,error_type",
    [
        ("mock-401", 502, "provider_authentication"),
        ("mock-cut", 502, "provider_protocol"),
        ("mock-unreadable", 502, "provider_protocol"),
        ("mock-503", 503, "provider_unavailable"),
        ("mock-quota", 429, "quota_exceeded"),
        ("mock-context-length", 400, "context_length_exceeded"),
        ("mock-content-policy", 400, "content_policy_violation"),
    ],
)
def test_process_vendor_faults_have_their_statuses(
    client: TestClient, model: str, status: int, error_type: str
) -> None:
    """What a vendor does wrong comes out as its own error, with the attempt that met it."""
    answer = client.post("/process", json={"prompt": "x", "model": f"mock/{model}", "enable_fallback": False})
    problem = Problem.model_validate(answer.json())
    assert (answer.status_code, problem.error_type, problem.provider) == (status, error_type, "mock")
    assert [attempt.provider for attempt in problem.attempts] == ["mock"]
    assert answer.headers["x-llm-attempts"] == "1"


def test_process_rate_limit_says_when_to_come_back(client: TestClient) -> None:
    """A vendor's Retry-After reaches the caller, rounded up to whole seconds."""
    body = {"prompt": "x", "model": "mock/mock-429-retry-after-1", "enable_fallback": False}
    answer = client.post("/process", json=body)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


async def test_process_caller_who_leaves_ends_the_call() -> None:
    """A vendor that never answers keeps nothing busy once its caller has gone, and is not blamed for it."""
    app = create_app(Settings(config=config()))
    body = b'{"prompt": "x", "model": "mock/mock-silent", "enable_fallback": false}'
    async with app.router.lifespan_context(app):
        exchange = Exchange(app, local_scope("POST", "/process", {"content-type": "application/json"}), body)
        exchange.leaving.set()
        async with asyncio.timeout(1):
            await exchange.run()
        assert exchange.status == 499
        info = await app.state.edge.service.get_provider_info("mock")
        assert (info.circuit_state, info.last_failure) == ("closed", None)


def test_process_schema_that_is_none_is_refused(client: TestClient) -> None:
    """What nobody could check is a 422 that names the place in the schema."""
    shape = {"type": "json_schema", "json_schema": {"properties": {"a": {"type": "nonsense"}}}}
    answer = client.post("/process", json={"prompt": "x", "response_format": shape})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "response_format.json_schema.properties.a.type"
