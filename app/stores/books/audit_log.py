"""Who did what? Pages of the audit, the newest entry first, each page beginning where the one before it ended.

A cursor holds the place of an entry, not a number of entries: what is added meanwhile moves nothing.
"""

from __future__ import annotations

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zlib import crc32

from sqlalchemy import Connection, RowMapping, Select, and_, func, or_, select

from app.stores.books.periods import EPOCH
from app.stores.books.rollup import microseconds
from app.stores.books.tables import AUDIT
from contracts.audit import AuditEntry, AuditPage, AuditQuery
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

# Microseconds since 1970, and the id of an entry; behind them a checksum, against cursors that were cut or made up.
_PLACE = struct.Struct(">q16s")
_CHECK = struct.Struct(">L")
_EQUAL = ("actor", "target", "request_id", "correlation_id")


def audit_page(connection: Connection, query: AuditQuery) -> AuditPage:
    """One page. Raises InvalidRequestError for a cursor that is none."""
    rows = connection.execute(_selection(query).limit(query.limit + 1)).mappings().all()
    shown = rows[: query.limit]
    is_last = len(rows) <= query.limit
    return AuditPage(
        entries=[_entry(row) for row in shown],
        next_cursor=None if is_last else _cursor(shown[-1]["at_us"], shown[-1]["id"]),
    )


def _selection(query: AuditQuery) -> Select[Any]:
    at, ident = AUDIT.c.at_us, AUDIT.c.id
    chosen = select(AUDIT).order_by(at.desc(), ident.desc())
    if query.start is not None:
        chosen = chosen.where(at >= microseconds(_in_utc(query.start)))
    if query.end is not None:
        chosen = chosen.where(at < microseconds(_in_utc(query.end)))
    if query.action is not None:
        prefix = f"{query.action}."
        is_below = func.substr(AUDIT.c.action, 1, len(prefix)) == prefix
        chosen = chosen.where(or_(AUDIT.c.action == query.action, is_below))
    for name in _EQUAL:
        value = getattr(query, name)
        if value is not None:
            chosen = chosen.where(AUDIT.c[name] == value)
    if query.cursor is not None:
        at_us, entry = _place(query.cursor)
        chosen = chosen.where(or_(at < at_us, and_(at == at_us, ident < entry)))
    return chosen


def _entry(row: RowMapping) -> AuditEntry:
    known = {name: value for name, value in row.items() if name not in ("id", "at_us")}
    return AuditEntry(id=str(UUID(bytes=bytes(row["id"]))), at=EPOCH + timedelta(microseconds=row["at_us"]), **known)


def _cursor(at_us: int, ident: bytes) -> str:
    place = _PLACE.pack(at_us, bytes(ident))
    return urlsafe_b64encode(place + _CHECK.pack(crc32(place))).rstrip(b"=").decode()


def _place(cursor: str) -> tuple[int, bytes]:
    try:
        packed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        place, check = packed[: _PLACE.size], packed[_PLACE.size :]
        at_us, ident = _PLACE.unpack(place)
        if _CHECK.unpack(check) != (crc32(place),):
            raise _no_cursor()
    except (binascii.Error, struct.error, UnicodeEncodeError):
        raise _no_cursor() from None
    return int(at_us), bytes(ident)


def _no_cursor() -> InvalidRequestError:
    message = "is no cursor of this audit: give the `next_cursor` of a page as it is"
    return InvalidRequestError(f"cursor: {message}", errors=[FieldError(field="cursor", message=message)])


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
