"""How do committed events reach Kafka: every one at least once, those of a key in order, and nobody waits for it?

One task reads the outbox a batch at a time, sends the batch, waits until the broker has acknowledged it, and only then
takes it out and reads the next: so a later event is never on its way before an earlier one has arrived. What was sent
and not taken out (this process killed, the lease lost, the broker silent) is sent again, by whoever relays then.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from app.ports.books import Outbox, OutboxEvent
from app.relay.address import KafkaAddress
from app.relay.broker_state import BrokerState
from app.relay.faults import SILENT
from app.relay.pace import Pace
from app.relay.refusals import Refusals
from app.relay.sender import KafkaSender
from app.relay.sending import Sending
from contracts.errors import StoreUnavailableError

_log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
# Until the lease is asked for again by who does not hold it.
STANDBY_SECONDS = 1.0
# One step of the thread: so long may an end have to wait for it.
STEP_SECONDS = 0.25
PROBE_SECONDS = 1.0
# So long may a broker acknowledge nothing before the producer is replaced.
PATIENCE_SECONDS = 5.0
CLOSE_SECONDS = 5.0

_Words = ParamSpec("_Words")
_Found = TypeVar("_Found")


class Relay:
    """Sends what is in `outbox` to the brokers at `bootstrap_servers` (`host:port`, more between commas).

    `options` are options of librdkafka that say how the broker is reached and who we are (`security.protocol`,
    `sasl.…`, `ssl.…`). Raises ConfigurationError for an address or an option that cannot be. Belongs to one event loop.
    """

    def __init__(
        self,
        outbox: Outbox,
        bootstrap_servers: str,
        *,
        options: Mapping[str, str] | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._sender = KafkaSender(KafkaAddress(bootstrap_servers, dict(options or {})))
        self._state = BrokerState(bootstrap_servers, monotonic)
        self._refusals = Refusals(monotonic)
        self._pace = Pace()
        self._patience_seconds = patience_seconds
        self._monotonic = monotonic
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka")
        self._woken = asyncio.Event()
        self._ending = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False
        # Acknowledged by the broker and still in the outbox.
        self._arrived: list[str] = []

    async def start(self) -> None:
        """Begins to send. Waits for no broker. Raises ConfigurationError for options that the client refuses."""
        await self._in_thread(self._sender.open)
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._relay())

    def wake(self) -> None:
        """There is something to send: it need not be looked for. Cheap, from any thread, at any time."""
        if self._loop is not None:
            # After the end of the loop nobody is left to be woken.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._woken.set)

    def fault(self) -> str | None:
        """Why events wait, in words without secrets; None while they are sent. No I/O."""
        return self._state.fault or self._refusals.fault()

    async def aclose(self) -> None:
        """Sends what waits, for at most 5 s and to a broker that is well, then ends. The rest stays in the outbox."""
        if self._is_closing:
            return
        self._is_closing = True
        self._woken.set()
        self._ending.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=CLOSE_SECONDS)
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._in_thread(self._sender.drop)
        self._thread.shutdown(wait=False)
        try:
            await self._take_out()
            await self._outbox.release()
        except StoreUnavailableError as failure:
            _log.info("the relay ends without its outbox: %s; what arrived last is sent again", failure)

    async def _relay(self) -> None:
        while True:
            # Asked before: what was committed before the end began is looked for once more.
            is_closing = self._is_closing
            has_sent = False
            try:
                has_sent = await self._turn()
            except StoreUnavailableError:
                # The books tell of it: it is their database.
                await self._back_off()
            except Exception:
                _log.exception("the relay broke off and goes on")
                await self._back_off()
            if is_closing and not has_sent:
                return

    async def _turn(self) -> bool:
        """One look at the broker, the lease and the outbox, and what follows from it: whether there may be more."""
        await self._in_thread(self._sender.serve)
        if not await self._is_reached():
            # A broker that comes back may have forgotten the producer; nothing is on its way, so a new one is free.
            await self._in_thread(self._sender.drop)
            await self._back_off()
            return False
        if not await self._outbox.lease():
            return await self._stand_by(STANDBY_SECONDS)
        await self._take_out()
        events = await self._next_batch()
        if not events:
            return await self._stand_by(IDLE_SECONDS)
        return await self._send(await self._in_thread(self._sender.begin, events))

    async def _next_batch(self) -> Sequence[OutboxEvent]:
        refused = self._refusals.events()
        if self._refusals.are_too_many:
            return ()
        found = await self._outbox.waiting(self._pace.batch + len(refused))
        return [event for event in found if event.event_id not in refused][: self._pace.batch]

    async def _stand_by(self, seconds: float) -> bool:
        """There is nothing to send, for us."""
        self._pace.idle()
        self._state.came()
        if not self._is_closing:
            self._woken.clear()
            await _passed(self._woken, seconds)
        return False

    async def _back_off(self) -> None:
        """After a failure; only the end of the relay cuts it short, or else every new event would try again."""
        await _passed(self._ending, self._pace.failed())

    async def _is_reached(self) -> bool:
        """Whether a broker is there; it is asked when that is in doubt."""
        if not self._sender.is_in_doubt:
            return True
        why = await self._in_thread(self._sender.reach, PROBE_SECONDS)
        if why is not None:
            self._state.went(why)
        elif not self._pace.has_failed:
            self._state.came()
        return why is None

    async def _send(self, sending: Sending) -> bool:
        try:
            await self._see_through(sending)
        finally:
            if sending.open or sending.fault or self._sender.is_broken:
                # Also when this task is cancelled: nothing may be on its way that nobody waits for.
                await self._in_thread(self._sender.drop)
            self._arrived += sending.acknowledged
        self._learn(sending)
        await self._take_out()
        if sending.fault is not None:
            await self._back_off()
        return sending.fault is None

    async def _see_through(self, sending: Sending) -> None:
        """Waits until all is settled, the broker is silent for too long, or the lease is another's."""
        heard_at, open_before = self._monotonic(), len(sending.open)
        while sending.open and not self._sender.is_broken:
            await self._in_thread(self._sender.progress, sending, STEP_SECONDS)
            if len(sending.open) < open_before:
                heard_at, open_before = self._monotonic(), len(sending.open)
            elif self._monotonic() - heard_at >= self._patience_seconds:
                sending.fault = sending.fault or self._sender.said or SILENT
                return
            else:
                await self._is_reached()
            if sending.open and not await self._outbox.lease():
                return
        if self._sender.is_broken and not sending.refused:
            sending.fault = sending.fault or self._sender.said or SILENT

    def _learn(self, sending: Sending) -> None:
        """Draws the conclusions of a batch that has ended."""
        if sending.fault is not None:
            self._state.went(sending.fault)
            return
        if sending.refused:
            # The library may have refused small events for one that stood beside them: then each is tried alone.
            alone = len(sending.refused) == 1
            if alone:
                self._refusals.add(sending.refused[0])
            self._pace.refused(alone=alone)
        elif sending.is_whole:
            self._pace.succeeded()
        if sending.acknowledged:
            self._state.came()

    async def _take_out(self) -> None:
        if self._arrived:
            await self._outbox.delivered(self._arrived)
            self._arrived = []

    async def _in_thread(self, work: Callable[_Words, _Found], *words: _Words.args, **named: _Words.kwargs) -> _Found:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: work(*words, **named))


async def _passed(event: asyncio.Event, seconds: float) -> None:
    """Until `event`, or for so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
