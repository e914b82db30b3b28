"""What does `cache_control` ask to be kept?"""

from __future__ import annotations

from typing import Literal, cast

from app.wires.anthropic_messages.inbound.place import Place
from contracts.chat import CacheControl


def decode_mark(block: Place) -> CacheControl | None:
    """The cache mark of a block or tool."""
    place = block.at("cache_control")
    if not place.is_given or not place.is_object():
        return None
    place.at("type").needed().one_of(["ephemeral"])
    return CacheControl(ttl=cast(Literal["5m", "1h"] | None, place.at("ttl").one_of(["5m", "1h"])))
