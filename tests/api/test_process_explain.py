"""POST /process/explain: who would be asked, without anyone being asked."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from contracts import ExclusionReason, Explanation
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, MakeClient


def test_explain_answers(client: TestClient) -> None:
    """Candidates, reasons and ids; the statistics have seen no request."""
    answer = client.post("/process/explain", json={"prompt": "hello", "correlation_id": "c-1"})
    body = Explanation.model_validate(answer.json())
    assert (answer.status_code, answer.headers["x-correlation-id"]) == (200, "c-1")
    assert [(one.provider, one.model) for one in body.candidates] == [("mock", "mock-echo"), ("second", "mock-echo")]
    reasons = {one.provider: one.reason for one in body.excluded}
    assert (reasons["local"], reasons["openai"]) == (ExclusionReason.DISABLED, ExclusionReason.UNUSABLE)
    assert (body.correlation_id, body.refusal) == ("c-1", None)
    assert client.get("/statistics").json()["total_requests_processed"] == 0


def test_explain_tells_what_process_then_does(client: TestClient) -> None:
    """The same body, the same first candidate."""
    body = {"prompt": "x", "preferred_provider": "second", "fallback_providers": ["mock/mock-echo", "second"]}
    first, *rest = client.post("/process/explain", json=body).json()["candidates"]
    answer = client.post("/process", json=body).json()
    assert (answer["provider"], answer["model"]) == (first["provider"], first["model"]) == ("second", "mock-echo")
    assert [one["provider"] for one in rest] == ["mock"]


def test_explain_counts_no_turn(make_client: MakeClient) -> None:
    """Between explanations the strategy stands still; a request moves it on."""
    client = make_client(selection_strategy="round-robin")
    for expected in ("mock", "second", "mock"):
        for _ in range(3):
            told = client.post("/process/explain", json={"prompt": "x"}).json()
            assert (told["strategy"], told["candidates"][0]["provider"]) == ("round-robin", expected)
        assert client.post("/process", json={"prompt": "x"}).json()["provider"] == expected


@pytest.mark.parametrize(
    "body,status,error_type",
    [
        ({"prompt": "x", "fallback_providers": ["nobody"]}, 404, "provider_not_found"),
        ({"prompt": "x", "preferred_provider": "nobody"}, 404, "provider_not_found"),
        ({}, 422, "invalid_request"),
        ({"prompt": "x", "temprature": 1}, 422, "invalid_request"),
    ],
)
def test_explain_refuses_what_cannot_be_explained(
    client: TestClient, body: dict[str, Any], status: int, error_type: str
) -> None:
    """A body that is wrong, and a provider that is not there."""
    answer = client.post("/process/explain", json=body)
    assert (answer.status_code, answer.json()["error_type"]) == (status, error_type)


def test_explain_holds_the_refusal_of_a_request(client: TestClient) -> None:
    """A model that nobody offers is explained, not refused."""
    answer = client.post("/process/explain", json={"prompt": "x", "model": "no-such-model"})
    refusal = answer.json()["refusal"]
    assert (answer.status_code, refusal["status"], refusal["error_type"]) == (200, 404, "model_not_found")


def test_explain_needs_a_callers_key(make_client: MakeClient) -> None:
    """A caller's is enough."""
    client = make_client(admin=True, callers=True)
    statuses = [
        client.post("/process/explain", json={"prompt": "x"}, headers={"x-api-key": key}).status_code
        for key in ("", "wrong", CALLER_KEY, ADMIN_KEY)
    ]
    assert statuses == [401, 401, 200, 200]
