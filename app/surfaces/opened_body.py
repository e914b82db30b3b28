"""What did a body say, and how does it read when it is changed in a few places?

Most bodies that are passed on are changed nowhere, so where the members stand is looked for only when somebody asks.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.wires.splice import Change, JsonObject
from contracts.quick_making import maker_of

_SPACES = " \t\n\r"


@dataclass(slots=True, eq=False, repr=False)
class OpenedBody:
    """A JSON object in UTF-8: its bytes, and its members as they were read (a `contracts.calls.OpenedBody`).

    `values` are those of `raw`, in which no name stands twice; nobody writes to them.
    """

    raw: bytes
    values: Mapping[str, Any]

    def spliced(self, changes: Mapping[str, Change]) -> str:
        """Its text with `changes`, by the names of members, and all the rest as it was written."""
        if self.values and self.values.keys().isdisjoint(changes):
            return self._with_more(changes)
        return JsonObject.of(self.raw).spliced(changes)

    def _with_more(self, changes: Mapping[str, Change]) -> str:
        """What is only added goes behind the last member, whose end is found without reading all of it again."""
        text, more = self.raw.removeprefix(BOM_UTF8).decode(), JsonObject("{}").spliced(changes)[1:-1]
        end = len(text[: text.rindex("}")].rstrip(_SPACES))
        return f"{text[:end]},{more}{text[end:]}" if more else text


new_opened = maker_of(OpenedBody)
