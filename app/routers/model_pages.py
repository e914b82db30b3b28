"""Which part of the list of models was asked for? Pages by cursor: a cursor is the id of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from app.http.field_errors import invalid_request, refused
from contracts import FieldError, ModelInfo, ModelQuery

_LISTS = ("lifecycle", "lifecycle[]")


@dataclass(frozen=True, slots=True)
class ModelPage:
    """`has_more`: in the direction that was asked, there are more."""

    models: Sequence[ModelInfo]
    has_more: bool


def asked_page(sent: QueryParams) -> ModelQuery:
    """What the query asks; what it holds beyond that is another API's. Raises InvalidRequestError."""
    given: dict[str, object] = {name: sent[name] for name in ("limit", "after_id", "before_id") if name in sent}
    if stages := [stage for name in _LISTS for stage in sent.getlist(name)]:
        given["lifecycle"] = stages
    try:
        query = ModelQuery.model_validate(given)
    except ValidationError as error:
        raise invalid_request(error, ModelQuery, given) from None
    if query.after_id is not None and query.before_id is not None:
        raise refused([FieldError(field="before_id", message="cannot be given beside after_id: give one of them")])
    return query


def page_of(models: Sequence[ModelInfo], query: ModelQuery, *, usual_limit: int | None) -> ModelPage:
    """The page; `usual_limit` None: all, without a limit in the query. Raises InvalidRequestError for a lost cursor."""
    alive = [info for info in models if info.lifecycle in query.lifecycle]
    limit = query.limit or usual_limit or len(alive)
    if query.before_id is not None:
        end = _place(alive, "before_id", query.before_id)
        start = max(0, end - limit)
        return ModelPage(alive[start:end], has_more=start > 0)
    start = 0 if query.after_id is None else _place(alive, "after_id", query.after_id) + 1
    end = min(len(alive), start + limit)
    return ModelPage(alive[start:end], has_more=end < len(alive))


def _place(models: Sequence[ModelInfo], field: str, cursor: str) -> int:
    for place, info in enumerate(models):
        if info.id == cursor:
            return place
    message = "is not in the list of models now: begin again without it"
    raise refused([FieldError(field=field, message=message)])
