"""Where in a body are we, what stands there, and what is wrong with it?

A body is read through places. A reading that finds a fault notes it and gives None, so that one pass finds all faults;
`Faults.settle` raises them together. Values never stand in a fault: they are prompts.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contracts.broken_rule import BrokenRuleError
from contracts.errors import InvalidRequestError
from contracts.field_errors import MAX_REPORTED
from contracts.responses import FieldError
from contracts.text import whole_text

LONGEST_NAME = 256


class Faults:
    """What is wrong with one body: the first faults, and how many there are."""

    def __init__(self) -> None:
        self._listed: list[FieldError] = []
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self._listed)

    def add(self, field: str, message: str, hint: str | None = None) -> None:
        """Note one more."""
        self._count += 1
        if len(self._listed) < MAX_REPORTED:
            self._listed.append(FieldError(field=field, message=message, hint=hint))

    def settle(self) -> None:
        """Raises InvalidRequestError when there are any; its detail says the first."""
        if not self._listed:
            return
        first, more = self._listed[0], self._count - 1
        detail = f"{first.field or 'the body'}: {first.message}"
        raise InvalidRequestError(f"{detail}; and {more} more" if more else detail, errors=self._listed)


@dataclass(frozen=True, slots=True)
class Place:
    """A value of a body and its dotted path. An absent field and null are the same: not given."""

    value: Any
    path: str
    faults: Faults

    @property
    def is_given(self) -> bool:
        """Whether anything stands here."""
        return self.value is not None

    def wrong(self, message: str) -> None:
        """Note a fault of this place; `message` goes on after its name."""
        self.faults.add(self.path, message)

    def breaks(self, rule: BrokenRuleError) -> None:
        """Note a rule of the contract that what stands here breaks; its own path is in the contract's names."""
        self.faults.add(self.path, rule.message, rule.hint)

    def at(self, name: str | int) -> Place:
        """The place below; not given where this one is no object."""
        value = self.value.get(name) if isinstance(self.value, dict) else None
        return Place(value, f"{self.path}.{name}" if self.path else str(name), self.faults)

    def need(self, name: str) -> Place:
        """The place below, which must be given."""
        below = self.at(name)
        if not below.is_given:
            below.wrong("is required")
        return below

    def is_object(self, *, required: bool = False) -> bool:
        """Whether an object stands here; anything else that does is a fault, and where `required` nothing is too."""
        if not isinstance(self.value, dict) and (self.is_given or required):
            self.wrong("must be an object")
        return isinstance(self.value, dict)

    def entries(self, *, least: int = 0, most: int) -> list[Place]:
        """The places in a list of `least` to `most`."""
        if not self.is_given:
            return []
        if not isinstance(self.value, list):
            self.wrong("must be a list")
        elif len(self.value) < least:
            self.wrong(f"must have at least {least} item(s)")
        elif len(self.value) > most:
            self.wrong(f"must have at most {most} items")
        else:
            return [Place(one, f"{self.path}.{index}", self.faults) for index, one in enumerate(self.value)]
        return []

    def text(self, *, least: int = 0, most: int | None = None, pattern: re.Pattern[str] | None = None) -> str | None:
        """Text of `least` to `most` characters that matches `pattern` as a whole, without NUL or half characters."""
        if not self.is_given:
            return None
        if not isinstance(self.value, str):
            self.wrong("must be text")
        elif len(self.value) < least:
            self.wrong(f"must have at least {least} character(s)")
        elif most is not None and len(self.value) > most:
            self.wrong(f"must have at most {most} characters")
        elif pattern is not None and not pattern.fullmatch(self.value):
            self.wrong(f"must match ^{pattern.pattern}$")
        else:
            return self._whole(self.value)
        return None

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

    def flag(self) -> bool | None:
        """True or false."""
        if isinstance(self.value, bool):
            return self.value
        if self.is_given:
            self.wrong("must be true or false")
        return None

    def number(self, low: int, high: int) -> float | None:
        """A number in [low, high]."""
        return float(self.value) if self._is_number("a number") and self._is_within(low, high) else None

    def whole_number(self, low: int, high: int) -> int | None:
        """A whole number in [low, high]; 5.0 is one."""
        if not self._is_number("a whole number") or not self._is_within(low, high):
            return None
        if self.value == int(self.value):
            return int(self.value)
        self.wrong("must be a whole number")
        return None

    def _whole(self, text: str) -> str | None:
        try:
            return whole_text(text)
        except ValueError as error:
            self.wrong(str(error))
            return None

    def _is_number(self, what: str) -> bool:
        value = self.value
        if not self.is_given:
            return False
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            self.wrong(f"must be {what}")
        elif not (value.is_finite() if isinstance(value, Decimal) else isinstance(value, int) or math.isfinite(value)):
            self.wrong("must be a finite number")
        else:
            return True
        return False

    def _is_within(self, low: int, high: int) -> bool:
        # Before any conversion: a Decimal or an int may be too large for it.
        if self.value < low:
            self.wrong(f"must be at least {low}")
        elif self.value > high:
            self.wrong(f"must be at most {high}")
        return bool(low <= self.value <= high)
