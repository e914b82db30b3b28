"""How does one batch of events fare on its way?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError

from app.ports.books import OutboxEvent
from app.relay.faults import is_given_up, refuses_event, words_for


@dataclass(slots=True)
class Sending:
    """A batch under way. Every event is open, then acknowledged, refused for its own sake, or it failed.

    `fault`: why the first that failed did, in words; None while none failed for a reason of its own.
    """

    events: Sequence[OutboxEvent]
    open: set[str] = field(init=False)
    acknowledged: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    fault: str | None = None

    def __post_init__(self) -> None:
        self.open = {event.event_id for event in self.events}

    @property
    def is_whole(self) -> bool:
        """Whether the broker has acknowledged every event."""
        return len(self.acknowledged) == len(self.events)

    def report(self, event_id: str) -> Callable[[KafkaError | None, Any], None]:
        """What the library is to call when it knows of that event."""
        return lambda error, _: self.settle(event_id, error)

    def settle(self, event_id: str, error: KafkaError | None) -> None:
        """The broker has acknowledged the event (`error` None), or it will not arrive by this sending."""
        self.open.discard(event_id)
        if error is None:
            self.acknowledged.append(event_id)
        elif refuses_event(error):
            self.refused.append(event_id)
        elif self.fault is None and not is_given_up(error):
            self.fault = words_for(error)
