"""What must callers see of a stream that fails after its first content, or ends in its own way?"""

from __future__ import annotations

from typing import Any

from tests.chaos import judges as must
from tests.chaos.asking import Judges, asking, shapes
from tests.chaos.pace import Pace
from tests.chaos.scenario import Row, Scenario

_FINISH_SECONDS = 2.0
_MIDDLES = (
    ("cut", "cut at two thirds", 8),
    ("cut-chunked", "cut within a chunked body", 8),
    ("cut-ended", "cut, but a clean end for HTTP", 8),
    ("cut-reset", "reset at two thirds", 8),
    ("cut-word", "cut within a word", 8),
    ("stall", "stalls at two thirds", 9),
    ("malformed", "an event that is no JSON", 10),
    ("error-mid", "an error event at two thirds", 14),
)
_JSON: dict[str, Any] = {"response_format": {"type": "json_object"}}
_TOOL: dict[str, Any] = {
    "tools": [{"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}]
}


def streams(pace: Pace) -> list[Scenario]:
    """Recovery in its three ways, and ends that are whole after all."""
    return [*_continued(pace), *_prefilled(), *_not_continued(pace), *_buffered(), *_ends()]


def _going_on(wait_seconds: float = 0.0) -> Judges:
    return lambda second, _: [
        must.whole,
        must.attempts({"a": 1, second: 1}),
        must.recovered("a", second),
        must.within(wait_seconds),
    ]


def _broken_off(error_type: str) -> Judges:
    return lambda _, __: [must.failed_in_band(error_type), must.attempts(a=1), must.billed]


def _continued(pace: Pace) -> list[Scenario]:
    idle = pace.stream_idle_timeout_seconds
    return [
        *(
            scenario
            for fault, name, public in _MIDDLES
            for scenario in shapes(
                name,
                "The next candidate goes on, and no word is lost or said twice.",
                [f"a/{fault}", "@/ok"],
                _going_on(idle if fault == "stall" else 0.0),
                rules=(12,),
                public=public,
                only="stream",
            )
        ),
        *(
            scenario
            for fault, name in (("repeats", "who goes on begins again"), ("overlaps", "who goes on says words again"))
            for scenario in shapes(
                name,
                "What was sent already is swallowed.",
                ["a/cut", f"@/{fault}"],
                _going_on(),
                rules=(12,),
                public=8,
                only="stream",
            )
        ),
        *shapes(
            "cut after the last word",
            "Whoever goes on has nothing to add, and the answer is whole.",
            ["a/cut-last", "@/ok"],
            lambda second, _: [must.whole, must.attempts({"a": 1, second: 1})],
            rules=(11, 12),
            public=8,
            only="stream",
        ),
        *shapes(
            "cut at two thirds, stream_recovery: continue",
            "As by default.",
            ["a/cut", "@/ok"],
            _going_on(),
            rules=(12,),
            public=8,
            only="stream",
            stream_recovery="continue",
        ),
        *shapes(
            "cut, and who goes on is cut too",
            "A third candidate says the rest.",
            ["a/cut", "@/cut", "d/ok"],
            lambda second, _: [must.whole, must.attempts({"a": 1, second: 1, "d": 1}), must.recovered("a", "d")],
            rules=(12,),
            public=8,
            only="stream",
        ),
        *shapes(
            "cut, and the next one fails first",
            "Who goes on is retried, or passed over, as at the beginning.",
            ["a/cut", "b/503", "c/ok"],
            lambda _, __: [must.whole, must.attempts(a=1, b=(1, 4), c=1)],
            rules=(12,),
            public=8,
            only="stream",
        ),
    ]


def _prefilled() -> list[Scenario]:
    rows = (Row("c-deaf", "anthropic", fault="no-prefill"),)
    return [
        Scenario(
            name="gone on with by a prefill",
            told="A model that takes prefills gets the text so far as the assistant's turn.",
            play=asking(
                ["a/cut", "c!claude-haiku-4-5"], must.whole, must.asked_last_by("c", "assistant"), is_stream=True
            ),
            rules=(12,),
            public=8,
        ),
        Scenario(
            name="gone on with by an instruction",
            told="A model that takes none gets an assistant's turn and the instruction to continue.",
            play=asking(["a/cut", "c!claude-opus-4-7"], must.whole, must.asked_last_by("c", "user"), is_stream=True),
            rules=(12,),
            public=8,
        ),
        Scenario(
            name="prefill rejected",
            told="The candidate is asked the other way; the caller never hears of it.",
            play=asking(
                ["a/cut", "c-deaf!claude-haiku-4-5"],
                must.whole,
                must.asked_last_by("c-deaf", "assistant", "user"),
                is_stream=True,
            ),
            rules=(12,),
            public=15,
            rows=rows,
        ),
    ]


def _not_continued(pace: Pace) -> list[Scenario]:
    return [
        *shapes(
            "cut, nobody else",
            "An error event, never an end that looks whole.",
            ["a/cut"],
            _broken_off("provider_protocol"),
            rules=(9, 12),
            public=8,
            only="stream",
        ),
        *shapes(
            "stalls, nobody else",
            "An error event after the idle limit.",
            ["a/stall"],
            lambda _, __: [
                must.failed_in_band("timeout"),
                must.attempts(a=1),
                must.within(pace.stream_idle_timeout_seconds),
            ],
            rules=(12,),
            public=9,
            only="stream",
        ),
        *(
            scenario
            for fault, name, public in _MIDDLES[:1] + _MIDDLES[-2:]
            for scenario in shapes(
                f"{name}, stream_recovery: error",
                "An error event with its type and what was billed; nobody else is asked.",
                [f"a/{fault}", "b/ok"],
                _broken_off("provider_unavailable" if fault == "error-mid" else "provider_protocol"),
                rules=(12,),
                public=public,
                only="stream",
                stream_recovery="error",
            )
        ),
        *shapes(
            "half a tool call",
            "Nobody can go on with it: an error event.",
            ["a/cut-tool", "b/ok"],
            lambda _, __: [must.failed_in_band("provider_protocol"), must.attempts(a=1)],
            rules=(12,),
            only="stream",
            **_TOOL,
        ),
        *shapes(
            "half a JSON document",
            "Nobody can go on with it: an error event.",
            ["a/cut", "b/ok"],
            lambda _, __: [must.failed_in_band("provider_protocol"), must.attempts(a=1)],
            rules=(12,),
            only="stream",
            **_JSON,
        ),
    ]


def _buffered() -> list[Scenario]:
    return [
        scenario
        for fault, name, public in _MIDDLES
        for scenario in shapes(
            f"{name}, stream_recovery: buffer",
            "Nothing was sent, so the next candidate says it whole.",
            [f"a/{fault}", "@/ok"],
            lambda second, _: [must.whole, must.attempts({"a": (1, 4), second: 1}), must.served_by(second)],
            rules=(12,),
            public=public,
            only="stream",
            stream_recovery="buffer",
        )
    ]


def _ends() -> list[Scenario]:
    return [
        *shapes(
            "whole without [DONE]",
            "Whole at the end of the connection, at once, with usage.",
            ["a/no-done", "b/ok"],
            lambda _, __: [must.whole, must.attempts(a=1), must.counted, must.within(0)],
            rules=(11,),
            public=11,
            only="stream",
        ),
        *shapes(
            "whole without [DONE], and the connection stays open",
            "Whole two seconds after the finish reason, with usage.",
            ["a/no-done-hang", "b/ok"],
            lambda _, __: [must.whole, must.attempts(a=1), must.counted, must.within(_FINISH_SECONDS)],
            rules=(11,),
            public=11,
            only="stream",
        ),
        *shapes(
            "whole without [DONE], in Anthropic's dialect",
            "Whole at the end of the connection, with usage.",
            ["c/no-done", "b/ok"],
            lambda _, __: [must.whole, must.attempts(c=1), must.counted, must.within(0)],
            rules=(11,),
            public=11,
            only="stream",
        ),
        *shapes(
            "no finish reason, then the dialect's end",
            "The dialect's end is an end.",
            ["a/no-finish", "b/ok"],
            lambda _, __: [must.whole],
            rules=(11,),
            only="stream",
        ),
        *_passed_over("a"),
        *_passed_over("c"),
    ]


def _passed_over(row: str) -> list[Scenario]:
    return shapes(
        f"comments, blank lines and unknown events ({row})",
        "They are passed over.",
        [f"{row}/chatter", "b/ok"],
        lambda _, __: [must.whole, must.attempts({row: 1}), must.counted],
        rules=(11,),
        only="stream",
    )
