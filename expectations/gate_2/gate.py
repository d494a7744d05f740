"""Runs the mart rules over the release file under construction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb

from expectations.contract import Contract
from expectations.findings import Finding
from expectations.quoting import literal
from expectations.rules import Rule, load_rules
from expectations.runner import GateError, Verdict, run_rules
from expectations.sql import render

HERE = Path(__file__).parent
RULES = HERE / "marts.yml"
# The schema of the views. A rule over a view of all marts names in `table_name` the one that breaks it.
VIEWS = "gate_2"
# How many keys a finding lists.
NAMED = 5
MART_SCHEMAS = ("month_in_hand", "marts")


@dataclass(frozen=True)
class GateTwoResult:
    """What gate 2 found. Publication continues if nothing blocks."""

    findings: tuple[Finding, ...]
    rules_run: Mapping[str, int]

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that prevent publication."""
        return tuple(finding for finding in self.findings if finding.severity == "block")


def run_gate_2(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    parameters: Mapping[str, str],
    report: Callable[[str], None] = lambda _: None,
    rules: Sequence[Rule] | None = None,
) -> GateTwoResult:
    """Judge the marts in the connection's file; the scratch warehouse is attached as `scratch`.

    rules: replace those of marts.yml. Neither file is written to: the views of the rules are in an in-memory database,
    `gate_2`. Raises GateError if a rule can't be run, or names a table that is not a mart: its findings would belong to
    none.
    """
    marts = _create_views(connection)
    judged = load_rules(RULES, contract, parameters) if rules is None else rules
    ordered = sorted(judged, key=lambda rule: (rule.schema, rule.table, rule.relation))
    for rule in ordered:
        if rule.schema != VIEWS and (rule.schema, rule.table) not in marts:
            raise GateError(f"rule {rule.rule_id} names {rule.schema}.{rule.table}, and the release has no such mart")
    findings: list[Finding] = []
    rules_run: dict[str, int] = {}
    for (_, table, _), group in groupby(ordered, key=lambda rule: (rule.schema, rule.table, rule.relation)):
        of_table = list(group)
        for verdict in run_rules(connection, of_table):
            if not verdict.passed:
                findings += _findings(connection, verdict)
        rules_run[table] = rules_run.get(table, 0) + len(of_table)
        report(f"{table}: {len(of_table)} rules")
    return GateTwoResult(tuple(findings), rules_run)


def _findings(connection: duckdb.DuckDBPyConnection, verdict: Verdict) -> list[Finding]:
    rule = verdict.rule
    if rule.schema != VIEWS:
        return [_finding(rule, rule.table, verdict.unexpected, _names(connection, verdict))]
    listed = connection.execute(
        f"select table_name, count(*) from ({verdict.failing_rows}) group by table_name order by table_name"
    ).fetchall()
    return [_finding(rule, table, rows) for table, rows in listed]


def _names(connection: duckdb.DuckDBPyConnection, verdict: Verdict) -> str:
    """Some of the keys that a rule names, so that a finding leads to its rows; empty if it names none."""
    column = verdict.rule.names
    if not column:
        return ""
    found = [
        str(value)
        for (value,) in connection.execute(
            f"select distinct {column} from ({verdict.failing_rows}) order by {column}"
        ).fetchall()
    ]
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    return f"{', '.join(found[:NAMED])}{more}"


def _finding(rule: Rule, table: str, rows: int, detail: str = "") -> Finding:
    return Finding(rule.rule_id, rule.severity, table, rows, rule.because, detail)


def _create_views(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Create views over policy rows in force, accepted rows and all marts; return the marts by schema and name."""
    connection.execute("attach if not exists ':memory:' as gate_2")
    connection.execute("create schema if not exists gate_2.in_force")
    for (table,) in connection.execute(
        "select table_name from duckdb_columns() where database_name = 'scratch' and schema_name = 'policy'"
        " and column_name = 'valid_from' order by table_name"
    ).fetchall():
        connection.execute(
            f"create or replace view gate_2.in_force.{table} as select row_.* from scratch.policy.{table} as row_"
            " cross join scratch.run.context as run where row_.valid_from <= run.business_date"
            " and (row_.valid_to is null or row_.valid_to > run.business_date) and row_.scenario = run.scenario"
        )
    (release,) = connection.execute("select current_database()").fetchall()[0]
    connection.execute(render(HERE / "views.sql", {"release": release}))
    columns = connection.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() semi join duckdb_tables()"
        " using (database_name, schema_name, table_name)"
        " where database_name = current_database() and schema_name in (?, ?) order by all",
        MART_SCHEMAS,
    ).fetchall()
    _unite(connection, "text_value", [column[:3] for column in columns if column[3] == "VARCHAR"])
    in_hand = [column[:3] for column in columns if column[0] == MART_SCHEMAS[0]]
    _unite(connection, "month_value", [column for column in in_hand if column[2] == "policy_month"])
    return {(schema, table) for schema, table, *_ in columns}


def _unite(connection: duckdb.DuckDBPyConnection, view: str, columns: Sequence[tuple[str, str, str]]) -> None:
    """Columns of many marts in one view, with the mart's name."""
    (release,) = connection.execute("select current_database()").fetchall()[0]
    selects = [
        f"select {literal(table)} as table_name, {column} as value from {release}.{schema}.{table}"
        for schema, table, column in columns
    ]
    connection.execute(f"create or replace view {VIEWS}.{view} as {' union all '.join(selects)}")
