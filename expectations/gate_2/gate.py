"""Runs the mart rules over the release file under construction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb

from expectations.contract import Contract
from expectations.findings import Finding
from expectations.rules import load_rules
from expectations.runner import run_rules

RULES = Path(__file__).with_name("marts.yml")


@dataclass(frozen=True)
class GateTwoResult:
    """What gate 2 found. Publication goes on while nothing blocks."""

    findings: tuple[Finding, ...]
    rules_run: Mapping[str, int]

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings for which nothing is published."""
        return tuple(finding for finding in self.findings if finding.severity == "block")


def run_gate_2(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    parameters: Mapping[str, str],
    report: Callable[[str], None] = lambda _: None,
) -> GateTwoResult:
    """Judge the marts in the file that the connection has open; the scratch warehouse is attached as `scratch`.

    Raises GateError when a rule cannot be run.
    """
    rules = sorted(load_rules(RULES, contract, parameters), key=lambda rule: (rule.schema, rule.table))
    findings, rules_run = [], {}
    for (_, table), group in groupby(rules, key=lambda rule: (rule.schema, rule.table)):
        of_table = list(group)
        for verdict in run_rules(connection, of_table):
            if not verdict.passed:
                rule = verdict.rule
                findings.append(Finding(rule.rule_id, rule.severity, table, verdict.unexpected, rule.because))
        rules_run[table] = len(of_table)
        report(f"{table}: {len(of_table)} rules")
    return GateTwoResult(tuple(findings), rules_run)
