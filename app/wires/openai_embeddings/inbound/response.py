"""How are vectors of ours written as a `list` of `embedding`s?

As bytes, vector by vector: in a thread of its own the rest of the service goes on between two of them.
"""

from __future__ import annotations

import base64
import json
import sys
from array import array
from collections.abc import Mapping
from typing import Any, Literal

from app.wires.inbound import OWN_FIELD
from app.wires.json_text import dump_json
from app.wires.vectors import Vector
from contracts.calls import EmbeddingReply
from contracts.chat import Usage


def encode_response(
    reply: EmbeddingReply,
    *,
    model: str,
    encoding_format: Literal["float", "base64"],
    extras: Mapping[str, Any] | None = None,
) -> bytes:
    """The JSON document; `extras` is our own object in it, `llm_service`."""
    written = _packed if encoding_format == "base64" else _listed
    entries = ",".join(
        f'{{"object":"embedding","index":{index},"embedding":{written(vector)}}}'
        for index, vector in enumerate(reply.vectors)
    )
    return b'{"object":"list","data":[%b],%b' % (entries.encode(), dump_json(_beside(reply, model, extras))[1:])


def _beside(reply: EmbeddingReply, model: str, extras: Mapping[str, Any] | None) -> dict[str, Any]:
    used = reply.usage or Usage()
    usage = {"prompt_tokens": used.input_tokens, "total_tokens": used.total_tokens or used.input_tokens}
    return {"model": model, "usage": usage, **({OWN_FIELD: dict(extras)} if extras else {})}


def _listed(vector: Vector) -> str:
    return json.dumps(vector, separators=(",", ":"))


def _packed(vector: Vector) -> str:
    """As text of little-endian 32-bit floats."""
    numbers = array("f", vector)
    if sys.byteorder == "big":  # pragma: no cover - no such machine in CI
        numbers.byteswap()
    return f'"{base64.b64encode(numbers.tobytes()).decode()}"'
