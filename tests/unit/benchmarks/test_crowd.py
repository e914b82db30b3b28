"""What does a stream say of a caller who did not read at first?"""

from __future__ import annotations

from benchmarks.comparison.crowd import told
from benchmarks.comparison.paces import FLOOD
from benchmarks.comparison.replies import CHAT_PATH, dialect_of


def stream(sent: list[int]) -> bytes:
    return b"".join(dialect_of(CHAT_PATH).token(f"{moment} ") for moment in sent)


def test_told_shares_bytes_by_when_tokens_were_sent() -> None:
    """A quarter was sent before anybody read; nothing is missing."""
    early = FLOOD.tokens // 4
    received = stream([1_000_000_000] * early + [3_000_000_000] * (FLOOD.tokens - early))
    held = told(received, reads_from=2_000_000_000, grown_mb=1.5)
    assert held.failure is None
    assert (held.whole_mb, held.sent_mb, held.grown_mb) == (len(received) / 1e6, len(received) / 4e6, 1.5)


def test_told_of_a_stream_that_was_cut_says_so() -> None:
    """What came is counted, what did not is the failure."""
    held = told(stream([1_000_000_000]), reads_from=2_000_000_000, grown_mb=0.0)
    assert held.failure == f"{FLOOD.tokens - 1} of {FLOOD.tokens} tokens did not come"
    assert told(b"", reads_from=0, grown_mb=0.0).sent_mb == 0.0
