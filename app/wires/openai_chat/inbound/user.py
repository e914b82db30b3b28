"""Which of its users does a caller ask for?"""

from __future__ import annotations

from app.wires.place import LONGEST_NAME, Place


def read_user(body: Place) -> str | None:
    """`safety_identifier`, or the older `user`."""
    newer = body.at("safety_identifier").text(most=LONGEST_NAME)
    older = body.at("user").text(most=LONGEST_NAME)
    return older if newer is None else newer
