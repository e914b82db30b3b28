"""Who is let in, as whom: the whole matrix."""

from __future__ import annotations

import pytest

from app.http.auth import Gate
from contracts import CallerAuthenticationError, CallerForbiddenError, Scope
from tests.unit.http.asgi import local_scope

ADMIN, CALLER, OTHER = "admin-key-7f", "caller-key-1a", "other-key-00"
GATES = {
    "none": {},
    "callers": {"caller_keys": [CALLER]},
    "admin": {"admin_key": ADMIN},
    "both": {"admin_key": ADMIN, "caller_keys": [CALLER]},
    "none, anonymous": {"allow_anonymous": True},
    "callers, anonymous": {"caller_keys": [CALLER], "allow_anonymous": True},
    "both, anonymous": {"admin_key": ADMIN, "caller_keys": [CALLER], "allow_anonymous": True},
}
# configured, key sent, where from: what /process and what /config answer; `who` where let in.
MATRIX = [
    ("none", None, "local", "local", "local"),
    ("none", None, "remote", 401, 401),
    ("none", OTHER, "local", "local", "local"),
    ("none", OTHER, "remote", 401, 401),
    ("callers", None, "local", 401, 401),
    ("callers", None, "remote", 401, 401),
    ("callers", CALLER, "local", "key-1", 403),
    ("callers", CALLER, "remote", "key-1", 403),
    ("callers", OTHER, "local", 401, 401),
    ("admin", None, "local", 401, 401),
    ("admin", ADMIN, "local", "admin", "admin"),
    ("admin", ADMIN, "remote", "admin", "admin"),
    ("admin", OTHER, "local", 401, 401),
    ("both", None, "local", 401, 401),
    ("both", None, "remote", 401, 401),
    ("both", CALLER, "remote", "key-1", 403),
    ("both", ADMIN, "remote", "admin", "admin"),
    ("both", OTHER, "local", 401, 401),
    ("none, anonymous", None, "local", "local", "local"),
    ("none, anonymous", None, "remote", "anonymous", 401),
    ("callers, anonymous", None, "remote", "anonymous", 401),
    ("callers, anonymous", CALLER, "remote", "key-1", 403),
    ("callers, anonymous", OTHER, "remote", 401, 401),
    ("both, anonymous", None, "local", "anonymous", 401),
    ("both, anonymous", None, "remote", "anonymous", 401),
    ("both, anonymous", ADMIN, "remote", "admin", "admin"),
]


@pytest.mark.parametrize("header", ["x-api-key", "authorization"])
@pytest.mark.parametrize("configured,sent,origin,calling,administrating", MATRIX)
def test_gate_matrix_holds(
    configured: str, sent: str | None, origin: str, calling: str | int, administrating: str | int, header: str
) -> None:
    """Each row of the matrix, for both kinds of endpoint, with the key in either header."""
    gate = Gate(**GATES[configured])  # type: ignore[arg-type]
    value = f"Bearer {sent}" if header == "authorization" else sent
    request = local_scope(headers={header: str(value)} if sent else {})
    if origin == "remote":
        request["client"] = ("10.0.0.7", 4711)
    assert (_outcome(gate, request, Scope.CALL), _outcome(gate, request, Scope.ADMIN)) == (calling, administrating)


def _outcome(gate: Gate, request: dict[str, object], scope: Scope) -> str | int:
    try:
        return gate.admit(request, scope).key_id
    except (CallerAuthenticationError, CallerForbiddenError) as error:
        shown = str(error)
        return error.status if not any(key in shown for key in (ADMIN, CALLER, OTHER)) else shown


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"bearer   {CALLER} "},
        {"authorization": f"Bearer {CALLER}", "x-api-key": CALLER},
        {"x-api-key": f" {CALLER}"},
        {"authorization": "", "x-api-key": CALLER},
    ],
)
def test_gate_key_is_found_however_it_is_sent(headers: dict[str, str]) -> None:
    """Case and space around a key do not matter, and an empty header is none."""
    assert Gate(caller_keys=[CALLER]).admit(local_scope(headers=headers), Scope.CALL).key_id == "key-1"


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Basic {CALLER}"},
        {"authorization": f"Bearer {CALLER}", "x-api-key": OTHER},
        {"authorization": f"Bearer {CALLER}", "x-api-key": ADMIN},
        {"x-api-key": CALLER[:-1]},
        {"x-api-key": "ké"},
    ],
)
def test_gate_doubtful_key_is_refused(headers: dict[str, str]) -> None:
    """Another scheme, two different keys, or half a key opens nothing."""
    gate = Gate(admin_key=ADMIN, caller_keys=[CALLER])
    with pytest.raises(CallerAuthenticationError):
        gate.admit(local_scope(headers=headers), Scope.CALL)


def test_gate_refusal_says_how_to_get_in() -> None:
    """A refused caller reads which variable to set, or how to send the key."""
    remote = local_scope(client=("10.0.0.7", 1))
    with pytest.raises(CallerAuthenticationError, match=r"another machine\. Set LLM_PROVIDER_SERVICE_ADMIN_API_KEY"):
        Gate().admit(remote, Scope.CALL)
    with pytest.raises(CallerAuthenticationError, match="Authorization: Bearer"):
        Gate(caller_keys=[CALLER]).admit(remote, Scope.CALL)
    with pytest.raises(CallerAuthenticationError, match="none is configured: set LLM_PROVIDER_SERVICE_ADMIN_API_KEY"):
        Gate(caller_keys=[CALLER]).admit(remote, Scope.ADMIN)
    with pytest.raises(CallerAuthenticationError, match="needs the admin key"):
        Gate(admin_key=ADMIN).admit(remote, Scope.ADMIN)


def test_gate_keeps_no_key() -> None:
    """What the gate holds on to is hashes."""
    gate = Gate(admin_key=ADMIN, caller_keys=[CALLER])
    held = repr(vars(gate))
    assert ADMIN not in held
    assert CALLER not in held


TOKEN = "metrics-token-3c"
# configured beside the token (None: no token either), key sent, where from: what /metrics and /config answer.
METRICS_MATRIX = [
    ({}, None, None, "local", "local", "local"),
    ({}, None, None, "remote", 401, 401),
    ({}, TOKEN, None, "local", "local", "local"),
    ({}, TOKEN, None, "remote", 401, 401),
    ({}, TOKEN, TOKEN, "remote", "metrics", 401),
    ({}, TOKEN, OTHER, "remote", 401, 401),
    ({"admin_key": ADMIN}, TOKEN, None, "local", 401, 401),
    ({"admin_key": ADMIN}, TOKEN, TOKEN, "remote", "metrics", 403),
    ({"admin_key": ADMIN}, TOKEN, ADMIN, "remote", "admin", "admin"),
    ({"admin_key": ADMIN}, None, TOKEN, "remote", 401, 401),
    ({"caller_keys": [CALLER]}, TOKEN, CALLER, "local", 403, 403),
    ({"caller_keys": [CALLER]}, TOKEN, TOKEN, "local", "metrics", 403),
    ({"allow_anonymous": True}, TOKEN, None, "remote", 401, 401),
]


@pytest.mark.parametrize("keys,token,sent,origin,scraping,administrating", METRICS_MATRIX)
def test_gate_metrics_token_opens_the_metrics_alone(
    keys: dict[str, object],
    token: str | None,
    sent: str | None,
    origin: str,
    scraping: str | int,
    administrating: str | int,
) -> None:
    """The admin key opens them too; a token without any key closes nothing that was open."""
    gate = Gate(metrics_token=token, **keys)  # type: ignore[arg-type]
    request = local_scope(headers={"authorization": f"Bearer {sent}"} if sent else {})
    if origin == "remote":
        request["client"] = ("10.0.0.7", 4711)
    assert (_outcome(gate, request, Scope.METRICS), _outcome(gate, request, Scope.ADMIN)) == (scraping, administrating)


def test_gate_metrics_token_makes_no_model_calls() -> None:
    """It is no caller's key; and a refused scraper reads which token to send."""
    gate = Gate(admin_key=ADMIN, metrics_token=TOKEN, caller_keys=[CALLER])
    with pytest.raises(CallerForbiddenError):
        gate.admit(local_scope(headers={"x-api-key": TOKEN}), Scope.CALL)
    with pytest.raises(CallerForbiddenError, match="LLM_PROVIDER_SERVICE_METRICS_TOKEN"):
        gate.admit(local_scope(headers={"x-api-key": CALLER}), Scope.METRICS)
    with pytest.raises(CallerAuthenticationError, match="LLM_PROVIDER_SERVICE_METRICS_TOKEN"):
        gate.admit(local_scope(), Scope.METRICS)
