"""What can be said of a model? The words of the catalogue: a model's capabilities, and the rows that hold them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.providers import ProviderType


class Thinking(StrEnum):
    """When a model reasons before it answers."""

    NEVER = "never"
    ASKED = "asked"
    DEFAULT = "default"
    """Unless told not to."""
    BETWEEN_TOOLS = "between_tools"
    """By default; told not to, it still reasons between tool calls."""
    ALWAYS = "always"


class StructuredOutput(StrEnum):
    """What a vendor enforces of the shape of an answer; the engine validates whatever it was."""

    NONE = "none"
    JSON = "json"
    """Some JSON object, of no particular shape."""
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCapabilities:
    """What one model takes, as its vendor serves it.

    `context_window` and `max_output_tokens` are in tokens; None: not known, or the server's own choice. `efforts` are
    the levels of reasoning that it knows by name, rising, without `none`; empty: none that are known.
    `thinking_tokens` bounds a budget where it reasons by budget. `refused_sampling` are the fields of
    `contracts.chat.Sampling` that it always refuses or ignores, `refused_while_reasoning` those only while it reasons;
    `takes_both_samplings`: temperature and top_p in one request. `prefill`: it continues an assistant's turn that
    stands last. `forced_tools`: one that takes tools can be made to call one. `tools_need_no_effort`: on
    /chat/completions it takes tools only while it does not reason. `needs_signatures`: it refuses its earlier tool
    calls without its own signature. `late_system`: it takes instructions amid a conversation.
    """

    context_window: int | None = None
    max_output_tokens: int | None = None
    thinking: Thinking = Thinking.NEVER
    efforts: tuple[str, ...] = ()
    thinking_tokens: tuple[int, int] | None = None
    refused_sampling: frozenset[str] = frozenset()
    refused_while_reasoning: frozenset[str] = frozenset()
    takes_both_samplings: bool = True
    prefill: bool = False
    tools: bool = True
    forced_tools: bool = True
    vision: bool = True
    files: bool = True
    structured_output: StructuredOutput = StructuredOutput.SCHEMA
    tools_need_no_effort: bool = False
    needs_signatures: bool = False
    late_system: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts stand: an address without its scheme, or the name and version of a package."""

    where: str
    read: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """The models whose whole name matches `pattern`, of which `examples` are some, and what each `can` do."""

    pattern: str
    can: ModelCapabilities
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorModels:
    """The models of one kind of vendor; of the rows the first match wins, so the particular stands before the general.

    `unknown` is what a model gets that no row matches: no window, no limit, no prefill and reasoning when asked, but
    every kind of content that the vendor's dialect can carry: to refuse one would be worse than the vendor's own
    answer. `default_model` None: the vendor's own part names it. `sources` are those of all rows.
    """

    kind: ProviderType
    default_model: str | None
    sources: tuple[Source, ...]
    unknown: ModelCapabilities
    rows: tuple[ModelRow, ...]
