"""What the one provider class needs of a dialect: a wire, and the paths and headers that go with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from app.wires.encoded import Encoded
from contracts.calls import EmbeddingReply, ModelCall, Reply, Wire
from contracts.chat import Usage
from contracts.deltas import Delta
from contracts.errors import InvalidRequestError, LLMProviderError
from contracts.providers import ProviderType, RateLimit
from contracts.quick_making import maker_of, quickly_made
from contracts.responses import FieldError


class Decoder(Protocol):
    """Reads one streamed reply, event by event."""

    @property
    def is_finished(self) -> bool:
        """A finish reason was seen: what still comes is usage."""
        ...

    @property
    def is_done(self) -> bool:
        """The dialect's own end was seen: nothing comes any more."""
        ...

    @property
    def usage_so_far(self) -> Usage | None:
        """What the vendor has counted by now, for an estimate if nothing more comes."""
        ...

    def feed(self, event: str, data: str) -> list[Delta]:
        """What one event says. Raises the error that it holds, and ProviderProtocolError for an unreadable one."""
        ...

    def feed_whole(self, body: bytes) -> list[Delta]:
        """What a plain reply says that came in place of a stream."""
        ...

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when no finish reason was seen."""
        ...


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call as it will be made: where it goes below the base URL, what is sent, and how the answer is read.

    `decode` reads a whole reply; it raises ProviderProtocolError, and the error that a 200 may hold. `decoder` gives
    the decoder of one stream. `passed` is the caller's own body, ready to be sent in place of an encoded one: the
    answer then goes back as it comes. `told` are those of the caller's extras that an encoded body holds. `wire`: the
    dialect that is spoken, if callers ask in it as well.
    """

    path: str
    encoded: Encoded
    decode: Callable[[bytes], Reply]
    decoder: Callable[[], Decoder]
    passed: bytes | None = field(default=None, repr=False)
    told: frozenset[str] = frozenset()
    wire: Wire | None = None


new_exchange = maker_of(Exchange)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingExchange:
    """The same for a call that asks for vectors."""

    path: str
    encoded: Encoded
    decode: Callable[[bytes], EmbeddingReply]
    passed: bytes | None = field(default=None, repr=False)
    told: frozenset[str] = frozenset()


class Dialect(Protocol):
    """How a kind of vendor is spoken to. Pure: it opens nothing and waits for nothing."""

    @property
    def framing(self) -> Literal["sse", "ndjson"]:
        """How streamed replies are cut into events; lines of NDJSON come as events named `message`."""
        ...

    @property
    def models_path(self) -> str:
        """Where the list of models stands, below the base URL."""
        ...

    @property
    def makes_embeddings(self) -> bool:
        """Whether vectors can be asked for at all."""
        ...

    def credentials(self, api_key: str) -> Mapping[str, str]:
        """The headers that carry our key."""
        ...

    def exchange(self, call: ModelCall, *, kind: ProviderType, provider: str, model: str, stream: bool) -> Exchange:
        """How `call` is made; its source, if it has one, is of a dialect that the row speaks.

        Raises InvalidRequestError for what this vendor cannot be asked.
        """
        ...

    def embedding_exchange(
        self, call: ModelCall, *, kind: ProviderType, provider: str, model: str
    ) -> EmbeddingExchange:
        """How vectors are asked for. Raises InvalidRequestError where this vendor makes none."""
        ...

    def decode_error(
        self, status: int, headers: Mapping[str, str], body: bytes, *, provider: str, model: str | None, now: datetime
    ) -> LLMProviderError:
        """The error that a reply with another status than 200 is."""
        ...

    def decode_models(self, body: bytes, *, provider: str) -> list[str]:
        """The ids in a list of models."""
        ...

    def rate_limits(self, headers: Mapping[str, str], *, now: datetime) -> list[RateLimit]:
        """What a reply says of the limits on our key; `headers` are those of limits, names in lower case."""
        ...


def no_embeddings(provider: str) -> InvalidRequestError:
    """The error for a vendor that makes no vectors."""
    return InvalidRequestError(
        f"{provider} makes no embeddings",
        provider=provider,
        errors=[FieldError(field="preferred_provider", message="makes no embeddings")],
    )
