"""Does anything that a caller sends as a key reach a vendor? A real one writes down all that it gets."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from contracts import LLMProviderConfig, ProviderType

ADMIN_KEY, ROW_KEY, CANARY = "admin-key-7f3a", "sk-row-0123456789abcdef", "canary"
VENDORS = [kind for kind in ProviderType if kind not in (ProviderType.LOCAL, ProviderType.MOCK)]
WITHOUT_VECTORS = (ProviderType.ANTHROPIC, ProviderType.DEEPSEEK)
# What an SDK of any vendor, a browser or a proxy would send.
CREDENTIALS = {
    "api-key": f"{CANARY}-azure",
    "x-goog-api-key": f"{CANARY}-goog",
    "cookie": f"session={CANARY}",
    "proxy-authorization": f"Basic {CANARY}",
    "openai-organization": f"{CANARY}-org",
    "openai-project": f"{CANARY}-project",
}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("/process", {"prompt": "hi"}),
    ("/process/stream", {"prompt": "hi"}),
    ("/process/batch", {"requests": [{"prompt": "hi"}]}),
    ("/v1/chat/completions", {"model": "own/m", "messages": [{"role": "user", "content": "hi"}]}),
    ("/v1/messages", {"model": "own/m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}),
    ("/v1/responses", {"model": "own/m", "input": "hi"}),
    ("/v1/embeddings", {"model": "own/m", "input": "hi"}),
    ("/api/v1/comparison", {"user_prompt": "Which? {essay_a} {essay_b}", "essay_a": "The sea.", "essay_b": "Fish."}),
]


class Vendor(ThreadingHTTPServer):
    """Refuses everything, and keeps what it got: `seen` is the head of each request, `bodies` what was behind."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Refusing)
        self.seen: list[str] = []
        self.bodies: list[bytes] = []


class _Refusing(BaseHTTPRequestHandler):
    server: Vendor

    def do_POST(self) -> None:
        self.server.seen.append(f"{self.requestline}\n{self.headers}")
        self.server.bodies.append(self.rfile.read(int(self.headers.get("content-length", 0))))
        self.send_response(400)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the standard library
        """Nothing."""


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """One that listens."""
    with Vendor() as made:
        thread = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
@pytest.mark.parametrize("kind", VENDORS)
def test_callers_credentials_reach_no_vendor(kind: ProviderType, header: str, vendor: Vendor) -> None:
    """Not the key that let him in, nor any other that he sent: a vendor gets the row's own and nothing else."""
    row = {"type": kind, "base_url": f"http://127.0.0.1:{vendor.server_port}", "api_key": ROW_KEY, "default_model": "m"}
    config = LLMProviderConfig.model_validate({"providers": {"own": row}, "default_provider": "own", "max_retries": 0})
    settings = Settings(config=config, admin_api_key=SecretStr(ADMIN_KEY))
    with TestClient(create_app(settings)) as client:
        created = client.post(
            "/api/v1/keys", json={"name": "n", "providers": ["own"]}, headers={"x-api-key": ADMIN_KEY}
        )
        secret = created.json()["key"]
        sent = {**CREDENTIALS, header: f"Bearer {secret}" if header == "authorization" else secret}
        statuses = [client.post(path, json=body, headers=sent).status_code for path, body in CALLS]
    assert 401 not in statuses
    assert len(vendor.seen) >= len(CALLS) - (kind in WITHOUT_VECTORS)
    whole = "\n".join(vendor.seen) + b"\n".join(vendor.bodies).decode()
    assert not [word for word in (secret, secret[6:], CANARY, ADMIN_KEY) if word in whole]
    assert all(ROW_KEY in head for head in vendor.seen)
