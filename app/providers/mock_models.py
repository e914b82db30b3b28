"""What does each model of the mock vendor do? One table: the name chooses the behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class MockConduct(StrEnum):
    """How the mock treats a call that is no error."""

    ANSWER = "answer"
    CUT = "cut"
    """The reply breaks off halfway."""
    STALL = "stall"
    """The reply stops halfway and stays open."""
    SILENT = "silent"
    """Nothing ever comes."""
    RESET = "reset"
    """The connection closes before the first byte."""
    UNREADABLE = "unreadable"
    """The body is no JSON; a stream's event neither."""
    NO_DONE = "no_done"
    """The stream ends without `[DONE]`."""


class MockAnswer(StrEnum):
    """What a whole answer holds."""

    ECHO = "echo"
    """The last user's text behind `[mock] `; a tool call or JSON where the request asks for it."""
    REASONING = "reasoning"
    """The same, thought about first."""
    REFUSAL = "refusal"
    """A refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MockError:
    """An error document and its status."""

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MockModel:
    """One row of the table; `error` goes before everything else."""

    error: MockError | None = None
    conduct: MockConduct = MockConduct.ANSWER
    answer: MockAnswer = MockAnswer.ECHO


def _error(status: int, code: str, **headers: str) -> MockModel:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return MockModel(error=MockError(status=status, code=code, message=f"mock: {code}", headers=named))


MOCK_MODELS: dict[str, MockModel] = {
    "mock-echo": MockModel(),
    "mock-reasoning": MockModel(answer=MockAnswer.REASONING),
    "mock-embedding": MockModel(),
    "mock-refusal": MockModel(answer=MockAnswer.REFUSAL),
    "mock-401": _error(401, "invalid_api_key"),
    "mock-403": _error(403, "permission_denied"),
    "mock-404": _error(404, "model_not_found"),
    "mock-422": _error(422, "invalid_value"),
    "mock-429": _error(429, "rate_limit_exceeded"),
    "mock-429-retry-after-1": _error(429, "rate_limit_exceeded", retry_after="1"),
    "mock-quota": _error(429, "insufficient_quota"),
    "mock-500": _error(500, "server_error"),
    "mock-503": _error(503, "overloaded"),
    "mock-context-length": _error(400, "context_length_exceeded"),
    "mock-content-policy": _error(400, "content_policy_violation"),
    "mock-unreadable": MockModel(conduct=MockConduct.UNREADABLE),
    "mock-cut": MockModel(conduct=MockConduct.CUT),
    "mock-stall": MockModel(conduct=MockConduct.STALL),
    "mock-silent": MockModel(conduct=MockConduct.SILENT),
    "mock-reset": MockModel(conduct=MockConduct.RESET),
    "mock-no-done": MockModel(conduct=MockConduct.NO_DONE),
}
UNKNOWN_MODEL = _error(404, "model_not_found")
