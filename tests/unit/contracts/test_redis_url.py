"""Which URLs of Redis are taken, and does a refusal keep their secrets?"""

from __future__ import annotations

import pytest

from contracts.redis_url import validate_redis_url


@pytest.mark.parametrize(
    "text",
    [
        "redis://cache",
        "redis://127.0.0.1:6379",
        "redis://[::1]:6379/2",
        "redis://user:p%23%20w@cache.example:6380/0?client_name=llm",
        "rediss://:password@cache.example/1?ssl_ca_certs=/etc/ca.pem&ssl_check_hostname=false",
        "unix:///run/redis.sock?db=3",
        "unix://user@/run/redis.sock?password=p",
    ],
)
def test_redis_url_is_taken(text: str) -> None:
    """Hosts, ports, users, databases, TLS and sockets as redis-py reads them."""
    try:
        validate_redis_url(text)
    except ValueError as error:
        pytest.fail(str(error))


@pytest.mark.parametrize(
    "text,word",
    [
        ("", "begin with"),
        ("secret.host:6379", "begin with"),
        ("secret://secret:6379", "begin with"),
        ("http://secret:6379", "begin with"),
        ("redis://", "no host"),
        ("redis:///secret", "no host"),
        ("redis://:secret@:6379", "no host"),
        ("redis://secret:port", "malformed"),
        ("redis://secret:70000", "malformed"),
        ("redis://secret:0", "1 to 65535"),
        ("redis://[secret/0", "malformed"),
        ("redis://:se#cret@secret:6379", "malformed"),
        ("redis://secret/0#secret", "percent-encoded"),
        ("redis://:se cret@secret:6379", "percent-encoded"),
        ("redis://secret/secret", "number of a database"),
        ("redis://secret/1/2", "number of a database"),
        ("redis://secret?db=secret", "number of a database"),
        ("redis://secret?db=", "number of a database"),
        ("redis://secret?secret=1&timeout=3", "2 of its options"),
        ("unix://", "path"),
        ("unix:///", "path"),
    ],
)
def test_redis_url_is_refused_without_repeating_it(text: str, word: str) -> None:
    """What is wrong is said; a password may stand anywhere in what was typed."""
    with pytest.raises(ValueError, match=word) as refused:
        validate_redis_url(text)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
