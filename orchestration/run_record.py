"""What a run leaves about itself in the scratch warehouse: who it is, what the gates said, what was found."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import duckdb

from expectations.findings import Finding
from orchestration.database import connect
from orchestration.settings import Settings

FINDING = tuple(field.name for field in fields(Finding))
# `table` is a word of SQL.
_FINDING_COLUMNS = ", ".join("table_name" if name == "table" else name for name in FINDING)


class Station(StrEnum):
    """The stations of the line, in its order. The value is the name of Dagster's step."""

    LANDING = "landing"
    GATE_1 = "gate_1"
    DBT = "dbt"
    GATE_2 = "gate_2"
    PUBLISH = "publish"

    @property
    def label(self) -> str:
        """Its name as it is printed, and kept in the record of a run."""
        return self.value.replace("_", " ")


class StationOrderError(Exception):
    """A station was started without what it builds on; run the date from its landing on."""


def new_run_id(business_date: date) -> str:
    """A name for a run and its release: moment, business date, and four characters against two in one second."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{business_date.isoformat()}-{uuid.uuid4().hex[:4]}"


def create_record(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of verdicts and findings in the schema `run`, empty."""
    connection.execute("create table run.verdict (gate varchar, is_passed boolean)")
    connection.execute(
        "create table run.finding (gate varchar, rule_id varchar, severity varchar, table_name varchar,"
        " rows bigint, because varchar, detail varchar)"
    )


def require(connection: duckdb.DuckDBPyConnection, business_date: date, *passed: Station) -> None:
    """Hold the scratch against what a station needs: the date landed, and the gates passed.

    Dagster can run or retry one station alone. Raises StationOrderError where something is lacking.
    """
    try:
        (landed,) = connection.execute("select business_date from run.context").fetchall()[0]
        verdicts = dict(connection.execute("select gate, is_passed from run.verdict").fetchall())
    except duckdb.CatalogException:
        landed, verdicts = None, {}
    if landed != business_date:
        holds = f"holds {landed}" if landed else "is empty"
        raise StationOrderError(
            f"the scratch warehouse {holds}, but {business_date} was asked for; run the date from its landing on"
        )
    for gate in passed:
        if not verdicts.get(gate.label):
            state = "blocked" if gate.label in verdicts else "has not judged"
            raise StationOrderError(f"{gate.label} {state} {business_date}; run the date from its landing on")


def record_verdict(connection: duckdb.DuckDBPyConnection, gate: Station, *, passed: bool) -> None:
    """Keep what a gate said, in place of what it said before."""
    clear_verdict(connection, gate)
    connection.execute("insert into run.verdict values (?, ?)", [gate.label, passed])


def clear_verdict(connection: duckdb.DuckDBPyConnection, gate: Station) -> None:
    """Forget what a gate said: what it judged is about to change."""
    connection.execute("delete from run.verdict where gate = ?", [gate.label])


def record_findings(connection: duckdb.DuckDBPyConnection, source: str, findings: Sequence[Finding]) -> None:
    """Add findings. source: a gate's title, or `policy lint`."""
    for finding in findings:
        values = asdict(finding)
        connection.execute(
            f"insert into run.finding (gate, {_FINDING_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?)",
            [source, *(values[name] for name in FINDING)],
        )


def recorded_findings(settings: Settings) -> tuple[Finding, ...]:
    """The findings of the run that the scratch holds, the worst first; none where it ended before it could find any."""
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
        # It ended early, or on a full disk; its own error says more.
        return ()
    return tuple(Finding(*row) for row in rows)


def run_facts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What the manifest of a release says of its run: versions, rows by table, findings."""
    run_id, policy_version, code, fingerprint = connection.execute(
        "select run_id, policy_version, code_version, input_fingerprint from run.context"
    ).fetchall()[0]
    counts = connection.execute(
        "select table_name, received, accepted, quarantined from gate_1.row_count order by table_name"
    ).fetchall()
    findings = connection.execute(f"select gate, {_FINDING_COLUMNS} from run.finding order by all").fetchall()
    return {
        "run_id": run_id,
        "policy_version": policy_version,
        "code_version": code,
        "input_fingerprint": fingerprint,
        "delivered": {
            table: {"received": received, "accepted": accepted, "quarantined": quarantined}
            for table, received, accepted, quarantined in counts
        },
        "findings": [dict(zip(("gate", *FINDING), row, strict=True)) for row in findings],
    }
