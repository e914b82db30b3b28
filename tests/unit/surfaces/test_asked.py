"""What does a request at a surface ask?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.http.aside import MANY_BYTES
from app.surfaces.asked import patience_seconds
from app.wires.inbound import InboundBody
from contracts import LLMProviderConfig, Steering, StreamRecovery, Wire
from tests.kit.loop_thread import is_on_the_loop
from tests.unit.http.fake_service import FakeService
from tests.unit.surfaces.conftest import app_serving
from tests.unit.surfaces.spelled_dialect import SPELLED


def test_asked_is_what_the_dialect_reads_in_it(client: TestClient, service: FakeService) -> None:
    """The wire's findings, the bytes as they came, the ids of the request, and who it is for."""
    body = b'{"model": "auto", "top_k": 1.50}'
    answer = client.post("/", content=body, headers={"content-type": "application/json"})
    (asked,) = service.surface_asked
    source = asked.source
    assert (source.wire, source.body, source.extras) == (Wire.OPENAI_CHAT, body, {"top_k": 1.5})
    assert ([one.field for one in source.demands], source.choices, source.may_pass) == (["n"], 2, False)
    assert (asked.model, asked.is_stream, asked.user_id) == ("auto", False, "ada")
    assert (asked.warnings, asked.steering, asked.patience_seconds) == (("a.b was not taken",), Steering(), None)
    assert asked.request_id is not None
    assert asked.correlation_id is not None
    assert answer.status_code == 200


def test_asked_body_goes_on_opened(client: TestClient, service: FakeService) -> None:
    """Who changes it for a vendor need not look what stands in it; without our own object, it is another text."""
    client.post("/", content=b'{"model": "auto",  "x": 1.0}', headers={"content-type": "application/json"})
    client.post("/", json={"model": "auto", "llm_service": {}})
    first, second = service.surface_asked
    assert first.source.opened is not None
    assert first.source.opened.spliced({"model": b'"m"'}) == '{"model": "m",  "x": 1.0}'
    assert second.source.opened is not None
    assert second.source.opened.values == json.loads(second.source.body) == {"model": "auto"}
    assert json.loads(second.source.opened.spliced({"model": b'"m"'})) == {"model": "m"}


def test_asked_object_of_ours_steers_and_goes_no_further(client: TestClient, service: FakeService) -> None:
    """`llm_service` is understood, and neither the dialect nor the form of the answer sees it."""
    ours = {"stream_recovery": "buffer", "fallback_providers": ["local"], "tags": ["a"], "metadata": {"x": 1}}
    answer = client.post("/", json={"model": "auto", "llm_service": ours})
    (asked,) = service.surface_asked
    assert asked.steering.stream_recovery is StreamRecovery.BUFFER
    assert asked.steering.fallback_providers is not None
    assert [one.provider for one in asked.steering.fallback_providers] == ["local"]
    assert asked.source.extras == {}
    assert json.loads(asked.source.body) == {"model": "auto"}
    assert answer.json()["asked"] == {"model": "auto"}


@pytest.mark.parametrize("size, is_held_up", [(MANY_BYTES, True), (MANY_BYTES + 1, False)])
def test_asked_in_a_large_body_is_read_in_another_thread(service: FakeService, size: int, is_held_up: bool) -> None:
    """The dialect's own reading too, so that nobody else waits for it."""
    places = []

    def decode(body: Mapping[str, Any]) -> InboundBody:
        places.append(is_on_the_loop())
        return SPELLED.decode(body)

    service.config = service.config.model_copy(update={"max_request_bytes": 2 * MANY_BYTES})
    client = TestClient(app_serving(replace(SPELLED, decode=decode), service))
    body = b'{"model": "auto"}'.ljust(size)
    answer = client.post("/", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, places) == (200, [is_held_up])
    assert service.surface_asked[0].source.body == body


@pytest.mark.parametrize("ours", [None, {}])
def test_asked_without_steering_has_the_usual(client: TestClient, service: FakeService, ours: Any) -> None:
    """Null and an empty object say nothing."""
    client.post("/", json={"model": "auto", "llm_service": ours})
    assert service.surface_asked[0].steering == Steering()


@pytest.mark.parametrize(
    "ours,field",
    [
        ({"use_cash": True}, "llm_service.use_cash"),
        ({"timeout_seconds": 0}, "llm_service.timeout_seconds"),
        ({"tags": ["a", 1]}, "llm_service.tags.1"),
        ({"priority": "soon"}, "llm_service.priority"),
        ("fast", "llm_service"),
    ],
)
def test_asked_wrong_steering_is_refused_by_name(client: TestClient, ours: Any, field: str) -> None:
    """The path begins with the object's name."""
    answer = client.post("/", json={"model": "auto", "llm_service": ours})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(
    "body,status",
    [
        (b'{"model": "auto"', 400),
        (b'{"model": "auto", "model": "auto"}', 400),
        (b'{"model": NaN}', 400),
        (b"[]", 422),
        (b'"auto"', 422),
        (b'{"model": "a\\u0000"}', 422),
        (b"{}", 422),
    ],
)
def test_asked_body_that_cannot_be_read_is_refused(
    client: TestClient, service: FakeService, body: bytes, status: int
) -> None:
    """By the rules of every body, and nobody is asked."""
    answer = client.post("/", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert service.surface_asked == []


@pytest.mark.parametrize(
    "most,size,status",
    [(10_000_000, 11_000_000, 200), (10_000_000, 32_000_001, 413), (1024, 1025, 413), (1024, 1024, 200)],
)
def test_asked_body_may_be_as_large_as_vendors_allow(
    client: TestClient, service: FakeService, most: int, size: int, status: int
) -> None:
    """32 MB in general; where less is configured than usual, that holds here too."""
    service.config = LLMProviderConfig(max_request_bytes=most)
    body = json.dumps({"model": "auto"}).encode().ljust(size)
    assert client.post("/", content=body, headers={"content-type": "application/json"}).status_code == status


@pytest.mark.parametrize(
    "headers,seconds",
    [
        ({}, None),
        ({"x-stainless-read-timeout": "600"}, 599.0),
        ({"x-stainless-timeout": "30"}, 31.0),
        ({"x-stainless-read-timeout": "20.5", "x-stainless-timeout": "600"}, 21.5),
        ({"x-stainless-read-timeout": "None", "x-stainless-timeout": "40"}, 41.0),
        ({"x-stainless-timeout": "1"}, 2.0),
        ({"x-stainless-timeout": "0.5"}, None),
        ({"x-stainless-timeout": "1801"}, None),
        ({"x-stainless-timeout": "nan"}, None),
        ({"x-stainless-timeout": "NOT_GIVEN"}, None),
    ],
)
def test_asked_patience_is_what_the_sdk_says(headers: dict[str, str], seconds: float | None) -> None:
    """Of the usual ten minutes a second less, so that it does not ask again; of a program's own limit one more."""
    assert patience_seconds({name.encode(): value.encode() for name, value in headers.items()}) == seconds
