"""How is a caller's JSON changed in one place, with all the rest byte by byte as it was written?

The standard library's reader says where each member of an object ends, so that its text can be kept: spaces, the
spelling of numbers, escapes and order. Only what is changed is written anew.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

# The JSON of a new value; None takes the member away; a mapping changes members of the member's own object.
Change: TypeAlias = bytes | Mapping[str, "Change"] | None

_NAME = r'[ \t\n\r]*"([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"[ \t\n\r]*:[ \t\n\r]*'
_opening = re.compile(r"[ \t\n\r]*\{").match
_first = re.compile(_NAME, re.DOTALL).match
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


class _Member(NamedTuple):
    """Where a member stands in the text: its name from `begin`, its value from `value` to `end`."""

    name: str
    begin: int
    value: int
    end: int


class JsonObject:
    """A JSON object as text, and its `values` by name."""

    def __init__(self, text: str, *, read: ReadValue = _read) -> None:
        """Raises ValueError for a text that is no JSON object, and what `read` raises."""
        self._text = text
        self._members: list[_Member] = []
        self.values: dict[str, Any] = {}
        self._inside = _found(_opening(text)).end()
        self._open(read)

    @classmethod
    def of(cls, body: bytes) -> JsonObject:
        """The object in `body`; a byte order mark is no part of it. Raises ValueError."""
        return cls(body.removeprefix(BOM_UTF8).decode())

    def spliced(self, changes: Mapping[str, Change]) -> str:
        """The text with `changes`."""
        return "".join(self._pieces(changes))

    @property
    def has_doubles(self) -> bool:
        """Whether a name stands there twice: `values` has the last."""
        return len(self._members) != len(self.values)

    def _open(self, read: ReadValue) -> None:
        """Finds the members. Each value is read on the way: that is how the reader finds its end."""
        text, end = self._text, self._inside
        named = _first(text, end)
        while named:
            name, value = named[1], named.end()
            if "\\" in name:
                name = json.loads(f'"{name}"')
            self.values[name], end = read(text, value)
            self._members.append(_Member(name, named.start(1) - 1, value, end))
            named = _next(text, end)
        _found(_closing(text, end))

    def _pieces(self, changes: Mapping[str, Change]) -> Iterator[str]:
        """The text up to `copied` is given out, as far as it is kept; what lies between two members goes with one."""
        text, members, copied, is_empty = self._text, self._members, 0, True
        for number, member in enumerate(members):
            if member.name not in changes:
                is_empty = False
            elif (change := changes[member.name]) is not None:
                yield text[copied : member.value]
                yield self._written(member, change)
                copied, is_empty = member.end, False
            elif is_empty:
                yield text[copied : member.begin]
                copied = members[number + 1].begin if number + 1 < len(members) else member.end
            else:
                yield text[copied : members[number - 1].end]
                copied = member.end
        end = members[-1].end if members else self._inside
        yield text[copied:end]
        for name, change in changes.items():
            if change is not None and name not in self.values:
                yield f"{'' if is_empty else ','}{json.dumps(name)}:{_new(change)}"
                is_empty = False
        yield text[end:]

    def _written(self, member: _Member, change: Change) -> str:
        if isinstance(change, Mapping) and isinstance(self.values[member.name], dict):
            return JsonObject(self._text[member.value : member.end]).spliced(change)
        return _new(change)


def _new(change: Change) -> str:
    """The text of a value that was not there before; what would be taken away from it is not there."""
    if isinstance(change, bytes):
        return change.decode()
    return JsonObject("{}").spliced(change or {})


def _found(match: re.Match[str] | None) -> re.Match[str]:
    if match is None:
        msg = "not a JSON object"
        raise ValueError(msg)
    return match
