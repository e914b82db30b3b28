"""A worker that counts: `python worker_process.py FOLDER PROVIDER CALLS` says `ready`, and obeys one word a line.

`more` counts that many calls again, `page` says the metrics of all workers as JSON of one string, `leave` ends it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from app.observers.gauges import State
from app.observers.witnesses import Watch, Witnesses
from contracts.providers import CircuitState
from tests.kit.witnessed import call


async def work(folder: Path, provider: str, calls: int) -> None:
    """Until `leave`, or the end of what it is told."""
    state = State(circuits=lambda: {provider: CircuitState.OPEN}, in_flight=lambda: calls)
    watch = Watch(knows_model=lambda row, model: True, version="1", state=state, workers_folder=folder)
    witnesses = Witnesses(watch)
    await witnesses.start()
    say("ready")
    while (word := (await asyncio.to_thread(sys.stdin.readline)).strip()) in ("more", "page"):
        if word == "page":
            say(json.dumps((await witnesses.page()).decode()))
            continue
        for _ in range(calls):
            witnesses.observer.attempt_ended(call(provider=provider))
        say("done")
    await witnesses.aclose()
    say("left")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


asyncio.run(work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
