"""What do callers of the whole app see of an answer that is kept, or shared?"""

from __future__ import annotations

from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from contracts import BatchResponse, LLMResponse, Problem
from tests.api.conftest import MakeClient
from tests.unit.http.asgi import events_of

ASKED: dict[str, Any] = {"prompt": "hello there", "use_cache": True}
COMPARED: dict[str, Any] = {"user_prompt": "Which? {essay_a} {essay_b}", "essay_a": "The sea.", "essay_b": "Fish."}
TOLD = ("x-llm-cache", "x-llm-cost-usd", "x-llm-attempts", "x-llm-provider", "x-llm-model")


def told(answer: Response) -> list[str | None]:
    """What the headers say."""
    assert answer.status_code == 200, answer.text
    return [answer.headers.get(name) for name in TOLD]


def test_process_bought_once_is_given_again(client: TestClient) -> None:
    """The same body under ids of its own, at no cost and with no attempt."""
    first = client.post("/process", json={**ASKED, "request_id": "r1", "correlation_id": "c1"})
    second = client.post("/process", json={**ASKED, "request_id": "r2", "correlation_id": "c2"})
    assert told(first) == ["miss", "0", "1", "mock", "mock-echo"]
    assert told(second) == ["hit", "0", "0", "mock", "mock-echo"]
    bodies = [LLMResponse.model_validate(answer.json()) for answer in (first, second)]
    assert [(one.request_id, one.correlation_id) for one in bodies] == [("r1", "c1"), ("r2", "c2")]
    assert (second.headers["x-request-id"], second.headers["x-correlation-id"]) == ("r2", "c2")
    assert [(one.cached, one.cache.value) for one in bodies] == [(False, "miss"), (True, "hit")]
    assert [one.content for one in bodies] == ["[mock] hello there"] * 2
    assert bodies[1].attempts == []
    assert bodies[1].cost is not None
    assert (bodies[1].cost.usd, bodies[1].cost.source) == (0, "cache")
    assert "upstream;dur=0.0" in second.headers["server-timing"]


def test_process_seed_name_of_the_switch_works(client: TestClient) -> None:
    """`enable_caching` is `use_cache`; without either nothing is kept."""
    bodies = [{"enable_caching": True}, {"use_cache": True}, {"enable_caching": False}, {}, {"use_cache": None}]
    answers = [client.post("/process", json={"prompt": "x", **body}) for body in bodies]
    assert [answer.headers["x-llm-cache"] for answer in answers] == ["miss", "hit", "bypass", "bypass", "bypass"]


@pytest.mark.parametrize("path", ["/process", "/process/stream", "/process/explain"])
@pytest.mark.parametrize("name", ["use_cache", "enable_caching"])
@pytest.mark.parametrize("value", ["yes", 1, [True]])
def test_process_wrong_switch_is_refused(client: TestClient, path: str, name: str, value: object) -> None:
    """What is no yes or no is a 422 that names the field."""
    answer = client.post(path, json={"prompt": "x", name: value})
    assert answer.status_code == 422
    assert [error.field for error in Problem.model_validate(answer.json()).errors] == [name]


def test_process_one_character_is_another_question(client: TestClient) -> None:
    """Long texts that differ in their last character only have two answers."""
    long = "The sea is wide. " * 100
    answers = [client.post("/process", json={**ASKED, "prompt": long + last}) for last in "abab"]
    assert [answer.headers["x-llm-cache"] for answer in answers] == ["miss", "miss", "hit", "hit"]
    assert [answer.json()["content"][-1] for answer in answers] == ["a", "b", "a", "b"]


def test_process_stream_of_a_kept_answer(client: TestClient) -> None:
    """Its headers say so before its first event, its last event costs nothing, and the text is the same."""
    streams = [client.post("/process/stream", json={**ASKED, "request_id": f"r{number}"}) for number in range(2)]
    assert [told(answer)[0] for answer in streams] == ["miss", "hit"]
    assert [answer.headers["x-llm-attempts"] for answer in streams] == ["1", "0"]
    events = [events_of(answer.content) for answer in streams]
    texts = ["".join(data["text"] for name, data in one if name == "text") for one in events]
    assert texts == ["[mock] hello there"] * 2
    last = LLMResponse.model_validate(events[1][-1][1])
    assert (events[1][-1][0], last.request_id, last.cached, last.attempts) == ("done", "r1", True, [])
    assert events[1][0] == ("start", {**events[1][0][1], "request_id": "r1", "provider": "mock"})


def test_process_stream_and_plain_share_what_is_kept(client: TestClient) -> None:
    """Bought as the one, given as the other, in both directions."""
    assert client.post("/process", json=ASKED).headers["x-llm-cache"] == "miss"
    assert client.post("/process/stream", json=ASKED).headers["x-llm-cache"] == "hit"
    other = {**ASKED, "prompt": "other"}
    assert client.post("/process/stream", json=other).headers["x-llm-cache"] == "miss"
    assert client.post("/process", json=other).headers["x-llm-cache"] == "hit"


def test_process_batch_shares_among_its_items(client: TestClient) -> None:
    """Identical items are bought once, each with an answer of its own; one that is wrong fails alone."""
    wrong = {**ASKED, "model": "mock/mock-503", "enable_fallback": False}
    items = [{**ASKED, "request_id": f"r{number}"} for number in range(4)]
    answer = client.post("/process/batch", json={"requests": [*items, wrong, wrong]})
    body = BatchResponse.model_validate(answer.json())
    assert (answer.status_code, body.succeeded, body.failed) == (200, 4, 2)
    good = [item.response for item in body.responses if item.response is not None]
    assert [one.request_id for one in good] == ["r0", "r1", "r2", "r3"]
    assert {one.content for one in good} == {"[mock] hello there"}
    # The mock may have answered before the next item came: then it is a hit.
    assert good[0].cache == "miss"
    assert {one.cache.value for one in good[1:]} <= {"coalesced", "hit"}
    assert sum(len(one.attempts) for one in good) == 1
    assert [item.error.status for item in body.responses if item.error is not None] == [503, 503]
    stats = client.get("/api/v1/cache/stats").json()
    assert stats["coalesced"] + stats["hits"] == 3
    assert stats["keys"] == 1


def test_comparison_is_bought_once(client: TestClient) -> None:
    """By default, at no cost the second time; `use_cache: false` buys it anew; another letter is another essay."""
    bodies = [{}, {}, {"use_cache": False}, {"essay_b": "Fish!"}, {}]
    answers = [client.post("/api/v1/comparison", json={**COMPARED, "provider": "mock", **body}) for body in bodies]
    assert [told(answer)[0] for answer in answers] == ["miss", "hit", "bypass", "miss", "hit"]
    assert [answer.headers["x-llm-attempts"] for answer in answers] == ["1", "0", "1", "1", "0"]
    second = answers[1].json()
    assert (second["cached"], second["cost_estimate"], second["winner"]) == (True, 0, answers[0].json()["winner"])
    assert second["request_id"] != answers[0].json()["request_id"]


@pytest.mark.parametrize("model", ["mock-503", "mock-cut", "mock-unreadable", "mock-refusal", "mock-content-policy"])
def test_process_failures_are_asked_for_again(client: TestClient, model: str) -> None:
    """Nothing of them is kept."""
    body = {**ASKED, "model": f"mock/{model}", "enable_fallback": False}
    answers = [client.post("/process", json=body) for _ in range(2)]
    assert "hit" not in {answer.headers.get("x-llm-cache") for answer in answers}
    assert client.get("/api/v1/cache/stats").json()["keys"] == 0


def test_process_change_of_the_row_is_another_vendor(make_client: MakeClient) -> None:
    """After a patch of the row's headers its former answers are not given."""
    client = make_client()
    assert client.post("/process", json=ASKED).headers["x-llm-cache"] == "miss"
    assert client.post("/config/update", json={"max_retries": 1}).status_code == 200
    assert client.post("/process", json=ASKED).headers["x-llm-cache"] == "hit"
    patch = {"providers": {"mock": {"headers": {"x-a": "b"}}}}
    assert client.post("/config/update", json=patch).status_code == 200
    assert client.post("/process", json=ASKED).headers["x-llm-cache"] == "miss"
