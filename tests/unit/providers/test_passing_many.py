"""Do ten thousand bodies that nobody's serializer would write reach the vendor as they were written?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import httpx2

from app.upstream import UpstreamClient
from contracts.calls import ModelCall, Wire
from tests.unit.providers.passed import asked, reply_of
from tests.unit.providers.vendor_double import LIMITS, SSE, VendorDouble, events

BODIES = 10_000
SEED = 20261122
GAPS = ("", "", " ", "\n  ", "\t", " \r\n")
SIGNS = 'aé😀"\\/\n{}[],:0 '
NUMBERS = ("0", "-0", "1.0", "0.70", "1e5", "1E+05", "-1.50e-3", "12345678901234567890", "0.1000000000000000055511151")
STEERING = '{"tags": ["a"]}'


class Writer:
    """Writes JSON in all the ways in which JSON may be written."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def body(self) -> str:
        """A chat: its own fields, and others that no table knows, in any order."""
        fields = {
            "model": self._random.choice(('"smart"', '"sm\\u0061rt"')),
            "messages": self.messages(),
            **{f"x_{number}": self.anything(3) for number in range(self._random.randrange(4))},
        }
        known: dict[str, Callable[[], str]] = {
            "temperature": lambda: self._random.choice(("0", "1.0", "0.70", "2e-1", "15E-1")),
            "top_p": lambda: self._random.choice(("1", "0.50", "1e-1")),
            "max_completion_tokens": lambda: str(self._random.randrange(1, 9)),
            "n": lambda: self._random.choice(("1", "2", "3")),
            "stream": lambda: self._random.choice(("true", "false", "null")),
            "stream_options": self.options,
            "logprobs": lambda: "true",
            "store": lambda: self._random.choice(("true", "false")),
            "metadata": lambda: self.object({"a": self.text()}),
            "llm_service": lambda: STEERING,
        }
        for name in self._random.sample(sorted(known), self._random.randrange(5)):
            fields[name] = known[name]()
        names = self._random.sample(sorted(fields), len(fields))
        return self.object({name: fields[name] for name in names})

    def options(self) -> str:
        """Those of a stream."""
        asks = {"include_usage": self._random.choice(("true", "false"))}
        return self.object({**asks, "x": self.number()} if self._random.random() < 0.5 else asks)

    def messages(self) -> str:
        """At least one."""
        turns = range(self._random.randrange(1, 4))
        return self.array([self.object({"role": '"user"', "content": self.text("a")}) for _ in turns])

    def anything(self, depth: int) -> str:
        """Any value."""
        kind = self._random.randrange(6 if depth else 4)
        if kind == 4:
            return self.array([self.anything(depth - 1) for _ in range(self._random.randrange(4))])
        if kind == 5:
            return self.object({f"k{number}": self.anything(depth - 1) for number in range(self._random.randrange(4))})
        return (self.number(), self.text(), "null", self._random.choice(("true", "false")))[kind]

    def number(self) -> str:
        return self._random.choice(NUMBERS)

    def text(self, begin: str = "") -> str:
        said = begin + "".join(self._random.choice(SIGNS) for _ in range(self._random.randrange(9)))
        return json.dumps(said, ensure_ascii=self._random.random() < 0.5)

    def array(self, values: list[str]) -> str:
        return f"[{self.gap()}{f'{self.gap()},{self.gap()}'.join(values)}{self.gap()}]"

    def object(self, members: dict[str, str]) -> str:
        written = [f'"{name}"{self.gap()}:{self.gap()}{value}' for name, value in members.items()]
        return f"{{{self.gap()}{f'{self.gap()},{self.gap()}'.join(written)}{self.gap()}}}"

    def gap(self) -> str:
        return self._random.choice(GAPS)


def as_written(text: str | bytes) -> Any:
    """JSON in which each number is its text."""
    return json.loads(text, parse_float=lambda number: ("number", number), parse_int=lambda number: ("number", number))


def wanted(text: str, *, is_stream: bool) -> dict[str, Any]:
    """What must arrive: all but the model, what is ours, and how a stream is asked for."""
    data: dict[str, Any] = as_written(text)
    data.pop("llm_service", None)
    data["model"] = "gpt-4o"
    if is_stream:
        data["stream"] = True
        options = data.get("stream_options")
        data["stream_options"] = {**(options or {}), "include_usage": True}
    return data


def bodies() -> Iterator[tuple[str, bool]]:
    """Each body with whether it is answered by a stream."""
    writer = Writer(Random(SEED))
    for _ in range(BODIES):
        text = writer.body()
        yield text, json.loads(text).get("stream") is True


async def test_ten_thousand_bodies_arrive_as_they_were_written() -> None:
    """Equal as JSON, numbers to the letter, in the order in which their members were written."""
    sent: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.content)
        if request.headers["accept"] == "text/event-stream":
            return httpx2.Response(200, headers=SSE, content=b"".join(events("a")))
        return httpx2.Response(200, content=reply_of(Wire.OPENAI_CHAT))

    row = VendorDouble().row(upstream=UpstreamClient(httpx2.MockTransport(answer)))
    for text, is_stream in bodies():
        call: ModelCall = asked(Wire.OPENAI_CHAT, text.encode())
        if is_stream:
            await (await row.open_stream(call, model="gpt-4o", limits=LIMITS)).aclose()
        else:
            await row.complete(call, model="gpt-4o", limits=LIMITS)
        arrived, expected = as_written(sent.pop()), wanted(text, is_stream=is_stream)
        assert arrived == expected, text
        assert [name for name in arrived if name in expected] == list(expected), text
