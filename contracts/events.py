"""What is told to other services by Kafka: the envelope, and what stands in it for each of the three topics.

Never a prompt or an answer, nor a vendor's own words. `user_id` and `metadata` are the caller's own, as it sent them.
A consumer drops what it has seen: events come at least once, those of one key in their order, and `event_id` says
which is which. A field that is added raises SCHEMA_VERSION, a field that goes or changes makes a topic `.v2`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.calls import Operation
from contracts.chat import Usage
from contracts.responses import Money

SCHEMA_VERSION: Final = 1
SOURCE_SERVICE: Final = "llm-provider-service"

# What the name of each topic ends with; the prefix is a setting.
STARTED_SUFFIX = ".request_started.v1"
COMPLETED_SUFFIX = ".request_completed.v1"
FAILURE_SUFFIX = ".failure.v1"

_STRICT = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())
_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_TRACE_PARENT = r"^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$"


class RequestStarted(BaseModel):
    """A request began. `provider` and `model`: who will be asked first, as far as that is known."""

    model_config = _STRICT

    provider: str | None
    model: str | None
    request_type: Operation
    correlation_id: str
    user_id: str | None
    metadata: dict[str, Any] = Field(repr=False, description="The caller's own.")


class RequestCompleted(BaseModel):
    """A request ended, refused and cancelled ones too. `provider` and `model`: who gave the answer."""

    model_config = _STRICT

    provider: str | None
    model: str | None
    request_type: Operation
    correlation_id: str
    user_id: str | None
    metadata: dict[str, Any] = Field(repr=False, description="The caller's own.")
    success: bool
    response_time_ms: float
    token_usage: Usage | None = Field(description="The answer's, as its caller was told it; null: nothing was used.")
    cost_estimate: Money | None = Field(description="US dollars; null: no price is known, or nothing was used.")
    cached: bool
    fallback_used: bool
    error_message: str | None = Field(description="Our own sentence; null when it was answered.")


class ProviderFailure(BaseModel):
    """One call to a vendor failed; the request may have been answered by another one all the same."""

    model_config = _STRICT

    provider: str
    failure_type: str = Field(description="The error_type.")
    correlation_id: str
    error_details: str = Field(description="Our own sentence, never the vendor's words.")
    circuit_breaker_opened: bool = Field(description="By this failure.")


class EventMetadata(BaseModel):
    """What an event belongs to: the request (one correlation_id can have several) and its span."""

    model_config = _STRICT

    request_id: str
    traceparent: Annotated[str, Field(pattern=_TRACE_PARENT)] | None = Field(description="W3C Trace Context.")


Data = TypeVar("Data", RequestStarted, RequestCompleted, ProviderFailure)


class EventEnvelope(BaseModel, Generic[Data]):
    """What every event has. `event_type` is the topic's name; the key in Kafka is the correlation_id."""

    model_config = _STRICT

    event_id: Annotated[str, Field(pattern=_ID, description="A UUID of version 7.")]
    event_type: str
    event_timestamp: AwareDatetime
    source_service: Literal["llm-provider-service"] = SOURCE_SERVICE
    schema_version: Literal[1] = SCHEMA_VERSION
    correlation_id: str
    data: Data
    metadata: EventMetadata


class RequestStartedEvent(EventEnvelope[RequestStarted]):
    """The topic `….request_started.v1`: one for each request."""

    event_type: Annotated[str, Field(pattern=r"\.request_started\.v1$")]


class RequestCompletedEvent(EventEnvelope[RequestCompleted]):
    """The topic `….request_completed.v1`: one for each request."""

    event_type: Annotated[str, Field(pattern=r"\.request_completed\.v1$")]


class ProviderFailureEvent(EventEnvelope[ProviderFailure]):
    """The topic `….failure.v1`: one for each call to a vendor that failed."""

    event_type: Annotated[str, Field(pattern=r"\.failure\.v1$")]
