"""How does a model become an answer? Written once, by pydantic, straight to bytes: no second look by the framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel
from starlette.responses import Response

from app.http.whole_answer import WholeAnswer


def json_answer(model: BaseModel, headers: Mapping[str, str] | None = None, *, status: int = 200) -> Response:
    """`model`, as a 200 unless another `status` is given; secrets in it come out masked."""
    # What `model_dump_json` makes a text of, to be made bytes again.
    return WholeAnswer(model.__pydantic_serializer__.to_json(model), headers or {}, status=status)


def json_list(models: Sequence[BaseModel]) -> Response:
    """`models` as a 200."""
    return WholeAnswer(b"[" + b",".join(model.__pydantic_serializer__.to_json(model) for model in models) + b"]", {})
