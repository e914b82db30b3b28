"""Has the database the tables that this version needs? If not, they are made, by one process at a time.

Alembic is imported only then: it costs more memory than the rest of the books.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from app.stores.books.database import address_of, is_sqlite, reading, write_transaction
from contracts.errors import ConfigurationError

_log = logging.getLogger(__name__)

# The oldest first; a test compares them with the files in `versions`.
REVISIONS = ("0001", "0002", "0003")
VERSION_TABLE = "books_schema"

# Any number; all processes that migrate this database must agree on it.
_ADVISORY_LOCK = 0x6C6C6D5F626F6F6B
_PATIENCE_MS = 120_000


def migrate(engine: Engine) -> None:
    """Brings the schema up to this version; does nothing when it is.

    Raises ConfigurationError for a schema that is newer than this version, SQLAlchemyError when it cannot be done now.
    """
    with reading(engine) as connection:
        if _is_current(connection):
            return
    with engine.connect() as connection:
        # It has limits of its own, and must not hand them to the next user of the pool.
        connection.detach()
        _be_patient(connection)
        with write_transaction(connection):
            if not is_sqlite(engine):
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
            if not _is_current(connection):
                _upgrade(connection)


def _is_current(connection: Connection) -> bool:
    """Whether the newest revision was applied. Raises ConfigurationError when one was that we do not know."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return False
    applied = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()  # noqa: S608 - ours
    if unknown := sorted(set(applied) - set(REVISIONS)):
        msg = (
            f"the database ({address_of(connection.engine)}) was written by a newer version of this service: its "
            f"schema is {', '.join(unknown)}, this version knows up to {REVISIONS[-1]}"
        )
        raise ConfigurationError(msg)
    return REVISIONS[-1] in applied


def _be_patient(connection: Connection) -> None:
    """Another process may be at it, with a database that is large."""
    if is_sqlite(connection.engine):
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    else:
        connection.exec_driver_sql(f"SET lock_timeout = {_PATIENCE_MS}")
        connection.exec_driver_sql("SET statement_timeout = 0")
    connection.commit()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    # It tells each of its plugins.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config(attributes={"connection": connection, "version_table": VERSION_TABLE})
    # A % in the path is not a place to fill in.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    command.upgrade(config, "head")
    _log.info("the schema of the books was brought to revision %s", REVISIONS[-1])
