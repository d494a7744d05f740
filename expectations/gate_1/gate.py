"""Gate 1: checks the delivery against the landing contract. Bad rows are held back; a bad delivery blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from expectations.contract import Contract, Table
from expectations.findings import Finding
from expectations.quoting import literal
from expectations.rules import Rule, load_rules
from expectations.runner import Verdict, run_rules
from expectations.sql import functions, render

HERE = Path(__file__).parent
COPIES = "copies"
ROW_RULES = ("contract.yml", "quarantine.yml", "warnings.yml")
NO_ROW = "the line can't be read as a row of the table"
# How many customers a finding lists.
NAMED = 5
# The rule for such a line, after the table name.
UNREADABLE_LINE = ".row.unreadable"
# The high bits of `_row` hold the file of the row.
ROW_BITS = 32


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
    """Judge the delivery in the scratch warehouse, then its rows, and write the held-back rows.

    Reads `landing.<table>` (typed rows with _row, _biz_date, _unreadable), `landing.unreadable_line` and the tables of
    schema `delivery`. Writes `gate_1.rejection` (table, row, rule), `gate_1.quarantine`, the views `accepted.<table>`,
    the counts by file, by date and by table, and the sums by customer that are large. Row rules do not run on a
    delivery that is blocked as a whole.
    Raises GateError if a rule can't be run.
    """
    connection.execute(functions())
    connection.execute("create or replace table gate_1.rejection (table_name varchar, _row bigint, rule_id varchar,"
                       " rule_position integer, is_first boolean)")  # fmt: skip
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
    counts = connection.execute(
        "select table_name, cast(business_date as varchar), sum(received)::bigint, sum(accepted)::bigint,"
        " sum(quarantined)::bigint from gate_1.file_count group by all order by all"
    ).fetchall()
    return GateOneResult(
        tuple(findings), tuple(RowCount(*row) for row in counts), rules_run + len(share_rules) + len(sum_rules)
    )


def judge_files(
    connection: duckdb.DuckDBPyConnection, contract: Contract, parameters: Mapping[str, str]
) -> GateOneResult:
    """Judge the delivery and its files, before or without their rows.

    Raises GateError if a rule can't be run.
    """
    rules = load_rules(HERE / "delivery.yml", contract, parameters)
    findings = [
        finding
        for relation in _DETAIL
        if connection.execute(f"select 1 from delivery.{relation} limit 1").fetchall()
        for finding in _delivery_findings(connection, run_rules(connection, _about(rules, relation)))
    ]
    return GateOneResult(tuple(findings), (), len(rules))


def _about(rules: Sequence[Rule], relation: str) -> list[Rule]:
    return [rule for rule in rules if rule.relation == relation]


def _against_received(rule: Rule, lost: Sequence[str]) -> Rule:
    """The rule, with received rows instead of accepted ones looked up in tables that are held back as a whole.

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


# What a finding on a delivery says besides the rule: where, and what was found there.
_DETAIL = {
    "partition": "select table_name, cast(partition_date as varchar) as place, case when usual_rows > 0"
    " then concat(rows_received, ' rows, usually ', cast(round(usual_rows) as bigint)) end as found",
    "defect": "select table_name, concat_ws('', partition_date, '/', file_name, ', line ' || line_number) as place,"
    " concat_ws('; expected ', found, nullif(expected, '')) as found",
    "file": "select table_name, concat_ws('/', business_date, file_name) as place,"
    " concat('the file has ', rows_in_file, ' rows, ', rows_received, ' were read') as found",
    "run": "select 'month' as table_name, cast(null as varchar) as place,"
    " concat('published as of ', published_on, ', refreshed as of ', business_date) as found",
    "stray": "select coalesce(table_name, 'landing zone') as table_name, cast(null as varchar) as place, name as found",
}


def _delivery_findings(connection: duckdb.DuckDBPyConnection, verdicts: list[Verdict]) -> list[Finding]:
    """One finding per defect, however many files it concerns: the first is named, the others are counted."""
    findings = []
    for verdict in verdicts:
        if not verdict.failing_rows:
            continue
        relation = verdict.rule.relation
        rows = connection.execute(
            "select table_name, min(place), count(*), found"
            f" from ({_DETAIL[relation]} from delivery.{relation} where _row in ({verdict.failing_rows}))"
            " group by table_name, found order by table_name, min(place), found"
        ).fetchall()
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
        listed = connection.execute(
            f"select table_name, quarantined, received from gate_1.row_count where _row in ({verdict.failing_rows})"
            " order by table_name"
        ).fetchall()
        for table, bad, received in listed:
            rule_id, rows = _foremost(connection, table)
            detail = (
                f"{bad:,} of {received:,} rows, {rows:,} of them because {because.get(rule_id, NO_ROW)} [{rule_id}]"
            )
            findings.setdefault(table, Finding(verdict.rule.rule_id, "block", table, 0, verdict.rule.because, detail))
    return list(findings.values())


def _foremost(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[str, int]:
    """The rule that holds back the most rows of a table, with their number."""
    return connection.execute(
        "select rule_id, count(*) from (select rule_id from gate_1.rejection where is_first and table_name = $table"
        f" union all select concat(table_name, '{UNREADABLE_LINE}') from landing.unreadable_line"
        " where table_name = $table) group by rule_id order by count(*) desc, rule_id limit 1",
        {"table": table},
    ).fetchall()[0]


def _sum_findings(connection: duckdb.DuckDBPyConnection, contract: Contract, rules: Sequence[Rule]) -> list[Finding]:
    """The sums of single customers that no published amount could hold: a finding a table and measure."""
    for name in ("customer_amount", "customer_sum"):
        connection.execute(render(HERE / "tables" / f"{name}.sql", {"base_currency": contract.base_currency}))
    if not connection.execute("select 1 from gate_1.customer_sum limit 1").fetchall():
        return []
    findings = []
    for verdict in run_rules(connection, rules):
        if not verdict.failing_rows:
            continue
        customers: dict[tuple[str, str], list[str]] = {}
        listed = render(HERE / "findings" / "large_sums.sql", {"failing_rows": verdict.failing_rows})
        for table, measure, customer in connection.execute(listed).fetchall():
            customers.setdefault((table, measure), []).append(customer)
        for (table, measure), named in customers.items():
            more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
            detail = f"{measure} of customer {', '.join(named[:NAMED])}{more}"
            findings.append(Finding(verdict.rule.rule_id, "block", table, 0, verdict.rule.because, detail))
    return findings


def _row_findings(connection: duckdb.DuckDBPyConnection, verdicts: list[Verdict]) -> list[Finding]:
    """The findings in rule order; a quarantine rule counts the rows held back, not the rows that break it.

    The two differ if another rule explains a row, and for lines that could not be read as rows.
    """
    held = {
        rule_id: (table, rows, f"of {newest}" if dates == 1 else f"of {dates} dates, the newest {newest}")
        for rule_id, table, rows, dates, newest in connection.execute(
            "select rule_id, table_name, cast(sum(rows_held) as bigint), count(distinct business_date),"
            " max(business_date) from gate_1.quarantine group by all order by all"
        ).fetchall()
    }
    first_line = dict(
        connection.execute(
            "select table_name, min_by(concat(business_date, '/', file_name, ', line ', line_number, ': ', why),"
            " (business_date, file_id, line_number)) from landing.unreadable_line group by all"
        ).fetchall()
    )
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
    key = ", ".join(table.key)
    complete = " and ".join(f"{name} is not null" for name in table.key)
    # Each value after its length, '-' for null: for any values, equal text means equal rows.
    texts = [f"cast({column.name} as varchar)" for column in table.columns] + ["_unreadable"]
    values = ", ".join(f"coalesce(length({text}) || ':' || {text}, '-')" for text in texts)
    connection.execute(
        f"create or replace table gate_1.{COPIES} as"
        f" with repeated as (select {key} from landing.{table.name} where {complete} group by {key}"
        "   having count(*) > 1),"
        f" copies as (select _row, _biz_date, {key},"
        f"   concat({values}) as row_text"
        f"   from landing.{table.name} semi join repeated using ({key}))"
        " select _row,"
        f" min(row_text) over (partition by {key}) <> max(row_text) over (partition by {key}) as is_different,"
        f" row_number() over (partition by {key} order by _biz_date, _row) as copy"
        " from copies"
    )


def _reject(connection: duckdb.DuckDBPyConnection, table: Table, verdicts: list[Verdict]) -> None:
    for position, verdict in enumerate(verdicts):
        if verdict.rule.severity != "quarantine" or verdict.failing_rows is None:
            continue
        connection.execute(
            "insert into gate_1.rejection select ?, failing._row, ?, ?, false"
            f" from (select distinct _row from ({verdict.failing_rows})) as failing where not exists (select 1"
            " from gate_1.rejection as explained where explained.table_name = ? and explained._row = failing._row"
            " and explained.rule_id = ?)",
            [table.name, verdict.rule.rule_id, position, table.name, verdict.rule.explained_by],
        )
    # A row is counted once, under its first rule, so the quarantine adds up to the rows it holds.
    connection.execute(
        "update gate_1.rejection set is_first = true where table_name = ? and (_row, rule_position) in (select _row,"
        " min(rule_position) from gate_1.rejection where table_name = ? group by _row)",
        [table.name, table.name],
    )


def _accept(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(f"landed.{column.name}" for column in table.columns)
    connection.execute(
        f"create or replace view accepted.{table.name} as select {columns}, landed._row, landed._biz_date"
        f" from landing.{table.name} as landed where not exists (select 1 from gate_1.rejection as rejection"
        f" where rejection.table_name = {literal(table.name)} and rejection._row = landed._row)"
    )


def _write_quarantine(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Write `gate_1.held_row`, by row and rule, and `gate_1.quarantine`, by table, partition date, key and rule.

    Only a row's key is kept. A line that could not be read as a row is identified by its file and line.
    """
    selects = []
    for table in contract.tables.values():
        key = ", ".join(f"coalesce(cast(landed.{name} as varchar), '(missing)')" for name in table.key)
        selects.append(
            f"select rejection.table_name, landed._biz_date as business_date, concat_ws('|', {key}) as row_key,"
            f" rejection.rule_id, rejection.is_first, rejection._row >> {ROW_BITS} as file_id,"
            f" rejection._row & {2**ROW_BITS - 1} as row_number, cast(null as bigint) as line_number,"
            " cast(null as varchar) as why from gate_1.rejection as rejection"
            f" inner join landing.{table.name} as landed on landed._row = rejection._row"
            f" where rejection.table_name = {literal(table.name)}"
        )
    selects.append(
        "select table_name, business_date, concat(file_name, ':', line_number) as row_key,"
        f" concat(table_name, '{UNREADABLE_LINE}') as rule_id, true as is_first, file_id,"
        " cast(null as bigint) as row_number, line_number, why from landing.unreadable_line"
    )
    connection.execute(f"create or replace table gate_1.held_row as {' union all '.join(selects)}")
    connection.execute(
        "create or replace table gate_1.quarantine as select table_name, business_date, row_key, rule_id,"
        " 'quarantine' as severity, count(*) as rows_held, count(*) filter (where is_first) as rows_counted"
        " from gate_1.held_row group by all"
    )


def reasons(contract: Contract, parameters: Mapping[str, str]) -> dict[str, str]:
    """Why a row is held back, by the rule that holds it."""
    rules = [rule for name in ROW_RULES for rule in load_rules(HERE / name, contract, parameters)]
    lines = {f"{table}{UNREADABLE_LINE}": NO_ROW for table in contract.tables}
    return {rule.rule_id: rule.because for rule in rules if rule.severity == "quarantine"} | lines


def _count_rows(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
    """Count by file, from three sources: the rows received, the rows accepted, the rows held back.

    Writes `gate_1.file_count`, and `gate_1.row_count` by table for the rules of share.yml.
    """
    names = ", ".join(literal(table.name) for table in tables)
    accepted = " union all ".join(
        f"select _row >> {ROW_BITS} as file_id, count(*) as rows from accepted.{table.name} group by all"
        for table in tables
    )
    connection.execute(
        f"create or replace table gate_1.file_count as with accepted as ({accepted}),"
        f" held as (select _row >> {ROW_BITS} as file_id, count(*) as rows from gate_1.rejection where is_first"
        f"   and table_name in ({names}) group by all),"
        " no_row as (select file_id, count(*) as rows from landing.unreadable_line group by all)"
        " select file._row, file.table_name, file.business_date, file.file_name, file.rows_received as received,"
        "   coalesce(accepted.rows, 0) as accepted, coalesce(held.rows, 0) + coalesce(no_row.rows, 0) as quarantined"
        " from delivery.file as file left join accepted on accepted.file_id = file._row"
        " left join held on held.file_id = file._row left join no_row on no_row.file_id = file._row"
        f" where file.table_name in ({names})"
    )
    connection.execute(
        "create or replace table gate_1.row_count as select row_number() over (order by table_name) as _row,"
        " table_name, any_value(kind) as kind, any_value(is_required) as is_required,"
        " any_value(may_be_empty) as may_be_empty, cast(sum(received) as bigint) as received,"
        " cast(sum(accepted) as bigint) as accepted, cast(sum(quarantined) as bigint) as quarantined"
        " from gate_1.file_count inner join"
        " (select distinct table_name, kind, is_required, may_be_empty from delivery.partition) using (table_name)"
        " group by table_name"
    )
