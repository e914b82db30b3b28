"""In which order are the rows tried that nobody named? As the configuration says; the embedded model only at need."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.runtime import Runtime
from app.engine.wanted import Wanted


def row_order(runtime: Runtime, wanted: Wanted, preferred: str | None) -> Iterator[tuple[str, bool]]:
    """The names of the rows that may serve what is `wanted`, when `preferred` was named first, and whether each is up.

    The embedded ones only where nobody else could be asked: a small model must not answer for a vendor that someone
    turned off.
    """
    rows, providers = runtime.config.providers, runtime.providers
    has_server = False
    for name in runtime.order:
        provider = providers[name]
        is_up = rows[name].enabled and provider.unusable_reason() is None
        has_server = has_server or (is_up and wanted.default_model(provider) is not None)
        yield name, is_up
    if has_server or (preferred is not None and not rows[preferred].enabled):
        return
    for name in runtime.embedded:
        yield name, rows[name].enabled and providers[name].unusable_reason() is None
