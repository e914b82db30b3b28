"""In which of two shapes are models written for a caller? In that of the SDK that asks.

`x-api-key` decides nothing: it is one of our own ways to send a key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Request

from app.surfaces.dialect import Dialect, dialect_of
from app.wires.anthropic_messages.inbound import models as anthropic
from app.wires.anthropic_messages.inbound.version import VERSION_HEADER, check_version
from app.wires.openai_chat.inbound import models as openai
from contracts import ModelInfo

_ANTHROPICS_PAGE = 20


class _EncodeList(Protocol):
    def __call__(self, models: Sequence[ModelInfo], *, has_more: bool) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """How a dialect writes. `usual_limit` None: it lists all at once. `has_embeddings`: it can ask for vectors."""

    encode_model: Callable[[ModelInfo], dict[str, Any]]
    encode_models: _EncodeList
    usual_limit: int | None
    has_embeddings: bool

    def can_ask(self, info: ModelInfo) -> bool:
        """Whether a caller of the dialect has a use for the model."""
        return info.capabilities.chat or self.has_embeddings


OPENAI = ModelShape(
    encode_model=openai.encode_model, encode_models=openai.encode_models, usual_limit=None, has_embeddings=True
)
ANTHROPIC = ModelShape(
    encode_model=anthropic.encode_model,
    encode_models=anthropic.encode_models,
    usual_limit=_ANTHROPICS_PAGE,
    has_embeddings=False,
)


def model_shape(request: Request) -> ModelShape:
    """The shape of the answer. Raises InvalidRequestError for a version of the dialect that there is not."""
    if dialect_of(request.scope) is not Dialect.ANTHROPIC:
        return OPENAI
    check_version(request.headers[VERSION_HEADER])
    return ANTHROPIC
