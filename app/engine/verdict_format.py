"""Which verdict is asked of a model, and which is taken? The caller's answer is never made of anything else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from app.engine.intake import Order
from app.engine.shape import shape_of
from contracts.chat import ResponseFormat
from contracts.comparison import MAX_JUSTIFICATION, Winner

_OTHER: dict[Winner, Winner] = {"Essay A": "Essay B", "Essay B": "Essay A"}


def _schema(confidence: dict[str, Any], justification: dict[str, Any]) -> dict[str, Any]:
    properties = {
        # It comes first: a model that has given its reasons judges better than one that looks for them.
        "justification": {"type": "string", **justification},
        "winner": {"type": "string", "enum": list(_OTHER)},
        "confidence": {"type": "number", **confidence},
    }
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


# Vendors differ in the bounds that they enforce or even take; all that take a schema enforce an enum.
VERDICT_FORMAT = ResponseFormat(
    type="json_schema",
    name="verdict",
    json_schema=_schema({"enum": [step / 2 for step in range(2, 11)]}, {}),
)
_TAKEN = ResponseFormat(
    type="json_schema",
    json_schema=_schema({"minimum": 1, "maximum": 5}, {"minLength": 1, "pattern": r"\S"}),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model decided; `is_cut`: its justification was longer than what is answered."""

    winner: Winner
    confidence: float
    justification: str = field(repr=False)
    is_cut: bool

    def swapped(self) -> Verdict:
        """The same of the essays in their other order."""
        return replace(self, winner=_OTHER[self.winner])


def demanding_a_verdict(order: Order) -> Order:
    """The order for which only a verdict is an answer: one that was cut or refused is none."""
    shape = shape_of(_TAKEN)
    return replace(order, shape=replace(shape, is_demanded=True) if shape is not None else None)


def read_verdict(text: str) -> Verdict:
    """The verdict in `text`, which the order's shape has let pass."""
    found = json.loads(text)
    # Half of a surrogate pair, which JSON can escape, cannot be written anywhere.
    justification = found["justification"].encode(errors="replace").decode()
    return Verdict(
        winner=found["winner"],
        confidence=float(found["confidence"]),
        justification=justification[:MAX_JUSTIFICATION],
        is_cut=len(justification) > MAX_JUSTIFICATION,
    )
