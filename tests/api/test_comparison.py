"""POST /api/v1/comparison and its batch, through the whole app and the mock vendor."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from contracts import ComparisonBatchResponse, ComparisonResponse
from tests.api.conftest import CALLER_KEY, MakeClient

PATH = "/api/v1/comparison"
ASKED: dict[str, Any] = {"user_prompt": "Which? {essay_a} {essay_b}", "essay_a": "The sea.", "essay_b": "Fish."}


def test_comparison_is_answered(client: TestClient) -> None:
    """The verdict with its ids and headers, under the caller's trace."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "x-correlation-id": "essay 1"}
    answer = client.post(PATH, json={**ASKED, "metadata": {"class": 7}}, headers=headers)
    body = ComparisonResponse.model_validate(answer.json())
    assert (answer.status_code, body.winner, body.choice, body.confidence) == (200, "Essay A", "A", 1)
    assert (body.provider, body.model, body.trace_id, body.correlation_id) == ("mock", "mock-echo", trace, "essay 1")
    assert (body.cost_estimate, body.cached, body.metadata["class"]) == (0, False, 7)
    assert (answer.headers["x-llm-provider"], answer.headers["x-llm-cost-usd"]) == ("mock", "0")
    assert (answer.headers["x-llm-cache"], answer.headers["x-llm-attempts"]) == ("miss", "1")
    assert (answer.headers["x-request-id"], answer.headers["x-correlation-id"]) == (body.request_id, "essay 1")
    assert answer.headers["server-timing"].startswith("total;dur=")


def test_comparison_of_a_retired_model_names_the_successor(make_client: MakeClient) -> None:
    """Seed A's call asks for a model that is gone: its successor serves, and it is said."""
    client = make_client(model_aliases={"claude-3-opus-20240229": "mock-echo"})
    answer = client.post(PATH, json={**ASKED, "provider": "mock", "model_override": "claude-3-opus-20240229"})
    assert answer.json()["model"] == "mock-echo"
    assert "is retired" in answer.json()["warnings"][0]


def test_comparison_in_both_orders_is_answered(client: TestClient) -> None:
    """The mock always likes the first, which is what the check is for."""
    body = client.post(PATH, json={**ASKED, "check_order": True}).json()
    assert (body["winner"], body["consistent"], len(body["attempts"])) == ("Essay A", False, 2)
    assert [verdict["winner"] for verdict in body["verdicts"]] == ["Essay A", "Essay B"]


@pytest.mark.parametrize(
    "changes,status,error_type",
    [
        ({"provider": "mock", "model_override": "mock-503"}, 503, "provider_unavailable"),
        ({"provider": "mock", "model_override": "mock-401"}, 502, "provider_authentication"),
        ({"model_override": "mock-refusal", "provider": "mock"}, 502, "invalid_output"),
        ({"provider": "mock", "max_tokens_override": 1}, 502, "invalid_output"),
        ({"provider": "opnai"}, 404, "provider_not_found"),
        ({"model_override": "no-such-model"}, 404, "model_not_found"),
        ({"essay_b": " "}, 422, "invalid_request"),
        ({"essay_c": "x"}, 422, "invalid_request"),
    ],
)
def test_comparison_that_fails_is_a_problem(
    client: TestClient, changes: dict[str, Any], status: int, error_type: str
) -> None:
    """Never a guess: no verdict is an error."""
    answer = client.post(PATH, json={**ASKED, **changes})
    assert (answer.status_code, answer.json()["error_type"]) == (status, error_type)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ASKED["essay_a"] not in answer.text


def test_comparison_goes_to_the_next_judge(client: TestClient) -> None:
    """Where a fallback is asked for, a judge that gives no verdict is followed by another."""
    asked = {**ASKED, "provider": "mock", "model_override": "mock-refusal", "fallback_providers": ["second/mock-echo"]}
    body = client.post(PATH, json=asked).json()
    assert (body["provider"], body["fallback_used"], len(body["attempts"])) == ("second", True, 3)


def test_comparison_of_large_essays_is_answered(client: TestClient) -> None:
    """A megabyte each."""
    essays = {"essay_a": "a" * 1_000_000, "essay_b": "{essay_a}" * 100_000}
    assert client.post(PATH, json={**ASKED, **essays}).json()["winner"] == "Essay A"


def test_comparison_needs_a_callers_key(make_client: MakeClient) -> None:
    """As every model call does."""
    client = make_client(callers=True)
    refused = client.post(PATH, json=ASKED), client.post(f"{PATH}/batch", json={"requests": [ASKED]})
    assert [answer.status_code for answer in refused] == [401, 401]
    assert client.post(PATH, json=ASKED, headers={"x-api-key": CALLER_KEY}).status_code == 200


def test_comparison_batch_bad_items_never_fail_the_others(client: TestClient) -> None:
    """Wrong, failing and good items come back at their places, each with its own outcome."""
    asked = [
        {**ASKED, "correlation_id": "c-0"},
        {**ASKED, "essay_a": ""},
        {**ASKED, "provider": "mock", "model_override": "mock-503"},
        "not an object",
        {**ASKED, "priority": "urgent"},
    ]
    answer = client.post(f"{PATH}/batch", json={"requests": asked}, headers={"x-correlation-id": "essay 1"})
    body = ComparisonBatchResponse.model_validate(answer.json())
    outcomes = [item.response.winner if item.response else item.error and item.error.status for item in body.responses]
    assert (answer.status_code, outcomes) == (200, ["Essay A", 422, 503, 422, "Essay A"])
    # The first and the last ask the same: one call serves both.
    assert (body.succeeded, body.failed, answer.headers["x-llm-attempts"]) == (2, 3, "2")
    answered = [item.response.correlation_id for item in body.responses if item.response]
    errors = [item.error for item in body.responses if item.error]
    assert answered == ["c-0", "essay 1"]
    assert [error.errors[0].field for error in errors if error.errors] == ["requests.1.essay_a", "requests.3"]
    assert errors[1].instance == f"{PATH}/batch"


def test_comparison_batch_of_bad_items_only_is_answered(make_client: MakeClient) -> None:
    """Nothing is asked then; a batch that is too long is refused as a whole."""
    client = make_client(max_batch_size=2)
    answer = client.post(f"{PATH}/batch", json={"requests": [{"essay_a": "x"}, None]})
    assert (answer.status_code, answer.json()["failed"], answer.headers["x-llm-attempts"]) == (200, 2, "0")
    refused = client.post(f"{PATH}/batch", json={"requests": [ASKED] * 3})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "requests")
