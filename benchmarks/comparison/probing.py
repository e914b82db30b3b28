"""Is an answer whole? Asked once by itself, with the vendor's text looked for in it; under load, by its length."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from benchmarks.comparison.asking import Ask
from benchmarks.vendor import completion

_TIMEOUT_SECONDS = 30.0
_PIECE = 65_536
# Headers and our own figures in a body differ by some digits from answer to answer; texts of the vendor do not.
_DIGITS = 80
_TEXT = b"x" * (completion().count(b"x") - 100)


@dataclass(frozen=True)
class Probe:
    """One answer with its head. `failure` is why it is not whole, None when it is."""

    length: int
    failure: str | None


def probe(ask: Ask) -> Probe:
    """Asks once, over a connection of its own. Never raises: what went wrong is the failure."""
    try:
        received = _received(ask)
    except OSError as exc:
        return Probe(0, type(exc).__name__)
    if not received.startswith(b"HTTP/1.1 200"):
        return Probe(len(received), f"{received[:30]!r} … {received[-300:]!r}")
    return Probe(len(received), None if _TEXT in received else f"the vendor's text is not in {received[-300:]!r}")


def _received(ask: Ask) -> bytes:
    with socket.create_connection(("127.0.0.1", ask.port), timeout=_TIMEOUT_SECONDS) as connection:
        connection.sendall(ask.request(closes=True))
        return b"".join(iter(lambda: connection.recv(_PIECE), b""))


def short(probed: Probe, *, received: int, answers: int) -> str | None:
    """What is wrong when so many answers, whose bytes are `received`, are shorter on average than the probed one."""
    mean = received / answers if answers else probed.length
    if mean >= probed.length - _DIGITS:
        return None
    return f"answers of {mean:.0f} bytes on average, where one alone has {probed.length}"
