"""How is a body read: bounded, by its media type, strictly?"""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.testclient import TestClient

from app.http.body import ALWAYS_READ_BYTES
from contracts import LLMProviderConfig
from tests.unit.http.asgi import Exchange, local_scope
from tests.unit.http.fake_service import FakeService

JSON = {"content-type": "application/json"}
GOOD = b'{"prompt": "hello"}'


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; charset=UTF-8",
        'application/json;charset="utf-8"; profile=x',
        "application/vnd.acme+json",
    ],
)
def test_body_json_media_types_are_read(client: TestClient, content_type: str) -> None:
    """JSON by any of its names is read."""
    assert client.post("/process", content=GOOD, headers={"content-type": content_type}).status_code == 200


@pytest.mark.parametrize(
    "headers,says",
    [
        ({"content-type": "text/plain"}, "not text/plain"),
        ({"content-type": "application/x-www-form-urlencoded"}, "not application/x-www-form-urlencoded"),
        ({"content-type": ""}, "an empty one"),
        ({}, "no Content-Type: send application/json"),
        ({"content-type": "application/json; charset=latin-1"}, "JSON is UTF-8, not latin-1"),
        ({**JSON, "content-encoding": "gzip"}, "Content-Encoding gzip"),
    ],
)
def test_body_other_media_types_are_415(client: TestClient, headers: dict[str, str], says: str) -> None:
    """What is not plain JSON by its headers is refused with what to send."""
    answer = client.post("/process", content=GOOD, headers=headers)
    assert (answer.status_code, answer.json()["error_type"]) == (415, "unsupported_media_type")
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    "body,says", [(b"", "empty"), (b'{"prompt": ', "line 1, column 12"), (b'{"prompt": "a", "prompt": "b"}', "twice")]
)
def test_body_malformed_is_400(client: TestClient, body: bytes, says: str) -> None:
    """A body that is not JSON is 400 and says where."""
    answer = client.post("/process", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["error_type"]) == (400, "malformed_request")
    assert says in answer.json()["detail"]


def test_body_without_body_and_type_is_400(client: TestClient) -> None:
    """Nothing at all is an empty body, not a wrong type."""
    assert client.post("/process").status_code == 400


def test_body_nul_is_422(client: TestClient, service: FakeService) -> None:
    """A NUL character is refused with its field, and nothing is asked of the service."""
    answer = client.post("/process", content=b'{"prompt": "a\\u0000"}', headers=JSON)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "prompt")
    assert service.asked == []


def test_body_that_is_always_read_is_too_large_for_no_configuration() -> None:
    """What is read without a look at the limit is within every limit that can be set."""
    assert LLMProviderConfig(max_request_bytes=ALWAYS_READ_BYTES).max_request_bytes == ALWAYS_READ_BYTES
    with pytest.raises(ValidationError, match="max_request_bytes"):
        LLMProviderConfig(max_request_bytes=ALWAYS_READ_BYTES - 1)


async def test_body_declared_too_large_is_not_read(app: FastAPI) -> None:
    """A Content-Length over the limit is refused before the first byte is read."""
    exchange = Exchange(app, local_scope("POST", "/process", {**JSON, "content-length": "2049"}), b"never read")
    await exchange.run()
    assert (exchange.status, exchange.json()["error_type"]) == (413, "request_too_large")
    assert exchange.unread == 1


async def test_body_chunks_too_large_are_cut_off(app: FastAPI) -> None:
    """Without a Content-Length the limit holds for what was read."""
    chunks = [b" " * 1024] * 5
    exchange = Exchange(app, local_scope("POST", "/process", JSON), *chunks)
    await exchange.run()
    assert exchange.status == 413
    assert exchange.unread == 2


async def test_body_at_the_limit_is_read(app: FastAPI, service: FakeService) -> None:
    """Exactly `max_request_bytes` is not too large."""
    body = json.dumps({"prompt": "x"}).encode().ljust(service.config.max_request_bytes)
    exchange = Exchange(app, local_scope("POST", "/process", JSON), body[:7], body[7:])
    await exchange.run()
    assert exchange.status == 200


async def test_body_caller_who_leaves_while_sending_is_let_go(app: FastAPI, service: FakeService) -> None:
    """A body that is never finished asks nothing of the service and is no defect."""
    exchange = Exchange(app, local_scope("POST", "/process", JSON), b'{"prom', is_whole=False)
    exchange.leaving.set()
    await exchange.run()
    assert exchange.status == 499
    assert service.asked == []
