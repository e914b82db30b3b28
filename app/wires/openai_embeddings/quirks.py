"""In what do the vendors who speak OpenAI's /embeddings differ?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingQuirks:
    """How one vendor departs from OpenAI.

    `encoding_format` is what vectors are asked for as: base64 takes a third of the bytes of text, and OpenAI's own SDK
    asks for it. `purposes` are the values of `input_type`, for a vendor that has that field.
    """

    encoding_format: Literal["float", "base64"] = "base64"
    purposes: Mapping[str, str] = field(default_factory=dict)
