"""In which words is an error said to this caller? As a problem document, unless the scope names another dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from starlette.types import Scope

from contracts import LLMProviderError, Problem

# Where in a request's scope stands in which `ErrorDialect` every error of it is said.
ERROR_DIALECT = "llm_error_dialect"


@dataclass(frozen=True, slots=True)
class Said:
    """An error as it goes out. `headers` are those of the dialect beyond the ones that every error has."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class ErrorDialect(Protocol):
    """Writes errors as the callers of one dialect read them, in JSON."""

    def of_error(self, error: LLMProviderError) -> Said:
        """An error of the tree; it carries its request's ids."""
        ...

    def of_routing(self, problem: Problem) -> Said:
        """What the framework refused: there is no such endpoint, or it does not take the method."""
        ...


def error_dialect_of(scope: Scope) -> ErrorDialect | None:
    """The dialect of the request's errors; None: they are problem documents."""
    dialect: ErrorDialect | None = scope.get(ERROR_DIALECT)
    return dialect
