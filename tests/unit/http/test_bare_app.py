"""What stands between the server and the first layer of ours?"""

from __future__ import annotations

from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.passage import Passage
from app.main import create_app
from app.settings import Settings
from tests.unit.http.asgi import Exchange, local_scope
from tests.unit.http.fake_service import FakeService


class Doorbell:
    """A layer of whoever has our app in a program of his own."""

    rung = 0

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        Doorbell.rung += scope["type"] == "http"
        await self.app(scope, receive, send)


def test_bare_app_begins_with_ours() -> None:
    """A release of the framework with one layer more, or another name for one, would be seen here."""
    assert isinstance(create_app(Settings(), service=FakeService()).build_middleware_stack(), Passage)


def test_bare_app_takes_layers_of_others() -> None:
    """They are the outermost, as they are in the framework."""
    app = create_app(Settings(), service=FakeService())
    app.add_middleware(Doorbell)
    with TestClient(app) as client:
        before = Doorbell.rung
        assert client.get("/livez").status_code == 200
    assert Doorbell.rung == before + 1


async def test_bare_app_answers_without_a_lifespan() -> None:
    """A server that has none sends the first request into an app that was not put together yet."""
    exchange = Exchange(create_app(Settings(), service=FakeService()), local_scope(path="/livez"))
    await exchange.run()
    assert exchange.status == 200
