"""On what terms is a vendor's connection made and kept, whichever transport makes it?"""

from __future__ import annotations

import socket

DEFAULT_CONNECT_TIMEOUT_SECONDS = 5.0
# Shorter than vendors and middleboxes keep a quiet connection, so that few are found dead.
POOL_IDLE_TIMEOUT_SECONDS = 50.0
DNS_CACHE_SECONDS = 30
MAX_HEADER_BYTES = 64 * 2**10
# An extension of a request that asks for a stream. llama.cpp closes after each, though it announced keep-alive: without
# TLS such a connection rests before it carries another call, and is found closed by then. A new one for each stream
# made its first token 1.3 ms late.
STREAMED = "is_streamed"
REST_SECONDS = 0.1
# From this size on a body is written in pieces, so that other calls get their turn in between.
LARGE_BODY_BYTES = 2**20
# httpx2 decompresses these two without further packages.
ACCEPT_ENCODING = "gzip, deflate"
# A reasoning model may think for minutes before its first byte; NAT tables forget quiet connections sooner.
_TCP_KEEPALIVE_SECONDS = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10}
# Not every platform has each of them.
_TCP_OPTIONS = [
    (getattr(socket, name), seconds) for name, seconds in _TCP_KEEPALIVE_SECONDS.items() if hasattr(socket, name)
]


def keepalive_socket(
    address: tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]],
) -> socket.socket:
    """A socket for `address` (a row of `getaddrinfo`) that probes a quiet connection."""
    family, kind, protocol, _, _ = address
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, seconds in _TCP_OPTIONS:
        opened.setsockopt(socket.IPPROTO_TCP, option, seconds)
    return opened
