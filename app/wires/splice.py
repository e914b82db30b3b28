"""How is a caller's JSON changed in one place, with all the rest byte by byte as it was written?

The standard library's reader says where each member of an object ends, so that its text can be kept: spaces, the
spelling of numbers, escapes and order. Only what is changed is written anew.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

# The JSON of a new value; None takes the member away; a mapping changes members of the member's own object.
Change: TypeAlias = bytes | Mapping[str, "Change"] | None

_NAME = r'[ \t\n\r]*"([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"[ \t\n\r]*:[ \t\n\r]*'
_opening = re.compile(r"[ \t\n\r]*\{").match
_first = re.compile(rf"[ \t\n\r]*\{{{_NAME}", re.DOTALL).match
_next = re.compile(rf"[ \t\n\r]*,{_NAME}", re.DOTALL).match
_closing = re.compile(r"[ \t\n\r]*\}[ \t\n\r]*\Z").match
_read = json.JSONDecoder().raw_decode

# Reads the JSON value that begins at a place of a text, and says where it ends. Raises ValueError.
ReadValue: TypeAlias = Callable[[str, int], tuple[Any, int]]


def spliced(body: bytes, changes: Mapping[str, Change]) -> bytes:
    """`body`, a JSON object in UTF-8, with `changes` to its members by name; what is not there yet is added at its end.

    A name that stands there twice is changed twice. Raises ValueError for a body that is no JSON object.
    """
    return JsonObject.of(body).spliced(changes).encode()


# A member by its name, and where it stands in the text: its name as it was found, and its value from there to its end.
_Member: TypeAlias = tuple[str, re.Match[str], int, int]


class JsonObject:
    """A JSON object as text, and its `values` by name."""

    __slots__ = ("_ends_at", "_members", "_text", "values")

    def __init__(self, text: str, *, read: ReadValue = _read) -> None:
        """Each value is read on the way: that is how the reader finds its end.

        Raises ValueError for a text that is no JSON object, and what `read` raises.
        """
        values: dict[str, Any] = {}
        members: list[_Member] = []
        named = _first(text)
        end = 0 if named else _end(_opening(text))
        while named:
            name, value = named[1], named.end()
            if "\\" in name:
                name = json.loads(f'"{name}"')
            values[name], end = read(text, value)
            members.append((name, named, value, end))
            named = _next(text, end)
        if text[end:] != "}":
            _end(_closing(text, end))
        self.values, self._members, self._text, self._ends_at = values, members, text, end

    @classmethod
    def of(cls, body: bytes) -> JsonObject:
        """The object in `body`; a byte order mark is no part of it. Raises ValueError."""
        return cls(body.removeprefix(BOM_UTF8).decode())

    def spliced(self, changes: Mapping[str, Change]) -> str:
        """The text with `changes`."""
        return "".join(self._pieces(changes)) if changes else self._text

    @property
    def has_doubles(self) -> bool:
        """Whether a name stands there twice: `values` has the last."""
        return len(self._members) != len(self.values)

    def _pieces(self, changes: Mapping[str, Change]) -> list[str]:
        """The text is taken over up to `copied`, as far as it is kept; what lies between two members goes with one."""
        text, members, copied, is_empty = self._text, self._members, 0, True
        before = 0
        pieces: list[str] = []
        for number, (name, named, value, end) in enumerate(members):
            if name not in changes:
                is_empty = False
            elif (change := changes[name]) is not None:
                pieces += (text[copied:value], self._written(name, text[value:end], change))
                copied, is_empty = end, False
            elif is_empty:
                pieces.append(text[copied : _begin(named)])
                copied = _begin(members[number + 1][1]) if number + 1 < len(members) else end
            else:
                pieces.append(text[copied:before])
                copied = end
            before = end
        pieces.append(text[copied : self._ends_at])
        for name, change in changes.items():
            if change is not None and name not in self.values:
                pieces.append(f"{'' if is_empty else ','}{json.dumps(name)}:{_new(change)}")
                is_empty = False
        pieces.append(text[self._ends_at :])
        return pieces

    def _written(self, name: str, text: str, change: Change) -> str:
        if isinstance(change, Mapping) and isinstance(self.values[name], dict):
            return JsonObject(text).spliced(change)
        return _new(change)


def _new(change: Change) -> str:
    """The text of a value that was not there before; what would be taken away from it is not there."""
    if isinstance(change, bytes):
        return change.decode()
    return JsonObject("{}").spliced(change or {})


def _begin(named: re.Match[str]) -> int:
    """Of the quote before the name."""
    return named.start(1) - 1


def _end(match: re.Match[str] | None) -> int:
    if match is None:
        msg = "not a JSON object"
        raise ValueError(msg)
    return match.end()
