"""What a run leaves about itself in the scratch warehouse: its name, verdicts and findings."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

import duckdb

from expectations.findings import Finding
from expectations.project import PROJECT_ROOT
from orchestration.database import connect
from orchestration.settings import Settings

GATE_1, GATE_2 = "gate 1", "gate 2"


def new_run_id(business_date: date) -> str:
    """A name for a run and its release: moment, business date, and four characters against two in one second."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{business_date.isoformat()}-{uuid.uuid4().hex[:4]}"


def code_version() -> str:
    """Version of the package and a hash of what decides the marts beside the policy: code and reference seeds."""
    digest = hashlib.sha256()
    for folder, pattern in (("dbt_project", "dbt_project.yml"), ("dbt_project/models", "*.sql"),
                            ("dbt_project/macros", "*.sql"), ("seeds/reference", "*.csv"),
                            ("expectations", "*.*"), ("orchestration", "*.py")):  # fmt: skip
        for path in sorted((PROJECT_ROOT / folder).rglob(pattern)):
            if not {"__pycache__", "sample"} & set(path.parts):
                digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{version('fenceng')}+{digest.hexdigest()[:12]}"


class OutOfLine(Exception):
    """A station was asked to go on from what an earlier station did not leave: run the date from its landing on."""


def _expect(connection: duckdb.DuckDBPyConnection, business_date: date, *passed: str) -> None:
    """Hold what the scratch says of itself against what a station needs. Dagster can run or retry one station alone."""
    try:
        (landed,) = connection.execute("select business_date from run.context").fetchall()[0]
        verdicts = dict(connection.execute("select gate, is_passed from run.verdict").fetchall())
    except duckdb.CatalogException:
        landed, verdicts = None, {}
    if landed != business_date:
        holds = f"holds {landed}" if landed else "is empty"
        raise OutOfLine(f"the scratch {holds}, and {business_date} was asked for; run the date from its landing on")
    for gate in passed:
        if not verdicts.get(gate):
            state = "blocked" if gate in verdicts else "has not judged"
            raise OutOfLine(f"{gate} {state} what stands for {business_date}; run the date from its landing on")


def _keep_verdict(connection: duckdb.DuckDBPyConnection, gate: str, *, passed: bool) -> None:
    connection.execute("delete from run.verdict where gate = ?", [gate])
    connection.execute("insert into run.verdict values (?, ?)", [gate, passed])


def _create_findings(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table run.finding (gate varchar, rule_id varchar, severity varchar, table_name varchar,"
        " rows bigint, because varchar, detail varchar)"
    )


def _keep(connection: duckdb.DuckDBPyConnection, gate: str, findings: Sequence[Finding]) -> None:
    for finding in findings:
        values = asdict(finding)
        connection.execute(
            "insert into run.finding values (?, ?, ?, ?, ?, ?, ?)",
            [gate, *(values[name] for name in ("rule_id", "severity", "table", "rows", "because", "detail"))],
        )


def _facts(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    run_id, policy_version, code, fingerprint = connection.execute(
        "select run_id, policy_version, code_version, input_fingerprint from run.context"
    ).fetchall()[0]
    counts = connection.execute(
        "select table_name, received, accepted, quarantined from gate_1.row_count order by table_name"
    ).fetchall()
    findings = connection.execute("select * from run.finding order by all").fetchall()
    names = ("gate", "rule_id", "severity", "table", "rows", "because", "detail")
    return {
        "run_id": run_id,
        "policy_version": policy_version,
        "code_version": code,
        "input_fingerprint": fingerprint,
        "delivered": {
            table: {"received": received, "accepted": accepted, "quarantined": quarantined}
            for table, received, accepted, quarantined in counts
        },
        "findings": [dict(zip(names, row, strict=True)) for row in findings],
    }


def _findings(settings: Settings) -> tuple[Finding, ...]:
    if not settings.warehouse.exists():
        return ()
    try:
        with connect(settings.warehouse, read_only=True) as connection:
            rows = connection.execute(
                "select rule_id, severity, table_name, rows, because, detail from run.finding"
                " order by case severity when 'block' then 0 when 'quarantine' then 1 else 2 end,"
                " rule_id, table_name, detail, because, rows"
            ).fetchall()
    except duckdb.Error:
        # The run ended before it could find anything, or on a full disk; its own error says more.
        return ()
    return tuple(Finding(*row) for row in rows)
