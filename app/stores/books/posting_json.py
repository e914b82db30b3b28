"""What does a posting look like in the journal, and how is one read that an older version of us wrote?

By the type hints of its records. A field that is missing has its default, one that is unknown is passed over: a journal
may be older than the process that brings it in. `metadata` is left out: only events need it, and they hold it already.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from app.ports.books import Entry, OutboxEvent
from app.ports.records import RequestRecord
from app.stores.books.posting import Posting
from contracts.audit import AuditEntry

_LEFT_OUT = {"metadata"}
# What a record that is not what its types say can end with.
UNENCODABLE = (AttributeError, TypeError, ValueError, RecursionError)
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)

_Read = Callable[[Any], Any]


def encode_posting(posting: Posting) -> bytes:
    """Its JSON, without the waiter. Raises what is in UNENCODABLE, for a record that is not what its types say."""
    entry = posting.entry
    plain = {
        "key": posting.key.hex(),
        "request": entry.request,
        "audit": entry.audit,
        "events": entry.events,
    }
    # ASCII, so that half of a surrogate pair, which is no UTF-8, comes back too.
    return json.dumps(plain, separators=(",", ":"), default=_plain).encode()


def decode_posting(data: bytes) -> Posting:
    """What `encode_posting` was given. Raises ValueError for anything else."""
    try:
        plain = json.loads(data)
        audit = plain["audit"]
        entry = Entry(
            request=_optional(_record(RequestRecord))(plain["request"]),
            audit=AuditEntry.model_validate(audit) if audit is not None else None,
            events=tuple(map(_record(OutboxEvent), plain["events"])),
        )
        return Posting(bytes.fromhex(plain["key"]), entry)
    except _UNREADABLE as error:
        msg = "it is no posting"
        raise ValueError(msg) from error


def _plain(value: Any) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, frozenset):
        return sorted(value)
    kind: Any = type(value)
    if not _is_record(kind):
        # Free JSON of the audit that is not quite JSON: better in other words than not at all.
        return str(value)
    return {name: getattr(value, name) for name in _names(kind)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a record of ours: a dataclass, or a pydantic model."""
    names: list[str] = [field.name for field in fields(kind)] if is_dataclass(kind) else list(kind.model_fields)
    return tuple(name for name in names if name not in _LEFT_OUT)


@cache
def _record(kind: Any) -> _Read:
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in _names(kind)}

    def read(value: Any) -> Any:
        return kind(**{name: reader(value[name]) for name, reader in readers.items() if name in value})

    return read


def _reader(hint: Any) -> _Read:
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        (one,) = (kind for kind in get_args(hint) if kind is not NoneType)
        return _optional(_reader(one))
    if origin in {tuple, frozenset}:
        item = _reader(get_args(hint)[0])
        return lambda values: origin(item(value) for value in values)
    if hint is datetime:
        return datetime.fromisoformat
    if hint is bytes:
        return base64.b64decode
    if isinstance(hint, type) and issubclass(hint, Decimal | Enum):
        return hint
    return _record(hint) if _is_record(hint) else _as_it_is


def _is_record(kind: Any) -> bool:
    return is_dataclass(kind) or hasattr(kind, "model_fields")


def _optional(read: _Read) -> _Read:
    return lambda value: None if value is None else read(value)


def _as_it_is(value: Any) -> Any:
    return value
