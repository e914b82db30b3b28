"""Where in a caller's body are we, and is what stands there as it must be?

A body is read through places. A reading that finds a fault notes it and gives None, so that one pass finds all faults.
Most fields of a dialect are absent from most bodies, and nearly all that are there are right: `..._at` makes a place
only of one that is to be looked at closely, and `says_any` and `says_only` ask for many fields at once.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Collection, Set
from decimal import Decimal
from typing import Any

from app.wires.findings import Findings
from contracts.broken_rule import BrokenRuleError
from contracts.field_errors import shown_key
from contracts.text import whole_text

LONGEST_NAME = 256
_NUMBERS = (int, float, Decimal)
_PLAIN_NUMBERS = (int, float)
# What a field says that could as well be absent: SDKs send an answer back with all its fields.
_NOTHING: tuple[Any, ...] = (None, "", [], {})


class Place:
    """A value of a body and its dotted path. An absent field and null are the same: not given (`is_given`)."""

    # Not a frozen dataclass: one is made for every field that is looked at, in 0.3 µs instead of 1.3.
    __slots__ = ("findings", "is_given", "path", "value")

    def __init__(self, value: Any, path: str, findings: Findings) -> None:
        self.value = value
        self.path = path
        self.findings = findings
        self.is_given = value is not None

    def wrong(self, message: str, hint: str | None = None) -> None:
        """Note a fault of this place; `message` goes on after its name."""
        self.findings.add(self.path, message, hint)

    def demand(self, message: str) -> None:
        """Note that what stands here only a vendor of this dialect can do; `message` goes on after its name."""
        self.findings.demand(self.path, message)

    def breaks(self, rule: BrokenRuleError) -> None:
        """Note a rule of the contract that what stands here breaks; its own path is in the contract's names."""
        self.wrong(rule.message, rule.hint)

    def at(self, name: str | int) -> Place:
        """The place below; not given where this one is no object."""
        value = self.value.get(name) if isinstance(self.value, dict) else None
        return Place(value, f"{self.path}.{name}" if self.path else str(name), self.findings)

    def says_any(self, names: Set[str]) -> bool:
        """Whether the object here has any of the fields `names`: to look for each takes longer than to ask once."""
        return not self.value.keys().isdisjoint(names)

    def says_only(self, names: Set[str]) -> bool:
        """Whether the object here has no fields but `names`."""
        return bool(self.value.keys() <= names)

    def need(self, name: str) -> Place:
        """The place below, which must be given."""
        below = self.at(name)
        if not below.is_given:
            below.wrong("is required")
        return below

    def is_object(self, *, required: bool = False) -> bool:
        """Whether an object stands here; anything else that does is a fault, and where `required` nothing is too."""
        if isinstance(self.value, dict):
            return True
        if self.is_given or required:
            self.wrong("must be an object")
        return False

    def has_others(self, known: Collection[str]) -> bool:
        """Whether the object here says something in fields that are not `known`."""
        return any(name not in known and value not in _NOTHING for name, value in self.value.items())

    def ignore_others(self, known: Set[str]) -> None:
        """Note what an object here says in fields that are not `known`: it is not taken."""
        if not isinstance(self.value, dict) or self.value.keys() <= known:
            return
        for name, value in self.value.items():
            if name not in known and value not in _NOTHING:
                self.findings.ignore(self.at(shown_key(str(name))).path)

    def entries(self, *, least: int = 0, most: int) -> list[Place]:
        """The places in a list of `least` to `most`."""
        if not self._is(list, "a list") or not self._has_length(least, most, "item(s)"):
            return []
        return [Place(one, f"{self.path}.{index}", self.findings) for index, one in enumerate(self.value)]

    def text(self, *, least: int = 0, most: int = sys.maxsize, pattern: re.Pattern[str] | None = None) -> str | None:
        """Text of `least` to `most` characters that matches `pattern` as a whole, without NUL or half characters."""
        value = self.value
        if not isinstance(value, str):
            self._is(str, "text")
            return None
        if not least <= len(value) <= most:
            self._has_length(least, most, "character(s)")
            return None
        if pattern is not None and not pattern.fullmatch(value):
            self.wrong(f"must match ^{pattern.pattern}$")
            return None
        try:
            return whole_text(value)
        except ValueError as error:
            self.wrong(str(error))
            return None

    def text_at(self, name: str, *, least: int = 0, most: int = sys.maxsize) -> str | None:
        """The text in the field `name` of the object here."""
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, str) and least <= len(value) <= most and value.isascii() and "\x00" not in value:
            return value
        return self.at(name).text(least=least, most=most)

    def name(self) -> str:
        """A name of 1 to 256 characters; empty when it is none."""
        return self.text(least=1, most=LONGEST_NAME) or ""

    def one_of(self, *words: str) -> str | None:
        """One of `words`."""
        if not self.is_given:
            return None
        if isinstance(self.value, str) and self.value in words:
            return self.value
        quoted = [f"'{word}'" for word in words]
        self.wrong(f"must be {' or '.join(filter(None, [', '.join(quoted[:-1]), quoted[-1]]))}")
        return None

    def word(self, *known: str) -> str | None:
        """One of the `known` words. Any other is no fault, for a vendor may know it: it gives None."""
        return self.value if self._is(str, "text") and self.value in known else None

    def hint(self, *known: str) -> str | None:
        """The same, where the answer does not depend on it: another word is noted as not known here."""
        word = self.word(*known)
        if word is None and isinstance(self.value, str):
            self.findings.ignore(self.path)
        return word

    def flag(self) -> bool | None:
        """True or false."""
        return self.value if self._is(bool, "true or false") else None

    def flag_at(self, name: str) -> bool | None:
        """The same in the field `name` of the object here."""
        value = self.value.get(name)
        return value if value is None or isinstance(value, bool) else self.at(name).flag()

    def number(self, low: int, high: int) -> float | None:
        """A number in [low, high]."""
        return float(self.value) if self._is_number("a number") and self._is_within(low, high) else None

    def number_at(self, name: str, low: int, high: int) -> float | None:
        """The same in the field `name` of the object here."""
        value = self.value.get(name)
        if value is None:
            return None
        if type(value) in _PLAIN_NUMBERS and low <= value <= high:
            return float(value)
        return self.at(name).number(low, high)

    def whole_number(self, low: int, high: int) -> int | None:
        """A whole number in [low, high]; 5.0 is one."""
        if not self._is_number("a whole number") or not self._is_within(low, high):
            return None
        if self.value == int(self.value):
            return int(self.value)
        self.wrong("must be a whole number")
        return None

    def whole_number_at(self, name: str, low: int, high: int) -> int | None:
        """The same in the field `name` of the object here."""
        value = self.value.get(name)
        if value is None:
            return None
        if type(value) is int and low <= value <= high:
            return value
        return self.at(name).whole_number(low, high)

    def _is(self, kind: type[Any], words: str) -> bool:
        if isinstance(self.value, kind):
            return True
        if self.is_given:
            self.wrong(f"must be {words}")
        return False

    def _has_length(self, least: int, most: int, what: str) -> bool:
        count = len(self.value)
        if count < least:
            self.wrong(f"must have at least {least} {what}")
        elif count > most:
            self.wrong(f"must have at most {most} {what.replace('(s)', 's')}")
        return least <= count <= most

    def _is_number(self, what: str) -> bool:
        value = self.value
        if value is None:
            return False
        if isinstance(value, bool) or not isinstance(value, _NUMBERS):
            self.wrong(f"must be {what}")
            return False
        is_finite = value.is_finite() if isinstance(value, Decimal) else isinstance(value, int) or math.isfinite(value)
        if not is_finite:
            self.wrong("must be a finite number")
        return is_finite

    def _is_within(self, low: int, high: int) -> bool:
        # Before any conversion: a Decimal or an int may be too large for it.
        if self.value < low:
            self.wrong(f"must be at least {low}")
        elif self.value > high:
            self.wrong(f"must be at most {high}")
        return bool(low <= self.value <= high)
