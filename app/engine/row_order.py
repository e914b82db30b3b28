"""In which order are the rows tried that nobody named? As the configuration says; the embedded model only at need."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.runtime import Runtime
from app.engine.wanted import Wanted


def row_order(runtime: Runtime, wanted: Wanted, preferred: str | None) -> Sequence[str]:
    """The names of the rows that may serve what is `wanted`, when `preferred` was named first."""
    order = runtime.order
    return (*order, *runtime.embedded) if _embedded_may_stand_in(runtime, wanted, preferred) else order


def _embedded_may_stand_in(runtime: Runtime, wanted: Wanted, preferred: str | None) -> bool:
    """Only where nobody else could be asked: a small model must not answer for a vendor that someone turned off."""
    if preferred is not None and not runtime.config.providers[preferred].enabled:
        return False
    return not any(_is_usable(runtime, wanted, name) for name in runtime.order)


def _is_usable(runtime: Runtime, wanted: Wanted, name: str) -> bool:
    """Whether it could be asked now for a thing of the kind that is wanted."""
    provider = runtime.providers[name]
    is_up = runtime.config.providers[name].enabled and provider.unusable_reason() is None
    return is_up and wanted.default_model(provider) is not None
