"""GET /config, POST /config/update and PUT /config."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from contracts import ConfigView


def test_configuration_is_shown_without_secrets(client: TestClient) -> None:
    """The configuration in force, its revision as ETag, and no key in it."""
    answer = client.get("/config")
    assert answer.headers["etag"] == f'"{answer.json()["revision"]}"'
    assert answer.json()["config"]["providers"]["second"]["api_key"] == "**********"
    assert "sk-second" not in answer.text
    assert ConfigView.model_validate(answer.json()).config.max_retries == 0


def test_configuration_known_is_304(client: TestClient) -> None:
    """A caller who has the revision gets no body again."""
    etag = client.get("/config").headers["etag"]
    answer = client.get("/config", headers={"if-none-match": f'"99", W/{etag}'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert client.get("/config", headers={"if-none-match": '"99"'}).status_code == 200


@pytest.mark.parametrize(
    "method,path,content_type",
    [
        ("POST", "/config/update", "application/json"),
        ("PUT", "/config", "application/json"),
        ("PUT", "/config", "application/merge-patch+json"),
    ],
)
def test_configuration_patch_applies(client: TestClient, method: str, path: str, content_type: str) -> None:
    """A merge patch changes what it names and leaves the rest; the revision moves on."""
    before = client.get("/config")
    answer = client.request(
        method,
        path,
        content=b'{"max_retries": 2}',
        headers={"content-type": content_type, "if-match": before.headers["etag"]},
    )
    assert answer.status_code == 200
    assert answer.json()["config"] == {**before.json()["config"], "max_retries": 2}
    assert answer.headers["etag"] == f'"{answer.json()["revision"]}"' != before.headers["etag"]


def test_configuration_null_takes_a_change_back(client: TestClient) -> None:
    """What file and environment say is in force again, not the default."""
    before = client.get("/config").json()["config"]
    client.post("/config/update", json={"max_retries": 2, "providers": {"second": {"weight": 4}}})
    answer = client.post("/config/update", json={"max_retries": None, "providers": {"second": None}})
    assert answer.json()["config"] == before


def test_configuration_lost_update_is_412(client: TestClient) -> None:
    """Of two who read the same revision, the second is refused and changes nothing."""
    etag = client.get("/config").headers["etag"]
    assert client.post("/config/update", json={"max_retries": 1}, headers={"if-match": etag}).status_code == 200
    refused = client.post("/config/update", json={"max_retries": 2}, headers={"if-match": etag})
    assert (refused.status_code, refused.json()["error_type"]) == (412, "configuration_conflict")
    assert client.get("/config").json()["config"]["max_retries"] == 1
    assert client.put("/config", json={"max_retries": 2}, headers={"if-match": "*"}).status_code == 200


def test_configuration_masked_secret_is_left_as_it_is(client: TestClient) -> None:
    """What GET showed can be sent back whole."""
    shown = client.get("/config").json()["config"]["providers"]["second"]
    assert client.post("/config/update", json={"providers": {"second": shown}}).status_code == 200
    assert client.get("/providers/second").json()["usable"] is True


@pytest.mark.parametrize(
    "patch",
    [
        {"max_retries": 6},
        {"max_retrys": 1},
        {"fallback_order": ["nobody"]},
        {"providers": {"second": {"wheels": 4}}},
        {"max_retries": 1, "retry_delay_seconds": 0},
    ],
)
def test_configuration_wrong_patch_changes_nothing(client: TestClient, patch: dict[str, Any]) -> None:
    """A patch is validated whole and applied not at all when a part of it is wrong."""
    before = client.get("/config").json()
    answer = client.post("/config/update", json=patch)
    assert (answer.status_code, answer.json()["error_type"]) == (422, "invalid_configuration")
    assert client.get("/config").json() == before


@pytest.mark.parametrize(
    "content,content_type,status",
    [
        (b"[1]", "application/json", 422),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b"max_retries: 2", "application/yaml", 415),
    ],
)
def test_configuration_unreadable_patch_is_refused(
    client: TestClient, content: bytes, content_type: str, status: int
) -> None:
    """Bodies are read by the same rules as everywhere."""
    answer = client.post("/config/update", content=content, headers={"content-type": content_type})
    assert answer.status_code == status


def test_configuration_limits_act_on_the_next_request(client: TestClient) -> None:
    """A smaller `max_request_bytes` holds at once."""
    client.post("/config/update", json={"max_request_bytes": 1024})
    assert client.post("/process", json={"prompt": "x" * 2000}).status_code == 413


def test_configuration_vendor_host_cannot_be_moved_at_run_time(client: TestClient) -> None:
    """Without ALLOW_UPSTREAM_EDITS a patch cannot send a vendor's key elsewhere."""
    answer = client.post("/config/update", json={"providers": {"second": {"base_url": "http://attacker.example"}}})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "providers.second.base_url")
    assert "ALLOW_UPSTREAM_EDITS" in error["hint"]


def test_configuration_names_all_methods_of_its_path(client: TestClient) -> None:
    """A wrong method is 405 with every right one, though two endpoints share the path."""
    answer = client.delete("/config")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PUT")
    assert answer.json()["error_type"] == "method_not_allowed"
