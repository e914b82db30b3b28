"""Who is calling, and may they?

    configured            no key sent               caller's key    admin key    other key
    no key at all         local: everything         call            -            local: everything (SDKs insist on
                          remote: 401                                            sending one); remote: 401
    any key               401                       call            everything   401, from loopback too
    + anonymous callers   call, from anywhere       as above
    + metrics token       it opens the metrics too, and nothing else; alone, it closes nothing

A caller's key is one of the configuration, or one of the key ring, which an administrator made while the service runs;
those close nothing by being there. One that was revoked or has expired is a 401 everywhere, and says so.
Without an admin key, but with callers' keys, nothing opens the administrative endpoints: 401, or 403 with a caller's
key. Configured keys are hashed when the gate is built and compared in constant time, each against all.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import blake2s

from starlette.types import Scope as AsgiScope

from app.http.locality import why_not_local
from app.http.trail import trail_of
from app.ports.keys import KeyVerifier
from contracts import Caller, CallerAuthenticationError, CallerForbiddenError, Scope

LOCAL_CALLER = Caller(key_id="local", scopes=frozenset(Scope))
ANONYMOUS_CALLER = Caller(key_id="anonymous", scopes=frozenset({Scope.CALL}))

_METRICS_VARIABLE = "LLM_PROVIDER_SERVICE_METRICS_TOKEN"
_ADMIN_VARIABLE = "LLM_PROVIDER_SERVICE_ADMIN_API_KEY"
_CALLERS_VARIABLE = "LLM_PROVIDER_SERVICE_API_KEYS"
_KEY_HEADERS = frozenset({b"x-api-key", b"authorization"})
# For this process alone. SHA-256 goes by way of OpenSSL, most of whose time is the search for what it calls.
_hash = blake2s
_HOW_TO_SEND = "as `Authorization: Bearer <key>` or `x-api-key: <key>`"


class Gate:
    """Turns a request into its Caller. `allow_anonymous` opens the calling endpoints to callers without a key.

    `verifier` knows the keys that are not configured.
    """

    def __init__(
        self,
        *,
        admin_key: str | None = None,
        caller_keys: Sequence[str] = (),
        metrics_token: str | None = None,
        allow_anonymous: bool = False,
        verifier: KeyVerifier | None = None,
    ) -> None:
        callers = [(_digest(key), _caller(f"key-{n}", Scope.CALL)) for n, key in enumerate(caller_keys, 1)]
        admins = [(_digest(admin_key), _caller("admin", *Scope))] if admin_key else []
        readers = [(_digest(metrics_token), _caller("metrics", Scope.METRICS))] if metrics_token else []
        self._keys = [*admins, *callers, *readers]
        self._is_closed = bool(admins or callers)
        self._has_admin_key = bool(admins)
        self._allow_anonymous = allow_anonymous
        self._verifier = verifier

    def admit(self, request: AsgiScope, scope: Scope) -> Caller:
        """The caller, who holds `scope`. Whose key it is stands in the request's trail, also where it opens too little.

        Raises CallerAuthenticationError (401), CallerForbiddenError (403) and, while nobody can tell whose key it is,
        StoreUnavailableError (503).
        """
        caller = self._identify(request, scope) if self._is_closed else self._without_keys(request, scope)
        trail_of(request).actor = caller.key_id
        # Most hold it by its own name, and `may` need not be asked.
        if scope not in caller.scopes and not caller.may(scope):
            if scope is Scope.METRICS:
                msg = f"the metrics need the admin key, or the token that {_METRICS_VARIABLE} sets"
                raise CallerForbiddenError(msg)
            remedy = "" if self._has_admin_key else f"; none is configured: set {_ADMIN_VARIABLE}"
            msg = f"this endpoint is for administrators: it needs the admin key{remedy}"
            raise CallerForbiddenError(msg)
        return caller

    def _identify(self, request: AsgiScope, scope: Scope) -> Caller:
        sent = _sent_keys(request)
        if sent:
            owner = self._whose(sent[0])
            # Nearly always: one key, and it is known.
            return owner if owner is not None and len(sent) == 1 else _only([owner, *map(self._whose, sent[1:])])
        if self._allow_anonymous and scope is Scope.CALL:
            return ANONYMOUS_CALLER
        raise CallerAuthenticationError(self._how_to_get_in(scope))

    def _without_keys(self, request: AsgiScope, scope: Scope) -> Caller:
        sent = _sent_keys(request)
        if sent and any(owners := list(map(self._verified, sent))):
            return _only(owners)
        reason = why_not_local(request)
        if reason is None:
            return LOCAL_CALLER
        if scope is Scope.METRICS and self._keys:
            if not sent:
                raise CallerAuthenticationError(self._how_to_get_in(scope))
            return _only(list(map(self._whose, sent)))
        if self._allow_anonymous and scope is Scope.CALL:
            return ANONYMOUS_CALLER
        msg = (
            f"no key is configured, so only requests made on the service's own machine are served, and this one is "
            f"not: {reason}. Set {_ADMIN_VARIABLE} (and {_CALLERS_VARIABLE} for callers), or make a key for it by "
            f"POST /api/v1/keys on that machine, and send the key {_HOW_TO_SEND}"
        )
        raise CallerAuthenticationError(msg)

    def _whose(self, key: bytes) -> Caller | None:
        digest, found = _hash(key).digest(), None
        for known, caller in self._keys:
            if hmac.compare_digest(known, digest):
                found = found or caller
        return found or self._verified(key)

    def _verified(self, key: bytes) -> Caller | None:
        return self._verifier.verify(key) if self._verifier is not None else None

    def _how_to_get_in(self, scope: Scope) -> str:
        if scope is Scope.METRICS:
            return f"the metrics need the admin key, or the token that {_METRICS_VARIABLE} sets, sent {_HOW_TO_SEND}"
        if scope is Scope.ADMIN and not self._has_admin_key:
            return f"administrative endpoints need an admin key and none is configured: set {_ADMIN_VARIABLE}"
        kind = "the admin key" if scope is Scope.ADMIN else "a key"
        return f"this endpoint needs {kind}, sent {_HOW_TO_SEND}"


def _only(owners: list[Caller | None]) -> Caller:
    """Two keys of different owners are none: which of them is meant would be a guess."""
    owner = owners[0]
    if owner is None or owners.count(owner) < len(owners):
        msg = "the key that was sent is not one of this service's keys"
        raise CallerAuthenticationError(msg)
    return owner


def _caller(key_id: str, *scopes: Scope) -> Caller:
    return Caller(key_id=key_id, scopes=frozenset(scopes))


def _digest(key: str) -> bytes:
    return _hash(key.encode()).digest()


def _sent_keys(request: AsgiScope) -> list[bytes]:
    """Every key that the request carries. A credential of another scheme counts as a key: it is one that is wrong."""
    sent: list[bytes] = []
    for name, value in request["headers"]:
        if name in _KEY_HEADERS:
            key = value.strip()
            if name == b"authorization":
                scheme, _, rest = key.partition(b" ")
                key = rest.strip() if scheme.lower() == b"bearer" else key
            if key:
                sent.append(key)
    return sent
