"""What do a thousand open streams cost one worker and its other callers, and what does one caller who reads nothing?

A contender of its own, started afresh: memory that earlier loads left behind would hide what streams take.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.comparison.asking import Ask, Surface
from benchmarks.comparison.contenders import Contender
from benchmarks.comparison.launching import first_answer, memory, wait_until_quiet
from benchmarks.comparison.measuring import made
from benchmarks.comparison.paces import FLOOD, LONG
from benchmarks.comparison.streams import put_streams
from benchmarks.comparison.wrk import Rate, put_load
from benchmarks.stream_load import TOKEN

STREAMS = 1000
_WARM_UP = (32, 3)
_PLAIN_SECONDS = 4
# The ramp, what the listener needs to start, and some time in which all are open.
_ALL_OPEN_SECONDS = LONG.stream_seconds + 1.5
_HOLD_SECONDS = 4.0
_READ_SECONDS = 120.0
_PIECE = 65_536


@dataclass(frozen=True)
class Crowd:
    """A thousand streams, ten tokens a second in each.

    Milliseconds of one plain caller, alone and meanwhile; kilobytes resident for each stream; `failure` is why not all
    were whole.
    """

    heard: int
    alone: Rate
    meanwhile: Rate
    kb_per_stream: float
    failure: str | None


@dataclass(frozen=True)
class Held:
    """One stream as fast as the vendor can, to a caller who reads nothing for some seconds, and then everything.

    Megabytes: what the whole stream is, how much of it the vendor could send while nobody read, and by how much the
    contender grew meanwhile. `failure` is why not every token came.
    """

    whole_mb: float
    sent_mb: float
    grown_mb: float
    failure: str | None


def measure(make: Callable[[Path], Contender]) -> tuple[Crowd, Held]:
    """Both, one after the other. Raises RuntimeError when plain calls fail, or the contender does not start."""
    with made(make) as (contender, process, folder):
        assert process is not None
        surface = contender.surfaces[0]
        assert surface.streamed is not None
        first_answer(process, surface.plain(None), folder)
        put_load(surface.plain(None), connections=_WARM_UP[0], seconds=_WARM_UP[1])
        crowd = _crowd(surface, process)
        wait_until_quiet(process)
        return crowd, held_back(surface.streamed(FLOOD), lambda: memory(process).rss_mb)


def _crowd(surface: Surface, process: psutil.Process) -> Crowd:
    assert surface.streamed is not None
    plain, streamed = surface.plain(None), surface.streamed(LONG)
    alone = put_load(plain, connections=1, seconds=_PLAIN_SECONDS)
    before = memory(process).rss_mb
    with ThreadPoolExecutor(1) as pool:
        streams = pool.submit(put_streams, streamed, LONG, streams=STREAMS, seconds=_ALL_OPEN_SECONDS + _PLAIN_SECONDS)
        time.sleep(_ALL_OPEN_SECONDS)
        open_mb = memory(process).rss_mb
        meanwhile = put_load(plain, connections=1, seconds=_PLAIN_SECONDS)
        open_mb = max(open_mb, memory(process).rss_mb)
        heard = streams.result()
    return Crowd(heard.streams, alone, meanwhile, (open_mb - before) * 1000 / STREAMS, heard.failure)


def held_back(ask: Ask, memory_mb: Callable[[], float], *, seconds: float = _HOLD_SECONDS) -> Held:
    """Asks for `FLOOD`, reads nothing for some seconds, then everything; tokens tell when the vendor sent them."""
    before = memory_mb()
    with socket.socket() as caller:
        # Before connecting, or the system would take some megabytes for a caller who does not read.
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _PIECE)
        caller.settimeout(_READ_SECONDS)
        caller.connect(("127.0.0.1", ask.port))
        caller.sendall(ask.request(closes=True))
        # A contender that has not begun yet holds nothing back.
        caller.recv(1, socket.MSG_PEEK)
        time.sleep(seconds)
        grown = memory_mb() - before
        reads_from = time.monotonic_ns()
        try:
            received = b"".join(iter(lambda: caller.recv(_PIECE), b""))
        except OSError as exc:
            return Held(0.0, 0.0, grown, f"the stream did not end: {type(exc).__name__}")
    return told(received, reads_from, grown)


def told(received: bytes, reads_from: int, grown_mb: float) -> Held:
    """What the received bytes say, when reading began at `reads_from` on the vendor's clock."""
    sent = [int(token[1]) for token in TOKEN.finditer(received)]
    early = sum(moment < reads_from for moment in sent)
    whole_mb = len(received) / 1e6
    missing = FLOOD.tokens - len(sent)
    failure = f"{missing} of {FLOOD.tokens} tokens did not come" if missing else None
    return Held(whole_mb, whole_mb * early / max(1, len(sent)), grown_mb, failure)
