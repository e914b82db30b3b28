"""Which fault does a model's name ask for? `once-…`: the first request only. `flapping=60`: 503 for a minute."""

from __future__ import annotations

from tests.chaos.vendor_call import Call
from tests.chaos.vendor_refusals import REFUSALS, Fault, failing
from tests.chaos.vendor_seen import Memory, Seen
from tests.chaos.vendor_streams import STREAM_FAULTS

_ONCE = "once-"
_FLAPPING = "flapping"
_RECOVERING_SECONDS = 0.01
_unavailable = failing(503, "overloaded")


async def _ok(call: Call) -> None:
    await call.answer()


async def _recovering(call: Call) -> None:
    """A vendor that is back is slow at first, so that calls at the same time meet."""
    await call.answer(seconds_each=_RECOVERING_SECONDS)


FAULTS: dict[str, Fault] = {"ok": _ok, **REFUSALS, **STREAM_FAULTS}


def spelled(model: str) -> tuple[str, float, str]:
    """Fault, amount and run of a model's name, `fault=amount:run`; any other model's fault is `ok`."""
    wish, _, run = model.partition(":")
    name, _, amount = wish.partition("=")
    known = name.removeprefix(_ONCE)
    if known not in FAULTS and known != _FLAPPING:
        return "ok", 0.0, run
    return name, float(amount or 0), run


def fault_of(seen: Seen, amount: float, memory: Memory, now: float) -> Fault:
    """What happens to this request, which was noted already."""
    name = seen.fault
    if seen.run in memory.healed or seen.row in memory.healed:
        return _recovering
    if name.startswith(_ONCE):
        return FAULTS[name.removeprefix(_ONCE)] if seen.number == 1 else _ok
    if name == _FLAPPING:
        return _unavailable if now - memory.first_at(seen) < amount else _ok
    return FAULTS[name]
