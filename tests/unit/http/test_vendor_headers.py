"""Which headers of a caller go on?"""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from app.http.vendor_headers import vendor_headers
from contracts import InvalidRequestError
from tests.unit.http.fake_service import FakeService


def test_vendor_headers_are_a_short_list() -> None:
    """A caller's key, cookies and all else stay here; a header that came twice is one list."""
    raw = [
        (b"authorization", b"Bearer secret"),
        (b"cookie", b"a=b"),
        (b"anthropic-beta", b"one"),
        (b"anthropic-beta", b"two"),
        (b"openai-beta", b"x=v1"),
    ]
    assert vendor_headers(Headers(raw=raw)) == {"anthropic-beta": "one, two", "openai-beta": "x=v1"}


@pytest.mark.parametrize("value", [b"\xe9", b"x" * 1025, b"a\tb"])
def test_vendor_headers_that_cannot_be_sent_on_are_refused(value: bytes) -> None:
    """The error names the header."""
    with pytest.raises(InvalidRequestError) as caught:
        vendor_headers(Headers(raw=[(b"anthropic-version", value)]))
    assert caught.value.errors[0].field == "anthropic-version"


@pytest.mark.parametrize(
    "path,body",
    [
        ("/process", {"prompt": "x"}),
        ("/process/stream", {"prompt": "x"}),
        ("/process/batch", {"requests": [{"prompt": "x"}]}),
    ],
)
def test_vendor_headers_reach_the_service(client: TestClient, service: FakeService, path: str, body: Any) -> None:
    """Every endpoint that asks a model takes them, and refuses them alike."""
    client.post(path, json=body, headers={"anthropic-beta": "files-api"})
    assert service.headers == {"anthropic-beta": "files-api"}
    refused = client.post(path, json=body, headers={"anthropic-beta": "x" * 1025})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "anthropic-beta")
