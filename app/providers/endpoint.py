"""Where does a row's call go, and what identifies us there? The key and the row's headers go to its own host only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

import httpx2

from app.ports import ModelAddress, ModelServer
from app.upstream import FormedRequest, RequestForm

_NONE: Mapping[str, str] = {}


class Endpoint(Protocol):
    """Something that can be asked by HTTP."""

    async def locate(self) -> FixedEndpoint:
        """Where it is now. Raises ProviderUnavailableError when nobody listens there."""
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
        # By method, path, what is accepted, and whether there is a body: what all such requests have in common. A row
        # has few kinds of them, unless its paths name models.
        self.form = lru_cache(maxsize=512)(self._new_form)
        # What callers send besides is mostly what their SDK always says.
        self._with_more = lru_cache(maxsize=64)(_with_more)

    async def locate(self) -> FixedEndpoint:
        """Here, for as long as the row is."""
        return self

    def request(
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
        form = self.form(method, path, accept, content is not None)
        if headers:
            form = self._with_more(form, tuple(headers.items()))
        return FormedRequest(form, content or b"")

    def _new_form(self, method: str, path: str, accept: str, has_content: bool) -> RequestForm:
        """What every request of this kind carries."""
        url = httpx2.URL(self._base_url + path)
        fixed = httpx2.Headers({"Host": url.netloc.decode(), "Accept": accept})
        if has_content:
            fixed["Content-Type"] = "application/json"
        for more in self._rows_headers:
            fixed.update(more)
        return RequestForm(method, url, fixed.raw)


class ModelServerEndpoint:
    """The embedded model: it is asked for its address at each call, because a restart changes port and key."""

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._last: tuple[ModelAddress, FixedEndpoint] | None = None

    async def locate(self) -> FixedEndpoint:
        """Where it is now; starts the model when it is not running."""
        address = await self._server.address()
        if self._last is None or self._last[0] != address:
            bearer = {"Authorization": f"Bearer {address.api_key}"} if address.api_key else _NONE
            self._last = address, FixedEndpoint(base_url=address.base_url, credentials=bearer)
        return self._last[1]


def _with_more(form: RequestForm, headers: tuple[tuple[str, str], ...]) -> RequestForm:
    """The `form` of requests that carry `headers` too; a list of beta features grows by them."""
    sent = {name.lower(): (name, value) for name, value in form.headers}
    for name, value in headers:
        new, key = value.encode(), name.lower().encode()
        if key in sent and key.endswith(b"-beta"):
            new = b"%b,%b" % (sent[key][1], new)
        sent[key] = name.encode(), new
    return RequestForm(form.method, form.url, sent.values())
