"""Which bodies can OpenAI's SDK, and whoever writes JSON by hand, send to POST /chat/completions? Any number, by dice.

Every field of the SDK's parameters, and fields, parts, tools and words that nobody knows. What is understood here is
within its bounds; the rest is anything that JSON can say.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tests.kit.spelled_json import Spelled

_TEXTS = (
    "hello",
    "",
    "café",
    "日本語 ☂",
    "😀 and 👩‍👩‍👧",
    'quote " and \\ and /',
    "line\nline\ttab",
    "a" * 300,
    "\x7f\x01",
    "\u2028",
)
_ODD = (
    "1.0",
    "1e2",
    "0.10",
    "-0",
    "-0.0",
    "0",
    "1E+2",
    "12345678901234567890",
    "-98765432109876543210",
    "1.50e-7",
    "1e308",
    "2.2250738585072014e-308",
    "5e-324",
    "0.1000000000000000055511151231257827",
    "1E-400",
    "100000000000000000000.0",
    "3.141592653589793238462643383279",
    "9007199254740993",
)
_NAMES = ("x_new", "top_k", "min_p", "guided_json", "Ünïcode", "with space", "", "nested", "a.b", "provider", "$ref")
_PIXEL = "data:image/png;base64,iVBORw0KGgo="
_DEEPEST = 90


class ChatBodies:
    """Bodies by `dice`: the same dice, the same bodies."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._fields: dict[str, Callable[[], Any]] = {
            **self._sampling(),
            **self._demanding(),
            **self._hints(),
            **self._shapes(),
        }

    def body(self) -> dict[str, Any]:
        """One body, its members in any order."""
        said = {"model": self._one("bench-model", "openai/bench-model", "auto"), "messages": self._messages()}
        names = [name for name in self._fields if self._often(0.25)]
        said |= {name: None if self._often(0.05) else self._fields[name]() for name in names}
        said |= self._tools() | self._limit() | self._streaming()
        said |= {self._name(): self.anything() for _ in range(self._dice.randrange(4))}
        if self._often(0.1):
            said["llm_service"] = {"tags": ["fuzz"], "metadata": {"n": Spelled("1.0")}}
        members = list(said.items())
        self._dice.shuffle(members)
        return dict(members)

    def anything(self, depth: int = 0) -> Any:
        """Any JSON."""
        if depth == 0 and self._often(0.03):
            return self._deep()
        kinds = (self._number, self._text, lambda: self._one(True, False, None), dict, list)
        if depth < 4 and self._often(0.5):
            size = self._dice.randrange(4)
            if self._often(0.5):
                return [self.anything(depth + 1) for _ in range(size)]
            return {self._name(): self.anything(depth + 1) for _ in range(size)}
        return self._dice.choice(kinds)()

    def _sampling(self) -> dict[str, Callable[[], Any]]:
        return {
            "temperature": lambda: self._spelled("0", "1.0", "0.70", "2", "2e0", "1E-2", "-0", "0.10"),
            "top_p": lambda: self._spelled("1.0", "1", "0.950", "1e-1", "0"),
            "frequency_penalty": lambda: self._spelled("-2.0", "0.0", "-0", "2", "1.5e0"),
            "presence_penalty": lambda: self._spelled("-2.0", "0.0", "-0", "2", "15e-1"),
            "seed": lambda: self._spelled("7", "-9223372036854775808", "9223372036854775807", "1.0", "-0"),
            "n": lambda: self._spelled("1", "2", "3.0", "1e0"),
            "stop": lambda: self._one("END", ["END", "\n"], [], ["\u2028"]),
            "reasoning_effort": lambda: self._one("low", "high", "galactic", "none"),
        }

    def _demanding(self) -> dict[str, Callable[[], Any]]:
        return {
            "audio": lambda: {"voice": self._one("alloy", {"id": "v"}), "format": "wav"},
            "modalities": lambda: self._one(["text"], ["text", "audio"], []),
            "logit_bias": lambda: {"50256": self._spelled("-100", "-1e2", "5.0")},
            "logprobs": lambda: self._one(True, False),
            "top_logprobs": lambda: self._spelled("0", "5", "2.0e1"),
            "store": lambda: self._one(True, False),
            "moderation": lambda: {"model": "omni", "policy": self.anything()},
            "web_search_options": lambda: {"search_context_size": "low", "user_location": self.anything()},
        }

    def _hints(self) -> dict[str, Callable[[], Any]]:
        return {
            "metadata": lambda: {self._name(): self._text()},
            "prediction": lambda: {"type": "content", "content": self._text()},
            "prompt_cache_key": lambda: self._one("k-1", "été"),
            "prompt_cache_options": lambda: {"mode": "explicit", "ttl": "30m", **self._more()},
            "prompt_cache_retention": lambda: self._one("24h", "in_memory", "forever"),
            "safety_identifier": lambda: self._one("ada", "ü"),
            "service_tier": lambda: self._one("auto", "flex", "warp"),
            "user": lambda: self._one("ada", "grace"),
            "verbosity": lambda: self._one("low", "chatty"),
        }

    def _shapes(self) -> dict[str, Callable[[], Any]]:
        return {"response_format": self._format, "parallel_tool_calls": lambda: self._one(True, False)}

    def _format(self) -> Any:
        named = {"name": "total", "strict": self._one(True, False, None), "schema": self._schema()}
        return self._one(
            {"type": "text"},
            {"type": "json_object"},
            {"type": "grammar", **self._more()},
            {"type": "json_schema", "json_schema": named},
        )

    def _schema(self) -> dict[str, Any]:
        bounds = {"minimum": self._spelled("0.10", "-0", "1e2"), "multipleOf": self._spelled("0.010", "1.0")}
        return {"type": "object", "properties": {"sum": {"type": "number", **bounds}}, "additionalProperties": False}

    def _tools(self) -> dict[str, Any]:
        if self._often(0.6):
            return {}
        function = {"name": "look", "parameters": self._schema(), "description": self._text()}
        if self._often(0.2):
            return {"functions": [function], "function_call": self._one("auto", "none", {"name": "look"})}
        tools: list[Any] = [{"type": "function", "function": {**function, **self._more()}}]
        if self._often(0.2):
            tools.append({"type": "custom", "custom": {"name": "run", "format": {"type": "text"}}})
        choices = ("auto", "none", "required", {"type": "function", "function": {"name": "look"}}, "sometimes")
        return {"tools": tools, **({"tool_choice": self._one(*choices)} if self._often(0.5) else {})}

    def _limit(self) -> dict[str, Any]:
        """Two names of one limit: a body has one of them at most."""
        name = self._one("max_tokens", "max_completion_tokens")
        return {name: self._spelled("1", "16", "64.0", "1e2")} if self._often(0.4) else {}

    def _streaming(self) -> dict[str, Any]:
        if self._often(0.5):
            return {"stream": self._one(False, None)} if self._often(0.2) else {}
        options: dict[str, Any] = self._one({}, {"include_usage": True}, {"include_usage": False, **self._more()})
        return {"stream": True, **({"stream_options": self._one(options, None)} if self._often(0.5) else {})}

    def _messages(self) -> list[Any]:
        turns: list[Any] = []
        if self._often(0.4):
            turns.append({"role": self._one("system", "developer"), "content": self._word()})
        for number in range(self._dice.randrange(3)):
            turns += self._round(number)
        if self._often(0.05):
            turns.append({"role": "oracle", "content": self.anything()})
        return [*turns, {"role": "user", "content": self._content(), **self._named()}]

    def _round(self, number: int) -> list[Any]:
        asked = {"role": "user", "content": self._content()}
        if self._often(0.5):
            return [asked, {"role": "assistant", "content": self._word(), "refusal": None, **self._more()}]
        call = {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": "look", "arguments": self._arguments()},
        }
        result = {
            "role": "tool",
            "tool_call_id": f"call_{number}",
            "content": self._one("42", [{"type": "text", "text": "42"}]),
        }
        return [asked, {"role": "assistant", "content": None, "tool_calls": [call]}, result]

    def _content(self) -> Any:
        if self._often(0.5):
            return self._word()
        parts: list[Any] = [
            {"type": "text", "text": self._word(), **self._more()},
            {
                "type": "image_url",
                "image_url": {"url": self._one(_PIXEL, "https://example.com/a.png"), "detail": "low"},
            },
            {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
            {"type": "file", "file": {"file_id": "file-1"}},
            {"type": "hologram", "x": self.anything()},
        ]
        return [parts[0], *(part for part in parts[1:] if self._often(0.2))]

    def _named(self) -> dict[str, Any]:
        return {"name": "ada"} if self._often(0.1) else {}

    def _arguments(self) -> str:
        return self._one("{}", '{"n": 1.0}', '{"n": 1.', "", "not JSON")

    def _more(self) -> dict[str, Any]:
        return {f"x_{self._dice.randrange(9)}": self.anything(2)} if self._often(0.2) else {}

    def _deep(self) -> Any:
        value: Any = self._number()
        for _ in range(self._dice.randrange(_DEEPEST)):
            value = [value] if self._often(0.5) else {"d": value}
        return value

    def _name(self) -> str:
        return self._dice.choice(_NAMES) + (str(self._dice.randrange(99)) if self._often(0.3) else "")

    def _number(self) -> Spelled:
        if self._often(0.7):
            return self._spelled(*_ODD)
        sign, whole, part = self._one("", "-"), self._dice.randrange(10**6), self._dice.randrange(10**6)
        return Spelled(f"{sign}{whole}.{part:06d}{self._one('', 'e3', 'E-12', 'e+00')}")

    def _word(self) -> str:
        return f"{self._text()}?"

    def _text(self) -> str:
        return self._dice.choice(_TEXTS)

    def _spelled(self, *texts: str) -> Spelled:
        return Spelled(self._dice.choice(texts))

    def _one(self, *values: Any) -> Any:
        return self._dice.choice(values)

    def _often(self, share: float) -> bool:
        return self._dice.random() < share
