"""What do the measured figures mean? Medians of rounds, what was added to a direct call, ratios to ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.comparison.launching import Memory


@dataclass(frozen=True)
class Loaded:
    """Plain calls by so many connections: milliseconds, and microseconds of processor time for each request.

    `added_p50_ms` is against direct calls by as many connections in the same minute. Direct calls themselves have no
    processor time of a contender, and nothing added. `spread` is how far apart the best and the worst round were in
    requests/s, as a share of their median: the noise of the machine.
    """

    connections: int
    is_thinking: bool
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    added_p50_ms: float | None
    cpu_us: float | None
    spread: float | None = None

    @property
    def requests_per_second_per_core(self) -> float | None:
        """What one core that does nothing else would answer."""
        return 1e6 / self.cpu_us if self.cpu_us else None


@dataclass(frozen=True)
class Streamed:
    """So many streams at a time: milliseconds to the first token.

    `heard` of them were begun and heard to their end while it was measured. `failure` is why not all were whole.
    """

    streams: int
    is_thinking: bool
    heard: int
    first_p50_ms: float | None = None
    first_p99_ms: float | None = None
    failure: str | None = None


@dataclass(frozen=True)
class Measured:
    """One surface of one contender."""

    contender: str
    surface: str
    workers: int
    loaded: list[Loaded] = field(default_factory=list)
    streamed: list[Streamed] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def under(self, connections: int, *, is_thinking: bool = False) -> Loaded | None:
        """The row of so many connections, when it was measured."""
        wanted = (connections, is_thinking)
        return next((row for row in self.loaded if (row.connections, row.is_thinking) == wanted), None)

    def of_streams(self, streams: int, *, is_thinking: bool = False) -> Streamed | None:
        """The row of so many streams, when it was measured."""
        wanted = (streams, is_thinking)
        return next((row for row in self.streamed if (row.streams, row.is_thinking) == wanted), None)


@dataclass(frozen=True)
class Footprint:
    """What a contender needs: seconds to its first answer, what all its processes hold idle and after the load."""

    contender: str
    version: str
    settings: str
    command: str
    workers: int
    first_answer_seconds: float | None
    idle: Memory | None
    loaded: Memory | None


@dataclass(frozen=True)
class Budget:
    """What a part of ours costs and may cost, in microseconds at the median."""

    part: str
    p50_us: float
    p99_us: float
    most_us: float


def ratio(figure: float | None, of_ours: float | None) -> float | None:
    """How many times ours it is; None where either is missing, or is lost in noise below nothing."""
    if figure is None or of_ours is None or figure <= 0 or of_ours <= 0:
        return None
    return figure / of_ours


@dataclass(frozen=True)
class Times:
    """How many times as much ours was, round by round: the median, the least and the most."""

    typical: float
    least: float
    most: float


def times(ours: Sequence[Loaded], others: Sequence[Loaded], get: Callable[[Loaded], float | None]) -> Times | None:
    """Of figures that were measured in turns, each round beside its own; None where a round has none."""
    pairs = zip(map(get, ours), map(get, others), strict=False)
    found = [mine / theirs for mine, theirs in pairs if mine is not None and theirs]
    return Times(float(median(found)), min(found), max(found)) if found else None


def added(figure: float | None, of_direct: float | None) -> float | None:
    """What was added to a direct call; noise may make it less than nothing, and that is told too."""
    return figure - of_direct if figure is not None and of_direct is not None else None


def middle(rounds: Sequence[Loaded]) -> Loaded:
    """One row for all rounds of it: the median of each figure. Raises ValueError when there is no round."""
    if not rounds:
        msg = "no round was measured"
        raise ValueError(msg)
    return Loaded(
        connections=rounds[0].connections,
        is_thinking=rounds[0].is_thinking,
        requests_per_second=float(median(row.requests_per_second for row in rounds)),
        p50_ms=float(median(row.p50_ms for row in rounds)),
        p99_ms=float(median(row.p99_ms for row in rounds)),
        added_p50_ms=_median(row.added_p50_ms for row in rounds),
        cpu_us=_median(row.cpu_us for row in rounds),
        spread=_spread([row.requests_per_second for row in rounds]),
    )


def middle_stream(rounds: Sequence[Streamed]) -> Streamed:
    """The same for streams, all of which were heard; one failure in any round is the row's. Raises as `middle` does."""
    if not rounds:
        msg = "no round was measured"
        raise ValueError(msg)
    return Streamed(
        streams=rounds[0].streams,
        is_thinking=rounds[0].is_thinking,
        heard=sum(row.heard for row in rounds),
        first_p50_ms=_median(row.first_p50_ms for row in rounds),
        first_p99_ms=_median(row.first_p99_ms for row in rounds),
        failure=next((row.failure for row in rounds if row.failure), None),
    )


def _spread(rates: Sequence[float]) -> float | None:
    """None for one round, which says nothing of noise."""
    typical = median(rates)
    return (max(rates) - min(rates)) / typical if len(rates) > 1 and typical else None


def _median(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return float(median(known)) if known else None
