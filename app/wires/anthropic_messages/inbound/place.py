"""Where in a body does a value stand, and is it what must be there?

A reader gives None for a value that is not given or wrong, and lists what is wrong with it, so that one pass over a
body finds all its faults. Values never appear in them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.wires.anthropic_messages.tool_inputs import plain
from contracts.broken_rule import BrokenRuleError
from contracts.errors import InvalidRequestError
from contracts.field_errors import MAX_REPORTED, shown_key
from contracts.responses import FieldError
from contracts.text import whole_text


class Faults:
    """What is wrong with one body: the first faults, and how many there are."""

    def __init__(self) -> None:
        self._listed: list[FieldError] = []
        self._found = 0

    @property
    def is_any(self) -> bool:
        """Whether something is wrong."""
        return self._found > 0

    def add(self, path: str, message: str, hint: str | None = None) -> None:
        """One more."""
        self._found += 1
        if len(self._listed) < MAX_REPORTED:
            self._listed.append(FieldError(field=path, message=message, hint=hint))

    def check(self) -> None:
        """Raises InvalidRequestError when there is any."""
        if not self._listed:
            return
        first = self._listed[0]
        detail = f"{first.field or 'the body'}: {first.message}"
        more = self._found - 1
        raise InvalidRequestError(f"{detail}; and {more} more" if more else detail, errors=self._listed)


@dataclass(frozen=True, slots=True)
class Place:
    """One value of a body and its dotted path; JSON's null is a value that is not given."""

    value: Any = field(repr=False)
    path: str
    faults: Faults = field(repr=False)

    @property
    def is_given(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def at(self, name: str) -> Place:
        """The place of a field; that of an object without it is not given."""
        value = self.value.get(name) if isinstance(self.value, Mapping) else None
        return Place(value, f"{self.path}.{name}" if self.path else name, self.faults)

    def wrong(self, message: str, hint: str | None = None) -> None:
        """Lists what is wrong here: the end of a sentence that begins with the field's name."""
        self.faults.add(self.path, message, hint)

    def breaks(self, rule: BrokenRuleError) -> None:
        """Lists the contract's rule that is broken here, at the field that it names, if there is one of that name."""
        field = self.at(str(rule.path[-1])) if rule.path else self
        (field if field.is_given else self).wrong(rule.message, rule.hint)

    def needed(self) -> Place:
        """This place, in which a value must stand."""
        if not self.is_given:
            self.wrong("is required")
        return self

    def is_object(self) -> bool:
        """Whether an object stands here; anything else that is given is wrong."""
        return self._is(Mapping, "an object")

    def items(self, *, least: int = 0, most: int | None = None) -> list[Place]:
        """The places of a list."""
        if not self._is(list, "a list"):
            return []
        if len(self.value) < least:
            self.wrong(f"must have at least {least} item(s)")
        if most is not None and len(self.value) > most:
            self.wrong(f"must have at most {most} items")
            return []
        return [Place(item, f"{self.path}.{number}", self.faults) for number, item in enumerate(self.value)]

    def text(self, *, least: int = 0, most: int | None = None) -> str | None:
        """Text of `least` to `most` characters that every vendor can hold."""
        if not self._is(str, "text"):
            return None
        text: str = self.value
        if len(text) < least:
            self.wrong(f"must have at least {least} character(s)")
        elif most is not None and len(text) > most:
            self.wrong(f"must have at most {most} characters")
        else:
            try:
                return whole_text(text)
            except ValueError as error:
                self.wrong(str(error))
        return None

    def name(self) -> str | None:
        """Text as the contract's names are."""
        return self.text(least=1, most=256)

    def matching(self, pattern: re.Pattern[str], rule: str) -> str | None:
        """Text that `pattern` describes; `rule` says it in words."""
        text = self.text()
        if text is not None and not pattern.fullmatch(text):
            self.wrong(rule)
            return None
        return text

    def one_of(self, known: Collection[str]) -> str | None:
        """One of the `known` words."""
        if not self.is_given:
            return None
        if not isinstance(self.value, str) or self.value not in known:
            self.wrong(f"must be one of {', '.join(known)}")
            return None
        return self.value

    def truth(self) -> bool | None:
        """True or false."""
        return self.value if self._is(bool, "true or false") else None

    def whole_number(self, *, least: int, most: int) -> int | None:
        """A whole number from `least` to `most`."""
        number = self._number("a whole number", least, most)
        if number is None or number == int(number):
            return None if number is None else int(number)
        self.wrong("must be a whole number")
        return None

    def number(self, *, least: int, most: int) -> float | None:
        """A number from `least` to `most`."""
        number = self._number("a number", least, most)
        return None if number is None else float(number)

    def json_object(self) -> dict[str, Any] | None:
        """An object of any JSON, as it can be written again."""
        if not self.is_object():
            return None
        try:
            copied = plain(self.value)
        except ValueError:
            self.wrong("must hold nothing but what JSON can say")
            return None
        return copied

    def allow_only(self, known: Collection[str]) -> None:
        """Every other field of the object is wrong."""
        for name in self.value:
            if name not in known:
                self.at(shown_key(str(name))).wrong("is not a known field")

    def _is(self, kind: type[Any], words: str) -> bool:
        if isinstance(self.value, kind):
            return True
        if self.is_given:
            self.wrong(f"must be {words}")
        return False

    def _number(self, words: str, least: int, most: int) -> int | float | Decimal | None:
        value = self.value
        if not self.is_given:
            return None
        if not isinstance(value, int | float | Decimal) or isinstance(value, bool):
            self.wrong(f"must be {words}")
        elif not isinstance(value, int) and not math.isfinite(value):
            self.wrong("must be a finite number")
        elif value < least:
            self.wrong(f"must be at least {least}")
        elif value > most:
            self.wrong(f"must be at most {most}")
        else:
            return value
        return None
