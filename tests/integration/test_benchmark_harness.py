"""Does the benchmark refuse answers that are not whole, and does its vendor stop when nobody reads?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.comparison.asking import Ask
from benchmarks.comparison.crowd import held_back
from benchmarks.comparison.launching import announced, free_port
from benchmarks.comparison.paces import BRIEF, FLOOD
from benchmarks.comparison.probing import Probe, probe, short
from benchmarks.comparison.replies import CHAT_PATH
from benchmarks.vendor import REPLY_BYTES

_STREAM = '{"stream": true}'


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with announced("benchmarks.comparison.paced_vendor") as port:
        yield port


def test_probe_looks_for_the_vendors_text(port: int) -> None:
    """The vendor's own answer is whole, and as long as it says with its head."""
    found = probe(Ask(port, BRIEF.base_path + CHAT_PATH, "{}"))
    assert found.failure is None
    assert REPLY_BYTES < found.length < REPLY_BYTES + 200


@pytest.mark.parametrize(
    "path, body, failure", [("/v1/nowhere", "{}", "404"), (BRIEF.base_path + CHAT_PATH, _STREAM, "text is not in")]
)
def test_probe_of_another_answer_fails(port: int, path: str, body: str, failure: str) -> None:
    """An error, and a 200 that says something else, are no answers."""
    assert failure in (probe(Ask(port, path, body)).failure or "")


def test_probe_of_nobody_fails() -> None:
    """Before a server listens it has not answered."""
    assert probe(Ask(free_port(), "/", "{}")).failure == "ConnectionRefusedError"


def test_short_answers_under_load_are_refused() -> None:
    """Some digits less are an answer; half of it, or a head without its body, is none."""
    probed = Probe(1000, None)
    assert short(probed, received=99_000, answers=100) is None
    assert short(probed, received=0, answers=0) is None
    assert short(probed, received=50_000, answers=100) == "answers of 500 bytes on average, where one alone has 1000"


def test_vendor_is_held_by_a_caller_who_does_not_read(port: int) -> None:
    """It sends what the system takes and no more, then the rest, to the last token."""
    held = held_back(Ask(port, FLOOD.base_path + CHAT_PATH, _STREAM), lambda: 0.0, seconds=0.5)
    assert held.failure is None
    assert 0 < held.sent_mb < 0.6 * held.whole_mb
