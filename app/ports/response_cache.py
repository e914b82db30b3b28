"""Where are whole answers, and vectors, kept?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from contracts.cache import CacheConfig
from contracts.calls import EmbeddingReply, Reply
from contracts.chat import Usage
from contracts.responses import Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """The name of an answer: who serves it, and a SHA-256 (in hex) over all that could change it."""

    provider: str
    model: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedAnswer:
    """A whole answer as it is kept: what the vendor said, and what that took and cost when it was bought."""

    reply: Reply = field(repr=False)
    usage: Usage
    cost: Cost | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedVectors:
    """The same of vectors, which `reply` does not hold: as objects each number would take 32 bytes.

    `numbers` are those of all vectors, one behind another, `length` of them each, as little-endian 64-bit floats.
    There are none where `reply.raw` holds the vectors.
    """

    reply: EmbeddingReply = field(repr=False)
    usage: Usage
    cost: Cost | None
    numbers: bytes = field(default=b"", repr=False)
    length: int = 0


Kept: TypeAlias = CachedAnswer | CachedVectors


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSize:
    """What a cache holds. `evictions`: answers that had to go for others; None: not known."""

    keys: int
    bytes: int
    evictions: int | None


class ResponseCache(Protocol):
    """Keeps whole answers. A cache that is down, slow or full costs its callers a miss, never an error.

    `adopt` is told the limits in force whenever they change.
    """

    @property
    def backend(self) -> Literal["memory", "redis"]:
        """Where it keeps them. In memory nothing here suspends its caller."""
        ...

    async def start(self) -> None:
        """Begins to watch over what it leans on, so that `fault` is true without traffic too. Waits for nothing."""
        ...

    def adopt(self, config: CacheConfig) -> None:
        """From now on these limits hold."""
        ...

    def fault(self) -> str | None:
        """Why it cannot be used as it should be now, in words; None while it can. No I/O."""
        ...

    async def find(self, keys: Sequence[CacheKey]) -> Sequence[Kept | None] | None:
        """The answer under each key, or None for it; None for all when the cache cannot be asked. Never raises.

        What is kept under a key but cannot be read, or belongs to another key, is not there.
        """
        ...

    async def keep(self, key: CacheKey, answer: Kept) -> None:
        """Keeps `answer` for `ttl_seconds`, where there is room for it. Never raises."""
        ...

    async def clear(self, *, provider: str | None, model: str | None) -> int:
        """Takes out all, or those of a provider, a model, or a model there; how many. Raises StoreUnavailableError."""
        ...

    async def size(self) -> CacheSize | None:
        """What it holds now; None when it cannot be asked. Never raises."""
        ...

    async def aclose(self) -> None:
        """Ends its connections."""
        ...
