"""How is JSON written as no serializer writes it, and read so that two spellings of a number are two values?

Written with stray spaces, escapes where none is needed, and numbers as they are spelled; read with numbers as text and
objects as pairs, in their order.
"""

from __future__ import annotations

import json
import random
from typing import Any, NamedTuple

_SPACES = ("", "", "", " ", "\n", "\t", "  ", "\r\n ")
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "/": "\\/"}
_MUST_ESCAPE = frozenset(map(chr, range(0x20))) | {'"', "\\"}


class Spelled(NamedTuple):
    """A number as it stands in the text."""

    text: str


class Members(NamedTuple):
    """An object as its members, in order."""

    pairs: tuple[tuple[str, Any], ...]

    def but(self, **changes: Any) -> Members:
        """The same with members changed in place or, with None, left out; new ones stand at the end."""
        kept = [(name, changes.pop(name, value)) for name, value in self.pairs]
        return Members(tuple((name, value) for name, value in (*kept, *changes.items()) if value is not _OUT))

    def get(self, name: str) -> Any:
        """The value of a member; None where there is none."""
        return dict(self.pairs).get(name)


_OUT = object()
LEFT_OUT: Any = _OUT


def read_spelled(text: bytes) -> Any:
    """JSON with each number as it is spelled, and each object as its pairs."""
    return json.loads(
        text, parse_float=Spelled, parse_int=Spelled, object_pairs_hook=lambda pairs: Members(tuple(pairs))
    )


class OddWriter:
    """Writes values of Python, `Spelled` among them, in ways that only `dice` knows."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def write(self, value: Any) -> bytes:
        """The JSON of `value`."""
        return f"{self._space()}{self._text(value)}{self._space()}".encode()

    def _text(self, value: Any) -> str:
        if isinstance(value, Spelled):
            return value.text
        if isinstance(value, str):
            return f'"{"".join(map(self._sign, value))}"'
        if isinstance(value, dict):
            return self._listed(
                "{}",
                [f"{self._text(name)}{self._space()}:{self._space()}{self._text(one)}" for name, one in value.items()],
            )
        if isinstance(value, list):
            return self._listed("[]", [self._text(one) for one in value])
        return json.dumps(value)

    def _listed(self, brackets: str, items: list[str]) -> str:
        inside = ",".join(f"{self._space()}{item}{self._space()}" for item in items)
        return f"{brackets[0]}{inside or self._space()}{brackets[1]}"

    def _sign(self, sign: str) -> str:
        if sign not in _MUST_ESCAPE and self._dice.random() > 0.1:
            return sign
        if sign in _SHORT_ESCAPES and self._dice.random() > 0.3:
            return _SHORT_ESCAPES[sign]
        return json.dumps(sign, ensure_ascii=True)[1:-1] if ord(sign) > 0xFFFF else f"\\u{ord(sign):04x}"

    def _space(self) -> str:
        return self._dice.choice(_SPACES)
