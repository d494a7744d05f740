"""The rules of a gate: YAML in, one frozen object per rule out.

A rule file lists rules; a rule for many columns is written once with `for_each`, and the landing contract
says which. These are filled into its texts: `$table`, `$column`, `$enum`, `$choices` (the list in words),
`$first_of`, `$parent_words`, `$base_currency`, `$unreadable` (the words for a value that is not of the column's type)
and the policy's parameters.

A rule with `expect: unexpected_rows` is a query. Its SQL is in the folder named after the rule file
(`warnings/` for `warnings.yml`), in the file named after the rule or by `query`. It is filled with `{{ batch }}` (the
relation under test), `{{ rule }}`, `{{ table }}`, `{{ column }}`, `{{ codes }}`, `{{ first_of }}`, `{{ parent }}`,
`{{ parent_key }}`, `{{ amount_limit }}`, `{{ base_currency }}` and `{{ policy.<parameter> }}`. Great Expectations
converts every bound in the arguments to float, so a money bound other than 0 is written in a query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from string import Template
from typing import Any, Literal

from expectations.contract import Column, Contract, Table, limit_name
from expectations.physical_types import unreadable
from expectations.sql import render
from expectations.yaml_files import read_yaml

Severity = Literal["block", "quarantine", "warning", "guard"]
_FIELDS = {
    "rule", "table", "for_each", "columns", "severity", "because", "expect", "query", "arguments", "explained_by",
    "guarded_by", "schema", "relation", "names",
}  # fmt: skip
QUERY = "unexpected_rows"
_SEVERITIES = ("block", "quarantine", "warning", "guard")


@dataclass(frozen=True)
class Rule:
    """One expectation over one table.

    expect: snake-case name of a Great Expectations expectation; with `unexpected_rows`, the rows of `query` break it.
    schema, relation: where the rows are; a rule may run on an extract of its table.
    severity: a guard is never reported; it decides whether the rules it guards run.
    guarded_by: a guard that must fail for this rule to run.
    names: a query column, never one that identifies a person; the finding lists some of its values.
    explained_by: a rule whose rows are not counted under this one (an unreadable value is not also a missing one).
    """

    rule_id: str
    table: str
    severity: Severity
    because: str
    expect: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    query: str | None = None
    explained_by: str | None = None
    guarded_by: str | None = None
    schema: str = "landing"
    relation: str = ""
    names: str | None = None


def load_rules(path: Path, contract: Contract, parameters: Mapping[str, str]) -> list[Rule]:
    """All rules of one YAML file, `for_each` written out.

    parameters: values of the policy's parameters in force, as text. Raises ValueError naming file and rule for an
    unknown field, severity, table, selector, column, rule, query or placeholder, and for a rule that applies to
    nothing.
    """
    rules: list[Rule] = []
    references: list[tuple[str, str]] = []
    for entry in read_yaml(path):
        where = f"{path.name}, rule {entry.get('rule')}"
        if unknown := entry.keys() - _FIELDS:
            raise ValueError(f"{where}: unknown field {', '.join(sorted(unknown))}")
        if entry["severity"] not in _SEVERITIES:
            raise ValueError(f"{where}: severity is one of {', '.join(_SEVERITIES)}")
        _check_columns(entry, contract, where)
        drawn = [
            _rule(entry, table, {**parameters, **_limit(parameters, values), **values, "policy": parameters}, path)
            for table, values in _targets(entry, contract, where)
        ]
        if not drawn:
            raise ValueError(f"{where}: for_each {entry['for_each']} selects nothing of the contract")
        references += [(where, name) for rule in drawn for name in (rule.explained_by, rule.guarded_by) if name]
        rules += drawn
    known = {rule.rule_id for rule in rules}
    for where, name in references:
        if name not in known:
            raise ValueError(f"{where}: there is no rule {name} in the file")
    return rules


def _limit(parameters: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    """The policy's limit for the column a rule applies to, if there is one."""
    limit = parameters.get(limit_name(values["table"], values.get("column", "")))
    return {} if limit is None else {"amount_limit": limit}


def _check_columns(entry: Mapping[str, Any], contract: Contract, where: str) -> None:
    """Refuse a name that yields no rule: nobody would notice."""
    names = entry.get("columns", [])
    if (entry.get("for_each") == "named_column") != bool(names):
        raise ValueError(f"{where}: named_column goes with columns")
    known = {column.name for table in contract.tables.values() for column in table.columns}
    if unknown := sorted(set(names) - known):
        raise ValueError(f"{where}: no table of the contract has a column {', '.join(unknown)}")


def _targets(entry: Mapping[str, Any], contract: Contract, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    selector = entry.get("for_each")
    if selector is None:
        if entry.get("schema", "landing") == "landing" and entry["table"] not in contract.tables:
            raise ValueError(f"{where}: the contract has no table {entry['table']}")
        yield entry["table"], {"table": entry["table"], "base_currency": contract.base_currency}
        return
    for table in contract.tables.values():
        values = {
            "table": table.name,
            "base_currency": contract.base_currency,
            "codes": ", ".join(column.name for column in table.codes),
        }
        if selector == "table":
            yield table.name, values
            continue
        for column in table.columns:
            if not _selected(column, table, selector, entry.get("columns", ()), where):
                continue
            yield table.name, {**values, **_of_column(column), **_parent(column, contract)}


def _selected(column: Column, table: Table, selector: str, names: list[str], where: str) -> bool:
    selectors = {
        "column": True,
        "code_column": column in table.codes,
        "mandatory_column": not column.nullable,
        "enum_column": bool(column.enum),
        "reference_column": column.ref is not None,
        "share_column": column.is_share,
        "first_of_column": column.first_of is not None,
        "base_money_column": column.is_money and not column.is_in_row_currency,
        "foreign_money_column": column.is_in_row_currency,
        "currency_column": column.name == "currency" and table.name != "fx_rate",
        "named_column": column.name in names,
    }
    if selector not in selectors:
        raise ValueError(f"{where}: for_each is one of table, {', '.join(selectors)}")
    return selectors[selector]


def _of_column(column: Column) -> dict[str, Any]:
    return {
        "column": column.name,
        "enum": list(column.enum),
        "choices": ", ".join(column.enum),
        "first_of": column.first_of or "",
        "unreadable": unreadable(column),
    }


def _parent(column: Column, contract: Contract) -> dict[str, str]:
    if column.ref is None:
        return {}
    parent = contract.tables[column.ref]
    # A parent organisation need only have been received; otherwise all of a ring of references would be quarantined.
    state = "received" if column in parent.columns else "accepted"
    relation = {"received": "landing", "accepted": "accepted"}[state]
    return {
        "parent": f"{relation}.{parent.name}",
        "parent_key": parent.key[0],
        "parent_words": f"{state} row of {parent.name}",
    }


def _rule(entry: Mapping[str, Any], table: str, values: Mapping[str, Any], path: Path) -> Rule:
    where = f"{path.name}, rule {entry['rule']}"

    def filled(text: str) -> str:
        try:
            return Template(text).substitute(values)
        except KeyError as unknown:
            raise ValueError(f"{where}: nothing is known of ${unknown.args[0]}") from None

    rule_id = filled(entry["rule"])
    schema, relation = entry.get("schema", "landing"), entry.get("relation", table)
    query = None
    if entry["expect"] == QUERY:
        file = path.with_suffix("") / f"{entry.get('query', rule_id)}.sql"
        try:
            query = render(file, {**values, "rule": rule_id, "batch": f"{schema}.{relation}"})
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
    arguments = {
        name: values["enum"] if value == "$enum" else _number(filled(value)) if isinstance(value, str) else value
        for name, value in entry.get("arguments", {}).items()
    }
    explained_by, guarded_by = entry.get("explained_by"), entry.get("guarded_by")
    return Rule(
        rule_id=rule_id,
        table=table,
        severity=entry["severity"],
        because=filled(entry["because"]),
        expect=entry["expect"],
        arguments=arguments,
        query=query,
        explained_by=filled(explained_by) if explained_by else None,
        guarded_by=filled(guarded_by) if guarded_by else None,
        schema=schema,
        relation=relation,
        names=entry.get("names"),
    )


def _number(text: str) -> str | int | Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return int(number) if number == number.to_integral_value() else number
