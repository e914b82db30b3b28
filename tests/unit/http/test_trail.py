"""Which ids does a request have?"""

from __future__ import annotations

import uuid

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app.http.edge import Edge
from app.http.passage import Passage
from app.http.trail import begin_trail, new_correlation_id, new_request_id, trail_of
from app.ports.trail import Trail, current_trail
from app.surfaces.dialect_errors import speak_dialect
from tests.unit.http.asgi import Exchange, local_scope
from tests.unit.http.fake_service import FakeService

ASKED = {"prompt": "x"}


def test_trail_ids_are_made_when_absent(client: TestClient, service: FakeService) -> None:
    """A request without ids gets both; the service, the headers and the body agree on them."""
    answer = client.post("/process", json=ASKED)
    (asked,) = service.asked
    assert answer.headers["x-request-id"] == asked.request_id == answer.json()["request_id"]
    assert answer.headers["x-correlation-id"] == asked.correlation_id == answer.json()["correlation_id"]


def test_trail_header_names_the_correlation(client: TestClient, service: FakeService) -> None:
    """`x-correlation-id` is taken in and given back."""
    answer = client.post("/process", json=ASKED, headers={"x-correlation-id": "essay 17"})
    assert (answer.headers["x-correlation-id"], service.asked[0].correlation_id) == ("essay 17", "essay 17")


def test_trail_body_goes_before_the_header(client: TestClient, service: FakeService) -> None:
    """Ids in the body win over the header."""
    body = {**ASKED, "request_id": "r-1", "correlation_id": "c-1"}
    answer = client.post("/process", json=body, headers={"x-correlation-id": "other"})
    assert (answer.headers["x-request-id"], answer.headers["x-correlation-id"]) == ("r-1", "c-1")


@pytest.mark.parametrize("value", ["", "x" * 129, "caf\xe9", "a\tb"])
@pytest.mark.parametrize("method,path", [("POST", "/process"), ("GET", "/providers"), ("GET", "/config")])
def test_trail_wrong_header_is_422(client: TestClient, method: str, path: str, value: str) -> None:
    """A correlation id that cannot be carried on is refused, and the answer has a good one."""
    answer = client.request(method, path, json=ASKED, headers={b"x-correlation-id": value.encode("latin-1")})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "x-correlation-id")
    assert uuid.UUID(answer.headers["x-correlation-id"]).version == 7


def test_trail_id_of_spaces_is_a_valid_header(client: TestClient) -> None:
    """Spaces around an id are good JSON, but a header cannot begin or end with them."""
    answer = client.post("/process", json={**ASKED, "correlation_id": " c "})
    assert (answer.headers["x-correlation-id"], answer.json()["correlation_id"]) == ("c", " c ")


def test_trail_ids_are_on_every_answer(client: TestClient) -> None:
    """Also probes, pages and what is not there."""
    for path in ("/livez", "/docs", "/openapi.json", "/nowhere"):
        headers = client.get(path).headers
        assert headers["x-request-id"].startswith("req_")
        assert headers["x-correlation-id"]
        assert headers["x-content-type-options"] == "nosniff"


def test_trail_ids_sort_by_time_and_differ() -> None:
    """Ids are UUIDs of version 7: of a later millisecond, greater; never the same."""
    made = [new_correlation_id() for _ in range(50)]
    assert len(set(made)) == 50
    assert {(uuid.UUID(one).version, uuid.UUID(one).variant) for one in made} == {(7, uuid.RFC_4122)}
    assert [one[:8] for one in made] == sorted(one[:8] for one in made)
    assert uuid.UUID(new_request_id().removeprefix("req_")).version == 7


def test_trail_is_the_same_all_along() -> None:
    """A scope has one trail, however often it is asked for, and adopts what a body brings."""
    scope: dict[str, object] = {}
    trail = trail_of(scope)
    trail.adopt(None, "c-2")
    assert trail_of(scope) is trail
    assert trail.correlation_id == "c-2"
    assert trail.request_id.startswith("req_")


def begun_trail(**headers: str) -> Trail:
    """The trail of a request with such headers."""
    return begin_trail({"type": "http", "headers": [(name.encode(), text.encode()) for name, text in headers.items()]})


async def test_trail_is_known_to_the_work_of_its_request() -> None:
    """After the request it is gone."""
    seen: list[Trail | None] = []

    async def work(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(current_trail())

    scope = local_scope()
    await Exchange(Passage(work, Edge(), speak_dialect), scope).run()
    assert seen == [trail_of(scope)]
    assert current_trail() is None


def test_trail_begins_a_trace_where_the_caller_has_none() -> None:
    """Each request one of its own."""
    trail = begun_trail()
    assert (len(trail.trace_id), trail.parent_span_id, trail.is_sampled) == (32, None, True)
    assert trail.trace_id != begun_trail().trace_id


def test_trail_joins_the_caller_s_trace() -> None:
    """Its id, its span and whether it is kept."""
    trail = begun_trail(traceparent=f"00-{'ab' * 16}-{'cd' * 8}-00")
    assert (trail.trace_id, trail.parent_span_id, trail.is_sampled) == ("ab" * 16, "cd" * 8, False)


def test_trail_takes_the_first_of_two_correlation_ids() -> None:
    """As every reader of headers does."""
    headers = [(b"x-correlation-id", b"one"), (b"x-correlation-id", b"two")]
    assert begin_trail({"type": "http", "headers": headers}).correlation_id == "one"
