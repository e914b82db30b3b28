"""What Alembic runs to migrate: over the connection, and in the transaction, that it is given."""

from __future__ import annotations

from alembic import context

from app.stores.books.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
