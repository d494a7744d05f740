"""The gates' rules in plain SQL, about thirty times as fast as with Great Expectations.

Ten thousand deliveries could not be judged otherwise. The rules are the shipped ones; only the counting of the rows
that break them is replaced. Tests check that both count alike, for each kind of expectation and on damaged zones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from expectations.contract import Contract, load_contract
from expectations.rules import Rule, load_rules
from expectations.runner import Verdict


def run_rules(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], row_column: str = "_row") -> list[Verdict]:
    """Like expectations.runner.run_rules. Raises duckdb.Error for a rule that can't be run."""
    if not rules:
        return []
    relation = f"{rules[0].schema}.{rules[0].relation}"
    # All value expectations in one pass over the rows, and the queries in another statement.
    plain = [rule for rule in rules if rule.query is None]
    asked = [rule for rule in rules if rule.query is not None]
    counted: dict[str, int] = {}
    if plain:
        counts = ", ".join(f"count(*) filter (where {breaks(rule.expect, rule.arguments)})" for rule in plain)
        found = connection.execute(f"select {counts} from {relation}").fetchall()[0]
        counted |= dict(zip((rule.rule_id for rule in plain), found, strict=True))
    if asked:
        counts = ", ".join(f"(select count(*) from ({_failing(rule, row_column)}))" for rule in asked)
        found = connection.execute(f"select {counts}").fetchall()[0]
        counted |= dict(zip((rule.rule_id for rule in asked), found, strict=True))
    verdicts = []
    for rule in rules:
        rows = counted[rule.rule_id]
        listed = rows and (rule.query or rule.severity == "quarantine")
        verdicts.append(Verdict(rule, rows, _failing(rule, row_column) if listed else None))
    return verdicts


@cache
def _loaded(path: Path, parameters: tuple[tuple[str, str], ...]) -> list[Rule]:
    return load_rules(path, load_contract(), dict(parameters))


def kept_rules(path: Path, contract: Contract, parameters: Mapping[str, str]) -> list[Rule]:
    """The rules that expectations.rules.load_rules returns for the project's contract, read once."""
    return list(_loaded(path, tuple(sorted(parameters.items()))))


def _failing(rule: Rule, row_column: str) -> str:
    relation = f"{rule.schema}.{rule.relation}"
    if rule.query is not None:
        return rule.query
    return f"select {row_column} from {relation} where {breaks(rule.expect, rule.arguments)}"


def breaks(expect: str, arguments: Mapping[str, Any]) -> str:
    """The SQL condition under which a row breaks an expectation."""
    if expect == "column_pair_values_a_to_be_greater_than_b":
        left, right = arguments["column_A"], arguments["column_B"]
        return f"not ({left} {'>=' if arguments.get('or_equal') else '>'} {right})"
    column = arguments["column"]
    if expect == "column_values_to_be_null":
        return f"{column} is not null"
    if expect == "column_values_to_not_be_null":
        return f"{column} is null"
    if expect == "column_values_to_be_in_set":
        return f"{column} not in ({', '.join(_literal(value) for value in arguments['value_set'])})"
    if expect == "column_values_to_be_between":
        bounds = []
        if (least := arguments.get("min_value")) is not None:
            bounds.append(f"{column} {'>' if arguments.get('strict_min') else '>='} {_literal(least)}")
        if (most := arguments.get("max_value")) is not None:
            bounds.append(f"{column} {'<' if arguments.get('strict_max') else '<='} {_literal(most)}")
        return f"not ({' and '.join(bounds)})"
    raise NotImplementedError(f"say in tests/support/quick_rules.py what breaks {expect}")


def _literal(value: str | float | Decimal) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)
