"""Does a request come from this machine, and from nobody further away through it?

Peer and socket on loopback alone prove little: a proxy, a rebound DNS name or a form on a foreign page arrive the
same way. So the Host must be this machine's own name, no forwarding header may be there, and a browser must not say
that another origin asked.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from starlette.types import Scope

from app.http.sent_headers import sent_in

# Starlette's TestClient names itself so; no socket can: a peer's address is numeric.
_IN_PROCESS_PEER = "testclient"
_LOCAL_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_IN_PROCESS_HOST = re.compile(r"testserver")
_FORWARDING_PREFIXES = (b"x-forwarded", b"x-original-", b"x-envoy-", b"cf-", b"fastly-", b"fly-")
_FORWARDING = frozenset(
    {b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip", b"true-client-ip", b"x-proxyuser-ip"}
)
# What `sec-fetch-site` says of a page of our own, or of none; all else is a page of another origin.
_OWN_SITES = (b"same-origin", b"none")
# Beside the host; those of the SDKs that begin with x-stainless are too many to be named.
_SAYING_NOTHING = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"accept-language",
        b"anthropic-version",
        b"authorization",
        b"connection",
        b"content-length",
        b"content-type",
        b"host",
        b"traceparent",
        b"user-agent",
        b"x-api-key",
        b"x-correlation-id",
    }
)


def why_not_local(scope: Scope) -> str | None:
    """None for a request that was made on this machine; else what shows that it was not, in words for its sender."""
    peer = (scope.get("client") or ("", 0))[0]
    in_process = peer == _IN_PROCESS_PEER
    if not in_process and not _is_loopback(str(peer)):
        return "it came from another machine"
    if not in_process and not _is_loopback(str((scope.get("server") or ("", 0))[0])):
        return "it came to an address that other machines reach"
    sent = sent_in(scope)
    if sent.keys() <= _SAYING_NOTHING and len(sent) == len(scope["headers"]) and _is_local_host(sent.get(b"host", b"")):
        # Most requests: no name twice, and none that is looked at but that of the host.
        return None
    return _what_headers_show(scope, in_process=in_process)


def _what_headers_show(scope: Scope, *, in_process: bool) -> str | None:
    hosts: list[str] = []
    origins: set[str] = set()
    is_foreign = False
    for name, value in scope["headers"]:
        if name == b"host":
            hosts.append(value.decode("latin-1"))
        elif name == b"origin":
            origins.add(value.decode("latin-1").lower())
        elif name == b"sec-fetch-site":
            is_foreign |= value.lower() not in _OWN_SITES
        elif name in _FORWARDING or name.startswith(_FORWARDING_PREFIXES):
            return "it came through a proxy"
    if len(hosts) != 1 or not (
        _LOCAL_HOST.fullmatch(hosts[0]) or (in_process and _IN_PROCESS_HOST.fullmatch(hosts[0]))
    ):
        return "its Host is not localhost, 127.0.0.1 or [::1]"
    if is_foreign or (origins and origins != {f"{scope.get('scheme', 'http')}://{hosts[0]}".lower()}):
        return "it came from a page of another origin"
    return None


@lru_cache(maxsize=256)
def _is_local_host(host: bytes) -> bool:
    return _LOCAL_HOST.fullmatch(host.decode("latin-1")) is not None


@lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
