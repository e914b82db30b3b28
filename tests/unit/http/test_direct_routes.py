"""Which endpoints are called without the framework's search for them?"""

from __future__ import annotations

from typing import cast

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Message

from app.http.direct_routes import DirectRequest, DirectRoutes
from app.http.edge import Edge
from app.http.passage import Passage
from app.http.problems import install_problems
from app.main import create_app
from app.settings import Settings
from app.surfaces.dialect_errors import speak_dialect
from contracts import ContentPolicyError
from tests.unit.http.fake_service import FakeService

router = APIRouter()


@router.post("/plain")
async def plain(request: Request) -> Response:
    return Response(f"{request.scope['route'].path} {'router' in request.scope}")


@router.post("/guarded", dependencies=[Depends(lambda: None)])
async def guarded(request: Request) -> Response:
    return Response(str("router" in request.scope))


@router.post("/refused")
async def refused(request: Request) -> Response:
    raise ContentPolicyError("no")


@router.post("/defect")
async def defect(request: Request) -> Response:
    raise ZeroDivisionError


def app_of(*more: Middleware) -> FastAPI:
    passage = Middleware(Passage, edge=Edge(), speak=speak_dialect, direct=DirectRoutes(router.routes))
    app = FastAPI(middleware=[*more, passage])
    install_problems(app, router.routes)
    app.include_router(router)
    return app


async def test_direct_request_is_the_frameworks() -> None:
    """A release of it whose constructor sets something more would be seen here."""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"all"}

    async def send(message: Message) -> None:
        """Nobody reads it."""

    scope = {"type": "http", "headers": [(b"a", b"1")]}
    direct, theirs = DirectRequest(scope, receive, send), Request(scope, receive, send)
    for name, value in vars(theirs).items():
        assert getattr(direct, name) is value
    assert direct.receive is theirs.receive
    assert (direct.headers["a"], await direct.body()) == ("1", b"all")


def test_direct_routes_go_around_the_router() -> None:
    """The route is known all the same, for the metrics."""
    with TestClient(app_of()) as client:
        assert client.post("/plain").text == "/plain False"


def test_direct_routes_leave_what_wants_more_to_the_router() -> None:
    """A dependency is solved by the framework."""
    with TestClient(app_of()) as client:
        assert client.post("/guarded").text == "True"


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
def test_direct_routes_leave_other_methods_to_the_router(method: str) -> None:
    """It knows how to refuse them."""
    with TestClient(app_of()) as client:
        answer = client.request(method, "/plain")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_direct_routes_below_a_root_path_are_the_routers() -> None:
    """What it goes by there is the path without the root."""
    with TestClient(app_of(), root_path="/below") as client:
        assert client.post("/below/plain").text == "/plain True"


def test_direct_routes_errors_are_answered_as_everywhere() -> None:
    """By the handlers of the app."""
    with TestClient(app_of()) as client:
        assert (client.post("/refused").status_code, client.post("/refused").json()["detail"]) == (400, "no")


def test_direct_routes_handler_of_a_program_is_asked() -> None:
    """Whoever puts his own handler into the app has it everywhere."""
    app = app_of()

    async def own(request: Request, error: Exception) -> Response:
        return Response("mine", 418)

    app.add_exception_handler(ContentPolicyError, own)
    with TestClient(app) as client:
        assert client.post("/refused").text == "mine"


def test_direct_routes_defects_go_further_out(caplog: pytest.LogCaptureFixture) -> None:
    """They are logged there, and answered as a 500."""
    with TestClient(app_of()) as client:
        assert client.post("/defect").json()["error_type"] == "internal_error"
    assert "ZeroDivisionError" in caplog.text


def test_direct_routes_take_every_call_of_a_model() -> None:
    """The hot ones are found by the rule, not by a list: one that gets a dependency would be slow unseen."""
    app = create_app(Settings(), service=FakeService())
    (options,) = [one.kwargs for one in app.user_middleware if one.cls is Passage]
    direct = cast("DirectRoutes", options["direct"]).paths
    assert {"/process", "/process/stream", "/v1/chat/completions", "/v1/messages", "/v1/responses"} <= direct
    assert "/api/v1/keys" not in direct
