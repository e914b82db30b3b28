"""What is said to a model and what it answers: one vendor-neutral conversation, cheap inside, validated at the edge.

Frozen dataclasses that request models hold as fields. Wires translate them; nothing else knows a vendor's dialect.
What was said never stands in a repr.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from contracts.quick_making import maker_of, quickly_made
from contracts.quick_reading import quickly_read
from contracts.shorthand import Shorthand
from contracts.text import Name, Text, whole_text


def _names_its_type(schema: dict[str, Any]) -> None:
    schema["required"] = [*schema.get("required", ()), "type"]


_STRICT = ConfigDict(extra="forbid")
_PART = ConfigDict(extra="forbid", json_schema_extra=_names_its_type)


@quickly_read
class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheControl:
    """A mark: the vendor should keep what stands up to here, for `ttl` (Anthropic's 5 minutes when it is not said).

    For vendors that take marks (Anthropic, OpenRouter); the others cache by themselves or not at all.
    """

    __pydantic_config__ = _STRICT
    type: Literal["ephemeral"] = "ephemeral"
    ttl: Literal["5m", "1h"] | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """Plain text."""

    __pydantic_config__ = _PART
    text: Text = field(repr=False)
    cache_control: CacheControl | None = None
    type: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePart:
    """An image: a `url` that the vendor fetches (this service never does), or `data` with its `media_type`.

    `data` is base64 with padding, of at most 20 MB, without the `data:` prefix of a URL.
    """

    __pydantic_config__ = _PART
    url: Annotated[str, Field(max_length=8192, pattern=r"^https?://")] | None = field(default=None, repr=False)
    data: Text | None = field(default=None, repr=False)
    media_type: Annotated[str, Field(pattern=r"^image/[a-z0-9.+-]+$")] | None = None
    detail: Literal["auto", "low", "high"] | None = None
    cache_control: CacheControl | None = None
    type: Literal["image"] = "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """A document: `data` (as an image's) with its `media_type`, a `url`, or the vendor's own `file_id`."""

    __pydantic_config__ = _PART
    data: Text | None = field(default=None, repr=False)
    media_type: Name | None = None
    url: Annotated[str, Field(max_length=8192, pattern=r"^https?://")] | None = field(default=None, repr=False)
    file_id: Name | None = None
    filename: Name | None = field(default=None, repr=False)
    cache_control: CacheControl | None = None
    type: Literal["file"] = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallPart:
    """The model asks for a tool; `arguments` is the JSON text as the model wrote it."""

    __pydantic_config__ = _PART
    id: Name
    name: Name
    arguments: Text = field(repr=False)
    cache_control: CacheControl | None = None
    type: Literal["tool_call"] = "tool_call"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasoningPart:
    """What the model thought. `signature` belongs to `provider` and is echoed to it alone in later turns."""

    __pydantic_config__ = _PART
    text: Text = field(default="", repr=False)
    signature: Text | None = field(default=None, repr=False)
    provider: Name | None = None
    type: Literal["reasoning"] = "reasoning"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalPart:
    """The model declined, in its own words."""

    __pydantic_config__ = _PART
    text: Text = field(repr=False)
    type: Literal["refusal"] = "refusal"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPart:
    """A part of one vendor's own shape: sent back to that vendor untouched, left out for every other."""

    __pydantic_config__ = _PART
    provider: Name
    data: dict[str, Any] = field(repr=False)
    type: Literal["raw"] = "raw"


def _as_parts(text: str) -> tuple[TextPart, ...]:
    return (TextPart(text=whole_text(text)),)


ResultPart = Annotated[TextPart | ImagePart, Field(discriminator="type")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResultPart:
    """What a tool answered to the call `tool_call_id`. `content` may be given as a plain string."""

    __pydantic_config__ = _PART
    tool_call_id: Name
    content: Annotated[tuple[ResultPart, ...], Shorthand(_as_parts)]
    is_error: bool = False
    cache_control: CacheControl | None = None
    type: Literal["tool_result"] = "tool_result"


Part = Annotated[
    TextPart | ImagePart | FilePart | ToolCallPart | ToolResultPart | ReasoningPart | RefusalPart | RawPart,
    Field(discriminator="type"),
]
MessageContent = Annotated[tuple[Part, ...], Shorthand(_as_parts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn. `content` may be given as a plain string; it is answered as a list of parts."""

    __pydantic_config__ = _STRICT
    role: Role
    content: MessageContent = ()

    @property
    def text(self) -> str:
        """All text of the turn, refusals included, without reasoning."""
        content = self.content
        if len(content) == 1 and isinstance(content[0], TextPart):
            return content[0].text
        return "".join([part.text for part in content if isinstance(part, (TextPart, RefusalPart))])

    @property
    def tool_calls(self) -> tuple[ToolCallPart, ...]:
        """The tools that this turn asks for, in order."""
        return tuple(part for part in self.content if isinstance(part, ToolCallPart))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A function that the model may ask for; `parameters` is its JSON Schema."""

    __pydantic_config__ = _STRICT
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    description: Text | None = None
    parameters: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    strict: bool | None = None
    cache_control: CacheControl | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolChoice:
    """Whether a tool must be used: `tool` needs its `name`."""

    __pydantic_config__ = _STRICT
    mode: Literal["auto", "none", "required", "tool"]
    name: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFormat:
    """The shape of the answer: `json_schema` needs a `schema`."""

    __pydantic_config__ = _STRICT
    type: Literal["text", "json_object", "json_schema"]
    json_schema: dict[str, Any] | None = None
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "answer"
    strict: bool = True


class ReasoningEffort(StrEnum):
    """How much the model should think before it answers."""

    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"


@quickly_read
class FinishReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


# By the rule of thumb, where nobody counts.
CHARACTERS_PER_TOKEN = 4


@quickly_read
class UsageSource(StrEnum):
    """Whether the vendor counted the tokens or we estimated them."""

    REPORTED = "reported"
    ESTIMATED = "estimated"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one answer. Input includes cached and cache-written tokens, output includes reasoning tokens, and what
    was written to a cache includes what is kept there for an hour instead of minutes.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    reasoning_tokens: int = 0
    source: UsageSource = UsageSource.REPORTED


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are drawn and when the answer ends; None leaves a value to the vendor."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Everything that the model is given, in no vendor's dialect."""

    messages: tuple[Message, ...] = field(repr=False)
    sampling: Sampling = Sampling()
    tools: tuple[Tool, ...] = field(default=(), repr=False)
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = field(default=None, repr=False)
    reasoning_effort: ReasoningEffort | None = None
    prompt_cache_key: str | None = None


# What every request makes.
new_text = maker_of(TextPart)
new_usage = maker_of(Usage)
new_message = maker_of(Message)
new_sampling = maker_of(Sampling)
new_conversation = maker_of(Conversation)
