"""GET /v1/models and /v1/models/{id}, in both shapes, by plain HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import ModelInfo
from tests.api.conftest import CALLER_KEY, MakeClient, config

ANTHROPIC = {"anthropic-version": "2023-06-01"}
MANY: dict[str, Any] = {"bulk": {"type": "mock", "models": [f"mock-{n}" for n in range(30)]}}


def ids(answer: Any) -> list[str]:
    return [entry["id"] for entry in answer.json()["data"]]


def test_models_are_listed_in_openais_shape(client: TestClient) -> None:
    """Without Anthropic's header: `object`, `created`, `owned_by`, and all else in `llm_service`."""
    answer = client.get("/v1/models")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()["object"] == "list"
    entry = next(one for one in answer.json()["data"] if one["id"] == "mock-echo")
    info = ModelInfo.model_validate(entry.pop("llm_service"))
    assert entry == {
        "id": "mock-echo",
        "object": "model",
        "created": 0,
        "owned_by": "mock",
        "shutdown_date": None,
    }
    assert info.candidates == ("mock/mock-echo", "second/mock-echo")
    assert info.prices is not None
    assert info.prices.source == "free"


def test_models_are_listed_in_anthropics_shape(client: TestClient) -> None:
    """By its header alone; a key in `x-api-key` does not ask for it."""
    assert "object" in client.get("/v1/models", headers={"x-api-key": "x"}).json()
    answer = client.get("/v1/models", headers=ANTHROPIC).json()
    entry = next(one for one in answer["data"] if one["id"] == "mock-echo")
    assert (entry["type"], entry["created_at"], entry["lifecycle"]) == ("model", "1970-01-01T00:00:00Z", "active")
    assert entry["capabilities"]["image_input"] == {"supported": True}
    assert (answer["has_more"], answer["first_id"], answer["last_id"]) == (False, "auto", answer["data"][-1]["id"])


def test_model_is_shown_by_a_name_with_slashes(client: TestClient) -> None:
    """Plain or escaped, in both shapes, the second row asked first."""
    for path in ("/v1/models/second/mock-echo", "/v1/models/second%2Fmock-echo"):
        assert client.get(path).json()["llm_service"]["candidates"] == ["second/mock-echo", "mock/mock-echo"]
        assert client.get(path, headers=ANTHROPIC).json()["id"] == "second/mock-echo"


def test_retired_name_is_answered_by_its_successor(make_client: MakeClient) -> None:
    """`asked_as` says which name was asked."""
    client = make_client(model_aliases={"old-echo": "mock-echo"})
    shown = client.get("/v1/models/old-echo").json()
    assert (shown["id"], shown["llm_service"]["asked_as"]) == ("mock-echo", "old-echo")
    assert "old-echo" not in ids(client.get("/v1/models"))


def test_pages_follow_each_other_in_both_directions(make_client: MakeClient) -> None:
    """Twenty by default in Anthropic's shape, `limit` in both; cursors are ids of the list."""
    rows = {"mock": {"type": "mock", "enabled": False}, **MANY, "local": {"type": "local", "enabled": False}}
    client = make_client(fallback_order=("bulk",), providers=rows)
    whole = ids(client.get("/v1/models"))
    assert len(whole) > 30
    first = client.get("/v1/models", headers=ANTHROPIC)
    assert (ids(first), first.json()["has_more"]) == (whole[:20], True)
    second = client.get("/v1/models", headers=ANTHROPIC, params={"after_id": whole[19]})
    assert (ids(second), second.json()["has_more"]) == (whole[20:], False)
    back = client.get("/v1/models", headers=ANTHROPIC, params={"before_id": whole[20], "limit": 5})
    assert (ids(back), back.json()["has_more"]) == (whole[15:20], True)
    start = client.get("/v1/models", params={"before_id": whole[3], "limit": 1000})
    assert (ids(start), start.json()["has_more"]) == (whole[:3], False)
    assert ids(client.get("/v1/models", params={"limit": 2})) == whole[:2]
    end = client.get("/v1/models", params={"after_id": whole[-1]}).json()
    assert (end["data"], end["has_more"], end["first_id"], end["last_id"]) == ([], False, None, None)


def test_lifecycle_narrows_the_list(client: TestClient) -> None:
    """As Anthropic's SDK writes it: retired models are nobody's to serve."""
    assert ids(client.get("/v1/models", params={"lifecycle[]": ["active"]})) == ids(client.get("/v1/models"))
    assert ids(client.get("/v1/models", params={"lifecycle": "deprecated"})) == []
    assert ids(client.get("/v1/models", headers=ANTHROPIC, params={"lifecycle[]": ["retired"]})) == []


@pytest.mark.parametrize(
    "query,field",
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "some"}, "limit"),
        ({"after_id": ""}, "after_id"),
        ({"after_id": "gone"}, "after_id"),
        ({"before_id": "gone"}, "before_id"),
        ({"after_id": "auto", "before_id": "auto"}, "before_id"),
        ({"lifecycle": "young"}, "lifecycle.0"),
    ],
)
def test_wrong_page_is_refused_in_the_dialect(client: TestClient, query: dict[str, str], field: str) -> None:
    """A 400 in both; the field is named."""
    answer = client.get("/v1/models", params=query)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, field)
    told = client.get("/v1/models", params=query, headers=ANTHROPIC)
    error = told.json()["error"]
    assert (told.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["llm_service"]["errors"][0]["field"] == field


@pytest.mark.parametrize("version", ["", "1", "latest", "2023-06-31", "2022-12-31", "20230601"])
def test_wrong_version_of_the_dialect_is_refused(client: TestClient, version: str) -> None:
    """In Anthropic's shape, with how one looks."""
    answer = client.get("/v1/models", headers={"anthropic-version": version})
    assert (answer.status_code, answer.json()["type"]) == (400, "error")
    assert "2023-06-01" in answer.json()["error"]["message"]


@pytest.mark.parametrize("version", ["2023-01-01", "2023-06-01", "2026-10-21", "2027-02-03"])
def test_version_of_the_dialect_may_be_a_later_one(client: TestClient, version: str) -> None:
    """An SDK that came out after us is served."""
    assert client.get("/v1/models/auto", headers={"anthropic-version": version}).json()["type"] == "model"


def test_unknown_model_is_told_with_the_nearest(client: TestClient) -> None:
    """404 in both dialects."""
    answer = client.get("/v1/models/moc-echo")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert "did you mean mock-echo" in answer.json()["error"]["message"]
    told = client.get("/v1/models/moc-echo", headers=ANTHROPIC).json()
    assert (told["type"], told["error"]["type"]) == ("error", "not_found_error")
    assert told["request_id"].startswith("req_")


def test_models_need_a_key_where_one_is_configured(make_client: MakeClient) -> None:
    """401 in the dialect, with how to send one; either header is taken."""
    client = make_client(callers=True)
    answer = client.get("/v1/models")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["x-request-id"]
    told = client.get("/v1/models/auto", headers=ANTHROPIC)
    assert (told.status_code, told.json()["error"]["type"]) == (401, "authentication_error")
    for headers in ({"authorization": f"Bearer {CALLER_KEY}"}, {"x-api-key": CALLER_KEY}):
        assert client.get("/v1/models", headers=headers).status_code == 200


def test_models_before_the_start_are_a_503_in_the_dialect() -> None:
    """The SDKs try again then."""
    client = TestClient(create_app(Settings(config=config())))
    answer = client.get("/v1/models")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_not_started")
    assert client.get("/v1/models", headers=ANTHROPIC).json()["error"]["type"] == "overloaded_error"


def test_rows_that_are_switched_off_take_their_models_with_them(make_client: MakeClient) -> None:
    """The list follows the live configuration at once."""
    client = make_client()
    assert client.post("/providers/second/disable").status_code == 200
    shown = client.get("/v1/models/mock-echo").json()["llm_service"]
    assert shown["providers"] == ["mock"]
    assert client.post("/providers/mock/disable").status_code == 200
    assert ids(client.get("/v1/models")) == []
