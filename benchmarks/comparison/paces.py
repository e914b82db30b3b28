"""How fast does the vendor answer? At once, or as one of these paces says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """`thinking_ms` before the first byte; a stream then has `tokens`, one each `gap_ms`."""

    name: str
    thinking_ms: int
    tokens: int
    gap_ms: int

    @property
    def base_path(self) -> str:
        """The folder at the paced vendor in which everything answers at this pace."""
        return f"/pace/{self.thinking_ms}/{self.tokens}/{self.gap_ms}"

    @property
    def model(self) -> str:
        """The model that a caller asks for to get this pace."""
        return f"bench-{self.name}"

    @property
    def stream_seconds(self) -> float:
        """How long one stream takes at the vendor."""
        return (self.thinking_ms + self.tokens * self.gap_ms) / 1000


# Answered by a static server, which is not slower than any contender.
QUICK_MODEL = "bench-quick"
# Many short streams one after the other: enough first tokens for a percentile when there is one caller.
BRIEF = Pace("brief", thinking_ms=0, tokens=10, gap_ms=5)
# Many at a time, each as slow as a real one, so that the number of streams is the load.
LONG = Pace("long", thinking_ms=0, tokens=20, gap_ms=100)
THINKING = Pace("thinking", thinking_ms=60, tokens=20, gap_ms=100)
# Faster than any caller reads: some 20 MB at once.
FLOOD = Pace("flood", thinking_ms=0, tokens=100_000, gap_ms=0)
PACES = (BRIEF, LONG, THINKING, FLOOD)


def pace_of(path: str) -> Pace:
    """The pace that a path asks for. Raises ValueError for one that names none."""
    parts = path.split("/")
    if len(parts) < 6 or parts[1] != "pace":
        msg = f"the path names no pace: {path}"
        raise ValueError(msg)
    return Pace("asked", *(int(part) for part in parts[2:5]))
