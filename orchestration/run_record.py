"""What a run records about itself in the scratch warehouse: identity, gate verdicts and findings."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from expectations.findings import Finding
from orchestration.database import connect
from orchestration.settings import Settings
from orchestration.station_names import Station

FINDING = tuple(field.name for field in fields(Finding))
# `table` is a reserved word in SQL.
_FINDING_COLUMNS = ", ".join("table_name" if name == "table" else name for name in FINDING)


class StationOrderError(Exception):
    """A station was started without its prerequisites; run the date from landing again."""


def new_run_id(business_date: date) -> str:
    """Return an id for a run and its release: UTC time, business date, four characters against a same-second clash."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{business_date.isoformat()}-{uuid.uuid4().hex[:4]}"


def create_record(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the empty tables `run.verdict` and `run.finding`."""
    connection.execute("create table run.verdict (gate varchar, is_passed boolean)")
    connection.execute(
        "create table run.finding (gate varchar, rule_id varchar, severity varchar, table_name varchar,"
        " rows bigint, because varchar, detail varchar)"
    )


def require(connection: duckdb.DuckDBPyConnection, business_date: date, *passed: Station) -> None:
    """Check that the scratch warehouse holds the business date and that the given gates passed.

    Dagster can run or retry a single station. Raises StationOrderError if a prerequisite is missing.
    """
    try:
        (landed,) = connection.execute("select business_date from run.context").fetchall()[0]
        verdicts = dict(connection.execute("select gate, is_passed from run.verdict").fetchall())
    except duckdb.CatalogException:
        landed, verdicts = None, {}
    if landed != business_date:
        holds = f"holds {landed}" if landed else "is empty"
        raise StationOrderError(
            f"the scratch warehouse {holds}, but {business_date} was requested; run the date from landing again"
        )
    for gate in passed:
        if not verdicts.get(gate.label):
            state = "blocked" if gate.label in verdicts else "has not judged"
            raise StationOrderError(f"{gate.label} {state} {business_date}; run the date from landing again")


def record_verdict(connection: duckdb.DuckDBPyConnection, gate: Station, *, passed: bool) -> None:
    """Store a gate's verdict, replacing any earlier one."""
    clear_verdict(connection, gate)
    connection.execute("insert into run.verdict values (?, ?)", [gate.label, passed])


def clear_verdict(connection: duckdb.DuckDBPyConnection, gate: Station) -> None:
    """Delete a gate's verdict, since its input is about to change."""
    connection.execute("delete from run.verdict where gate = ?", [gate.label])


def record_findings(connection: duckdb.DuckDBPyConnection, source: str, findings: Sequence[Finding]) -> None:
    """Append findings. source: a gate's label, or `policy lint`."""
    for finding in findings:
        values = asdict(finding)
        connection.execute(
            f"insert into run.finding (gate, {_FINDING_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?)",
            [source, *(values[name] for name in FINDING)],
        )


def recorded_findings(settings: Settings) -> tuple[Finding, ...]:
    """Return the findings in the scratch warehouse, worst first; empty if the run ended before it found any."""
    if not settings.warehouse.exists():
        return ()
    try:
        with connect(settings.warehouse, read_only=True) as connection:
            rows = connection.execute(
                f"select {_FINDING_COLUMNS} from run.finding"
                " order by case severity when 'block' then 0 when 'quarantine' then 1 else 2 end,"
                " rule_id, table_name, detail, because, rows"
            ).fetchall()
    except duckdb.Error:
        # The run ended early or on a full disk; its own error says more.
        return ()
    return tuple(Finding(*row) for row in rows)


def run_facts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the run's entries in the release manifest: versions, earlier months read, row counts, findings."""
    run_id, known_on, policy_version, code, fingerprint = connection.execute(
        "select run_id, cast(known_on as varchar), policy_version, code_version, input_fingerprint from run.context"
    ).fetchall()[0]
    counts = connection.execute(
        "select table_name, received, accepted, quarantined from gate_1.row_count order by table_name"
    ).fetchall()
    read = connection.execute("select path, sha256, bytes from run.input order by path").fetchall()
    findings = connection.execute(f"select gate, {_FINDING_COLUMNS} from run.finding order by all").fetchall()
    return {
        "run_id": run_id,
        "known_on": known_on,
        "policy_version": policy_version,
        "code_version": code,
        "input_fingerprint": fingerprint,
        "inputs": {path: {"sha256": sha256, "bytes": size} for path, sha256, size in read},
        "delivered": {
            table: {"received": received, "accepted": accepted, "quarantined": quarantined}
            for table, received, accepted, quarantined in counts
        },
        "findings": [dict(zip(("gate", *FINDING), row, strict=True)) for row in findings],
    }
