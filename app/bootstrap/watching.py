"""What do the witnesses watch? The circuits, the load and the dependencies of the snapshot in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app import __version__, catalogue
from app.engine.config_store import ConfigStore
from app.observers.gauges import State
from app.observers.witnesses import Watch, Witnesses, shared_folder
from app.settings import Settings
from contracts.providers import CircuitState


def watching(
    settings: Settings,
    store: ConfigStore,
    *,
    faults: Callable[[], Mapping[str, str | None]],
    rows_lost: Callable[[], int],
) -> Witnesses:
    """The witnesses, not started yet."""

    def knows_model(provider: str, model: str) -> bool:
        row = store.view().config.providers.get(provider)
        return row is not None and (model in (row.default_model, *row.models) or catalogue.is_known(row.type, model))

    def circuits() -> dict[str, CircuitState]:
        runtime = store.snapshots.current
        rows = runtime.config.providers
        return {
            name: runtime.routes.circuit_state(name)
            for name, provider in runtime.providers.items()
            if rows[name].enabled and provider.unusable_reason() is None
        }

    state = State(circuits=circuits, in_flight=lambda: store.snapshots.users, rows_lost=rows_lost, faults=faults)
    watch = Watch(
        knows_model=knows_model,
        version=__version__,
        state=state,
        otlp_endpoint=settings.otlp_endpoint,
        workers_folder=shared_folder(settings.state_dir),
    )
    return Witnesses(watch)
