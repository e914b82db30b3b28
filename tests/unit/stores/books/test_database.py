"""Which URLs are taken for a database, and is a password ever said?"""

from __future__ import annotations

import pytest

from app.stores.books.database import address_of, is_sqlite, open_engine
from contracts.errors import ConfigurationError


@pytest.mark.parametrize(
    "url,address",
    [
        ("postgresql://ada:secret@db.example:6432/books", "PostgreSQL at db.example:6432, database books"),
        ("postgres://ada:secret@db.example/books", "PostgreSQL at db.example:5432, database books"),
        ("postgresql+psycopg://ada:secret@db.example", "PostgreSQL at db.example:5432, database ada"),
        ("postgresql:///books?host=/run/pg", "PostgreSQL at /run/pg:5432, database books"),
        ("postgresql:///books", "PostgreSQL at the local socket:5432, database books"),
        ("sqlite:////var/lib/books.db", "SQLite at /var/lib/books.db"),
        ("sqlite:///books.db", "SQLite at books.db"),
    ],
)
def test_database_is_named_without_secrets(url: str, address: str) -> None:
    """Where it is, and nothing of who we are there."""
    engine = open_engine(url, is_strict=False)
    assert address_of(engine) == address
    assert is_sqlite(engine) == url.startswith("sqlite")
    assert "secret" not in repr(engine)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ada:secret@db.example/books",
        "postgresql+asyncpg://ada:secret@db.example/books",
        "sqlite+aiosqlite:///secret.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:secret?mode=memory",
        "secret",
        "postgresql://ada:secret@db.example:port/books",
        "",
    ],
)
def test_database_of_another_kind_is_refused_without_its_url(url: str) -> None:
    """The sentence says what would do, and repeats nothing."""
    with pytest.raises(ConfigurationError, match="the database_url cannot be used") as refused:
        open_engine(url, is_strict=False)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_database_options_of_the_url_win() -> None:
    """Who states a connect_timeout or options of the server gets them; the rest stays ours."""
    engine = open_engine("postgresql://h/books?connect_timeout=77&options=-c%20jit%3Doff", is_strict=True)
    _, arguments = engine.dialect.create_connect_args(engine.url)
    assert arguments["connect_timeout"] == "77"
    assert "options" not in arguments
