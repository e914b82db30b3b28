"""Which of its users does a caller ask for?"""

from __future__ import annotations

from typing import Any

from app.wires.place import LONGEST_NAME, Place


def read_user(body: Place, extras: dict[str, Any]) -> str | None:
    """`safety_identifier`, or the older `user`; where both are given and differ, the older goes into `extras`."""
    newer = body.at("safety_identifier").text(most=LONGEST_NAME)
    older = body.at("user").text(most=LONGEST_NAME)
    if newer is not None and older is not None and newer != older:
        extras["user"] = older
    return older if newer is None else newer
