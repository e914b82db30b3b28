"""Who did what, from where, and what changed by it: is it all in the audit, and no secret in any row?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import ADMIN_KEY, CALLER_KEY, config

ADMIN = {"x-api-key": ADMIN_KEY}
CALLER = {"x-api-key": CALLER_KEY}
PEER = ("10.20.30.40", 5000)
PROMPT = "s3cret-prompt-4711"
VENDOR_KEY = "sk-second-0123456789"
NEW_KEY = "sk-new-abcdefghijklmnop"
MASK = "**********"
Entry = dict[str, Any]


class Office:
    """The service with keys, on a database of its own, and a client that comes from another machine."""

    def __init__(self, database: Path, opened: ExitStack, **settings: Any) -> None:
        self.database = database
        told = Settings(
            config=config(),
            admin_api_key=SecretStr(ADMIN_KEY),
            api_keys=(SecretStr(CALLER_KEY),),
            database_url=SecretStr(f"sqlite:///{database}"),
            state_dir=database.parent,
            **settings,
        )
        self.client = opened.enter_context(TestClient(create_app(told), client=PEER))

    def do(self, method: str, path: str, headers: Mapping[str, str] = ADMIN, **body: Any) -> int:
        """The status of one request."""
        return self.client.request(method, path, headers=headers, **body).status_code

    def entries(self, action: str) -> list[Entry]:
        """Those of `action`, the oldest first."""
        page = self.client.get("/api/v1/audit", headers=ADMIN, params={"action": action}).json()
        return list(reversed(page["entries"]))

    def rows(self) -> str:
        """All rows of all tables, as text."""
        with closing(sqlite3.connect(self.database)) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return "\n".join(
                str(row)
                for table in tables
                for row in connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own names
            )


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Closes what a test opened."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def office(opened: ExitStack, tmp_path: Path) -> Office:
    """With the switches as they are by default."""
    return Office(tmp_path / "books.sqlite3", opened)


def shown(entry: Entry) -> tuple[Any, ...]:
    """What was done, to what, how it ended, and what it changed."""
    return entry["action"], entry["target"], entry["outcome"], entry["before"], entry["after"]


def test_audit_entry_tells_who_and_from_where(office: Office) -> None:
    """The key's id and the peer of the connection, whatever a forwarding header claims; and the ids of the request."""
    headers = {**ADMIN, "x-correlation-id": "ops-17", "x-forwarded-for": "6.6.6.6", "forwarded": "for=6.6.6.6"}
    answer = office.client.post("/providers/second/disable", headers=headers)
    (entry,) = office.entries("provider.disable")
    assert (entry["actor"], entry["address"]) == ("admin", PEER[0])
    assert (entry["request_id"], entry["correlation_id"]) == (answer.headers["x-request-id"], "ops-17")


@pytest.mark.parametrize(
    "method,path,expected",
    [
        ("POST", "/providers/second/disable", ("provider.disable", "second", "success", True, False)),
        ("POST", "/providers/second/enable", ("provider.enable", "second", "success", True, True)),
        ("POST", "/providers/google/disable", ("provider.disable", "gemini", "success", True, False)),
    ],
)
def test_audit_entry_of_a_switch_tells_both_states(
    office: Office, method: str, path: str, expected: tuple[str, str, str, bool, bool]
) -> None:
    """Under the row's own name, also where nothing changed."""
    assert office.do(method, path) == 200
    action, target, outcome, before, after = expected
    (entry,) = office.entries(action)
    assert shown(entry) == (action, target, outcome, {"enabled": before}, {"enabled": after})


def test_audit_entry_of_a_test_tells_what_it_found(office: Office) -> None:
    """Of one that answers, and of one that does not exist."""
    assert office.do("POST", "/providers/mock/test") == 200
    assert office.do("POST", "/api/v1/providers/mock/test?deep=true") == 200
    assert office.do("POST", "/providers/nobody/test") == 404
    assert [shown(entry)[1:] for entry in office.entries("provider.test")] == [
        ("mock", "success", None, {"deep": False, "status": "healthy", "error": None}),
        ("mock", "success", None, {"deep": True, "status": "healthy", "error": None}),
        ("nobody", "provider_not_found", None, {"asked": {"deep": False}}),
    ]


def test_audit_entry_of_a_reset_circuit_tells_its_states(office: Office) -> None:
    """Open before, closed after, by model."""
    failing = {"prompt": "x", "model": "mock/mock-503", "enable_fallback": False}
    for _ in range(3):
        assert office.do("POST", "/process", CALLER, json=failing) == 503
    assert office.do("POST", "/api/v1/circuit-breakers/mock/reset?model=mock-503") == 200
    (entry,) = office.entries("circuit.reset")
    assert (entry["target"], entry["outcome"]) == ("mock/mock-503", "success")
    assert (entry["before"]["routes"], entry["after"]["routes"]) == ({"mock-503": "open"}, {"mock-503": "closed"})


def test_audit_entry_of_a_cleared_cache_tells_how_many_went(office: Office) -> None:
    """And of which provider."""
    assert office.do("POST", "/process", CALLER, json={"prompt": "x", "use_cache": True}) == 200
    assert office.do("POST", "/api/v1/cache/clear?provider=mock") == 200
    (entry,) = office.entries("cache")
    assert shown(entry)[1:] == ("mock", "success", None, {"cleared": 1, "provider": "mock", "model": None})


def test_audit_entry_of_reset_statistics_tells_from_when(office: Office) -> None:
    """They began at the last one, and begin now."""
    assert office.do("POST", "/statistics/reset") == office.do("POST", "/statistics/reset") == 200
    first, second = office.entries("statistics.reset")
    assert second["before"]["since"] == first["after"]["since"]
    assert second["before"]["since"] < second["after"]["since"]


def test_audit_entry_of_a_patch_tells_only_what_changed(office: Office) -> None:
    """With the revisions, and with secrets masked: that one changed is seen."""
    patch = {"max_retries": 2, "providers": {"second": {"api_key": NEW_KEY, "weight": 3}, "mock": {"weight": 1}}}
    assert office.do("POST", "/config/update", json=patch) == 200
    (entry,) = office.entries("config.update")
    first = entry["before"]["revision"]
    assert shown(entry)[2:] == (
        "success",
        {"revision": first, "max_retries": 0, "providers": {"second": {"api_key": MASK, "weight": 1.0}}},
        {"revision": first + 1, "max_retries": 2, "providers": {"second": {"api_key": MASK, "weight": 3.0}}},
    )


@pytest.mark.parametrize(
    "patch,outcome,fields",
    [
        (
            {"max_retries": 99, "retry_delay_seconds": 1},
            "invalid_configuration",
            ["max_retries", "retry_delay_seconds"],
        ),
        ({"providers": {"second": {"api_key": "env:HOME"}}}, "invalid_configuration", ["providers.second.api_key"]),
        ({VENDOR_KEY: 1}, "invalid_configuration", ["[unknown]"]),
    ],
)
def test_audit_entry_of_a_refused_patch_tells_its_fields(
    office: Office, patch: dict[str, Any], outcome: str, fields: list[str]
) -> None:
    """Not their values: who mistook a field may have put a key there."""
    assert office.do("PUT", "/config", json=patch) == 422
    (entry,) = office.entries("config.update")
    asked = {"asked": {"fields": fields, "expected_revision": None}}
    assert shown(entry)[2:] == (outcome, None, asked)


@pytest.mark.parametrize(
    "headers,outcome,actor",
    [
        ({}, "authentication_required", "unknown"),
        ({"x-api-key": "a-wrong-one"}, "authentication_required", "unknown"),
        (CALLER, "forbidden", "key-1"),
    ],
)
def test_audit_entry_of_a_refusal_tells_whose_key_and_the_endpoint(
    office: Office, headers: dict[str, str], outcome: str, actor: str
) -> None:
    """By its template: the path is the sender's own words."""
    assert office.do("POST", f"/providers/{VENDOR_KEY}/enable", headers) in (401, 403)
    (entry,) = office.entries("auth.refused")
    assert shown(entry) == ("auth.refused", "POST /providers/{provider}/enable", outcome, None, None)
    assert (entry["actor"], entry["address"]) == (actor, PEER[0])


def test_audit_entries_of_refusals_are_bounded(office: Office) -> None:
    """A stranger fills no disk; calls of models that are refused leave none at all."""
    for _ in range(100):
        assert office.do("GET", "/config", {}) == 401
    assert office.do("POST", "/process", {"x-api-key": "wrong"}, json={"prompt": "x"}) == 401
    assert len(office.entries("auth.refused")) == 20


def test_audit_reading_leaves_no_entry(office: Office) -> None:
    """Nothing was done."""
    for path in ("/config", "/statistics", "/api/v1/audit", "/api/v1/cache/stats", "/api/v1/circuit-breakers"):
        assert office.do("GET", path) == 200
    page = office.client.get("/api/v1/audit", headers=ADMIN).json()
    assert page["entries"] == []


def test_audit_strict_has_the_beginning_too(opened: ExitStack, tmp_path: Path) -> None:
    """Of each action, kept before it was done."""
    office = Office(tmp_path / "books.sqlite3", opened, ledger_durability="strict")
    assert office.do("POST", "/providers/second/disable") == 200
    assert office.do("POST", "/providers/nobody/disable") == 404
    entries = office.entries("provider.disable")
    assert [(entry["target"], entry["outcome"]) for entry in entries] == [
        ("second", "begun"),
        ("second", "success"),
        ("nobody", "begun"),
        ("nobody", "provider_not_found"),
    ]
    assert entries[0]["request_id"] == entries[1]["request_id"] != entries[2]["request_id"]


def talk(office: Office) -> None:
    """Every kind of model call, answered, streamed and failed."""
    asked = {"prompt": f"{PROMPT} with {NEW_KEY}"}
    failing = {**asked, "model": "mock/mock-503", "enable_fallback": False}
    assert office.do("POST", "/process", CALLER, json=asked) == 200
    assert office.do("POST", "/process", CALLER, json=failing) == 503
    assert office.do("POST", "/process/stream", CALLER, json=asked) == 200
    assert office.do("POST", "/process/stream", CALLER, json=failing) == 503
    cut = {**asked, "model": "mock/mock-cut", "enable_fallback": False}
    assert office.do("POST", "/process/stream", CALLER, json=cut) == 200
    assert office.do("POST", "/process/batch", CALLER, json={"requests": [asked]}) == 200


def test_audit_of_content_is_off_by_default(office: Office) -> None:
    """Neither prompts nor answers are in any row."""
    talk(office)
    assert office.entries("request") == []
    assert PROMPT not in office.rows()


def test_audit_of_content_has_every_call(opened: ExitStack, tmp_path: Path) -> None:
    """By switch: what was asked and answered, by whom, without keys."""
    office = Office(tmp_path / "books.sqlite3", opened, audit_content=True)
    talk(office)
    entries = office.entries("request.content")
    unavailable, cut = "provider_unavailable", "provider_protocol"
    assert [entry["outcome"] for entry in entries] == ["success", unavailable, "success", unavailable, cut, "success"]
    assert {(entry["actor"], entry["address"]) for entry in entries} == {("key-1", PEER[0])}
    assert all(PROMPT in str(entry["before"]) for entry in entries)
    assert [PROMPT in str(entry["after"]) for entry in entries] == [True, False, True, False, True, True]
    assert NEW_KEY not in office.rows()


def test_audit_rows_hold_no_secret(opened: ExitStack, tmp_path: Path) -> None:
    """Whatever is done, refused or talked about: no key is in any row of the audit, not one in the wrong place."""
    office = Office(tmp_path / "books.sqlite3", opened, audit_content=True)
    talk(office)
    bearer = {"authorization": f"Bearer {VENDOR_KEY}"}
    for patch in (
        {"providers": {"second": {"headers": {"x-own": NEW_KEY}, "api_key": NEW_KEY}}},
        {"providers": {"second": {"api_key": [NEW_KEY], NEW_KEY: 1}, NEW_KEY: {}}, NEW_KEY: NEW_KEY},
        {"default_provider": NEW_KEY, "model_aliases": {NEW_KEY: NEW_KEY}},
    ):
        office.do("POST", "/config/update", json=patch)
        office.do("POST", "/config/update", bearer, json=patch)
    for path in (f"/providers/{NEW_KEY}/enable", f"/api/v1/circuit-breakers/mock/reset?model={NEW_KEY}"):
        office.do("POST", path)
    office.do("POST", f"/api/v1/cache/clear?model={NEW_KEY}")
    entries = [
        entry
        for kind in ("config", "provider", "circuit", "cache", "request", "auth")
        for entry in office.entries(kind)
    ]
    assert len(entries) == 6 + 6 + 3
    for secret in (NEW_KEY, VENDOR_KEY, ADMIN_KEY, CALLER_KEY):
        assert secret not in str(entries)


def test_audit_of_content_holds_no_key_that_is_known(opened: ExitStack, tmp_path: Path) -> None:
    """Be it shaped like no key: a row's, one of the service itself, and one that a patch brought."""
    office = Office(tmp_path / "books.sqlite3", opened, audit_content=True)
    patched = "my dog's name!"
    office.do("POST", "/config/update", json={"providers": {"second": {"headers": {"x-own": patched}}}})
    prompt = f"say {ADMIN_KEY}, {CALLER_KEY}, {VENDOR_KEY} and {patched}"
    assert office.do("POST", "/process", CALLER, json={"prompt": prompt, "model": "mock-echo"}) == 200
    (entry,) = office.entries("request.content")
    for told in (entry["before"], entry["after"]):
        assert "say [redacted], [redacted], [redacted] and [redacted]" in str(told)
