"""Has the database the tables that this version needs? If not, they are made, by one process at a time.

A database that has none gets them as they are now; tests hold that to be what all steps together make. Alembic, which
costs a process 11 MB and 0.13 s, is imported only where the tables of an older version are brought up to this one.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, PrimaryKeyConstraint, String, Table, inspect, text

from app.stores.books.database import address_of, is_sqlite, reading, write_transaction
from app.stores.books.tables import METADATA
from contracts.errors import ConfigurationError

_log = logging.getLogger(__name__)

# The oldest first; a test compares them with the files in `versions`.
REVISIONS = ("0001", "0002", "0003")
VERSION_TABLE = "books_schema"
# As Alembic makes it.
_VERSIONS = Table(
    VERSION_TABLE,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)

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
            if not _has_version(connection):
                _make(connection)
            elif not _is_current(connection):
                _upgrade(connection)


def _has_version(connection: Connection) -> bool:
    """Whether there ever were books."""
    return inspect(connection).has_table(VERSION_TABLE)


def _is_current(connection: Connection) -> bool:
    """Whether the newest revision was applied. Raises ConfigurationError when one was that we do not know."""
    if not _has_version(connection):
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


def _make(connection: Connection) -> None:
    # Not asked for one by one: a table of that name that is there is somebody else's, and an error.
    METADATA.create_all(connection, checkfirst=False)
    _VERSIONS.create(connection, checkfirst=False)
    connection.execute(_VERSIONS.insert().values(version_num=REVISIONS[-1]))
    _log.info("the tables of the books were made, as of revision %s", REVISIONS[-1])


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
