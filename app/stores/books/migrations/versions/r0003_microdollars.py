"""Sums of money are kept in two parts, whole microdollars and what is left: neither ever outgrows its 64 bits.

Revision: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = ("usage_minutes", "usage_hours", "tag_hours", "statistics")
_MONEY = ("cost", "estimated_cost")


def upgrade() -> None:
    """Adds the whole microdollars, and divides what was summed up so far."""
    for table in _TABLES:
        for name in _MONEY:
            op.add_column(table, sa.Column(f"{name}_micro", sa.BigInteger(), server_default="0", nullable=False))
        parts = ", ".join(
            f"{name}_micro = {name}_pico / 1000000, {name}_pico = {name}_pico % 1000000" for name in _MONEY
        )
        op.execute(f"UPDATE {table} SET {parts}")  # noqa: S608 - ours
