"""How is the head of a request written on a connection of ours, and which requests are none for us?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import httpx2

from app.upstream.terms import ACCEPT_ENCODING

_EVERYDAY_METHODS = ("GET", "POST")


class Head(NamedTuple):
    """The lines up to the last header; `is_last`: the connection carries no request after this one."""

    text: bytes
    is_last: bool

    def __repr__(self) -> str:
        # Its lines hold the vendor's key.
        return f"Head({len(self.text)} bytes, is_last={self.is_last})"


def request_head(method: str, url: httpx2.URL, headers: Sequence[tuple[bytes, bytes]]) -> Head | None:
    """The request's head as it is sent, without the empty line; None: aiohttp has to frame its body.

    Raises LocalProtocolError for what would be read as another header than it is.
    """
    lines = [b"%b: %b" % pair for pair in headers]
    text = b"\r\n".join((b"%b %b HTTP/1.1" % (method.encode(), url.raw_path), *lines, b""))
    if text.count(b"\n") != len(lines) + 1 or text.count(b"\r") != len(lines) + 1 or b"\0" in text:
        raise httpx2.LocalProtocolError("the URL or a header is not valid HTTP")
    named = text.lower()
    if method not in _EVERYDAY_METHODS or b"\ntransfer-encoding:" in named:
        return None
    if b"\naccept-encoding:" not in named:
        text += b"Accept-Encoding: %b\r\n" % ACCEPT_ENCODING.encode()
    return Head(text, is_last=b"\nconnection: close\r" in named)
