"""Which keys do callers have, and which of them changed? Each change and its number are one transaction.

Whoever changes a key first raises the number, and so waits for who is before it: the order of the numbers is that of
the commits, and nobody who reads one can miss a change of a lower one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, insert, or_, select, text, update

from app.ports.keys import KeyChanges, KeyRecord, KeySecret
from app.stores.books.asking import Asking
from app.stores.books.periods import EPOCH
from app.stores.books.rollup import microseconds
from app.stores.books.tables import CALLER_KEY_SECRETS, CALLER_KEYS, FACTS
from contracts.keys import KeyQuery, KeyStatus

_FACT = "caller_keys"
_NEXT_NUMBER = text(
    f"INSERT INTO facts (name, value) VALUES ('{_FACT}', '1') ON CONFLICT (name) DO UPDATE "  # noqa: S608 - ours
    "SET value = CAST(CAST(facts.value AS BIGINT) + 1 AS TEXT) RETURNING value"
)
_KEYS, _SECRETS = CALLER_KEYS.c, CALLER_KEY_SECRETS.c
_PLAIN = ("id", "name", "hint", "created_by")
_TIMES = ("created_at", "expires_at", "rotated_at", "revoked_at")
_LISTS = ("tags", "models", "providers")


class SqlKeyStore:
    """KeyStore over a database; see the port. Raises StoreUnavailableError while it is away."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    async def changes(self, since: int) -> KeyChanges | None:
        """One look-up by its key when nothing changed."""
        return await self._asking.read(lambda connection: _changes(connection, since))

    async def add(self, key: KeyRecord) -> None:
        """With its secrets."""
        await self._asking.write(lambda connection: _add(connection, key))

    async def find(self, key_id: str) -> KeyRecord | None:
        """With its secrets."""
        return await self._asking.read(lambda connection: _find(connection, key_id))

    async def page(self, query: KeyQuery, now: datetime) -> Sequence[KeyRecord]:
        """Without their secrets."""
        return await self._asking.read(lambda connection: _page(connection, query, microseconds(now)))

    async def rotate(
        self, key_id: str, digest: bytes, hint: str, *, now: datetime, ends_at: datetime
    ) -> KeyRecord | None:
        """Looked at and changed in one transaction: a key that is revoked meanwhile gets no secret."""
        now_us, ends_us = microseconds(now), microseconds(ends_at)
        return await self._asking.write(lambda connection: _rotate(connection, key_id, digest, hint, now_us, ends_us))

    async def revoke(self, key_id: str, *, now: datetime) -> KeyRecord | None:
        """The time of a key that was revoked before stays."""
        return await self._asking.write(lambda connection: _revoke(connection, key_id, microseconds(now)))


def _changes(connection: Connection, since: int) -> KeyChanges | None:
    number = int(connection.execute(select(FACTS.c.value).where(FACTS.c.name == _FACT)).scalar() or 0)
    if number == since:
        return None
    # Lower than what was read before: it is another database, or one of before.
    is_all = number < since
    chosen = _with_secrets().where(_KEYS.change > (0 if is_all else since))
    return KeyChanges(number=number, keys=_records(connection, chosen), is_all=is_all)


def _add(connection: Connection, key: KeyRecord) -> None:
    connection.execute(insert(CALLER_KEYS).values(**_row(key), change=_next_number(connection)))
    for secret in key.secrets:
        connection.execute(_secret_row(key.id, secret.digest, _us(secret.ends_at)))


def _find(connection: Connection, key_id: str) -> KeyRecord | None:
    return next(iter(_records(connection, _with_secrets().where(_KEYS.id == key_id))), None)


def _page(connection: Connection, query: KeyQuery, now_us: int) -> list[KeyRecord]:
    # An id sorts by the time at which its key was made.
    chosen = select(CALLER_KEYS).order_by(_KEYS.id.desc()).limit(query.limit + 1)
    if query.tenant is not None:
        chosen = chosen.where(_KEYS.tenant == query.tenant)
    if query.cursor is not None:
        chosen = chosen.where(_KEYS.id < query.cursor)
    if query.status is KeyStatus.REVOKED:
        chosen = chosen.where(_KEYS.revoked_at_us.is_not(None))
    elif query.status is KeyStatus.EXPIRED:
        chosen = chosen.where(_KEYS.revoked_at_us.is_(None), _KEYS.expires_at_us <= now_us)
    elif query.status is KeyStatus.ACTIVE:
        chosen = chosen.where(_is_active(now_us))
    return [_record(row, ()) for row in connection.execute(chosen).mappings()]


def _rotate(
    connection: Connection, key_id: str, digest: bytes, hint: str, now_us: int, ends_us: int
) -> KeyRecord | None:
    number = _next_number(connection)
    changed = update(CALLER_KEYS).where(_KEYS.id == key_id, _is_active(now_us))
    if not connection.execute(changed.values(change=number, hint=hint, rotated_at_us=now_us)).rowcount:
        return None
    outlasting = or_(_SECRETS.ends_at_us.is_(None), _SECRETS.ends_at_us > ends_us)
    former = update(CALLER_KEY_SECRETS).where(_SECRETS.key_id == key_id, outlasting)
    connection.execute(former.values(ends_at_us=ends_us))
    connection.execute(_secret_row(key_id, digest, None))
    return _find(connection, key_id)


def _revoke(connection: Connection, key_id: str, now_us: int) -> KeyRecord | None:
    changed = update(CALLER_KEYS).where(_KEYS.id == key_id, _KEYS.revoked_at_us.is_(None))
    connection.execute(changed.values(change=_next_number(connection), revoked_at_us=now_us))
    return _find(connection, key_id)


def _is_active(now_us: int) -> ColumnElement[bool]:
    is_unexpired = or_(_KEYS.expires_at_us.is_(None), _KEYS.expires_at_us > now_us)
    return and_(_KEYS.revoked_at_us.is_(None), is_unexpired)


def _next_number(connection: Connection) -> int:
    return int(connection.execute(_NEXT_NUMBER).scalar_one())


def _with_secrets() -> Select[Any]:
    """One statement, so that both are of one moment on every database."""
    joined = CALLER_KEYS.join(CALLER_KEY_SECRETS, _SECRETS.key_id == _KEYS.id)
    return select(CALLER_KEYS, _SECRETS.digest, _SECRETS.ends_at_us).select_from(joined)


def _records(connection: Connection, chosen: Select[Any]) -> list[KeyRecord]:
    # Sorted here: SQLite would go through all keys in the order of their ids to find the few that changed.
    rows = sorted(connection.execute(chosen).mappings(), key=lambda row: (row["id"], row["digest"]))
    return [_joined(list(of_key)) for _, of_key in groupby(rows, key=lambda row: row["id"])]


def _joined(rows: Sequence[RowMapping]) -> KeyRecord:
    return _record(
        rows[0], (KeySecret(digest=bytes(row["digest"]), ends_at=_moment(row["ends_at_us"])) for row in rows)
    )


def _record(row: RowMapping, secrets: Iterable[KeySecret]) -> KeyRecord:
    fields: dict[str, Any] = {name: row[name] for name in _PLAIN}
    fields |= {name: _moment(row[f"{name}_us"]) for name in _TIMES}
    fields |= {name: None if row[name] is None else tuple(row[name]) for name in _LISTS}
    return KeyRecord(**fields, tenant=row["tenant"] or None, secrets=tuple(secrets))


def _row(key: KeyRecord) -> dict[str, Any]:
    times = {f"{name}_us": _us(getattr(key, name)) for name in _TIMES}
    plain = {name: getattr(key, name) for name in (*_PLAIN, *_LISTS)}
    return {**plain, **times, "tenant": key.tenant or ""}


def _secret_row(key_id: str, digest: bytes, ends_us: int | None) -> Any:
    return insert(CALLER_KEY_SECRETS).values(digest=digest, key_id=key_id, ends_at_us=ends_us)


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)


def _moment(us: int | None) -> datetime | None:
    return None if us is None else EPOCH + timedelta(microseconds=us)
