"""In what does one vendor's use of this dialect differ from OpenAI's? As data: a new vendor is a row, not code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EffortStyle(StrEnum):
    """How a vendor is told how much to think."""

    FIELD = "field"
    """`reasoning_effort: high`."""
    OBJECT = "object"
    """`reasoning: {effort: high}`."""
    THINKING = "thinking"
    """`thinking: {type: enabled}` beside `reasoning_effort`."""
    NONE = "none"
    """It cannot be told."""


class ReasoningEcho(StrEnum):
    """How a vendor wants its own reasoning back in later turns."""

    CONTENT = "reasoning_content"
    """The text, needed once the conversation holds tool calls and ignored otherwise."""
    DETAILS = "reasoning_details"
    """The signed blocks, unchanged."""
    NONE = "none"
    """It takes none back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """One vendor's differences; the defaults are OpenAI's own ways.

    `efforts` renames levels that the vendor folds into others; `unknown_fields` are fields that it lacks.
    `compiles_schemas`: it turns a schema into a grammar, at a price that a caller could make unbounded. `options` are
    the extra fields that a caller may send; None is any.
    """

    max_tokens_field: str = "max_completion_tokens"
    effort_style: EffortStyle = EffortStyle.FIELD
    efforts: Mapping[str, str] = field(default_factory=dict)
    reasoning_echo: ReasoningEcho = ReasoningEcho.NONE
    unknown_fields: frozenset[str] = frozenset()
    takes_tools: bool = True
    takes_json_schema: bool = True
    compiles_schemas: bool = False
    options: frozenset[str] | None = None
    takes_text_lists: bool = True
    takes_images: bool = True
    takes_images_in_tool_results: bool = False
    takes_files: bool = True
    takes_file_urls: bool = False
    takes_refusals: bool = True
    takes_cache_marks: bool = False
    reports_cost: bool = False
