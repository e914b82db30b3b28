"""How does a model become an answer? Written once, by pydantic, straight to bytes: no second look by the framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel
from starlette.responses import Response

MEDIA_TYPE = "application/json"


def json_answer(model: BaseModel, headers: Mapping[str, str] | None = None, *, status: int = 200) -> Response:
    """`model`, as a 200 unless another `status` is given; secrets in it come out masked."""
    return Response(model.model_dump_json(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def json_list(models: Sequence[BaseModel]) -> Response:
    """`models` as a 200."""
    return Response(
        b"[" + b",".join(model.model_dump_json().encode() for model in models) + b"]", media_type=MEDIA_TYPE
    )
