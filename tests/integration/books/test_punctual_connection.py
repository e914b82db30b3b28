"""Is a PostgreSQL that takes a question and never answers given up?"""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest

from app.stores.books.punctual_connection import PunctualConnection
from tests.kit.postgres_server import PostgresServer


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One of this test alone."""
    made = PostgresServer()
    yield made
    made.close()


def test_connection_to_a_frozen_server_is_given_up(server: PostgresServer) -> None:
    """After its patience it raises and is closed: the server's own limits do not run while it is frozen."""
    connection = PunctualConnection.connect(server.url())
    connection.patience_seconds = 0.3
    assert connection.execute("SELECT 1").fetchone() == (1,)
    server.pause()
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match=r"no answer in 0\.3 s"):
        connection.execute("SELECT 1")
    assert 0.3 <= time.monotonic() - began < 3
    assert connection.closed
