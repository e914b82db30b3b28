"""Which fields of a body ask for what only a vendor of its own dialect can do?

The tables stand with each dialect; a value that asks for nothing beyond what every answer has is no demand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.wires.place import Place

# Of parts, items, tools and words that are not known here.
STRANGE = "is known to vendors of this dialect only"


@dataclass(frozen=True, slots=True)
class Demand:
    """What a field asks for, as a sentence that its name begins; `nothing`: values with which it asks for nothing."""

    message: str
    nothing: tuple[Any, ...] = ()


def note_demands(body: Place, table: Mapping[str, Demand]) -> None:
    """Note each field of `table` that `body` gives."""
    if body.value.keys().isdisjoint(table.keys()):
        return
    for name, demand in table.items():
        if name not in body.value:
            continue
        place = body.at(name)
        if place.is_given and not any(_is_same(place.value, nothing) for nothing in demand.nothing):
            place.demand(demand.message)


def _is_same(value: Any, nothing: Any) -> bool:
    # 0 is not false here, and a number of any other kind is not compared: a signalling NaN would raise.
    return type(value) is type(nothing) and bool(value == nothing)
