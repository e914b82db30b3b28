"""An app with one door that speaks the spelled dialect, over the fake service."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.http.auth import Gate
from app.http.edge import Edge, StreamPace
from app.http.problems import install_problems
from app.surfaces.serving import endpoint_of
from app.surfaces.surface import Surface
from tests.unit.http.fake_service import FakeService
from tests.unit.surfaces.spelled_dialect import SPELLED


@pytest.fixture
def service() -> FakeService:
    """The service behind `app`."""
    return FakeService()


def app_serving(surface: Surface, service: FakeService) -> FastAPI:
    """POST / is answered in the dialect of `surface`; errors are problem documents here."""
    made = FastAPI()
    made.state.edge = Edge(pace=StreamPace(), gate=Gate(), ready_service=service)
    made.add_api_route("/", endpoint_of(surface), methods=["POST"])
    install_problems(made, made.routes)
    return made


@pytest.fixture
def app(service: FakeService) -> FastAPI:
    """One that speaks the spelled dialect."""
    return app_serving(SPELLED, service)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """On the service's own machine."""
    return TestClient(app)
