"""What does the vendor answer? Always the same to the same conversation, whatever the dialect it came in.

Everything that can get lost on the way is in the answer: the system's words, the number of turns, what tools said, the
bytes of a picture, the names of a schema.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

# What pydantic-ai and the programs call such a tool.
_LAST_WORDS = ("final_result", "Advice")
_CITIES = ("Paris", "Rome", "Oslo")
_TOKEN = re.compile(r"\s*\S+\s*$|\s*\S+")
_FAULT = re.compile(r"\(fault ([a-z0-9-]+)\)")


@dataclass(kw_only=True)
class Heard:
    """A conversation as a vendor understands it. `results` are those that the model has not answered yet."""

    model: str
    system: str = ""
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    tools: dict[str, dict[str, Any]] = field(default_factory=dict)
    must_call: str | None = None
    schema: dict[str, Any] | None = None
    thinks: bool = False

    @property
    def fault(self) -> str | None:
        """What is to go wrong, if the last question says so."""
        found = _FAULT.search(self.asked[-1]) if self.asked else None
        return found[1] if found else None

    @property
    def words(self) -> int:
        """Its length, which is billed: one token a word, the tools and the schema free."""
        return sum(len(text.split()) for text in (self.system, *self.asked, *self.said, *self.results))


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call; `arguments` is JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the model says. `thought` is empty unless it was to think aloud."""

    text: str = ""
    thought: str = ""
    calls: tuple[Call, ...] = ()
    input_tokens: int = 0

    @property
    def output_tokens(self) -> int:
        """One a word."""
        texts = (self.text, *(call.arguments for call in self.calls))
        return sum(len(text.split()) for text in texts)


def answer(heard: Heard) -> Answer:
    """The model's answer to what was heard."""
    thought = f"They said {len(heard.asked)} things." if heard.thinks else ""
    calls = _calls(heard)
    text = "" if calls else _text(heard)
    return Answer(text=text, thought=thought, calls=calls, input_tokens=heard.words)


def tokens(text: str) -> list[str]:
    """The pieces in which a stream says `text`; together they are `text`."""
    pieces = _TOKEN.findall(text)
    return pieces if "".join(pieces) == text else [text]


def _calls(heard: Heard) -> tuple[Call, ...]:
    """A call for each city that is asked after, of the tool that was demanded or the first one.

    A tool by which an agent wants its last word is called with an example of it, once there is nothing else to call.
    """
    last_word = next((name for name in heard.tools if name in _LAST_WORDS), None)
    if heard.results or not heard.tools:
        asked: list[tuple[str, dict[str, str]]] = [(last_word, {})] if last_word else []
    elif heard.must_call in _LAST_WORDS:
        asked = [(heard.must_call, {})]
    else:
        named = [city for city in _CITIES if city in heard.asked[-1]]
        default = ["Paris"] if heard.must_call is not None else []
        asked = [(heard.must_call or next(iter(heard.tools)), {"city": city}) for city in named or default]
    return tuple(
        Call(f"call_{len(heard.said)}{number}", name, json.dumps(_arguments(heard.tools[name]) | given))
        for number, (name, given) in enumerate(asked, start=1)
    )


def _arguments(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _example(schema, schema, "value")
    return found


def _text(heard: Heard) -> str:
    if heard.schema is not None:
        return json.dumps(_example(heard.schema, heard.schema, "value"))
    if heard.results:
        return "The tools say: " + "; ".join(heard.results)
    pictures = "".join(f" I see {len(data)} bytes, {hashlib.sha256(data).hexdigest()[:8]}." for data in heard.pictures)
    return (
        f"{heard.system} You asked “{heard.asked[-1]}” after {len(heard.asked) - 1} questions, "
        f"and I had said “{' / '.join(heard.said)}”.{pictures} Grüße ☂"
    ).strip()


def _example(schema: dict[str, Any], root: dict[str, Any], name: str) -> Any:
    """The simplest value that `schema` allows, its texts named after their fields."""
    if "$ref" in schema:
        return _example(root["$defs"][schema["$ref"].rpartition("/")[2]], root, name)
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], root, name)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {key: _example(below, root, key) for key, below in (schema.get("properties") or {}).items()}
        case "array":
            return [_example(schema["items"], root, name)]
        case "integer" | "number":
            return 7
        case "boolean":
            return True
        case _:
            return f"the {name}"
