"""What a caller may ask. Frozen, and a field that is not here is refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.broken_rule import BrokenRuleError
from contracts.chat import Message, ReasoningEffort, ResponseFormat, Tool, ToolChoice
from contracts.json_schema import check_schema
from contracts.json_size import MAX_METADATA_BYTES, check_size
from contracts.message_checks import check_messages
from contracts.providers import provider_name
from contracts.shorthand import Shorthand
from contracts.text import WHOLE, whole_text

MAX_BATCH_ITEMS = 10_000


class SignalType(StrEnum):
    """Kind of typed JSON that the answer should be; `signals` of the answer holds it."""

    SCORE = "score"
    ANALYSIS = "analysis"
    CLASSIFICATION = "classification"
    EXTRACTION = "extraction"
    GENERATION = "generation"
    REASONING = "reasoning"


class UnsupportedParameters(StrEnum):
    """What becomes of a parameter that the chosen model does not take."""

    WARN = "warn"
    """It is left out, or the nearest is sent, and `warnings` names it."""
    REJECT = "reject"
    """Nothing is sent; where no candidate takes all parameters, the request is refused with 422."""


class StreamRecovery(StrEnum):
    """What becomes of a stream whose vendor fails after the first event."""

    CONTINUE = "continue"
    """The next candidate goes on where it stopped. Where that cannot be: as `error`."""
    ERROR = "error"
    """Its last event is `error`."""
    BUFFER = "buffer"
    """Nothing is sent until the answer is whole; until then it fails over, and is mended, like a plain call."""


class Priority(StrEnum):
    """Which items of a batch start first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


OTHER_TAG = "(other)"
"""Where reports count the tags beyond an hour's first thousand; no caller's own."""

ProviderName = Annotated[
    str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-.0-~]+$"), AfterValidator(provider_name)
]
TraceId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[\x20-\x7e]+$")]


def _own_tag(tag: str) -> str:
    if tag == OTHER_TAG:
        msg = "is what reports call the tags beyond an hour's first thousand"
        raise ValueError(msg)
    return tag


AnyTag = Annotated[str, StringConstraints(min_length=1, max_length=64), WHOLE]
Tag = Annotated[AnyTag, AfterValidator(_own_tag)]
ModelName = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[\x21-\x7e]+$")]


# A share of requests: twice the weight, twice the share.
Weight = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class Candidate(BaseModel):
    """A provider, and the model there, that may serve; `"openai/gpt-6-luna"` is the shorthand.

    `timeout_seconds` limits each attempt on it; `params` is extra JSON for the vendor's body. `weight` is its share
    among a logical model's candidates under the strategy `weighted`; default: the row's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    provider: ProviderName
    model: ModelName | None = None
    weight: Weight | None = None
    timeout_seconds: Annotated[float, Field(ge=1, le=1800)] | None = None
    params: dict[str, Any] = Field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """A candidate from its shorthand `provider` or `provider/model`."""
        provider, _, model = text.partition("/")
        return cls(provider=provider, model=model or None)

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}" if self.model else self.provider


CandidateLike = Annotated[Candidate, Shorthand(Candidate.parse, min_length=1, max_length=321, pattern=r"^[!-.0-~]")]


Stop = Annotated[str, StringConstraints(min_length=1, max_length=256), WHOLE]


class LLMRequest(BaseModel):
    """One request for a model's answer: a `prompt`, or `messages`, not both."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        protected_namespaces=(),
        json_schema_extra={
            "examples": [
                {"prompt": "In one sentence: what is a circuit breaker?", "max_tokens": 60},
            ],
        },
    )

    prompt: Annotated[str, Field(min_length=1, max_length=1_000_000, pattern=r"\S"), WHOLE] | None = Field(
        default=None, repr=False, description="The user's words. Instead of `messages`."
    )
    messages: Annotated[tuple[Message, ...], Field(min_length=1, max_length=10_000)] | None = Field(
        default=None, repr=False, description="The whole conversation. Instead of `prompt`."
    )
    system: Annotated[str, Field(max_length=1_000_000), WHOLE] | None = Field(
        default=None, repr=False, description="Instructions that go before the conversation."
    )
    preferred_provider: ProviderName | None = Field(
        default=None,
        validation_alias=AliasChoices("preferred_provider", "provider"),
        description="Tried first. Known but unusable: skipped with a warning, or 503 with `enable_fallback: false`.",
    )
    model: ModelName | None = Field(
        default=None,
        description="A vendor's model, `provider/model`, or a logical name of the configuration.",
    )
    fallback_providers: Annotated[tuple[CandidateLike, ...], Field(max_length=16)] | None = Field(
        default=None, description="What to try after the first, in order: `provider`, `provider/model` or an object."
    )
    enable_fallback: bool | None = Field(default=None, description="False: one candidate only. Default: the config's.")
    max_tokens: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)] | None = None
    stop: Annotated[
        tuple[Stop, ...],
        Field(max_length=16),
        Shorthand(lambda text: (whole_text(text),), min_length=1, max_length=256),
    ] = Field(default=(), description="Sequences that end the answer; a single string is taken as one.")
    seed: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)] | None = None
    tools: Annotated[tuple[Tool, ...], Field(max_length=512)] = Field(default=(), repr=False)
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = Field(default=None, repr=False)
    reasoning_effort: ReasoningEffort | None = None
    signal_type: SignalType | None = Field(
        default=None, description="Asks for typed JSON of this kind; the answer's `signals` holds it."
    )
    vendor_options: dict[ProviderName, dict[str, Any]] = Field(
        default_factory=dict, repr=False, description="Extra JSON for one provider's request body, by provider."
    )
    unsupported_parameters: UnsupportedParameters | None = Field(
        default=None,
        description="What becomes of a parameter that the model does not take: `warn` leaves it out and says so, "
        "`reject` refuses the request where no candidate takes all. Default: the configuration's.",
    )
    stream_recovery: StreamRecovery | None = Field(
        default=None,
        description="A stream that fails after its first event is gone on with by the next candidate, exactly where it "
        "stopped (`continue`; half a tool call or JSON cannot be), or ends with an `error` event (`error`), or is held "
        "back until it is whole, and so fails over unseen (`buffer`). Default: the configuration's.",
    )
    prompt_cache_key: Annotated[str, Field(min_length=1, max_length=256), WHOLE] | None = Field(
        default=None, description="Requests with the same key share a vendor's prompt cache, where it takes one."
    )
    use_cache: bool | None = Field(
        default=None,
        validation_alias=AliasChoices("use_cache", "enable_caching"),
        description="True: an answer that is kept for the very same request is given again, this one is kept, and "
        "identical requests under way share one. Default: false.",
    )
    priority: Priority = Field(default=Priority.NORMAL, description="Order in which items of a batch start.")
    timeout_seconds: Annotated[float, Field(ge=1, le=1800, allow_inf_nan=False)] | None = Field(
        default=None, description="Replaces the limits of the chain and of each attempt."
    )
    tags: Annotated[tuple[Tag, ...], Field(max_length=10)] = Field(default=(), description="Labels on the records.")
    metadata: dict[str, Any] = Field(
        default_factory=dict, repr=False, description="Free JSON of at most 16 KB; no vendor gets it."
    )
    user_id: Annotated[str, Field(max_length=256), WHOLE] | None = None
    request_id: TraceId | None = Field(default=None, description="Made when absent.")
    correlation_id: TraceId | None = Field(default=None, description="Made when absent.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        # Of what is not given, nothing is wrong.
        if (self.prompt is None) is (self.messages is None):
            raise _not_one_of_both(self)
        if self.messages is not None:
            check_messages(self.messages)
        if self.tools or self.tool_choice is not None:
            _check_tools(self)
        if self.response_format is not None:
            _check_format(self, self.response_format)
        if self.metadata:
            check_size(self.metadata, "metadata", most_bytes=MAX_METADATA_BYTES)
        return self


def _not_one_of_both(request: LLMRequest) -> BrokenRuleError:
    has_both = request.prompt is not None
    return BrokenRuleError((), f"give prompt or messages{', not both' if has_both else ': one of them is required'}")


def _check_tools(request: LLMRequest) -> None:
    names: list[str] = []
    for number, tool in enumerate(request.tools):
        if tool.name in names:
            raise BrokenRuleError(
                ("tools", number, "name"), "is the name of another tool: two tools have the same name"
            )
        check_schema(tool.parameters, "tools", number, "parameters")
        names.append(tool.name)
    if request.tool_choice is not None:
        _check_choice(request.tool_choice, names)


def _check_choice(choice: ToolChoice, names: list[str]) -> None:
    if (choice.mode == "tool") != (choice.name is not None):
        raise BrokenRuleError(("tool_choice", "name"), 'goes with mode "tool", and only with it')
    if choice.mode in ("required", "tool") and not names:
        raise BrokenRuleError(("tool_choice", "mode"), f"is {choice.mode}, which needs tools")
    if choice.name is not None and choice.name not in names:
        raise BrokenRuleError(("tool_choice", "name"), "names no tool that is given")


def _check_format(request: LLMRequest, shape: ResponseFormat) -> None:
    if request.signal_type is not None and shape.type != "text":
        raise BrokenRuleError(("signal_type",), "asks for a shape of its own: leave response_format out")
    place = ("response_format", "json_schema")
    if (shape.type == "json_schema") != (shape.json_schema is not None):
        raise BrokenRuleError(place, 'goes with type "json_schema", and only with it')
    if shape.json_schema is not None:
        check_schema(shape.json_schema, *place)


class BatchRequest(BaseModel):
    """Several requests at once. Each item is checked by itself, so a bad one never fails the others."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {"requests": [{"prompt": "Say one.", "max_tokens": 8}, {"prompt": "Say two.", "max_tokens": 8}]}
            ],
        },
    )

    requests: Annotated[list[LLMRequest], Field(min_length=1, max_length=MAX_BATCH_ITEMS)] = Field(
        description="At most `max_batch_size` of the configuration (100)."
    )
