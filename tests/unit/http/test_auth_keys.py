"""Who is let in with a key that an administrator made while the service runs: the whole matrix."""

from __future__ import annotations

from typing import Any

import pytest

from app.http.auth import ANONYMOUS_CALLER, LOCAL_CALLER, Gate
from contracts import (
    Caller,
    CallerAuthenticationError,
    CallerForbiddenError,
    LLMProviderError,
    Scope,
    StoreUnavailableError,
)
from tests.unit.http.asgi import local_scope

ADMIN, CONFIGURED, OTHER, METRICS = "admin-key-7f", "caller-key-1a", "other-key-00", "metrics-token-3c"
MADE, SECOND, ENDED, UNREAD = "llmps_made", "llmps_second", "llmps_ended", "llmps_unread"
SECRETS = (MADE, SECOND, ENDED, UNREAD, OTHER, CONFIGURED)
MAKER = Caller(key_id="key_1", scopes=frozenset({Scope.CALL}), tenant="t")
SECOND_MAKER = Caller(key_id="key_2", scopes=frozenset({Scope.CALL}))
REMOTE = {"client": ("10.0.0.7", 4711)}
GATES: dict[str, dict[str, Any]] = {
    "none": {},
    "callers": {"caller_keys": [CONFIGURED]},
    "admin": {"admin_key": ADMIN},
    "anonymous": {"allow_anonymous": True},
    "admin, anonymous": {"admin_key": ADMIN, "allow_anonymous": True},
    "metrics": {"metrics_token": METRICS},
}
# configured, key sent, where from: what /process, /config and /metrics answer; `key_id` where let in.
MATRIX: list[tuple[str, str | None, str, str | int, str | int, str | int]] = [
    ("none", MADE, "local", "key_1", 403, 403),
    ("none", MADE, "remote", "key_1", 403, 403),
    ("none", ENDED, "local", 401, 401, 401),
    ("none", ENDED, "remote", 401, 401, 401),
    ("none", UNREAD, "local", 503, 503, 503),
    ("none", OTHER, "local", "local", "local", "local"),
    ("none", OTHER, "remote", 401, 401, 401),
    ("none", None, "local", "local", "local", "local"),
    ("none", None, "remote", 401, 401, 401),
    ("callers", MADE, "remote", "key_1", 403, 403),
    ("callers", CONFIGURED, "remote", "key-1", 403, 403),
    ("callers", ENDED, "local", 401, 401, 401),
    ("callers", UNREAD, "local", 503, 503, 503),
    ("callers", OTHER, "local", 401, 401, 401),
    ("admin", MADE, "local", "key_1", 403, 403),
    ("admin", ADMIN, "remote", "admin", "admin", "admin"),
    ("admin", None, "local", 401, 401, 401),
    ("anonymous", MADE, "remote", "key_1", 403, 403),
    ("anonymous", ENDED, "remote", 401, 401, 401),
    ("anonymous", OTHER, "remote", "anonymous", 401, 401),
    ("admin, anonymous", MADE, "remote", "key_1", 403, 403),
    ("admin, anonymous", OTHER, "remote", 401, 401, 401),
    ("metrics", MADE, "remote", "key_1", 403, 403),
    ("metrics", METRICS, "remote", 401, 401, "metrics"),
]


class Ring:
    """Knows the two keys, one that has ended, and one of which nobody can tell yet."""

    def verify(self, secret: bytes) -> Caller | None:
        """As app.engine.key_ring does."""
        if secret == ENDED.encode():
            msg = "this key (key_3) was revoked on 2026-11-21T20:45:00Z"
            raise CallerAuthenticationError(msg)
        if secret == UNREAD.encode():
            msg = "callers' keys were not read yet"
            raise StoreUnavailableError(msg, retry_after=1.0)
        return {MADE.encode(): MAKER, SECOND.encode(): SECOND_MAKER}.get(secret)


def outcome(gate: Gate, request: dict[str, Any], scope: Scope) -> str | int:
    """Who was let in, or the status of the refusal, which shows nobody's key."""
    try:
        return gate.admit(request, scope).key_id
    except LLMProviderError as error:
        shown = str(error)
        return shown if any(secret in shown for secret in SECRETS) else error.status


@pytest.mark.parametrize("header", ["x-api-key", "authorization"])
@pytest.mark.parametrize("configured,sent,origin,calling,administrating,scraping", MATRIX)
def test_gate_matrix_with_made_keys_holds(
    configured: str,
    sent: str | None,
    origin: str,
    calling: str | int,
    administrating: str | int,
    scraping: str | int,
    header: str,
) -> None:
    """Each row of the matrix, for every kind of endpoint, with the key in either header."""
    gate = Gate(verifier=Ring(), **GATES[configured])
    value = f"Bearer {sent}" if header == "authorization" else str(sent)
    request = local_scope(headers={header: value} if sent else {}, **(REMOTE if origin == "remote" else {}))
    found = [outcome(gate, request, scope) for scope in (Scope.CALL, Scope.ADMIN, Scope.METRICS)]
    assert found == [calling, administrating, scraping]


def test_gate_gives_the_caller_of_a_made_key_as_he_is() -> None:
    """With his tenant, and all else that his key says; others are what they were."""
    gate = Gate(verifier=Ring())
    assert gate.admit(local_scope(headers={"x-api-key": MADE}), Scope.CALL) is MAKER
    assert gate.admit(local_scope(headers={"x-api-key": OTHER}), Scope.CALL) is LOCAL_CALLER
    remote = local_scope(headers={"x-api-key": OTHER}, **REMOTE)
    assert Gate(verifier=Ring(), allow_anonymous=True).admit(remote, Scope.CALL) is ANONYMOUS_CALLER


@pytest.mark.parametrize("configured", ["none", "callers", "anonymous"])
@pytest.mark.parametrize("second", [SECOND, OTHER, CONFIGURED])
def test_gate_two_different_keys_are_none(configured: str, second: str) -> None:
    """Which of them is meant would be a guess, from loopback too; the same one twice is one."""
    gate = Gate(verifier=Ring(), **GATES[configured])
    both = local_scope(headers={"authorization": f"Bearer {MADE}", "x-api-key": second})
    with pytest.raises(CallerAuthenticationError):
        gate.admit(both, Scope.CALL)
    twice = local_scope(headers={"authorization": f"Bearer {MADE}", "x-api-key": MADE})
    assert gate.admit(twice, Scope.CALL) is MAKER


def test_gate_says_how_a_key_has_ended() -> None:
    """Not that it is unknown: whoever holds it can do something about it."""
    with pytest.raises(CallerAuthenticationError, match="revoked on 2026-11-21"):
        Gate(verifier=Ring(), admin_key=ADMIN).admit(local_scope(headers={"x-api-key": ENDED}), Scope.CALL)


def test_gate_tells_a_remote_caller_of_keys_that_can_be_made() -> None:
    """An administrator on the machine can make one."""
    with pytest.raises(CallerAuthenticationError, match="POST /api/v1/keys"):
        Gate().admit(local_scope(**REMOTE), Scope.CALL)


def test_gate_made_key_opens_nothing_but_calls() -> None:
    """403 with how an administrator gets in."""
    with pytest.raises(CallerForbiddenError, match="needs the admin key"):
        Gate(verifier=Ring(), admin_key=ADMIN).admit(local_scope(headers={"x-api-key": MADE}), Scope.ADMIN)
