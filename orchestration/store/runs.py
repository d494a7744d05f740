"""The runs of a release: `fct_refresh_run`, which says how each of its months was published last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from orchestration.database import connect, file_literal
from orchestration.store.releases import Release

RUNS = "fct_refresh_run"
_COLUMNS = {
    "run_id": "varchar",
    "business_date": "date",
    "known_on": "date",
    "published_at": "timestamp",
    "code_version": "varchar",
    "policy_version": "varchar",
    "input_fingerprint": "varchar",
    "rows_received": "bigint",
    "rows_accepted": "bigint",
    "rows_quarantined": "bigint",
}


@dataclass(frozen=True)
class Close:
    """How a month was published last: its business date, and up to which date events were read."""

    business_date: date
    known_on: date


def runs_query(release: Release | None) -> str:
    """Return the query of a release's runs; of no rows without a release.

    An older version published no known_on: it read events up to the business date.
    """
    file = release.as_of_file(RUNS) if release else None
    if file is None:
        nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in _COLUMNS.items())
        return f"select {nothing} where false"
    rows = f"read_parquet({file_literal(file)}, hive_partitioning = false)"
    with connect() as connection:
        there = {name for name, *_ in connection.execute(f"describe select * from {rows}").fetchall()}
    listed = ", ".join(name if name in there else f"business_date as {name}" for name in _COLUMNS)
    return f"select {listed} from {rows}"


def close_of(release: Release | None, month: date) -> Close | None:
    """Return how a release's month was published last; None if it is not published."""
    query = runs_query(release)
    with connect() as connection:
        found = connection.execute(
            f"select business_date, known_on from ({query}) where date_trunc('month', business_date) = ?"
            " order by published_at desc, run_id desc limit 1",
            [month],
        ).fetchall()
    return Close(*found[0]) if found else None
