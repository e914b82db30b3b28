"""Which of its users does a caller ask for?"""

from __future__ import annotations

from app.wires.place import LONGEST_NAME, Place


def read_user(body: Place) -> str | None:
    """`safety_identifier`, or the older `user`."""
    newer = body.text_at("safety_identifier", most=LONGEST_NAME)
    older = body.text_at("user", most=LONGEST_NAME)
    return older if newer is None else newer
