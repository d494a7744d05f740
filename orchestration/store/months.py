"""State carried over from one published month to the next."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from orchestration.database import exact_pattern


def month_before(month: date) -> date:
    """Return the first day of the previous month."""
    return month.replace(year=month.year - 1, month=12) if month.month == 1 else month.replace(month=month.month - 1)


# Carried over to the next month: the tier and its history.
CARRIED = {
    "customer_id": "varchar",
    "tier_code": "varchar",
    "tier_since": "date",
    "tier_before": "varchar",
    "months_below": "integer",
    "flips": "integer",
}


def load_previous_tiers(connection: duckdb.DuckDBPyConnection, table: str, file: Path | None) -> None:
    """Create the table of the state carried over from the previous month's published file; empty without a file.

    A month published by an older version lacks newer columns; they are null.
    """
    connection.execute(f"create table {table} ({', '.join(' '.join(pair) for pair in CARRIED.items())})")
    if file is None:
        return
    described = connection.execute("describe select * from read_parquet(?)", [exact_pattern(file)]).fetchall()
    there = [name for name, *_ in described if name in CARRIED]
    columns = ", ".join(there)
    connection.execute(f"insert into {table} ({columns}) select {columns} from read_parquet(?)", [exact_pattern(file)])
