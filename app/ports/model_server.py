"""What is the embedded model to the provider that asks it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAddress:
    """Where the embedded model listens, and the key that its child process was started with."""

    base_url: str
    api_key: str | None = field(default=None, repr=False)


class ModelServer(Protocol):
    """The embedded model's child process."""

    model_name: str

    def unavailable_reason(self) -> str | None:
        """Why it cannot serve (a missing wheel or file); None when it can."""
        ...

    async def address(self) -> ModelAddress:
        """Where it listens; starts it when it is not running. Raises ProviderUnavailableError."""
        ...

    async def aclose(self) -> None:
        """Ends the child process."""
        ...
