"""GET /api/v1/cache/stats and POST /api/v1/cache/clear."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import CacheCleared, CacheStats, StoreUnavailableError
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, MakeClient
from tests.unit.http.fake_service import FakeService

STATS, CLEAR = "/api/v1/cache/stats", "/api/v1/cache/clear"
ASKED: dict[str, Any] = {"user_prompt": "Which?", "essay_a": "The sea.", "essay_b": "Fish."}


def compare(client: TestClient, provider: str) -> str:
    """What became of one comparison at the cache."""
    answer = client.post("/api/v1/comparison", json={**ASKED, "provider": provider})
    assert answer.status_code == 200
    return answer.headers["x-llm-cache"]


def stats(client: TestClient) -> CacheStats:
    """The cache as it stands."""
    answer = client.get(STATS)
    assert answer.status_code == 200
    return CacheStats.model_validate(answer.json())


def cleared(client: TestClient, query: str = "") -> CacheCleared:
    """What was taken out."""
    answer = client.post(CLEAR + query)
    assert answer.status_code == 200
    return CacheCleared.model_validate(answer.json())


@pytest.fixture
def fake() -> FakeService:
    """A service that does what a test tells it to."""
    return FakeService()


@pytest.fixture
def faked(fake: FakeService) -> Iterator[TestClient]:
    """A client of `fake`."""
    with TestClient(create_app(Settings(), service=fake)) as client:
        yield client


def test_cache_stats_are_those_of_an_empty_cache_at_first(client: TestClient) -> None:
    """In memory, well, and nothing in it."""
    found = stats(client)
    assert (found.backend, found.state, found.enabled, found.keys, found.bytes) == ("memory", "ok", True, 0, 0)
    assert (found.hits, found.misses, found.hit_rate) == (0, 0, None)


def test_cache_stats_count_what_became_of_requests(client: TestClient) -> None:
    """A verdict is bought once, and the rate is of hits and misses."""
    assert [compare(client, "mock") for _ in range(4)] == ["miss", "hit", "hit", "hit"]
    found = stats(client)
    assert (found.keys, found.hits, found.misses, found.hit_rate) == (1, 3, 1, 75.0)
    assert (found.bytes or 0) > 0


def test_cache_that_is_switched_off_says_so(make_client: MakeClient) -> None:
    """Nothing is looked up then."""
    client = make_client(cache={"enabled": False})
    assert [compare(client, "mock") for _ in range(2)] == ["bypass", "bypass"]
    assert (stats(client).enabled, stats(client).keys) == (False, 0)


def test_cache_is_emptied(client: TestClient) -> None:
    """All that was kept goes, and the next verdict is bought anew."""
    compare(client, "mock")
    compare(client, "second")
    assert cleared(client) == CacheCleared(cleared=2)
    assert stats(client).keys == 0
    assert compare(client, "mock") == "miss"


def test_cache_of_one_provider_is_emptied(client: TestClient) -> None:
    """The others' answers stay."""
    compare(client, "mock")
    compare(client, "second")
    assert cleared(client, "?provider=second") == CacheCleared(cleared=1, provider="second")
    assert (compare(client, "mock"), compare(client, "second")) == ("hit", "miss")


def test_cache_of_one_model_is_emptied(client: TestClient) -> None:
    """At every provider, or at one; a model that nobody asked has no answers."""
    compare(client, "mock")
    compare(client, "second")
    assert cleared(client, "?model=no-such").cleared == 0
    assert cleared(client, "?provider=mock&model=mock-echo") == CacheCleared(
        cleared=1, provider="mock", model="mock-echo"
    )
    assert cleared(client, "?model=mock-echo") == CacheCleared(cleared=1, model="mock-echo")


def test_cache_clear_of_an_unknown_provider_is_404_with_the_list(client: TestClient) -> None:
    """Nothing goes then; `google` is gemini."""
    compare(client, "mock")
    answer = client.post(f"{CLEAR}?provider=opnai")
    assert (answer.status_code, answer.json()["error_type"]) == (404, "provider_not_found")
    assert "mock" in answer.json()["detail"]
    assert cleared(client, "?provider=google") == CacheCleared(cleared=0, provider="gemini")
    assert stats(client).keys == 1


@pytest.mark.parametrize("query", ["provider=", "model=", f"model={'m' * 257}"])
def test_cache_clear_of_an_empty_name_is_422(faked: TestClient, fake: FakeService, query: str) -> None:
    """A name that was left out by mistake must not empty everything."""
    answer = faked.post(f"{CLEAR}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, query.partition("=")[0])
    assert fake.cleared == []


def test_cache_clear_asks_for_what_was_named(faked: TestClient, fake: FakeService) -> None:
    """Both names arrive, or neither."""
    assert cleared(faked, "?provider=mock&model=org/m%201").cleared == 3
    assert cleared(faked).cleared == 3
    assert fake.cleared == [("mock", "org/m 1"), (None, None)]


def test_cache_clear_without_its_store_is_503(faked: TestClient, fake: FakeService) -> None:
    """Nothing was cleared, and the caller learns when to ask again."""
    fake.clearing = StoreUnavailableError("Redis is not reachable", retry_after=1.0)
    answer = faked.post(CLEAR)
    assert (answer.status_code, answer.json()["error_type"]) == (503, "store_unavailable")
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["detail"] == "Redis is not reachable"


@pytest.mark.parametrize("method,path", [("GET", STATS), ("POST", CLEAR)])
def test_cache_is_for_administrators(make_client: MakeClient, method: str, path: str) -> None:
    """A caller's key does not open it."""
    client = make_client(admin=True, callers=True)
    statuses = [
        client.request(method, path, headers={"x-api-key": key}).status_code for key in ("no", CALLER_KEY, ADMIN_KEY)
    ]
    assert statuses == [401, 403, 200]
