"""How are events handed to Kafka? By a producer that keeps their order, and is replaced when it is beyond help.

All of it blocks, and is used by one thread. Two reasons to replace a producer: an error that it calls fatal; and a
broker that answers but acknowledges nothing, as one does that has lost the producer's state: an idempotent producer
then repeats the same request for ever. What was on its way is sent again by the next one, hence at least once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from app.ports.books import OutboxEvent
from app.relay.address import KafkaAddress
from app.relay.faults import ends_producer, puts_all_in_doubt, words_for
from app.relay.library_log import LibraryLog
from app.relay.sending import Sending
from contracts.errors import ConfigurationError

# More than one batch is never handed over, so the library's queue is never full.
MAX_BATCH = 500
_PURGE_SECONDS = 1.0
_OURS: dict[str, Any] = {
    "client.id": "llm-provider-service",
    "enable.idempotence": True,
    "acks": "all",
    # An event that fails lets no later one of its partition pass.
    "enable.gapless.guarantee": True,
    # The library never gives an event up by itself: the relay decides, and knows that it did.
    "message.timeout.ms": 0,
    "queue.buffering.max.messages": 2 * MAX_BATCH,
    "linger.ms": 2,
    # Well below what any broker takes at once, so that small events are never refused for their number.
    "batch.size": 65_536,
    # Java's way to choose a partition, so that streams of other producers can be joined with ours.
    "partitioner": "murmur2_random",
    "reconnect.backoff.ms": 100,
    "reconnect.backoff.max.ms": 1000,
    "retry.backoff.max.ms": 1000,
    "socket.keepalive.enable": True,
    "log.connection.close": False,
}


class KafkaSender:
    """Sends to the brokers of `address`. `is_in_doubt`: whether they are there is asked before anything is sent."""

    def __init__(self, address: KafkaAddress) -> None:
        self._address = address
        self._library_log = LibraryLog()
        self._producer: Producer | None = None
        self.is_in_doubt = True
        # The producer said that it can do no more.
        self.is_broken = False
        # What the library said last, in our words.
        self.said: str | None = None

    def open(self) -> None:
        """Makes the producer; it connects behind. Raises ConfigurationError for options that the library refuses."""
        self._opened()

    def reach(self, within_seconds: float) -> str | None:
        """Asks a broker for its topics. None: it answered; else why not, in words."""
        producer = self._opened()
        try:
            producer.list_topics(timeout=within_seconds)
        except KafkaException as failure:
            # The library's reason says more than that the question failed.
            return self.said or words_for(failure.args[0])
        self.is_in_doubt, self.said = False, None
        return None

    def begin(self, events: Sequence[OutboxEvent]) -> Sending:
        """Hands at most MAX_BATCH events over, in their order."""
        producer = self._opened()
        sending = Sending(events)
        for event in events:
            report = sending.report(event.event_id)
            try:
                producer.produce(event.topic, event.payload, event.key.encode(), on_delivery=report)
            except KafkaException as failure:
                self._hear(failure.args[0])
                sending.settle(event.event_id, failure.args[0])
        return sending

    def progress(self, sending: Sending, within_seconds: float) -> None:
        """Lets the library work and report, until all is settled or the time is over."""
        producer = self._opened()
        deadline = time.monotonic() + within_seconds
        while sending.open and not self.is_broken and (left := deadline - time.monotonic()) > 0:
            self._poll(producer, left)

    def serve(self) -> None:
        """Hears what the library has to say, without waiting."""
        if self._producer is not None:
            self._poll(self._producer, 0)

    def drop(self) -> None:
        """Takes back what is on its way, and ends the producer; the next use makes a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            self._library_log.is_silent = True
            producer.purge()
            deadline = time.monotonic() + _PURGE_SECONDS
            while len(producer) and time.monotonic() < deadline:
                self._poll(producer, 0.05)
            self._library_log.is_silent = False
        self.is_broken, self.is_in_doubt = False, True

    def _opened(self) -> Producer:
        if self._producer is None:
            self._producer = self._new_producer()
        return self._producer

    def _new_producer(self) -> Producer:
        # Theirs first: what the promise hangs on is not to be changed.
        options = {**self._address.options, **_OURS, "bootstrap.servers": self._address.servers}
        try:
            return Producer({**options, "error_cb": self._hear}, logger=self._library_log)
        except (KafkaException, TypeError, ValueError):
            # Without the cause: it quotes the option's value.
            named = ", ".join(sorted(self._address.options)) or "none"
            raise ConfigurationError(f"the Kafka client refuses its options ({named})") from None

    def _poll(self, producer: Producer, seconds: float) -> None:
        try:
            producer.poll(seconds)
        except KafkaException as failure:
            # An error that ends the producer is raised here, and not told to `_hear`.
            self._hear(failure.args[0])

    def _hear(self, error: KafkaError) -> None:
        self.said = words_for(error)
        self.is_broken = self.is_broken or ends_producer(error)
        if puts_all_in_doubt(error):
            self.is_in_doubt = True
