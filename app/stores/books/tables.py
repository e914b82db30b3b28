"""Which tables are the books kept in?

Times are microseconds since 1970 in UTC, durations microseconds, money whole picodollars (1e-12 US dollars; of sums
beside whole microdollars), ids of rows the 16 bytes of a UUID of version 7: exact on every database, sorted by time.
Text that groups is never null: the empty string stands for none, so that it can be part of a key.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

METADATA = MetaData()
TOKENS = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
"""Of a usage, and in each table that has tokens, in this order."""


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _tokens() -> list[Column[int]]:
    return [_count(name) for name in TOKENS]


def _sums() -> list[Column[int]]:
    """What a roll-up adds up. `duration_us` is that of successes, `call_duration_us` that of calls with a usage.

    Money is in two parts, whole microdollars and the picodollars that are left, which are added up apart: so the sum of
    any number of calls fits its 64 bits, exactly.
    """
    answered = ("requests", "successes", "failures", "cancelled", "fallbacks", "duration_us")
    requests = (*answered, "cached", "cache_misses", "coalesced")
    calls = ("calls", "failed_calls", "unpriced_calls", "call_duration_us")
    money = ("cost_micro", "cost_pico", "estimated_cost_micro", "estimated_cost_pico")
    return [*(_count(name) for name in (*requests, *calls, *money)), *_tokens()]


REQUESTS = Table(
    "requests",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("correlation_id", String(128), nullable=False),
    Column("trace_id", String(32)),
    Column("tenant", String(256), nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("user_id", String(256)),
    Column("tags", JSON, nullable=False),
    Column("operation", String(32), nullable=False),
    Column("provider", String(64), nullable=False),
    Column("model", String(256), nullable=False),
    Column("requested_model", String(256)),
    Column("outcome", String(64), nullable=False),
    Column("cache", String(16), nullable=False),
    Column("is_stream", Boolean, nullable=False),
    Column("fallback_used", Boolean, nullable=False),
    Column("signal_type", String(32)),
    _count("calls"),
    *_tokens(),
    Column("is_estimated", Boolean, nullable=False),
    _count("cost_pico"),
    _count("estimated_cost_pico"),
    _count("unpriced_calls"),
    Column("duration_us", BigInteger, nullable=False),
    Column("queue_us", BigInteger, nullable=False),
    Column("upstream_us", BigInteger, nullable=False),
    Column("ttft_us", BigInteger),
    Index("requests_at", "at_us"),
    Index("requests_request_id", "request_id"),
    Index("requests_correlation_id", "correlation_id"),
)

CALLS = Table(
    "calls",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("request", LargeBinary(16), ForeignKey("requests.id", ondelete="CASCADE"), nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("provider", String(64), nullable=False),
    Column("provider_type", String(32), nullable=False),
    Column("model", String(256), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("status", SmallInteger),
    Column("error_type", String(64)),
    Column("fault", String(16)),
    Column("is_retry", Boolean, nullable=False),
    *_tokens(),
    Column("is_estimated", Boolean, nullable=False),
    Column("cost_pico", BigInteger),
    Column("cost_source", String(16)),
    Column("price_version", String(64)),
    Column("duration_us", BigInteger, nullable=False),
    Column("ttft_us", BigInteger),
    Index("calls_request", "request"),
    Index("calls_at", "at_us"),
)

# What requests are counted under is who answered them; what calls are counted under is who was called. Both are counted
# at the time at which the request began. Clustered by time (on SQLite: without a rowid), so a report reads one range.
USAGE_MINUTES = Table(
    "usage_minutes",
    METADATA,
    Column("minute", Integer, primary_key=True),
    Column("tenant", String(256), primary_key=True),
    Column("key_id", String(64), primary_key=True),
    Column("provider", String(64), primary_key=True),
    Column("model", String(256), primary_key=True),
    *_sums(),
    sqlite_with_rowid=False,
)

# The same by the hour: a report reads whole hours here, and only its edges by the minute.
USAGE_HOURS = Table(
    "usage_hours",
    METADATA,
    Column("hour", Integer, primary_key=True),
    Column("tenant", String(256), primary_key=True),
    Column("key_id", String(64), primary_key=True),
    Column("provider", String(64), primary_key=True),
    Column("model", String(256), primary_key=True),
    *_sums(),
    sqlite_with_rowid=False,
)

# Of bounded size: in one hour, tags beyond the first thousand are counted under `(other)`. Requests without a tag are
# under the empty one, those with several under each.
TAG_HOURS = Table(
    "tag_hours",
    METADATA,
    Column("hour", Integer, primary_key=True),
    Column("tag", String(64), primary_key=True),
    Column("tenant", String(256), primary_key=True),
    Column("provider", String(64), primary_key=True),
    Column("model", String(256), primary_key=True),
    *_sums(),
    sqlite_with_rowid=False,
)

# What was done since a reset, which may fall into the middle of an hour: `since_us` is the reset that a row counts from
# (0: none), and a request is counted by when it ended. A row a day.
STATISTICS = Table(
    "statistics",
    METADATA,
    Column("since_us", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("provider", String(64), primary_key=True),
    *_sums(),
)

# Histograms that add up: `kind` is `call` or `ttft`, `bucket` a step of app.ports.latency_scale.
STATISTICS_LATENCIES = Table(
    "statistics_latencies",
    METADATA,
    Column("since_us", BigInteger, primary_key=True, autoincrement=False),
    Column("provider", String(64), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("bucket", SmallInteger, primary_key=True, autoincrement=False),
    _count("count"),
)

STATISTICS_ERRORS = Table(
    "statistics_errors",
    METADATA,
    Column("since_us", BigInteger, primary_key=True, autoincrement=False),
    Column("provider", String(64), primary_key=True),
    Column("error_type", String(64), primary_key=True),
    _count("count"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", LargeBinary(16), primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("address", String(64)),
    Column("action", String(64), nullable=False),
    Column("target", String(256)),
    Column("outcome", String(64), nullable=False),
    Column("before", JSON),
    Column("after", JSON),
    Column("request_id", String(128)),
    Column("correlation_id", String(128)),
    Index("audit_at", "at_us"),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    # Drawn by the database in the order of commits of the one writer of each process.
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", String(36), nullable=False, unique=True),
    Column("topic", String(249), nullable=False),
    Column("key", String(128), nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

CONFIG_REVISIONS = Table(
    "config_revisions",
    METADATA,
    Column("revision", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    Column("author", String(64), nullable=False),
    Column("patch", Text, nullable=False),
)

# `change`: the number that `caller_keys` of the facts had when the key was last changed, so that whoever knows a number
# reads only what came after it. Lists are JSON; null: no limit.
CALLER_KEYS = Table(
    "caller_keys",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("change", BigInteger, nullable=False),
    Column("name", String(100), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("tags", JSON(none_as_null=True), nullable=False),
    Column("models", JSON(none_as_null=True)),
    Column("providers", JSON(none_as_null=True)),
    Column("hint", String(16), nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("expires_at_us", BigInteger),
    Column("rotated_at_us", BigInteger),
    Column("revoked_at_us", BigInteger),
    Index("caller_keys_change", "change"),
)

# Every secret that a key ever had, as its SHA-256: 256 random bits need neither salt nor a slow digest.
CALLER_KEY_SECRETS = Table(
    "caller_key_secrets",
    METADATA,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("key_id", String(40), ForeignKey("caller_keys.id", ondelete="CASCADE"), nullable=False),
    Column("ends_at_us", BigInteger),
    Index("caller_key_secrets_key", "key_id"),
)

# `statistics_since`: microseconds of the last reset. `relay`: who delivers the outbox, and until when. `caller_keys`:
# how often a caller's key was made or changed.
FACTS = Table(
    "facts",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
