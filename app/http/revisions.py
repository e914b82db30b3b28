"""Which revision does a conditional header speak of? ETags are quoted revisions; `*` is whatever is in force."""

from __future__ import annotations

import re

from contracts import ConfigurationConflictError

# Weak tags and bare numbers are taken too: a revision is exact either way.
_TAG = re.compile(r'(?:W/)?"(\d{1,18})"|(\d{1,18})', re.ASCII)


def etag(revision: int) -> str:
    """The ETag of a revision."""
    return f'"{revision}"'


def is_known(revision: int, header: str) -> bool:
    """Whether `header`, an If-Match or If-None-Match, names `revision`."""
    return _is_any(header) or revision in _named(header)


def expected_revision(revision: int, header: str) -> int | None:
    """The revision that an update must find, when `revision` is the one in force here; None: any.

    A later one that If-Match names may be another process's, which is not seen here yet: the update tells. Raises
    ConfigurationConflictError (412) when only others are named.
    """
    if _is_any(header):
        return None
    named = _named(header)
    if revision in named:
        return revision
    if (newest := max(named, default=0)) > revision:
        return newest
    msg = f"the configuration is at revision {revision}, which If-Match does not name: read it again"
    raise ConfigurationConflictError(msg)


def _is_any(header: str) -> bool:
    return header.strip() == "*"


def _named(header: str) -> set[int]:
    tags = (_TAG.fullmatch(tag.strip()) for tag in header.split(","))
    return {int(tag[1] or tag[2]) for tag in tags if tag}
