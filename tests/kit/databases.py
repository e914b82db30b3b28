"""Which databases are tests of the books run on? SQLite files and a real PostgreSQL, a fresh one for each test.

`database_url` gives a test both, one after the other; `sqlite_url` and `postgresql_url` one of them. A test that ends a
server makes a `PostgresServer` of its own.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from tests.kit.postgres_server import PostgresServer

# Set: tests make databases of their own on this server, and drop them.
URL_VARIABLE = "LLM_PROVIDER_SERVICE_TEST_DATABASE_URL"
KINDS = ("sqlite", "postgresql")

MakeUrl = Callable[[], str]


@pytest.fixture(scope="session")
def postgresql_server_url() -> Iterator[str]:
    """The maintenance database of a server that all tests share."""
    if stated := os.environ.get(URL_VARIABLE):
        yield stated
        return
    server = PostgresServer()
    yield server.url()
    server.close()


@pytest.fixture
def new_postgresql_url(request: pytest.FixtureRequest) -> Iterator[MakeUrl]:
    """Makes a fresh, empty database at each call. The server is started at the first."""
    made: list[str] = []

    def make() -> str:
        made.append(f"books_{secrets.token_hex(6)}")
        server = request.getfixturevalue("postgresql_server_url")
        _command(server, "CREATE DATABASE {}", made[-1])
        return urlunsplit(urlsplit(server)._replace(path=f"/{made[-1]}"))

    yield make
    for name in made:
        _command(request.getfixturevalue("postgresql_server_url"), "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def postgresql_url(new_postgresql_url: MakeUrl) -> str:
    """A fresh database on PostgreSQL."""
    return new_postgresql_url()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that is not there yet, in a folder that is not there yet."""
    return f"sqlite:///{tmp_path}/state/books.sqlite3"


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn, fresh and empty."""
    return str(request.getfixturevalue(f"{request.param}_url"))


def _command(server: str, statement: str, database: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(database)))  # type: ignore[arg-type]
