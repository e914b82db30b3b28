"""How does a caller of a drop-in surface steer the service? By one object of its own in the body, `llm_service`.

The vendor's own SDKs send it as an extra of the body (`extra_body={"llm_service": {...}}`); no vendor ever gets it.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.json_size import MAX_METADATA_BYTES, check_size
from contracts.requests import CandidateLike, Priority, ProviderName, StreamRecovery, Tag, UnsupportedParameters


class Steering(BaseModel):
    """What the dialects have no field for. Each field is what it is in an LLMRequest."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"fallback_providers": ["anthropic"], "use_cache": True, "tags": ["search"]}]},
    )

    preferred_provider: ProviderName | None = Field(default=None, description="Tried first.")
    fallback_providers: Annotated[tuple[CandidateLike, ...], Field(max_length=16)] | None = Field(
        default=None, description="What to try after the first, in order: `provider`, `provider/model` or an object."
    )
    enable_fallback: bool | None = Field(default=None, description="False: one candidate only.")
    stream_recovery: StreamRecovery | None = None
    use_cache: bool | None = Field(default=None, description="True: an answer that is kept may be given, and is kept.")
    priority: Priority = Priority.NORMAL
    timeout_seconds: Annotated[float, Field(ge=1, le=1800, allow_inf_nan=False)] | None = None
    unsupported_parameters: UnsupportedParameters | None = None
    vendor_options: dict[ProviderName, dict[str, Any]] = Field(default_factory=dict, repr=False)
    tags: Annotated[tuple[Tag, ...], Field(max_length=10)] = ()
    metadata: dict[str, Any] = Field(default_factory=dict, repr=False, description="For the records; at most 16 KB.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_size(self.metadata, "metadata", most_bytes=MAX_METADATA_BYTES)
        return self
