"""Verification: rebuild a published month in a folder of its own and compare it with what was published.

A month is a function of the landing zone as of its business date, the earlier months that it read, the policy rows in
force and the code. The same four must give the same bytes; if they don't, one of the four has changed, and the result
says which, and in which tables, rows and columns. The manifest names the earlier months' files with their hashes, and a
file that was replaced since is kept for as long as a month rests on it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from fenceng.analysis.replay import RUNS, require_month
from orchestration.database import connect
from orchestration.refresh import Outcome, RefreshResult, run_refresh
from orchestration.settings import Settings
from orchestration.station_names import Station
from orchestration.store.releases import (
    CURRENT,
    MANIFEST,
    SUPERSEDED,
    Release,
    current_release,
    month_of_path,
    release_in_force,
)
from orchestration.store.runs import close_of

# What a run depends on, as columns of the run record; MONTHS_BEFORE: an earlier month, whose file is gone.
CAUSES = ("input_fingerprint", "policy_version", "code_version")
MONTHS_BEFORE = "months_before"
BASE = "base"


@dataclass(frozen=True)
class TableDifference:
    """What differs in one table. columns: column -> rows of equal key in which it differs; bytes_only: equal rows."""

    table: str
    published_rows: int
    rebuilt_rows: int
    missing: int
    surplus: int
    columns: Mapping[str, int]

    @property
    def bytes_only(self) -> bool:
        """The rows are equal but the files are not."""
        return not (self.missing or self.surplus or self.columns)


@dataclass(frozen=True)
class Verification:
    """The outcome. tables: those compared; changed: inputs that differ from those of the publishing run.
    refresh: the outcome of the rebuild; unless it published, nothing was compared. replaced: earlier months that were
    published again since the month was built from them.
    """

    month: date
    business_date: date
    tables: tuple[str, ...]
    differences: tuple[TableDifference, ...]
    changed: tuple[str, ...]
    refresh: RefreshResult
    replaced: tuple[date, ...] = ()

    @property
    def is_identical(self) -> bool:
        """Every table is byte for byte as published."""
        return self.refresh.outcome is Outcome.PUBLISHED and not self.differences


def verify(settings: Settings, month: date, at_station: Callable[[Station], None] = lambda _: None) -> Verification:
    """Rebuild a published month and compare all its tables, file by file, then row by row.

    The rebuild is a full refresh in a folder of its own, not a replay: it starts from the landing zone.
    Raises NothingPublishedError, or ReplayError if the month is not published. The published store is not touched.
    """
    release = release_in_force(settings)
    require_month(release, month)
    published = _run_of(release, month)
    business_date: date = published["business_date"]
    close = close_of(release, month)
    trial = replace(settings, output=Path(tempfile.mkdtemp(prefix="verification-", dir=settings.output)))
    try:
        is_complete = _publish_months_before(release, month, trial.published)
        result = run_refresh(trial, business_date, at_station, close.known_on if close else None)
        rebuilt = current_release(trial.published)
        if result.outcome is not Outcome.PUBLISHED or rebuilt is None:
            return Verification(month, business_date, (), (), (), result)
        again = _run_of(rebuilt, month)
        grains = _grains(release)
        tables = tuple(sorted({*release.monthly_tables(month), *rebuilt.monthly_tables(month)}))
        differences = tuple(
            difference
            for table in tables
            if (difference := _difference(table, grains.get(table, []), release, rebuilt, month)) is not None
        )
        changed = tuple(name for name in CAUSES if published[name] != again[name])
        if not is_complete:
            changed += (MONTHS_BEFORE,)
        return Verification(month, business_date, tables, differences, changed, result, replaced_since(release, month))
    finally:
        shutil.rmtree(trial.output, ignore_errors=True)


def _run_of(release: Release, month: date) -> dict[str, Any]:
    """The run that last wrote a month: the newest in the release among the month's business dates."""
    names = ("business_date", "published_at", *CAUSES)
    with connect() as connection:
        rows = connection.execute(
            f"select {', '.join(names)} from ({release.rows(RUNS)}) where date_trunc('month', business_date) = ?"
            " order by published_at desc, run_id desc limit 1",
            [month],
        ).fetchall()
    return dict(zip(names, rows[0], strict=True))


def replaced_since(release: Release, month: date) -> tuple[date, ...]:
    """The earlier months that a month was built from and that were published again since, in order."""
    files = release.manifest()["files"]
    read = (release.built_from(month) or {}).items()
    return tuple(
        sorted(
            {
                one
                for path, sha256 in read
                if files.get(path, {}).get("sha256") != sha256 and (one := month_of_path(path)) is not None
            }
        )
    )


def _publish_months_before(release: Release, month: date, published: Path) -> bool:
    """Make a store with copies of the months before a month, as they were when it was built.

    Returns whether every file that the month was built from is still there. Of a month that an older version published,
    nothing is known, and the months are taken as they are now.
    """
    base = published / "releases" / BASE
    manifest = release.manifest()
    built_from = release.built_from(month)
    kept = {}
    for name, described in manifest["files"].items():
        other = month_of_path(name)
        if Path(name).suffix != ".parquet" or name.startswith(SUPERSEDED) or (other is not None and other >= month):
            continue
        source = release.folder / name
        if built_from is not None and other is not None:
            found = release.file_with(name, built_from[name]) if name in built_from else None
            if found is None:
                continue
            source = found
        kept[name] = described | ({"sha256": built_from[name]} if built_from and name in built_from else {})
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, base / name)
    before = (month - timedelta(days=1)).isoformat()
    base.mkdir(parents=True, exist_ok=True)
    (base / MANIFEST).write_text(
        json.dumps(manifest | {"files": kept, "months": {}, "business_date": before, "newest_business_date": before}),
        encoding="utf-8",
    )
    (published / CURRENT).symlink_to(Path("releases") / BASE)
    return built_from is None or built_from.keys() <= kept.keys()


def _grains(release: Release) -> dict[str, list[str]]:
    grains: dict[str, list[str]] = release.manifest().get("grains", {})
    return grains


def _difference(
    table: str, grain: Sequence[str], release: Release, rebuilt: Release, month: date
) -> TableDifference | None:
    if _sha256(release, table, month) == _sha256(rebuilt, table, month):
        return None
    sides = {"published": release, "rebuilt": rebuilt}
    has_table = {side: one.month_file(table, month) is not None for side, one in sides.items()}
    with connect() as connection:
        for side, one in sides.items():
            # A side without the table gets its columns and no rows.
            there = one if has_table[side] else next(other for name, other in sides.items() if has_table[name])
            query = f"select * from ({there.rows(table, month)}) where {has_table[side]}"
            connection.execute(f"create view {side} as {query}")
        return _compare(connection, table, grain)


def _sha256(release: Release, table: str, month: date) -> str | None:
    file = release.month_file(table, month)
    files: dict[str, dict[str, str]] = release.manifest()["files"]
    return files[file.relative_to(release.folder).as_posix()]["sha256"] if file else None


def _compare(connection: duckdb.DuckDBPyConnection, table: str, grain: Sequence[str]) -> TableDifference:
    columns = {
        side: [name for name, *_ in connection.execute(f"describe {side}").fetchall()]
        for side in ("published", "rebuilt")
    }
    shared = [name for name in columns["published"] if name in columns["rebuilt"]]
    key = [name for name in grain if name in shared] or shared
    matched = " and ".join(f"published.{name} is not distinct from rebuilt.{name}" for name in key)

    def count(sql: str) -> int:
        found: int = connection.execute(sql).fetchall()[0][0]
        return found

    differing = {
        name: rows
        for name in shared
        if name not in key
        and (
            rows := count(
                f"select count(*) from published inner join rebuilt on {matched}"
                f" where published.{name} is distinct from rebuilt.{name}"
            )
        )
    }
    differing |= {
        f"{name} ({'no longer' if name in columns['published'] else 'not yet'} a column)": count(
            f"select count(*) from {'published' if name in columns['published'] else 'rebuilt'}"
        )
        for name in sorted(set(columns["published"]) ^ set(columns["rebuilt"]))
    }
    return TableDifference(
        table,
        count("select count(*) from published"),
        count("select count(*) from rebuilt"),
        count(f"select count(*) from published anti join rebuilt on {matched}"),
        count(f"select count(*) from rebuilt anti join published on {matched}"),
        differing,
    )
