"""PATCHes of /config where there is a database: they outlive the process, and their keys are shown to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import config

KEY = "sk-patched-0123456789"


@contextmanager
def started(state: Path, url: str, **fields: Any) -> Iterator[TestClient]:
    """A client of an app of its own, with these books; `fields` are said by its file."""
    settings = Settings(config=config().model_copy(update=fields), database_url=SecretStr(url), state_dir=state)
    with TestClient(create_app(settings)) as client:
        yield client


def test_configuration_patch_outlives_the_process(database_url: str, tmp_path: Path) -> None:
    """With its ETag, which still guards the next update."""
    with started(tmp_path, database_url) as client:
        patched = client.post("/config/update", json={"max_retries": 4, "providers": {"second": {"api_key": KEY}}})
        client.post("/providers/second/disable")
        shown = client.get("/config")
    with started(tmp_path, database_url) as client:
        again = client.get("/config")
        assert (again.json(), again.headers["etag"]) == (shown.json(), shown.headers["etag"])
        assert client.get("/config", headers={"if-none-match": shown.headers["etag"]}).status_code == 304
        assert KEY not in again.text + patched.text
        stale = {"if-match": patched.headers["etag"]}
        assert client.post("/config/update", json={"max_retries": 1}, headers=stale).status_code == 412
        fresh = {"if-match": shown.headers["etag"]}
        assert client.post("/config/update", json={"max_retries": 1}, headers=fresh).headers["etag"] == '"4"'


def test_configuration_that_was_taken_back_follows_the_file(database_url: str, tmp_path: Path) -> None:
    """Also where the change said just what the file said then."""
    with started(tmp_path, database_url, max_retries=2) as client:
        client.post("/config/update", json={"max_retries": 4, "max_batch_size": 7})
        client.post("/config/update", json={"max_retries": 2})
        assert client.post("/config/update", json={"max_retries": None}).headers["etag"] == '"4"'
    with started(tmp_path, database_url, max_retries=5) as client:
        shown = client.get("/config").json()["config"]
        assert (shown["max_retries"], shown["max_batch_size"]) == (5, 7)


def test_configuration_sent_back_whole_keeps_its_keys(database_url: str, tmp_path: Path) -> None:
    """The masks are not stored: after a restart the row has its key, and can be used."""
    with started(tmp_path, database_url) as client:
        client.post("/config/update", json={"providers": {"openai": {"api_key": KEY}}})
        whole = client.get("/config").json()["config"]
        assert client.put("/config", json={**whole, "max_retries": 4}).status_code == 200
    with started(tmp_path, database_url) as client:
        assert client.get("/config").json()["config"] == {**whole, "max_retries": 4}
        assert client.get("/providers/openai").json()["usable"] is True


def test_configuration_of_two_apps_is_one(database_url: str, tmp_path: Path) -> None:
    """`If-Match` with what the other one answered is good at once; `*` is whatever is in force."""
    with started(tmp_path / "a", database_url) as one, started(tmp_path / "b", database_url) as other:
        etag = one.post("/config/update", json={"max_retries": 4}).headers["etag"]
        answer = other.post("/config/update", json={"max_batch_size": 7}, headers={"if-match": etag})
        assert (answer.status_code, answer.json()["config"]["max_retries"]) == (200, 4)
        assert one.post("/config/update", json={"max_retries": 5}, headers={"if-match": etag}).status_code == 412
        any_of_them = one.post("/config/update", json={"max_retries": 5}, headers={"if-match": "*"})
        assert any_of_them.json()["config"]["max_batch_size"] == 7


@pytest.mark.parametrize(
    "method,path", [("POST", "/config/update"), ("PUT", "/config"), ("POST", "/providers/second/disable")]
)
def test_configuration_without_its_database_is_503(tmp_path: Path, method: str, path: str) -> None:
    """With the time after which to try again; what is in force stays so, and is shown."""
    with started(tmp_path, "postgresql://books@127.0.0.1:1/books") as client:
        before = client.get("/config").json()
        answer = client.request(method, path, json={"max_retries": 4} if "config" in path else None)
        assert (answer.status_code, answer.json()["error_type"]) == (503, "store_unavailable")
        assert answer.headers["retry-after"] == "1"
        assert client.get("/config").json() == before
