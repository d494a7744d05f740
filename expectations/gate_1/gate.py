"""Gate 1: checks the delivery against the landing contract. Bad rows are quarantined; a bad delivery blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from expectations.contract import Contract, Table
from expectations.findings import Finding
from expectations.rules import Rule, load_rules
from expectations.runner import Verdict, run_rules
from expectations.sql import functions, render

HERE = Path(__file__).parent
COPIES = "copies"
# The column that names a delivered row's customer.
CUSTOMER = "customer_id"
ROW_RULES = ("contract.yml", "quarantine.yml", "warnings.yml")
NO_ROW = "the line can't be read as a row of the table"
# How many customers a finding lists.
NAMED = 5
# The rule for such a line, after the table name.
UNREADABLE_LINE = ".row.unreadable"
# The high bits of `_row` hold the file of the row.
ROW_BITS = 32
# The relations that the rules of a delivery are about; `findings/<relation>.sql` is what a finding says of a row.
DELIVERY = ("partition", "defect", "file", "run", "stray")


@dataclass(frozen=True)
class RowCount:
    """Row counts of one table and partition date: received = accepted + quarantined."""

    table: str
    business_date: str
    received: int
    accepted: int
    quarantined: int


@dataclass(frozen=True)
class GateOneResult:
    """What gate 1 found. The refresh continues if nothing blocks."""

    findings: tuple[Finding, ...]
    counts: tuple[RowCount, ...]
    rules_run: int

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that prevent publication."""
        return tuple(finding for finding in self.findings if finding.severity == "block")


def run_gate_1(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    parameters: Mapping[str, str],
    report: Callable[[str], None] = lambda _: None,
) -> GateOneResult:
    """Judge the delivery in the scratch warehouse, then its rows, and write the quarantine.

    Reads `landing.<table>` (typed rows with _row, _biz_date, _unreadable), `landing.unreadable_line` and the tables of
    schema `delivery`. Writes `gate_1.rejection` (table, row, rule), `gate_1.quarantine`, the views `accepted.<table>`,
    the counts by file, by date and by table, and the sums by customer that are large. Row rules do not run on a
    delivery that is blocked as a whole.
    Raises GateError if a rule can't be run.
    """
    connection.execute(functions())
    _run(connection, "tables/rejection")
    delivery = judge_files(connection, contract, parameters)
    if delivery.blocking:
        return delivery
    findings, rules_run = list(delivery.findings), delivery.rules_run

    share_rules = load_rules(HERE / "share.yml", contract, parameters)
    row_rules = [rule for name in ROW_RULES for rule in load_rules(HERE / name, contract, parameters)]
    verdicts: list[Verdict] = []
    lost: list[str] = []
    for wave in contract.waves():
        for table in wave:
            of_table = [_against_received(rule, lost) for rule in row_rules if rule.table == table.name]
            if connection.execute(f"select 1 from landing.{table.name} limit 1").fetchall():
                _find_copies(connection, table)
                judged = _judge(connection, table, of_table)
                rules_run += len(of_table)
                _reject(connection, table, judged)
                verdicts += judged
                report(f"{table.name}: {len(of_table)} rules")
            _accept(connection, table)
        _count_rows(connection, wave)
        # A call to Great Expectations takes a tenth of a second, even with nothing to judge.
        is_any_held = connection.execute("select 1 from gate_1.row_count where quarantined > 0 limit 1").fetchall()
        judged = run_rules(connection, _about(share_rules, "row_count")) if is_any_held else []
        blocking = _share_findings(connection, judged, verdicts)
        lost += [finding.table for finding in blocking]
        findings += blocking

    sum_rules = load_rules(HERE / "sums.yml", contract, parameters)
    findings += _sum_findings(connection, contract, sum_rules)
    _write_quarantine(connection, contract)
    findings += _row_findings(connection, verdicts)
    _count_rows(connection, list(contract.tables.values()))
    for verdict in run_rules(connection, _about(share_rules, "file_count")):
        if not verdict.passed:
            findings.append(Finding(verdict.rule.rule_id, "block", "file", verdict.unexpected, verdict.rule.because))
    counts = _run(connection, "findings/counts")
    rules_run += len(share_rules) + len(sum_rules)
    return GateOneResult(tuple(findings), tuple(RowCount(*row) for row in counts), rules_run)


def judge_files(
    connection: duckdb.DuckDBPyConnection, contract: Contract, parameters: Mapping[str, str]
) -> GateOneResult:
    """Judge the delivery and its files, before or without their rows.

    Raises GateError if a rule can't be run.
    """
    rules = load_rules(HERE / "delivery.yml", contract, parameters)
    findings = [
        finding
        for relation in DELIVERY
        if connection.execute(f"select 1 from delivery.{relation} limit 1").fetchall()
        for finding in _delivery_findings(connection, run_rules(connection, _about(rules, relation)))
    ]
    return GateOneResult(tuple(findings), (), len(rules))


def _about(rules: Sequence[Rule], relation: str) -> list[Rule]:
    return [rule for rule in rules if rule.relation == relation]


def _against_received(rule: Rule, lost: Sequence[str]) -> Rule:
    """The rule, with received rows instead of accepted ones looked up in tables that lose too many rows.

    The delivery is blocked in that case, and rows that refer to such a table would only repeat the reason.
    """
    query = rule.query or ""
    for table in lost:
        query = re.sub(rf"\baccepted\.{table}\b", f"landing.{table}", query)
    return replace(rule, query=query) if query else rule


def _judge(connection: duckdb.DuckDBPyConnection, table: Table, rules: list[Rule]) -> list[Verdict]:
    """The verdicts in rule order; a guarded rule runs only if its guard failed."""
    verdicts = [
        verdict
        for relation in (table.name, COPIES)
        for verdict in run_rules(connection, [r for r in rules if r.relation == relation and not r.guarded_by])
    ]
    failed = {verdict.rule.rule_id for verdict in verdicts if not verdict.passed}
    verdicts += run_rules(connection, [rule for rule in rules if rule.guarded_by in failed])
    return sorted(verdicts, key=lambda verdict: rules.index(verdict.rule))


def _delivery_findings(connection: duckdb.DuckDBPyConnection, verdicts: list[Verdict]) -> list[Finding]:
    """One finding per defect, however many files it concerns: the first is named, the others are counted."""
    findings = []
    for verdict in verdicts:
        if not verdict.failing_rows:
            continue
        details = render(HERE / f"findings/{verdict.rule.relation}.sql", {"failing_rows": verdict.failing_rows})
        rows = _run(connection, "findings/delivery", details=details)
        for table, place, places, found in rows:
            more = f" and {places - 1:,} more" if places > 1 else ""
            detail = ": ".join(part for part in (f"{place or ''}{more}", found) if part)
            findings.append(
                Finding(verdict.rule.rule_id, verdict.rule.severity, table, 0, verdict.rule.because, detail)
            )
    return findings


def _share_findings(
    connection: duckdb.DuckDBPyConnection, judged: Sequence[Verdict], verdicts: Sequence[Verdict]
) -> list[Finding]:
    """Tables that lose too many rows, each once, with the rule that most of those rows break."""
    because = {verdict.rule.rule_id: verdict.rule.because for verdict in verdicts}
    findings: dict[str, Finding] = {}
    for verdict in judged:
        if not verdict.failing_rows:
            continue
        listed = _run(connection, "findings/lost_tables", failing_rows=verdict.failing_rows)
        for table, bad, received in listed:
            rule_id, rows = _foremost(connection, table)
            detail = (
                f"{bad:,} of {received:,} rows, {rows:,} of them because {because.get(rule_id, NO_ROW)} [{rule_id}]"
            )
            findings.setdefault(table, Finding(verdict.rule.rule_id, "block", table, 0, verdict.rule.because, detail))
    return list(findings.values())


def _foremost(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[str, int]:
    """The rule that quarantines the most rows of a table, with their number."""
    ((rule_id, rows),) = _run(connection, "findings/foremost_rule", table=table, unreadable_line=UNREADABLE_LINE)
    return rule_id, rows


def _sum_findings(connection: duckdb.DuckDBPyConnection, contract: Contract, rules: Sequence[Rule]) -> list[Finding]:
    """The sums of single customers that no published amount could hold: a finding a table and measure."""
    _run(connection, "tables/customer_amount", base_currency=contract.base_currency)
    _run(connection, "tables/customer_sum")
    if not connection.execute("select 1 from gate_1.customer_sum limit 1").fetchall():
        return []
    findings = []
    for verdict in run_rules(connection, rules):
        if not verdict.failing_rows:
            continue
        customers: dict[tuple[str, str], list[str]] = {}
        for table, measure, customer in _run(connection, "findings/large_sums", failing_rows=verdict.failing_rows):
            customers.setdefault((table, measure), []).append(customer)
        for (table, measure), named in customers.items():
            more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
            detail = f"{measure} of customer {', '.join(named[:NAMED])}{more}"
            findings.append(Finding(verdict.rule.rule_id, "block", table, 0, verdict.rule.because, detail))
    return findings


def _row_findings(connection: duckdb.DuckDBPyConnection, verdicts: list[Verdict]) -> list[Finding]:
    """The findings in rule order; a quarantine rule counts its rows in the quarantine, not the rows that break it.

    The two differ if another rule explains a row, and for lines that could not be read as rows.
    """
    held = {
        rule_id: (table, rows, f"of {newest}" if dates == 1 else f"of {dates} dates, the newest {newest}")
        for rule_id, table, rows, dates, newest in _run(connection, "findings/quarantine")
    }
    first_line = dict(_run(connection, "findings/unreadable_lines"))
    findings = []
    for verdict in verdicts:
        rule = verdict.rule
        if rule.severity == "quarantine":
            if rule.rule_id in held:
                table, rows, where = held.pop(rule.rule_id)
                findings.append(Finding(rule.rule_id, rule.severity, table, rows, rule.because, where))
        elif rule.severity != "guard" and not verdict.passed:
            findings.append(Finding(rule.rule_id, rule.severity, rule.table, verdict.unexpected, rule.because))
    return findings + [
        Finding(rule_id, "quarantine", table, rows, NO_ROW, f"{where}; first {first_line[table]}")
        for rule_id, (table, rows, where) in held.items()
    ]


def _find_copies(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Write the rows whose key occurs more than once, numbered in delivery order, to `gate_1.copies`."""
    columns = [column.name for column in table.columns]
    _run(connection, "tables/copies", table=table.name, key=table.key, columns=columns)


def _reject(connection: duckdb.DuckDBPyConnection, table: Table, verdicts: list[Verdict]) -> None:
    for position, verdict in enumerate(verdicts):
        if verdict.rule.severity != "quarantine" or verdict.failing_rows is None:
            continue
        _run(
            connection,
            "tables/rejection_by_rule",
            table=table.name,
            rule=verdict.rule.rule_id,
            rule_position=position,
            explained_by=verdict.rule.explained_by or "",
            failing_rows=verdict.failing_rows,
        )
    _run(connection, "tables/rejection_first", table=table.name)


def _accept(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    _run(connection, "tables/accepted", table=table.name, columns=[column.name for column in table.columns])


def _write_quarantine(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Write `gate_1.quarantined_row`, by row and rule, and `gate_1.quarantine`, by table, partition date, key and rule.

    Only a row's key is kept. A line that could not be read as a row is identified by its file and line.
    """
    keys = {table.name: table.key for table in contract.tables.values()}
    _run(connection, "tables/quarantined_row", keys=keys, row_bits=ROW_BITS, unreadable_line=UNREADABLE_LINE)
    _run(connection, "tables/quarantine")


def write_held_back(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Write `gate_1.held_back`, the quarantined rows by table, customer and rule, once the delivery is judged."""
    tables = [table.name for table in contract.tables.values() if any(c.name == CUSTOMER for c in table.columns)]
    _run(connection, "tables/held_back", tables=tables, customer=CUSTOMER)


def reasons(contract: Contract, parameters: Mapping[str, str]) -> dict[str, str]:
    """Why a row is quarantined, by that rule."""
    rules = [rule for name in ROW_RULES for rule in load_rules(HERE / name, contract, parameters)]
    lines = {f"{table}{UNREADABLE_LINE}": NO_ROW for table in contract.tables}
    return {rule.rule_id: rule.because for rule in rules if rule.severity == "quarantine"} | lines


def _count_rows(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
    """Count by file, from three sources: the rows received, the rows accepted, the rows quarantined.

    Writes `gate_1.file_count`, and `gate_1.row_count` by table for the rules of share.yml.
    """
    _run(connection, "tables/file_count", tables=[table.name for table in tables], row_bits=ROW_BITS)
    _run(connection, "tables/row_count")


def _run(connection: duckdb.DuckDBPyConnection, name: str, **values: object) -> list[tuple[Any, ...]]:
    """The rows of a file of SQL beside this module, filled with values. name: the file's, without `.sql`."""
    return connection.execute(render(HERE / f"{name}.sql", values)).fetchall()
