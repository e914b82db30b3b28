"""What is configured of one provider: which kind, where, with which key, which models, and how much of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from contracts.calls import Wire
from contracts.providers import ProviderType
from contracts.requests import ModelName, Weight
from contracts.vendor_address import BaseUrl, HeaderName, HeaderValue


class ProviderConfig(BaseModel):
    """One provider row: which kind, where, with which key, and which models."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    type: ProviderType
    enabled: bool = True
    api_key: HeaderValue | None = Field(
        default=None, description="The vendor's key, or `env:NAME`, or `file:PATH`. Never shown."
    )
    base_url: BaseUrl | None = Field(default=None, description="Default: the vendor's own.")
    default_model: ModelName | None = Field(
        default=None, description="Default: the first of `models`, else the kind's."
    )
    models: tuple[ModelName, ...] = Field(default=(), description="Models it offers; empty: those known of its kind.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Extra headers for the vendor. Values are never shown."
    )
    dialects: tuple[Wire, ...] | None = Field(
        default=None,
        description="Dialects in which its server takes a caller's body as it came, where they are not those known of "
        "its kind; an empty list: none.",
    )
    weight: Weight = Field(default=1, description="Its share of requests under the strategy `weighted`.")
    stream_upstream: bool = Field(
        default=False, description="Plain calls are streamed from the vendor, so that stalls are noticed."
    )
    send_trace_context: bool = Field(
        default=False, description="Calls carry W3C `traceparent`: for a server of your own that traces, too."
    )
    max_concurrency: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None, description="Most calls under way at once, open streams among them. Default: no limit."
    )
    max_queue: Annotated[int, Field(ge=0, le=100_000)] | None = Field(
        default=None,
        description="Most calls that wait for one of the limits here, the urgent ones first; one more is refused at "
        "once. Default: four times `max_concurrency`, at least 100.",
    )
    requests_per_minute: Annotated[int, Field(ge=1, le=10_000_000)] | None = Field(
        default=None,
        description="Most calls in any minute; a tenth of them may go at once, the rest evenly. Default: no limit.",
    )
    tokens_per_minute: Annotated[int, Field(ge=1, le=10_000_000_000)] | None = Field(
        default=None,
        description="Most tokens in any minute, paced alike: estimated before a call (with its `max_tokens`), "
        "corrected by the reported usage after it. Default: no limit.",
    )

    @property
    def longest_queue(self) -> int:
        """How many calls may wait."""
        if self.max_queue is not None:
            return self.max_queue
        return max(100, 4 * (self.max_concurrency or 0))
