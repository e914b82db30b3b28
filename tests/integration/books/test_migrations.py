"""Is the schema made once, by whoever comes first, and is it the one that the code believes in?"""

from __future__ import annotations

import asyncio
import stat
import sys
import threading
from asyncio.subprocess import PIPE
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DBAPIError

from app.stores.books import migrations
from app.stores.books.database import open_engine, reading, writing
from app.stores.books.tables import METADATA

_MIGRATE = """
import sys
from app.stores.books.database import open_engine
from app.stores.books.migrations import migrate
engine = open_engine(sys.argv[1], is_strict=False)
migrate(engine)
engine.dispose()
print("alembic" in sys.modules)
"""


def test_migrations_make_the_tables_that_the_code_uses(database_url: str) -> None:
    """Alembic finds no difference between the migrated schema and the tables; not in keys and defaults either."""
    engine = open_engine(database_url, is_strict=False)
    _go_all_steps(engine)
    with reading(engine) as connection:
        options = {"compare_type": True, "compare_server_default": True, "version_table": migrations.VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []
        inspector = inspect(connection)
        for name, table in METADATA.tables.items():
            keys = [column.name for column in table.primary_key]
            assert inspector.get_pk_constraint(name)["constrained_columns"] == keys
    engine.dispose()


def test_migrations_of_a_new_database_make_what_all_steps_make(database_url: str) -> None:
    """Each column with its type, null and default, each key, index and constraint."""
    engine = open_engine(database_url, is_strict=False)
    _go_all_steps(engine)
    stepped = _schema(engine)
    with writing(engine) as connection:
        METADATA.drop_all(connection)
        connection.exec_driver_sql(f"DROP TABLE {migrations.VERSION_TABLE}")
    migrations.migrate(engine)
    assert _schema(engine) == stepped
    assert {*stepped} == {*METADATA.tables, migrations.VERSION_TABLE}
    engine.dispose()


def test_migrations_leave_the_tables_of_others_alone(database_url: str) -> None:
    """One of our names that is taken in a database without books is an error, and nothing is made."""
    engine = open_engine(database_url, is_strict=False)
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE requests (theirs INTEGER)")
    with pytest.raises(DBAPIError, match="already exists"):
        migrations.migrate(engine)
    assert [*_schema(engine)] == ["requests"]
    engine.dispose()


def test_migrations_are_the_revisions_that_the_code_knows() -> None:
    """The constant that spares us Alembic lists what stands in the folder, in its order."""
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert tuple(reversed([step.revision for step in scripts.walk_revisions()])) == migrations.REVISIONS


async def test_migrations_of_processes_that_start_at_once_are_done_once(database_url: str) -> None:
    """Three of them on an empty database: none fails."""
    assert [code for code, _ in await asyncio.gather(*(_migrating(database_url) for _ in range(3)))] == [0] * 3


async def test_migrations_that_are_done_cost_no_alembic(database_url: str) -> None:
    """A new database, and one that is up to date, leave Alembic on the disk; an older one is what it is for."""
    assert await _migrating(database_url) == (0, "False")
    assert await _migrating(database_url) == (0, "False")
    engine = open_engine(database_url, is_strict=False)
    _undo_microdollars(engine)
    engine.dispose()
    assert await _migrating(database_url) == (0, "True")


def test_migrations_bring_older_books_up_to_date(database_url: str) -> None:
    """From the revision before keys: what stands in them stays, and the tables are those of the code."""
    engine = open_engine(database_url, is_strict=False)
    migrations.migrate(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO facts (name, value) VALUES ('kept', 'x')")
        connection.exec_driver_sql("DROP TABLE caller_key_secrets")
        connection.exec_driver_sql("DROP TABLE caller_keys")
    _undo_microdollars(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql(f"UPDATE {migrations.VERSION_TABLE} SET version_num = '0001'")  # noqa: S608
    migrations.migrate(engine)
    with reading(engine) as connection:
        options = {"version_table": migrations.VERSION_TABLE}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), METADATA) == []
        assert connection.exec_driver_sql("SELECT value FROM facts").scalars().all() == ["x"]
    engine.dispose()


def test_migrations_divide_the_sums_of_money(database_url: str) -> None:
    """Into microdollars and what is left, exactly."""
    engine = open_engine(database_url, is_strict=False)
    migrations.migrate(engine)
    _undo_microdollars(engine)
    with writing(engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO statistics (since_us, day, provider, cost_pico, estimated_cost_pico)"
            " VALUES (0, 1, 'openai', 9223372036854775807, 999999)"
        )
    migrations.migrate(engine)
    with reading(engine) as connection:
        columns = "cost_micro, cost_pico, estimated_cost_micro, estimated_cost_pico"
        row = connection.exec_driver_sql(f"SELECT {columns} FROM statistics").one()  # noqa: S608
    assert tuple(row) == (9223372036854, 775807, 0, 999999)
    engine.dispose()


def test_sqlite_file_is_private(tmp_path: Path) -> None:
    """The file, what SQLite lays beside it, and the folder that we made: nobody else may read what callers did."""
    engine = open_engine(f"sqlite:///{tmp_path}/new/books.sqlite3", is_strict=False)
    migrations.migrate(engine)
    with reading(engine) as connection:
        connection.exec_driver_sql("SELECT 1 FROM facts")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes["books.sqlite3"] == modes["books.sqlite3-wal"] == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    engine.dispose()


def test_sqlite_file_is_turned_to_wal_by_many_at_once(tmp_path: Path) -> None:
    """SQLite itself refuses some of them at once instead of letting them wait."""
    for number in range(15):
        engine = open_engine(f"sqlite:///{tmp_path}/{number}.db", is_strict=False)
        together = threading.Barrier(6)

        def ask(engine: Engine = engine, together: threading.Barrier = together) -> object:
            together.wait()
            with reading(engine) as connection:
                return connection.exec_driver_sql("PRAGMA journal_mode").scalar()

        with ThreadPoolExecutor(6) as threads:
            assert {asked.result() for asked in [threads.submit(ask) for _ in range(6)]} == {"wal"}
        engine.dispose()


@pytest.mark.parametrize("is_strict,level", [(False, 1), (True, 2)])
def test_sqlite_syncs_as_it_was_asked(sqlite_url: str, is_strict: bool, level: int) -> None:
    """WAL in any case; FULL when strict, NORMAL when relaxed; calls go with their requests."""
    engine = open_engine(sqlite_url, is_strict=is_strict)
    with reading(engine) as connection:
        asked = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert asked == ["wal", level]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def _go_all_steps(engine: Engine) -> None:
    """As Alembic takes them, from a database that has told no version yet."""
    with writing(engine) as connection:
        connection.exec_driver_sql(
            f"CREATE TABLE {migrations.VERSION_TABLE} (version_num VARCHAR(32) NOT NULL,"
            f" CONSTRAINT {migrations.VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
        )
    migrations.migrate(engine)


def _undo_microdollars(engine: Engine) -> None:
    """The books as they were at revision 0002."""
    with writing(engine) as connection:
        for table in ("usage_minutes", "usage_hours", "tag_hours", "statistics"):
            for name in ("cost_micro", "estimated_cost_micro"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {name}")
        connection.exec_driver_sql(f"UPDATE {migrations.VERSION_TABLE} SET version_num = '0002'")  # noqa: S608


def _schema(engine: Engine) -> dict[str, object]:
    """By table: what the database tells of it. The order of its columns means nothing: no statement relies on it."""
    with reading(engine) as connection:
        seen = inspect(connection)
        return {
            name: (
                {column["name"]: {**column, "type": str(column["type"])} for column in seen.get_columns(name)},
                seen.get_pk_constraint(name),
                seen.get_foreign_keys(name),
                sorted(seen.get_indexes(name), key=lambda index: index["name"] or ""),
                seen.get_unique_constraints(name),
                seen.get_check_constraints(name),
                seen.get_table_options(name),
            )
            for name in seen.get_table_names()
        }


async def _migrating(url: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _MIGRATE, url, stdout=PIPE)
    said, _ = await process.communicate()
    return process.returncode, said.decode().strip()
