"""Can every judge fail? A scorecard that cannot is a defect: each is shown what is right, and one thing that is not."""

from __future__ import annotations

from inspect import getmembers, isfunction
from typing import Any

import pytest

from tests.chaos import judges as must
from tests.chaos import judges_answers, judges_attempts
from tests.chaos.caller import Event, Saw
from tests.chaos.pace import SHORT
from tests.chaos.scenario import Judge, Outcome
from tests.chaos.words import TEXT, WORDS

_USAGE = {"input_tokens": 9, "output_tokens": 60, "total_tokens": 69, "source": "reported"}
_HALF = " ".join(WORDS[:40])


def plain(status: int = 200, seconds: float = 0.1, headers: dict[str, str] | None = None, **body: Any) -> Saw:
    """A plain call; an answer of `a` unless told otherwise."""
    answer = {"content": TEXT, "provider": "a", "usage": _USAGE, "attempts": [{"provider": "a"}]}
    saw = Saw(is_stream=False, began=0.0, ended=seconds, status=status, headers=headers or {})
    saw.body = {**(answer if status == 200 else {}), **body}
    return saw


def stream(*texts: str, last: str = "done", **data: Any) -> Saw:
    """A stream of these texts, and its last event."""
    content = {"content": "".join(texts), "provider": "a"} if last == "done" else {}
    events = [*(Event("text", {"text": text}, 0.0) for text in texts), Event(last, {**content, **data}, 0.1)]
    return Saw(is_stream=True, began=0.0, ended=0.1, status=200, events=events)


def left(at: float = 1.0) -> Saw:
    """A caller who left."""
    return Saw(is_stream=True, began=0.0, ended=at, left_at=at)


def call(row: str = "a", at: float = 0.0, **fields: Any) -> dict[str, Any]:
    """One attempt as the vendor saw it."""
    seen = {"row": row, "model": f"ok:{row}", "at": at, "ended_at": at + 0.1, "caller_left_at": None}
    return {**seen, "input_words": 9, "last_role": "user", **fields}


def outcome(saw: Saw, *seen: dict[str, Any]) -> Outcome:
    """What caller and vendor saw."""
    return Outcome(saw, seen, SHORT)


_CUT = stream(_HALF, last="error", error_type="provider_protocol", usage={"output_tokens": 40, "source": "estimated"})
_RECOVERED = stream(TEXT, recovered_at=40, usage=_USAGE, attempts=[{"provider": "b", "usage": _USAGE}])
_OPEN = call(ended_at=1.05, caller_left_at=1.05)

# Judge, what is right, what is not, and a word of what it says then.
CASES: list[tuple[str, Judge, Outcome, Outcome, str]] = [
    ("ended", must.ended, outcome(plain()), outcome(Saw(True, 0.0, 9.0, hung=True)), "hung"),
    ("ended", must.ended, outcome(_CUT), outcome(Saw(True, 0.0, 1.0, broken="ReadError")), "broke off"),
    ("ended", must.ended, outcome(stream(TEXT)), outcome(stream(TEXT, last="text", text="")), "ended with"),
    ("whole", must.whole, outcome(plain()), outcome(plain(content=_HALF)), "20 lost"),
    ("whole", must.whole, outcome(stream(TEXT)), outcome(_CUT), "no answer"),
    ("whole", must.whole, outcome(stream(TEXT)), outcome(stream(TEXT, " ", TEXT)), "60 repeated"),
    ("whole", must.whole, outcome(stream(TEXT)), outcome(stream(TEXT, content="w1")), "the last event holds"),
    (
        "refused",
        must.refused(503, "provider_unavailable"),
        outcome(plain(503, error_type="provider_unavailable")),
        outcome(plain(504, error_type="timeout")),
        "504 timeout instead",
    ),
    (
        "declined",
        must.declined,
        outcome(plain(finish_reason="content_filter")),
        outcome(plain(finish_reason="stop")),
        "became 200 stop",
    ),
    ("warned", must.warned("off"), outcome(plain(warnings=["off was skipped"])), outcome(plain()), "no warning of off"),
    (
        "failed_in_band",
        must.failed_in_band("provider_protocol"),
        outcome(_CUT),
        outcome(stream(_HALF)),
        "and done instead of an error event",
    ),
    (
        "failed_in_band",
        must.failed_in_band("timeout"),
        outcome(stream(_HALF, last="error", error_type="timeout")),
        outcome(stream("w1 w3", last="error", error_type="timeout")),
        "what was sent before",
    ),
    ("within", must.within(1), outcome(plain(seconds=2.4)), outcome(plain(seconds=2.6)), "at most 2.50"),
    ("not_before", must.not_before(1), outcome(plain(seconds=1)), outcome(plain(seconds=0.9)), "at least 1.00"),
    ("attempts", must.attempts(a=1), outcome(plain(), call()), outcome(plain()), "a was tried 0 times"),
    ("attempts", must.attempts(a=(1, 2)), outcome(plain(), call()), outcome(plain(), *[call()] * 3), "not 1 to 2"),
    ("attempts", must.attempts(a=1), outcome(plain(), call()), outcome(plain(), call(), call("b")), "b was tried 1"),
    (
        "gentle",
        must.gentle,
        outcome(plain(), *(call(at=at) for at in (0, 0.1, 0.2, 0.3, 3.1))),
        outcome(plain(), *(call(at=at) for at in (0, 0.1, 0.2, 0.3, 2.8))),
        "more than 4 times",
    ),
    (
        "gentle",
        must.gentle,
        outcome(plain(), *(call(row) for row in "abcdef")),
        outcome(plain(), *(call(row) for row in "abcdefg")),
        "7 attempts",
    ),
    (
        "spaced",
        must.spaced("a", 1.0),
        outcome(plain(), call(), call(at=1.0)),
        outcome(plain(), call(), call(at=0.9)),
        "after 0.900 s",
    ),
    (
        "backed_off",
        must.backed_off("a"),
        outcome(plain(), call(), call(at=0.05), call(at=0.15)),
        outcome(plain(), call(), call(at=0.05), call(at=1.0)),
        "try 3 of a came after 0.95 s",
    ),
    ("served_by", must.served_by("a"), outcome(plain()), outcome(plain(provider="b")), "names b"),
    ("listed", must.listed, outcome(plain(), call()), outcome(plain(), call(), call("b")), "['a', 'b']"),
    (
        "listed",
        must.listed,
        outcome(plain(attempts=[{"provider": "b", "error_type": "timeout"}, {"provider": "a"}]), call()),
        outcome(plain(attempts=[{"provider": "b"}, {"provider": "a"}]), call()),
        "those seen ['a']",
    ),
    ("counted", must.counted, outcome(plain(), call()), outcome(plain(usage={}), call()), "usage is"),
    (
        "counted",
        must.counted,
        outcome(plain(), call()),
        outcome(plain(usage={**_USAGE, "total_tokens": 60}), call()),
        "total_tokens is 60",
    ),
    (
        "retry_after",
        must.retry_after(1, 5),
        outcome(plain(429, headers={"retry-after": "5"})),
        outcome(plain(429)),
        "Retry-After is None",
    ),
    (
        "not_to_be_retried",
        must.not_to_be_retried,
        outcome(plain(503, headers={"x-should-retry": "false"})),
        outcome(plain(503)),
        "x-should-retry is None",
    ),
    ("recovered", must.recovered("a", "b"), outcome(_RECOVERED), outcome(stream(TEXT)), "recovered_at"),
    ("billed", must.billed, outcome(_CUT), outcome(stream(_HALF, last="error")), "does not say what was billed"),
    (
        "billed",
        must.billed,
        outcome(_CUT),
        outcome(stream(_HALF, last="error", usage={"output_tokens": 40, "source": "reported"})),
        "not marked estimated",
    ),
    ("priced", must.priced, outcome(plain(cost={"usd": 0.1})), outcome(plain(cost=None)), "the cost is None"),
    (
        "asked_last_by",
        must.asked_last_by("c", "assistant", "user"),
        outcome(plain(), call("c", last_role="assistant"), call("c")),
        outcome(plain(), call("c")),
        "('user',)",
    ),
    (
        "closed_upstream",
        must.closed_upstream(0.1),
        outcome(left(), _OPEN),
        outcome(left(), call(ended_at=1.2, caller_left_at=1.2)),
        "closed after 200 ms",
    ),
    (
        "closed_upstream",
        must.closed_upstream(0.1),
        outcome(left(), call(at=0.1), _OPEN),
        outcome(left(), call(ended_at=None)),
        "never closed",
    ),
    ("closed_upstream", must.closed_upstream(0.1), outcome(left(), _OPEN), outcome(plain(), _OPEN), "never left"),
    (
        "closed_upstream",
        must.closed_upstream(0.1),
        outcome(left(), _OPEN),
        outcome(left(), _OPEN, call("b", at=1.5)),
        "b was asked 0.50 s after",
    ),
    (
        "closed_upstream",
        must.closed_upstream(0.1, calls=0),
        outcome(left(), call()),
        outcome(left(), _OPEN),
        "1 calls were under way",
    ),
]


@pytest.mark.parametrize("judge,right,wrong,word", [case[1:] for case in CASES])
def test_judge_tells_wrong_from_right(judge: Judge, right: Outcome, wrong: Outcome, word: str) -> None:
    """What is right passes, and the planted violation is named."""
    assert judge(right) == []
    assert word in "; ".join(judge(wrong))


def test_judges_are_all_shown_a_violation() -> None:
    """No judge is without a case above."""
    assert {case[0] for case in CASES} == set(must.__all__)
    made = {name for room in (judges_answers, judges_attempts) for name, _ in getmembers(room, isfunction)}
    assert {name for name in made if name[0] != "_"} - {"flaws", "prefix_flaws"} == set(must.__all__)
