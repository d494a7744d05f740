"""The models, macros, tests and analyses avoid what DuckDB and Spark interpret differently.

Engine-specific SQL is in `macros/dialect/`, which is not searched here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest

from expectations.project import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
DIALECT = DBT_PROJECT / "macros" / "dialect"
FILES = sorted(
    path
    for folder in ("models", "macros", "tests", "analyses")
    for path in (DBT_PROJECT / folder).rglob("*.sql")
    if DIALECT not in path.parents
)

# Brackets nested three deep: enough for the models.
_INNER = r"(?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*"
_INTEGER = r"(?:tinyint|smallint|int|integer|bigint|hugeint|long)"
_DAY = r"\b\w*(?:_on|_date|_month|_end|valid_from|valid_to|since|until)\b"

# Columns that are never null, so an ascending order has no nulls to place.
NEVER_NULL = {
    "period_end": "key column of the financial statements, mandatory by the landing contract",
    "report_kind": "key column of the financial statements, mandatory by the landing contract",
    "preference": "every row of policy_size_basis has one",
    "priority": "every row of policy_red_list_reason has one",
    "distance": "int_organization__ancestors makes it",
    "ancestor_org_id": "int_organization__ancestors keeps only organisations that exist",
    "calendar_date": "made by the macro days_between",
    "customer_id": "key column of every customer table",
    "employee_id": "key column of every employee table",
    "org_id": "key column of the organizations, mandatory for every employee by the landing contract",
    "condition_no": "every row of a rule has one",
    "measure_id": "every row of a rule names one",
    "started_at": "int_visit__same_minute_signals keeps only visits with one",
    "visit_id": "key column of the visits",
    "since": "key column of the relationships, mandatory by the landing contract",
    "tier_rank": "every customer has a tier, and every tier a rank",
    "financial_assets": "0 without a holding",
    "whole_number": "made by the macro whole_numbers",
}


@dataclass(frozen=True)
class Trap:
    """SQL that two engines read differently."""

    name: str
    pattern: str
    because: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    # code: SQL and the arguments in Jinja, literals emptied; sql: without Jinja; raw: with literals.
    where: Literal["code", "sql", "raw"] = "code"
    # File stem -> why the pattern is harmless there.
    allowed: Mapping[str, str] = field(default_factory=dict)

    def faults(self, text: str) -> list[str]:
        """The parts of a file's text that fall into the trap."""
        found = re.finditer(self.pattern, view(text, self.where), re.IGNORECASE | re.DOTALL)
        return [" ".join(match.group(0).split()) for match in found]


def view(text: str, where: Literal["code", "sql", "raw"]) -> str:
    """A file's text without comments and without the parts exempt from a trap."""
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"--[^\n]*", " ", text)
    if where == "raw":
        return text
    # A literal that Jinja fills is emptied first: its quotes are on both sides of the brackets.
    text = re.sub(r"'\{\{[^}]*\}\}'", "''", text)
    parts = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", text, flags=re.DOTALL)
    for number, part in enumerate(parts):
        if number % 2 == 0:
            parts[number] = re.sub(r"'[^']*'", "''", part)
        elif where == "sql":
            parts[number] = " jinja " if part.startswith("{{") else " "
    return "".join(parts)


TRAPS = (
    Trap(
        "division",
        r"/",
        "decimal by decimal is a double here and a decimal there, by zero inf or an error: ratio()",
        ("met / obligations", "{{ ratio('met / 2', 'all') }}", "a // b"),
        ("{{ ratio('met', 'met + missed') }}", "concat(a, '/') -- a / b"),
    ),
    Trap(
        "cast to an integer",
        rf"\bcast\(({_INNER})\s+as\s+{_INTEGER}\b",
        "2.5 becomes 3 here and 2 there: round first, or state why the value is whole",
        ("cast(balance as integer)", "cast(coalesce(a.b, 0) * 2 as bigint)", "cast(x as int)"),
        ("cast(x as decimal(18, 2))", "cast(sum(x) as double) as int_x", "cast(x as date)"),
        allowed={
            "int_coverage__judgements": "counts, and integers of policy_visit_frequency",
            "dim_date": "parts of a date, and a sum of ones",
            "dim_month": "a year, and a sum of ones",
            "fct_visit_compliance_by_org_monthly": "sums of counts",
            "fct_refresh_run": "sums of counts",
            "fct_policy_exception_monthly": "counts",
            "fct_policy_rule_monthly": "integers of the policy rows, and a row number",
            "fct_tier_stability_monthly": "sums of counts",
            "fct_visit_capacity_monthly": "counts, and sums of integers of policy_capacity",
            "fct_concentration_monthly": "sums of counts",
            "fct_customer_360_monthly": "counts",
            "int_customer__concentration_curves": "sums of counts",
            "int_customer__concentration_totals": "sums of counts",
            "int_customer__measures": "counts, and differences of calendar years",
            "int_decision__held_tiers": "a count of months",
            "int_decision__tier_histories": "a count of flips",
            "fct_maintenance_capacity_monthly": "sums of counts",
            "fct_customer_action": "sums of counts",
            "fct_manager_load_monthly": "sums of counts",
        },
    ),
    Trap(
        "average",
        r"\b(?:avg|mean)\s*\(",
        "of decimals a double here, a decimal there: sum, count and one ratio()",
        ("avg(balance)", "mean (x)"),
        ("balance_mtd_average", "sum(balance)"),
    ),
    Trap(
        "null order",
        r"\bover\s*\((?:[^()]|\([^()]*\))*?\border\s+by\s+(?:[^()]|\([^()]*\))*\)",
        "ascending nulls come last here and first there: nulls last, or a column never null",
        ("row_number() over (partition by a order by opened_on)",),
        (
            "row_number() over (partition by a order by opened_on nulls last)",
            "row_number() over (order by x.period_end desc, distance)",
            "sum(x) over (partition by customer_id)",
        ),
    ),
    Trap(
        "date arithmetic",
        rf"{_DAY}\s*[-+]\s*\w",
        "a number of days here, an interval there: add_days(), add_months() or an own macro",
        ("business_date - visited_on", "run.business_date + 1", "month_end-opened_on"),
        ("required - counted", "visited_on >= policy_month", "{{ add_days('business_date', 1) }}"),
    ),
    Trap(
        "date difference",
        r"\b(?:date_?diff|date_?sub|date_?add|age|months_between)\s*\(",
        "arguments, brackets and month ends differ: an own macro",
        ("datediff('day', a, b)", "date_diff('month', a, b)", "age(business_date)"),
        ("{{ add_months('a', 1) }}", "average(x)"),
    ),
    Trap(
        "month of a date",
        r"\bdate_trunc\s*\(",
        "yields a timestamp: month_start()",
        ("date_trunc('month', visited_on)",),
        ("{{ month_start('visited_on') }}",),
    ),
    Trap(
        "day of the week",
        r"\bextract\s*\(\s*(?:dow|isodow|dayofweek|week|doy)\b"
        r"|\b(?:dayofweek|weekday|isodow|dayname)\s*\(",
        "Sunday is 0 here and 1 there: iso_weekday()",
        ("extract(dow from visited_on)", "isodow(visited_on)", "weekday(a)"),
        ("{{ iso_weekday('visited_on') }}", "extract(year from opened_on)"),
    ),
    Trap(
        "functions over nulls",
        r"\b(?:greatest|least|concat|concat_ws)\s*\(",
        "a null argument is skipped here and may be the result there: state why none is null",
        ("greatest(balance, 0)", "concat(a, 'b')"),
        ("is_greatest", "coalesce(a, 0)"),
        allowed={
            "dim_date": "the last known holiday, and the business date",
            "int_customer__holdings": "mandatory balances, coalesced, and a parameter in force",
            "int_customer__card_spend": "a sum over mandatory amounts, and a parameter in force",
            "int_policy__rule_bounds": "a measure that every row names, and cases that end all ways",
            "fct_policy_gap_monthly": "key columns of policy_tier and policy_route",
            "held_tier_evidence": "a scheme, a count of months, and a number that every scheme has",
            "fct_visit_compliance_by_org_monthly": "both are not null by the mart's contract",
            "observed": "a value that met a condition, and names",
            "staffing": "both are coalesced",
            "int_action__maturing": "a mandatory balance, and a parameter in force",
            "int_maintenance__places": "a cap that every role has, and a count",
            "fct_maintenance_capacity_monthly": "counts",
        },
    ),
    Trap(
        "aggregate with a filter",
        r"\bfilter\s*\(\s*where\b",
        "Spark knows it from 3.0 on: a case inside the aggregate",
        ("count(*) filter (where is_met)", "sum(a) filter(where b > 1)"),
        ("count(case when is_met then 1 end)", "{{ rows | filter }}"),
    ),
    Trap(
        "aggregates into text or lists",
        r"\b(?:string_agg|array_agg|group_concat|collect_list|collect_set|list)\s*\("
        r"|(?<!\{\{ )\blistagg\s*\(",
        "not known to both: the macro listagg()",
        ("string_agg(a, ',')", "array_agg(a order by b)", "list(a)", "select listagg(a, b)"),
        ("{{ listagg('bound', 'condition_no') }}", "{{ columns | list }}", "price_list (a)"),
    ),
    Trap(
        "star with changes",
        r"\*\s*(?:exclude|except|replace|rename)\b",
        "exclude here, except there: name the columns",
        ("select * exclude (a) from b", "select a.* replace (1 as b)"),
        ("select * from a", "a * excluded"),
    ),
    Trap(
        "ignore nulls",
        r"\b(?:ignore|respect)\s+nulls\b",
        "inside the brackets here, outside there",
        ("last_value(v ignore nulls) over (w)",),
        ("order by v nulls last",),
    ),
    Trap(
        "distinct count over a window",
        rf"\bcount\s*\(\s*distinct\b{_INNER}\)\s*over\b",
        "not known to Spark",
        ("count(distinct a) over (partition by b)", "count(distinct coalesce(a, 0)) over (w)"),
        ("count(distinct a) as b", "count(*) over (partition by b)"),
    ),
    Trap(
        "rows out of lists",
        r"\b(?:unnest|generate_series|range|explode|sequence)\s*\(",
        "spelled differently: days_between() or an own macro",
        ("select unnest(x)", "from generate_series(1, 3)", "range(3)"),
        ("{% for step in range(1, 3) %}", "{{ days_between(a, 'b', 'c') }}"),
        where="sql",
    ),
    Trap(
        "quoted identifier",
        r'"',
        "an identifier here, a text there",
        ('select "open" from a',),
        ('{{ config(materialized="view") }}', "select 'a' as b", """select '"' as quote"""),
        where="sql",
    ),
    Trap(
        "letters beyond ASCII",
        r"[^\x00-\x7f]+",
        "a bare name here, in backticks there: labels live in rows",
        ("select 1 as 客户",),
        ("select 1 as customer -- 客户", "{# 客户 #} select 1", "select '客户' as label"),
    ),
    Trap(
        "backslash",
        r"\\",
        "plain in a literal here, an escape there",
        (r"select '\d' as a",),
        ("select 'd' as a",),
        where="raw",
    ),
    Trap(
        "patterns",
        r"\bregexp_\w+\s*\(|\brlike\b|\bsimilar\s+to\b|~",
        "full or partial match, and another language: an own macro",
        ("regexp_matches(a, 'b')", "a ~ 'b'", "a rlike 'b'"),
        ("{{ observed(measured ~ '.x') }}", "a like 'b%'"),
        where="sql",
    ),
    Trap(
        "substring from nought",
        rf"\bsubstr(?:ing)?\s*\({_INNER}?,\s*0\b",
        "starts before the text here, at its begin there",
        ("substr(a, 0, 3)", "substring(trim(a), 0, 1)"),
        ("substr(a, 1, 3)", "substr(a, 10, 2)"),
    ),
    Trap(
        "short cast",
        r"::",
        "Spark has no :: in every version: cast()",
        ("a::date",),
        ("cast(a as date)", "select '::' as a"),
    ),
    Trap(
        "lambda",
        r"\blambda\b|->",
        "x -> y there, lambda x: y here",
        ("list_transform(a, lambda x: x + 1)", "transform(a, x -> x + 1)"),
        ("{%- if a -%} b", "a - b > c"),
        where="sql",
    ),
    Trap(
        "interval",
        r"\binterval\b",
        "units and results differ: add_days(), add_months()",
        ("business_date - interval 1 day", "interval '12 months'"),
        ("{{ add_months('business_date', 12) }}", "interval_days"),
    ),
)
NULL_ORDER = next(trap for trap in TRAPS if trap.name == "null order")


def faults(trap: Trap, text: str) -> list[str]:
    """The trap's faults; for the null order only those over columns that may be null."""
    found = trap.faults(text)
    return [over for over in found if _places_no_nulls(over)] if trap is NULL_ORDER else found


def _places_no_nulls(over: str) -> bool:
    ordered = re.split(r"\border\s+by\b", over, flags=re.IGNORECASE)[-1].rstrip(") ")
    keys = re.sub(r"\b(?:rows|range)\s+between\b.*", "", ordered).split(",")
    return any(
        not re.search(r"\bnulls\s+(?:first|last)\b", key) and key.split()[0].rpartition(".")[2] not in NEVER_NULL
        for key in keys
    )


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_no_file_falls_into_the_trap(trap: Trap) -> None:
    found = {
        str(path.relative_to(DBT_PROJECT)): hits
        for path in FILES
        if path.stem not in trap.allowed and (hits := faults(trap, path.read_text(encoding="utf-8")))
    }
    assert not found, f"{trap.name}: {trap.because}"


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_trap_catches_a_planted_fault_and_passes_its_cure(trap: Trap) -> None:
    missed = [line for line in trap.bad if not faults(trap, f"select a,\n    {line}\nfrom b")]
    blamed = [line for line in trap.good if faults(trap, f"select a,\n    {line}\nfrom b")]
    assert (missed, blamed) == ([], [])


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_every_exception_is_still_needed(trap: Trap) -> None:
    stems = {path.stem: path for path in FILES}
    idle = [
        stem for stem in trap.allowed if stem not in stems or not faults(trap, stems[stem].read_text(encoding="utf-8"))
    ]
    assert idle == []


def test_there_are_files_to_search() -> None:
    assert {"int_decision__held_tiers", "rules_met"} <= {path.stem for path in FILES}
