"""How is an HTTP request measured?"""

from __future__ import annotations

import asyncio

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from app.http.edge import Edge
from app.http.passage import Passage
from app.main import create_app
from app.settings import Settings
from app.surfaces.dialect_errors import speak_dialect
from tests.unit.http.fake_service import FakeService


class Notes:
    """A witness that keeps what it is told, and whose page is one line."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str | None, int]] = []
        self.seconds: list[float] = []

    def http_ended(self, method: str, route: str | None, status: int, seconds: float) -> None:
        self.told.append((method, route, status))
        self.seconds.append(seconds)

    async def page(self) -> bytes:
        return b"up 1.0\n"


async def measured(app: object, kind: str = "http") -> Notes:
    """What is noted when `app` answers one POST."""
    notes = Notes()
    edge = Edge(witness=notes)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        """Nobody reads it."""

    passage = Passage(app, edge, speak_dialect)  # type: ignore[arg-type]
    await passage({"type": kind, "method": "POST", "path": "/secret", "headers": []}, receive, send)
    return notes


async def test_measuring_names_the_route_and_never_the_path() -> None:
    """The template as the router left it, with the status that was sent."""

    class Route:
        path = "/providers/{provider}"

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = Route
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body"})

    notes = await measured(routed)
    assert notes.told == [("POST", "/providers/{provider}", 418)]
    assert 0 <= notes.seconds[0] < 60


async def test_measuring_request_that_nobody_answered_is_499() -> None:
    """Its caller left; the cancellation goes on."""
    notes = Notes()

    async def cancelled(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    app = Passage(cancelled, Edge(witness=notes), speak_dialect)
    with pytest.raises(asyncio.CancelledError):
        await app({"type": "http", "method": "GET", "path": "/x", "headers": []}, None, None)  # type: ignore[arg-type]
    assert notes.told == [("GET", None, 499)]


async def test_measuring_lets_other_protocols_pass() -> None:
    """A lifespan is no request; before there is a witness, nothing is measured."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """Answers nothing."""

    assert (await measured(app, "lifespan")).told == []


@pytest.mark.parametrize("has_witness", [True, False])
def test_metrics_endpoint_shows_the_witness_page(has_witness: bool) -> None:
    """In Prometheus' media type; 503 where nobody watches."""
    app = create_app(Settings(), service=FakeService())
    with TestClient(app) as client:
        app.state.edge.witness = Notes() if has_witness else None
        answer = client.get("/metrics")
    if has_witness:
        assert (answer.status_code, answer.text) == (200, "up 1.0\n")
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    else:
        assert (answer.status_code, answer.json()["error_type"]) == (503, "service_not_started")


def test_metrics_endpoint_is_closed_to_others() -> None:
    """From elsewhere without a key, nobody reads them."""
    with TestClient(create_app(Settings(), service=FakeService()), client=("10.0.0.7", 1)) as client:
        assert client.get("/metrics").status_code == 401
