"""Where does a row's call go, and what identifies us there? The key and the row's headers go to its own host only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx2

from app.ports import ModelServer


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


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedEndpoint:
    """A vendor at a base URL."""

    base_url: str
    default_headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

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
        sent = httpx2.Headers({"Accept": accept})
        if content is not None:
            sent["Content-Type"] = "application/json"
        sent.update(self.default_headers)
        sent.update(self.credentials)
        sent.update(self.headers)
        for name, value in (headers or {}).items():
            is_list = name.endswith("-beta") and name in sent
            sent[name] = f"{sent[name]},{value}" if is_list else value
        return httpx2.Request(method, self.base_url.rstrip("/") + path, headers=sent, content=content)


@dataclass(frozen=True, slots=True)
class ModelServerEndpoint:
    """The embedded model: it is asked for its address at each call, because a restart changes port and key."""

    server: ModelServer

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
        address = await self.server.address()
        bearer = {"Authorization": f"Bearer {address.api_key}"} if address.api_key else {}
        fixed = FixedEndpoint(base_url=address.base_url, credentials=bearer)
        return await fixed.request(method, path, content=content, accept=accept, headers=headers)
