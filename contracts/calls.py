"""One request on its way to a vendor, and what the vendor answered, both in no vendor's dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from contracts.caller import Caller
from contracts.chat import Conversation, FinishReason, Message, Usage
from contracts.embeddings import EmbeddingInput
from contracts.kept_state import KeptState
from contracts.quick_making import maker_of, quickly_made
from contracts.requests import UnsupportedParameters
from contracts.responses import FieldError


class Operation(StrEnum):
    """What is asked of a model."""

    CHAT = "chat"
    EMBEDDINGS = "embeddings"
    COUNT_TOKENS = "count_tokens"


class Wire(StrEnum):
    """A vendor's dialect in which callers may ask as well."""

    OPENAI_CHAT = "openai_chat"
    OPENAI_RESPONSES = "openai_responses"
    ANTHROPIC_MESSAGES = "anthropic_messages"
    OPENAI_EMBEDDINGS = "openai_embeddings"


class OpenedBody(Protocol):
    """A JSON object of which is known where each member stands."""

    @property
    def values(self) -> Mapping[str, Any]:
        """The members."""
        ...

    def spliced(self, changes: Mapping[str, Any]) -> str:
        """Its text with `changes`, by the names of members, and all the rest as it was written."""
        ...


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The body in which a call came, without what is ours in it: a vendor of the same dialect gets its bytes.

    `read_as` is what the body was understood as; a call that asks anything else is no longer said by it. `extras` are
    the fields beyond that, as they came: another dialect is not told them, and the answer warns of each. `demands` are
    those parts of it without which the answer would be another: only a vendor of this dialect may be asked. `choices`:
    how many answers are asked at once. `may_pass` false: something in it is ours, and no vendor would understand it.
    `opened` is the body as its reader left it, where it was kept: whoever changes it need not read it again.
    `states` are what it builds on that a vendor keeps; `is_kept`: its answer will be kept there, too.
    """

    wire: Wire
    body: bytes = field(repr=False)
    read_as: Conversation | EmbeddingInput = field(repr=False)
    extras: Mapping[str, Any] = field(default_factory=dict, repr=False)
    demands: tuple[FieldError, ...] = ()
    choices: int = 1
    may_pass: bool = True
    states: tuple[KeptState, ...] = ()
    is_kept: bool = False
    opened: OpenedBody | None = field(default=None, repr=False, compare=False)


new_source = maker_of(Source)

# Of a caller's headers, those that a vendor knows; each vendor gets its own of them.
CALLER_HEADERS = ("anthropic-beta", "anthropic-version", "openai-beta")


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One request on its way to a candidate: a `conversation`, or an `embedding` for that operation.

    `vendor_options` maps a provider to extra JSON for its body. `vendor_headers` are headers of the caller, names in
    lower case, of which each vendor gets those that are its own. `trace_parent` is the W3C header for a row that wants
    it. `source` is the body that a call came in at a drop-in surface.
    """

    operation: Operation
    caller: Caller
    request_id: str
    correlation_id: str
    conversation: Conversation = field(default_factory=lambda: Conversation(messages=()))
    embedding: EmbeddingInput | None = None
    vendor_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    vendor_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    trace_parent: str | None = None
    unsupported_parameters: UnsupportedParameters = UnsupportedParameters.WARN
    source: Source | None = None


new_call = maker_of(ModelCall)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One whole answer of a vendor, decoded. `cost_usd` is the vendor's own figure where it sends one.

    `raw` is its body as it came, where the caller's own body had gone to the vendor. `id` is what the vendor calls it,
    where it may keep it under that; `item_ids` are those of its parts that a later body may name.
    """

    message: Message = field(repr=False)
    finish_reason: FinishReason
    model: str | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    warnings: tuple[str, ...] = ()
    raw: str | None = field(default=None, repr=False)
    id: str | None = field(default=None, repr=False)
    item_ids: tuple[str, ...] = field(default=(), repr=False)


new_reply = maker_of(Reply)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingReply:
    """The vectors of a vendor's answer, in the order of the texts. `raw` as in `Reply`: then it holds them, unread."""

    vectors: tuple[tuple[float, ...], ...] = field(repr=False)
    model: str | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    warnings: tuple[str, ...] = ()
    raw: str | None = field(default=None, repr=False)
