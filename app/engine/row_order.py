"""Which rows are tried that nobody named, and in which order? The embedded model only at need."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.runtime import Runtime
from app.engine.wanted import Wanted

# Callers name models, so they are not all kept.
_MOST_MODELS = 1000


def row_order(runtime: Runtime, wanted: Wanted, preferred: str | None) -> Sequence[tuple[str, bool]]:
    """The names of the rows that may serve what is `wanted`, when `preferred` was named first, and whether each is up.

    The embedded ones only where nobody else could be asked: a small model must not answer for a vendor that someone
    turned off.
    """
    ordered = runtime.in_order()
    for name, is_up in ordered:
        if is_up and wanted.default_model(runtime.providers[name]) is not None:
            return ordered
    if preferred is not None and not runtime.config.providers[preferred].enabled:
        return ordered
    return [*ordered, *((name, runtime.is_up(name)) for name in runtime.embedded)]


def rows_asked(
    runtime: Runtime, wanted: Wanted, preferred: str | None, model: str | None
) -> Sequence[tuple[str, bool]]:
    """The same rows, and whether each is up and has `model`; without one, each has its own."""
    ordered = row_order(runtime, wanted, preferred)
    if model is None:
        return ordered
    offering = rows_offering(runtime, wanted, model)
    return [(name, is_up and name in offering) for name, is_up in ordered]


def rows_offering(runtime: Runtime, wanted: Wanted, model: str) -> frozenset[str]:
    """The names of the rows that have `model` for what is `wanted`. That stands with the configuration, so it is kept.

    To ask ten rows, and to say of nine that they have it not, was a tenth of a request.
    """
    key = (type(wanted), model)
    names = runtime.offering.get(key)
    if names is None:
        if len(runtime.offering) >= _MOST_MODELS:
            runtime.offering.clear()
        offering = (name for name, row in runtime.providers.items() if wanted.name_at(row, model) is not None)
        names = runtime.offering[key] = frozenset(offering)
    return names
