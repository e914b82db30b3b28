"""Is each parameter of a query given once? Of two, nobody could say which one is meant."""

from __future__ import annotations

from collections import Counter

from fastapi import Depends, Request

from app.http.field_errors import refused
from contracts import FieldError


async def _each_once(request: Request) -> None:
    given = Counter(name for name, _ in request.query_params.multi_items())
    wrong = [FieldError(field=name, message="is given more than once") for name, count in given.items() if count > 1]
    if wrong:
        raise refused(wrong)


EACH_ONCE = Depends(_each_once)
"""Raises InvalidRequestError (422) that names those given more than once."""
