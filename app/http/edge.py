"""What does every endpoint of one app lean on? The service, the gate, the pace of streams, and whether it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Protocol

from fastapi import Depends, Path, Request

from app.http.auth import Gate
from app.http.trail import WRONG_ID, check_correlation_header
from app.http.under_way import UnderWay
from contracts import (
    Caller,
    CallerAuthenticationError,
    CallerForbiddenError,
    ILLMProviderService,
    LLMProviderError,
    Scope,
    ServiceNotStartedError,
)

# Where the passage leaves it in a request's scope: by way of the app and its state it is two calls further.
EDGE = "llm_edge"


class Phase(StrEnum):
    """Where the process stands in its life.

    `draining` still answers what comes, but wants no more; `closed` takes no new calls, and ends those under way.
    """

    STARTING = "starting"
    RUNNING = "running"
    DRAINING = "draining"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StreamPace:
    """How long a stream's headers are held back for its first content, and how often it gives a sign of life."""

    hold_seconds: float = 25.0
    comment_seconds: float = 10.0


class Witness(Protocol):
    """Who is told of every HTTP request, and tells Prometheus of all that happened."""

    def http_ended(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """One HTTP request was answered. `route` is its template; None: it led nowhere. Neither waits nor raises."""
        ...

    async def page(self) -> bytes:
        """The metrics, in Prometheus' text format 0.0.4. Raises StoreUnavailableError."""
        ...


class Warden(Protocol):
    """Who is told of everybody that is turned away from the administration."""

    def refused(self, endpoint: str, error: LLMProviderError) -> None:
        """`error` was answered. `endpoint` is a method and the template of a path. Neither waits nor raises."""
        ...


@dataclass(slots=True)
class Edge:
    """Filled by the app's lifespan: before it there is neither gate nor service, and only probes are answered."""

    pace: StreamPace = field(default_factory=StreamPace)
    phase: Phase = Phase.STARTING
    gate: Gate | None = None
    ready_service: ILLMProviderService | None = None
    witness: Witness | None = None
    warden: Warden | None = None
    under_way: UnderWay = field(default_factory=UnderWay)

    @property
    def is_ending(self) -> bool:
        """Whether no more requests are wanted."""
        return self.phase is Phase.DRAINING or self.phase is Phase.CLOSED

    @property
    def service(self) -> ILLMProviderService:
        """The service. Raises ServiceNotStartedError before the lifespan began."""
        if self.ready_service is None:
            raise _starting()
        return self.ready_service

    def admit(self, request: Request, scope: Scope) -> Caller:
        """The caller, who holds `scope`. Raises ServiceNotStartedError and what `Gate.admit` raises."""
        if self.gate is None:
            raise _starting()
        return self.gate.admit(request.scope, scope)

    def drain(self) -> None:
        """From now on `/readyz` says that no more requests are wanted; those that come are still served."""
        if self.phase is not Phase.CLOSED:
            self.phase = Phase.DRAINING

    def close(self) -> None:
        """From now on new calls are refused."""
        self.phase = Phase.CLOSED


def edge_of(request: Request) -> Edge:
    """The edge of the app that serves `request`."""
    edge: Edge = request.scope.get(EDGE) or request.app.state.edge
    return edge


def calling(request: Request) -> Caller:
    """Who makes a call; the hot paths ask here, without the framework's own way to dependencies.

    Raises ServiceNotStartedError, CallerAuthenticationError, StoreUnavailableError (see `Gate.admit`) and, for a wrong
    `x-correlation-id`, InvalidRequestError.
    """
    scope = request.scope
    gate = (scope.get(EDGE) or edge_of(request)).gate
    if gate is None:
        raise _starting()
    caller: Caller = gate.admit(scope, Scope.CALL)
    if WRONG_ID in scope:
        check_correlation_header(scope)
    return caller


def _starting() -> ServiceNotStartedError:
    return ServiceNotStartedError("the service is starting")


async def _calling(request: Request) -> Caller:
    return calling(request)


async def _administrating(request: Request) -> None:
    edge = edge_of(request)
    try:
        edge.admit(request, Scope.ADMIN)
    except (CallerAuthenticationError, CallerForbiddenError) as error:
        if edge.warden is not None:
            edge.warden.refused(f"{request.method} {request.scope['route'].path}", error)
        raise
    check_correlation_header(request.scope)


async def _service(request: Request) -> ILLMProviderService:
    return edge_of(request).service


CALLERS_ONLY = Depends(_calling)
ADMINISTRATORS_ONLY = Depends(_administrating)
CallerOfKey = Annotated[Caller, CALLERS_ONLY]
Service = Annotated[ILLMProviderService, Depends(_service)]
ProviderInPath = Annotated[str, Path(description="Name of a provider row; `google` is `gemini`.", examples=["local"])]
