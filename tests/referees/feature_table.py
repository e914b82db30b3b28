"""Which features can be asked? In the order of the README's table; each is one short conversation."""

from __future__ import annotations

from contracts.chat import CacheControl, ReasoningEffort, ResponseFormat, Sampling, TextPart, Tool
from tests.referees.feature import HELLO, Feature, asked, said, user
from tests.referees.features_of_tools import OWN_REASONING, TOOL_FEATURES
from tests.referees.features_of_turns import LATER_TURN_FEATURES, TURN_FEATURES

SUM_SCHEMA = {
    "type": "object",
    "properties": {"sum": {"type": "number"}},
    "required": ["sum"],
    "additionalProperties": False,
}
TREE_SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": ["oak", "birch"]},
        "age": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "root": {"$ref": "#/$defs/node"},
    },
    "required": ["kind", "age", "root"],
    "additionalProperties": False,
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"leaves": {"type": "array", "items": {"type": "string"}}},
            "required": ["leaves"],
            "additionalProperties": False,
        }
    },
}


def _schema(name: str, schema: dict[str, object]) -> ResponseFormat:
    return ResponseFormat(type="json_schema", json_schema=schema, name=name)


def _effort(effort: ReasoningEffort, row: str) -> Feature:
    return asked(f"effort {effort}", row, reasoning_effort=effort)


_MARK = CacheControl()
_LONG_MARK = CacheControl(ttl="1h")

_SHAPES = (
    asked("JSON object", "JSON object", response_format=ResponseFormat(type="json_object")),
    asked("JSON Schema", "JSON Schema", response_format=_schema("total", SUM_SCHEMA)),
    asked("nested schema", "JSON Schema with `$defs`, `enum`, `anyOf`", response_format=_schema("tree", TREE_SCHEMA)),
)

_THINKING = (
    _effort(ReasoningEffort.LOW, "reasoning effort"),
    _effort(ReasoningEffort.HIGH, "reasoning effort"),
    _effort(ReasoningEffort.NONE, "no reasoning"),
)

_SAMPLING = (
    asked("max_tokens", "`max_tokens`", sampling=Sampling(max_tokens=64)),
    asked("temperature", "`temperature`", sampling=Sampling(temperature=0.5)),
    asked("top_p", "`top_p`", sampling=Sampling(top_p=0.9)),
    asked("penalties", "penalties", sampling=Sampling(frequency_penalty=0.5, presence_penalty=0.25)),
    asked("stop", "stop sequences", sampling=Sampling(stop=("END", "STOP"))),
    asked("seed", "`seed`", sampling=Sampling(seed=7)),
    asked(
        "calm sampling",
        "`temperature` without reasoning",
        sampling=Sampling(temperature=0.5),
        reasoning_effort=ReasoningEffort.NONE,
    ),
)

_CACHING = (
    said(
        "cache marks",
        "cache marks",
        user(TextPart(text="Long.", cache_control=_LONG_MARK), TextPart(text="Hello", cache_control=_MARK)),
        tools=(Tool(name="now", cache_control=_LONG_MARK),),
    ),
    asked("prompt_cache_key", "`prompt_cache_key`", prompt_cache_key="tenant-1"),
)

_HATCH = (
    Feature(
        name="vendor_options",
        row="`vendor_options`",
        ask=lambda _: said("", "", HELLO).ask(""),
        options=lambda provider: {"keep_alive": "5m"} if provider == "ollama" else {"invented": {"by": "us"}},
    ),
)

FEATURES: tuple[Feature, ...] = (
    *TURN_FEATURES,
    *TOOL_FEATURES,
    *_SHAPES,
    *_THINKING,
    OWN_REASONING,
    *LATER_TURN_FEATURES,
    *_SAMPLING,
    *_CACHING,
    *_HATCH,
)
