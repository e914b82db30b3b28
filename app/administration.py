"""Which part of the service changes it while it runs? Each of these actions leaves its entry in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.book_service import BookService
from app.engine.circuits import circuits_of
from app.engine.config_changes import changes, named_fields
from app.engine.selection import find_provider
from contracts.cache import CacheCleared
from contracts.circuits import CircuitBreakerInfo
from contracts.config import ConfigView, LLMProviderConfigUpdate
from contracts.keys import KeyCreate, KeyCreated, KeyInfo, KeyRotate
from contracts.providers import ProviderHealth, ProviderType, provider_name


class Administration(BookService):
    """Every method may also raise StoreUnavailableError, where durability is strict (`app.engine.auditing`)."""

    async def enable_provider(self, provider: str | ProviderType) -> bool:
        """See the contract."""
        return await self._switch(provider, "provider.enable", enabled=True)

    async def disable_provider(self, provider: str | ProviderType) -> bool:
        """See the contract."""
        return await self._switch(provider, "provider.disable", enabled=False)

    async def test_provider(self, provider: str | ProviderType, *, deep: bool = False) -> ProviderHealth:
        """See the contract."""
        rooms, name = self._rooms(), provider_name(provider)
        async with rooms.auditing.deed("provider.test", name, {"deep": deep}) as deed:
            with rooms.store.snapshots.taken() as runtime:
                found = find_provider(runtime, name)
                health = await rooms.probe.test(found, runtime, deep=deep)
            rooms.health.tested[found.name] = health
            deed.after = {"deep": deep, "status": health.status, "error": health.error_message}
        return health

    async def reset_circuit_breaker(self, provider: str | ProviderType, model: str | None = None) -> CircuitBreakerInfo:
        """See the contract."""
        rooms, name = self._rooms(), provider_name(provider)
        target = f"{name}/{model}" if model is not None else name
        async with rooms.auditing.deed("circuit.reset", target) as deed:
            runtime = rooms.store.snapshots.current
            find_provider(runtime, name)
            deed.before = _states(circuits_of(name, runtime, rooms.clock))
            runtime.routes.reset(name, model)
            circuits = circuits_of(name, runtime, rooms.clock)
            deed.after = _states(circuits)
        return circuits

    async def clear_cache(
        self, *, provider: str | ProviderType | None = None, model: str | None = None
    ) -> CacheCleared:
        """See the contract."""
        rooms = self._rooms()
        name = provider_name(provider) if provider is not None else None
        async with rooms.auditing.deed("cache.clear", name, {"provider": name, "model": model}) as deed:
            if name is not None:
                find_provider(rooms.store.snapshots.current, name)
            aliases = rooms.store.view().config.model_aliases
            cleared = await rooms.cache.clear(provider=name, model=aliases.get(model, model) if model else None)
            deed.after = cleared.model_dump(mode="json")
        return cleared

    async def update_configuration(
        self, update: LLMProviderConfigUpdate | Mapping[str, Any], *, expected_revision: int | None = None
    ) -> ConfigView:
        """See the contract."""
        patch = update.patch() if isinstance(update, LLMProviderConfigUpdate) else update
        rooms = self._rooms()
        asked = {"fields": named_fields(patch, rooms.store.view().config), "expected_revision": expected_revision}
        async with rooms.auditing.deed("config.update", asked=asked) as deed:
            change = await rooms.store.update(patch, expected_revision)
            deed.before, deed.after = changes(change.before, change.after)
        return change.after

    async def create_key(self, request: KeyCreate) -> KeyCreated:
        """See the contract."""
        rooms = self._rooms()
        asked = request.model_dump(mode="json")
        async with rooms.keys.one_by_one, rooms.auditing.deed("key.create", asked=asked) as deed:
            for name in request.providers or ():
                find_provider(rooms.store.snapshots.current, name)
            created = await rooms.keys.create(request)
            deed.target, deed.after = created.id, _told(created)
        return created

    async def rotate_key(self, key_id: str, request: KeyRotate | None = None) -> KeyCreated:
        """See the contract."""
        rooms, asked = self._rooms(), request or KeyRotate()
        async with rooms.keys.one_by_one, rooms.auditing.deed("key.rotate", key_id, dict(asked)) as deed:
            deed.before = _told(await rooms.keys.get(key_id))
            rotated = await rooms.keys.rotate(key_id, grace_seconds=asked.grace_seconds)
            deed.after = {**_told(rotated), **dict(asked)}
        return rotated

    async def revoke_key(self, key_id: str) -> KeyInfo:
        """See the contract."""
        rooms = self._rooms()
        async with rooms.keys.one_by_one, rooms.auditing.deed("key.revoke", key_id) as deed:
            deed.before = _told(await rooms.keys.get(key_id))
            revoked = await rooms.keys.revoke(key_id)
            deed.after = _told(revoked)
        return revoked

    async def _switch(self, provider: str | ProviderType, action: str, *, enabled: bool) -> bool:
        rooms, name = self._rooms(), provider_name(provider)
        async with rooms.auditing.deed(action, name) as deed:
            # It may have been added elsewhere just now.
            await rooms.store.refresh()
            find_provider(rooms.store.snapshots.current, name)
            change = await rooms.store.update({"providers": {name: {"enabled": enabled}}}, None)
            deed.before = {"enabled": change.before.config.providers[name].enabled}
            deed.after = {"enabled": change.after.config.providers[name].enabled}
        return True


def _states(circuits: CircuitBreakerInfo) -> dict[str, Any]:
    routes = {route.model: route.state for route in circuits.routes}
    return {"state": circuits.state, "cooling_until": circuits.cooling_until, "routes": routes}


def _told(key: KeyInfo) -> dict[str, Any]:
    """Of a key what may stand in the audit: no part of its secret."""
    return key.model_dump(mode="json", exclude={"key", "hint"})
