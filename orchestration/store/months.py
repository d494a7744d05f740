"""The months of the store: what one hands on to the next."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from orchestration.database import exact_pattern


def month_before(month: date) -> date:
    """The first day of the month before a month."""
    return month.replace(year=month.year - 1, month=12) if month.month == 1 else month.replace(month=month.month - 1)


# What a month hands on to the next: the tier, and the history that is carried from month to month.
CARRIED = {
    "customer_id": "varchar",
    "tier_code": "varchar",
    "tier_since": "date",
    "tier_before": "varchar",
    "months_below": "integer",
    "flips": "integer",
}


def load_previous_tiers(connection: duckdb.DuckDBPyConnection, table: str, file: Path | None) -> None:
    """Make the table of what the month before hands on, from its published file, empty without one.

    A month that an older version published lacks the younger columns; they are null then.
    """
    connection.execute(f"create table {table} ({', '.join(' '.join(pair) for pair in CARRIED.items())})")
    if file is None:
        return
    described = connection.execute("describe select * from read_parquet(?)", [exact_pattern(file)]).fetchall()
    there = [name for name, *_ in described if name in CARRIED]
    columns = ", ".join(there)
    connection.execute(f"insert into {table} ({columns}) select {columns} from read_parquet(?)", [exact_pattern(file)])
