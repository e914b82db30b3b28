"""Does the scorecard show a failure, and does the exit code say it?"""

from __future__ import annotations

from tests.chaos.caller import Event, Saw
from tests.chaos.pace import FULL, SHORT
from tests.chaos.scenarios import PUBLIC, scenarios
from tests.chaos.scorecard import Result, attempts_text, exit_code, scorecard


def result(*flaws: str, public: int | None = None) -> Result:
    """How one scenario went."""
    return Result(
        name="silence", told="", rules=(6,), public=public, saw="504", attempts="", seconds=1.0, flaws=tuple(flaws)
    )


def test_scorecard_failure_is_shown_with_its_flaw() -> None:
    """A failed scenario says so, and why; a public fault counts only when all of its scenarios pass."""
    results = [result(public=6), result("the caller hung", public=6), result(public=8)]
    text = scorecard(results, faults={6: "silence", 8: "cut"})
    assert "FAIL\n      ! the caller hung" in text
    assert " 6  silence                      1 of   2  FAIL\n 8  cut                          1 of   1\n" in text
    assert scorecard(results, faults={}, failed_only=True).count("pass\n") == 0
    assert text.endswith("2 of 3 scenarios pass; 1 of the 2 public faults played\n")


def test_exit_code_tells_failure() -> None:
    """0 only when something was played and all of it passed."""
    assert [exit_code([result()]), exit_code([result(), result("x")]), exit_code([])] == [0, 1, 1]


def test_attempts_are_told_with_their_times() -> None:
    """Each row with how often and when it was tried."""
    seen = [{"row": row, "at": at} for row, at in (("a", 5.0), ("a", 6.25), ("b", 6.5))]
    assert attempts_text(seen) == "a×2 at 0.00 1.25, b×1 at 1.50"  # noqa: RUF001


def test_saw_is_told_in_a_few_words() -> None:
    """An answer, an error, a stream without an end, a hang and a caller who left read differently."""
    answer = Saw(False, 0.0, 1.0, status=200, body={"content": "w1 w2"})
    error = Saw(False, 0.0, 1.0, status=503, body={"error_type": "circuit_open"})
    cut = Saw(True, 0.0, 1.0, status=200, events=[Event("text", {"text": "w1"}, 0.5)])
    others = (Saw(True, 0.0, 2.0, hung=True), Saw(True, 0.0, 1.0, left_at=1.0), Saw(True, 0.0, 1.0, broken="ReadError"))
    assert [saw.told() for saw in (answer, error, cut, *others)] == [
        "200, 2 words, 1.00 s",
        "503 circuit_open, 1.00 s",
        "200 no end, 1 words, 1.00 s",
        "hung for 2.0 s",
        "left after 1.00 s",
        "a broken reply (ReadError)",
    ]


def test_scenarios_are_named_once_and_cover_every_public_fault() -> None:
    """Both modes hold all sixteen faults, every rule that a black box can see, and no name twice."""
    for pace in (SHORT, FULL):
        played = scenarios(pace)
        assert len({one.name for one in played}) == len(played)
        assert {one.public for one in played} - {None} == set(PUBLIC)
        assert {rule for one in played for rule in one.rules} >= {*range(1, 21)} - ({14} if pace.is_short else set())
