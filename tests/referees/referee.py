"""What does a referee do? It sends what a user of a vendor's SDK would write, and reads replies by the SDK's types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.providers.dialect import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The SDK call that asks for a feature, `params`, and what our wire must name as sent in another way or left out.

    `notes` holds words of each warning, in order.
    """

    params: Mapping[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unaskable:
    """The vendor has no words for a feature: our wire refuses it with `fact`."""

    fact: str


Asked = Mapping[str, Written | Unaskable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A reply as the SDK gives it: all text, the calls as (name, arguments), and why it ended, in our words."""

    text: str
    calls: tuple[tuple[str, Any], ...]
    finish: str


class Referee(Protocol):
    """One SDK."""

    @property
    def asked(self) -> Asked:
        """Every feature by name, as a user of this SDK writes it."""
        ...

    def send(self, params: Mapping[str, Any], *, stream: bool) -> None:
        """Makes the call."""
        ...

    def model(self, params: Mapping[str, Any]) -> str:
        """The model that the call names."""
        ...

    def normal_theirs(self, body: dict[str, Any]) -> dict[str, Any]:
        """The SDK's body without what it adds of its own."""
        ...

    def normal_ours(self, exchange: Exchange) -> dict[str, Any]:
        """Our body without what the SDK has no words for."""
        ...

    def read(self, *, stream: bool) -> Read:
        """Asks anything, and reads the reply with the SDK's own types."""
        ...

    def close(self) -> None:
        """Ends the client."""
        ...
