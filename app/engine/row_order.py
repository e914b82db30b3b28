"""In which order are the rows tried that nobody named? As the configuration says; the embedded model only at need."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.runtime import Runtime
from app.engine.wanted import Wanted


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
