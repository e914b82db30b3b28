"""What is a provider to the engine, and what are the limits of one call to it?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from contracts.calls import EmbeddingReply, ModelCall, Reply, Wire
from contracts.chat import Usage
from contracts.deltas import Piece
from contracts.providers import ProviderCapabilities, ProviderType, RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """Limits of one upstream call that only the transport can keep; all others cancel it from outside."""

    connect_timeout_seconds: float


class ProviderStream(Protocol):
    """An open reply. Iterating yields deltas, as many at once as came at once; none is a sign of life (a ping).

    Where the caller's own body was sent, every event of the vendor comes, as it is, with the deltas that it holds.
    """

    is_finished: bool
    """A finish reason, or the dialect's own end, was seen: what still comes is usage."""

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has counted by now: where it says its input early, a cut answer is estimated on that."""
        ...

    def __aiter__(self) -> AsyncIterator[Sequence[Piece]]: ...

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without a finish reason."""
        ...

    async def aclose(self) -> None:
        """Closes the upstream connection at once."""
        ...


@runtime_checkable
class Provider(Protocol):
    """A vendor row that can be called. Every method raises only errors of `contracts.errors`, and never waits.

    `default_embedding_model` is None for a row whose vendor makes no vectors, or that lists only other models.
    `counts_tokens`: its vendor counts a request before it is asked.
    """

    name: str
    type: ProviderType
    default_model: str
    makes_embeddings: bool
    counts_tokens: bool
    default_embedding_model: str | None
    capabilities: ProviderCapabilities

    def unusable_reason(self) -> str | None:
        """Why it cannot be called now and what to do about it; None when it can. No I/O."""
        ...

    def offers(self, model: str) -> bool:
        """Whether this row may serve `model` when a caller names the model without naming the provider."""
        ...

    def speaks(self, wire: Wire) -> bool:
        """Whether the body of a caller of that dialect can go to this row as it came."""
        ...

    def offers_embeddings(self, model: str) -> bool:
        """The same for a caller who wants vectors; False for every model of a vendor that makes none."""
        ...

    async def complete(self, call: ModelCall, *, model: str, limits: CallLimits) -> Reply:
        """One plain call."""
        ...

    async def open_stream(self, call: ModelCall, *, model: str, limits: CallLimits) -> ProviderStream:
        """One streamed call, opened: the vendor answered 200 and its body is not read yet."""
        ...

    async def embed(self, call: ModelCall, *, model: str, limits: CallLimits) -> EmbeddingReply:
        """The vectors of the call's texts."""
        ...

    async def count_tokens(self, call: ModelCall, *, model: str, limits: CallLimits) -> int:
        """How many tokens the call's input has; only of a row that `counts_tokens`."""
        ...

    async def list_models(self, *, limits: CallLimits) -> list[str]:
        """Asks the vendor which models this key may use: a real call that costs nothing."""
        ...

    def missing_default_model(self, listed: Sequence[str]) -> str | None:
        """Why `default_model` cannot be served by a vendor that lists `listed`, and what to do; None when it can."""
        ...

    def rate_limits(self) -> list[RateLimit]:
        """The limits that the vendor last reported in its headers."""
        ...

    def spent_until(self, model: str) -> datetime | None:
        """When a limit of `model` that its last reply said is used up is reset; None: none is, or nobody knows when."""
        ...

    async def aclose(self) -> None:
        """Ends what this row alone holds open."""
        ...
