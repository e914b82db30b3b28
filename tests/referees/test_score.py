"""Does the line at the end of a run say how many requests were alike, and never more?"""

from __future__ import annotations

from tests.referees.score import Score


def test_line_counts_by_sdk() -> None:
    """What was compared and found alike, for each in the order of the run."""
    score = Score()
    for sdk in ("openai", "openai", "ollama"):
        score.compared(sdk)
        score.alike(sdk)
    assert score.line() == "SDK referees: openai 2/2, ollama 1/1, all match"


def test_line_tells_what_differs() -> None:
    """A comparison that ended in an error counts against its SDK."""
    score = Score()
    score.compared("openai")
    assert score.line() == "SDK referees: openai 0/1, 1 DIFFER"


def test_line_is_empty_when_nothing_was_compared() -> None:
    """A run of other tests says nothing of referees."""
    assert Score().line() == ""
