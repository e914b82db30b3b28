"""Where does a row's call go, and what identifies us there? The key and the row's headers go to its own host only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

import httpx2

from app.ports import ModelAddress, ModelServer

_NONE: Mapping[str, str] = {}


class Endpoint(Protocol):
    """Something that can be asked by HTTP."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Request:
        """A request for `path` with our credentials and the caller's `headers`.

        Raises ProviderUnavailableError when nobody listens there.
        """
        ...


class FixedEndpoint:
    """A vendor at a base URL."""

    def __init__(
        self,
        *,
        base_url: str,
        default_headers: Mapping[str, str] = _NONE,
        credentials: Mapping[str, str] = _NONE,
        headers: Mapping[str, str] = _NONE,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._rows_headers = (default_headers, credentials, headers)
        self._fixed: dict[tuple[str, bool], httpx2.Headers] = {}

    async def request(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Request:
        """A request for `path` with our credentials; the row's own headers win over ours, the caller's over both.

        Beta features of row and caller are asked for together.
        """
        url = _url(self._base_url + path)
        sent = self._fixed_headers(url, accept, has_content=content is not None).raw
        for name, value in (headers or _NONE).items():
            _set(sent, name.encode(), value.encode())
        body = content or b""
        if body or method != "GET":
            _set(sent, b"Content-Length", b"%d" % len(body))
        # As a stream, so that httpx2 asks neither body nor headers for what is known here: 8 us in place of 41.
        request = httpx2.Request(method, url, headers=sent, stream=httpx2.ByteStream(body))
        request.read()
        return request

    def _fixed_headers(self, url: httpx2.URL, accept: str, *, has_content: bool) -> httpx2.Headers:
        """What every request of this kind carries."""
        key = accept, has_content
        if key not in self._fixed:
            fixed = httpx2.Headers({"Host": url.netloc.decode(), "Accept": accept})
            if has_content:
                fixed["Content-Type"] = "application/json"
            for more in self._rows_headers:
                fixed.update(more)
            self._fixed[key] = fixed
        return self._fixed[key]


class ModelServerEndpoint:
    """The embedded model: it is asked for its address at each call, because a restart changes port and key."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._last: tuple[ModelAddress, FixedEndpoint] | None = None

    async def request(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Request:
        """A request for `path`; starts the model when it is not running."""
        address = await self._server.address()
        if self._last is None or self._last[0] != address:
            bearer = {"Authorization": f"Bearer {address.api_key}"} if address.api_key else _NONE
            self._last = address, FixedEndpoint(base_url=address.base_url, credentials=bearer)
        return await self._last[1].request(method, path, content=content, accept=accept, headers=headers)


@lru_cache(maxsize=512)
def _url(address: str) -> httpx2.URL:
    """Parsing takes 45 us; a row has few addresses, unless its paths name models."""
    return httpx2.URL(address)


def _set(sent: list[tuple[bytes, bytes]], name: bytes, value: bytes) -> None:
    """Put `value` in the place of what is sent under `name`; a list of beta features grows by it."""
    key = name.lower()
    for at, (other, sent_value) in enumerate(sent):
        if other.lower() == key:
            sent[at] = name, b"%b,%b" % (sent_value, value) if key.endswith(b"-beta") else value
            return
    sent.append((name, value))
