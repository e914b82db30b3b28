"""Which addresses of a database, of brokers and of a receiver of traces are taken, and do refusals keep secrets?"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from contracts.dependency_addresses import (
    is_file_of_this_machine,
    validate_bootstrap_servers,
    validate_database_url,
    validate_otlp_endpoint,
)

Validate = Callable[[str], None]
TAKEN: list[tuple[Validate, str]] = [
    (validate_database_url, "postgresql://books@db.example/books"),
    (validate_database_url, "postgres://books:p%40ss@[::1]:5433/books?sslmode=require"),
    (validate_database_url, "postgresql+psycopg:///books?host=/run/postgresql"),
    (validate_database_url, "sqlite:///relative/books"),
    (validate_database_url, "sqlite:////absolute/with%3Fmark"),
    (validate_bootstrap_servers, "kafka:9092"),
    (validate_bootstrap_servers, "k-1.example:9092, [::1]:65535"),
    (validate_otlp_endpoint, "http://127.0.0.1:4318"),
    (validate_otlp_endpoint, "https://collector.example/v1/traces"),
]
REFUSED: list[tuple[Validate, str, str]] = [
    (validate_database_url, "", "it must be postgresql"),
    (validate_database_url, "/var/secret", "it must be postgresql"),
    (validate_database_url, "postgresql://u:p@secret@h/db", "an @ in its password, or after it, must be written %40"),
    (validate_database_url, "postgres://u:p@secret/more@h/db", "must be written %40"),
    (validate_database_url, "postgresql://u:p@x?secret=1@h/db", "must be written %40"),
    (validate_database_url, "mysql://u:secret@h/db", "it must be postgresql"),
    (validate_database_url, "postgresql+asyncpg://u:secret@h/db", "it must be postgresql"),
    (validate_database_url, "postgresql://u:p@h:secret/db", "malformed"),
    (validate_database_url, "postgresql://u:secret@[h/db", "malformed"),
    (validate_database_url, "postgresql://u:secret@h:0/db", "from 1 to 65535"),
    (validate_database_url, "sqlite://", "path of a file"),
    (validate_database_url, "sqlite:///:memory:", "path of a file"),
    (validate_database_url, "sqlite://secret/x", "path of a file"),
    (validate_database_url, "sqlite:///file:secret", "path of a file"),
    (validate_database_url, "sqlite:///x?mode=secret", "no options"),
    (validate_bootstrap_servers, "", "host:port"),
    (validate_bootstrap_servers, "secret", "host:port"),
    (validate_bootstrap_servers, "kafka://u:secret@h:9092", "host:port"),
    (validate_bootstrap_servers, "h:9092,", "host:port"),
    (validate_bootstrap_servers, "h:0", "host:port"),
    (validate_bootstrap_servers, "secret:65536", "host:port"),
    (validate_otlp_endpoint, "", "http"),
    (validate_otlp_endpoint, "secret:4317", "http"),
    (validate_otlp_endpoint, "grpc://secret:4317", "http"),
    (validate_otlp_endpoint, "http://secret:port", "http"),
    (validate_otlp_endpoint, "http://[secret", "http"),
    (validate_otlp_endpoint, "http://secret:0", "http"),
    (validate_otlp_endpoint, "http://s\xe9cret", "http"),
    (validate_otlp_endpoint, "http://u:secret@h", "no user"),
    (validate_otlp_endpoint, "http://h/?token=secret", "no user"),
    (validate_otlp_endpoint, "http://h/#secret", "no user"),
]


@pytest.mark.parametrize("validate,text", TAKEN)
def test_address_is_taken(validate: Validate, text: str) -> None:
    """Hosts, ports, passwords, sockets and files as their clients read them."""
    try:
        validate(text)
    except ValueError as error:
        pytest.fail(str(error))


@pytest.mark.parametrize("validate,text,word", REFUSED)
def test_address_is_refused_without_repeating_it(validate: Validate, text: str, word: str) -> None:
    """What is wrong is said; a password may stand anywhere in what was typed."""
    with pytest.raises(ValueError, match=word) as refused:
        validate(text)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_file_of_this_machine_is_told_from_a_server() -> None:
    """A server is shared, a file is not."""
    assert is_file_of_this_machine("sqlite:///x")
    assert not is_file_of_this_machine("postgresql://h/x")
