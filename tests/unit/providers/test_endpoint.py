"""Is what a row's requests have in common prepared once, and what one of them says never sent with another?"""

from __future__ import annotations

import pytest

from app.ports import ModelAddress
from app.providers.endpoint import FixedEndpoint, ModelServerEndpoint

ROW = FixedEndpoint(
    base_url="https://vendor.example:8443/v1/",
    default_headers={"Acme-Version": "1", "Acme-Beta": "old"},
    credentials={"Authorization": "Bearer k"},
    headers={"acme-version": "2", "X-Team": "ee"},
)


async def test_request_has_all_that_identifies_the_row() -> None:
    """The row's own headers win over the vendor's; the body is described."""
    request = ROW.request("POST", "/chat", content=b"{}", accept="text/event-stream")
    assert str(request.url) == "https://vendor.example:8443/v1/chat"
    assert request.content == b"{}"
    assert dict(request.headers) == {
        "host": "vendor.example:8443",
        "accept": "text/event-stream",
        "content-type": "application/json",
        "acme-version": "2",
        "acme-beta": "old",
        "authorization": "Bearer k",
        "x-team": "ee",
        "content-length": "2",
    }


async def test_request_without_a_body_describes_none() -> None:
    """A GET has no length; of a POST it is said that it is empty."""
    asked = ROW.request("GET", "/models")
    assert asked.content == b""
    assert not {"content-length", "content-type"} & set(asked.headers)
    assert ROW.request("POST", "/models").headers["content-length"] == "0"


async def test_what_a_caller_sends_is_in_no_other_request() -> None:
    """Neither what was said for one caller, nor what is put into a request afterwards."""
    before = ROW.request("POST", "/chat", content=b"{}")
    said = {"acme-beta": "new", "acme-version": "3", "traceparent": "00-1"}
    request = ROW.request("POST", "/chat", content=b"{}", headers=said)
    assert request.headers["acme-beta"] == "old,new"
    assert request.headers["acme-version"] == "3"
    assert request.headers["traceparent"] == "00-1"
    request.headers["Connection"] = "close"
    after = ROW.request("POST", "/chat", content=b"{}")
    assert after.headers.raw == before.headers.raw


@pytest.mark.parametrize("api_key, expected", [("second", "Bearer second"), (None, None)])
async def test_embedded_model_is_asked_where_it_is_now(api_key: str | None, expected: str | None) -> None:
    """A restart changes its port and its key."""
    server = Server(ModelAddress(base_url="http://127.0.0.1:1", api_key="first"))
    endpoint = ModelServerEndpoint(server)
    for _ in range(2):
        request = (await endpoint.locate()).request("GET", "/models")
        assert (str(request.url), request.headers["authorization"]) == ("http://127.0.0.1:1/models", "Bearer first")
    server.at = ModelAddress(base_url="http://127.0.0.1:2", api_key=api_key)
    request = (await endpoint.locate()).request("GET", "/models")
    assert (str(request.url), request.headers.get("authorization")) == ("http://127.0.0.1:2/models", expected)


class Server:
    """A model server that is moved by a test."""

    model_name = "m"

    def __init__(self, at: ModelAddress) -> None:
        self.at = at

    def unavailable_reason(self) -> str | None:
        """It can serve."""
        return None

    async def address(self) -> ModelAddress:
        """Where the test has put it."""
        return self.at

    async def aclose(self) -> None:
        """Nothing to end."""
