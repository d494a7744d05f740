"""The SQL of the gates avoids what engines spell or interpret differently, like the models of dbt_project.

Engine-specific SQL is a macro or a function in `expectations/dialects/`, which is not searched here.
"""

from __future__ import annotations

import pytest
from dbt_project.test_dialect_traps import TRAPS, Trap, faults

from expectations.project import PROJECT_ROOT

GATES = PROJECT_ROOT / "expectations"
FILES = sorted(path for gate in ("gate_1", "gate_2") for path in (GATES / gate).rglob("*.sql"))

# Engine-specific words that the models do not use.
MORE = (
    Trap(
        "half a join",
        r"\b(?:semi|anti|asof|positional)\s+join\b|\blateral\b",
        "other words there: exists or not exists",
        ("from a semi join b on a.c = b.c", "a anti join b using (c)", "cross join lateral (select 1)"),
        ("from a inner join b on a.c = b.c", "where not exists (select 1)"),
    ),
    Trap(
        "qualify",
        r"\bqualify\b",
        "not known to all: a named query and a where",
        ("qualify count(*) over (partition by a) > 1",),
        ("where is_qualified",),
    ),
    Trap(
        "all columns by a word",
        r"\b(?:group|order)\s+by\s+all\b|\bby\s+name\b",
        "not known to all: name the columns",
        ("group by all", "order by all", "select 1 union all by name"),
        ("group by a, b", "union all"),
    ),
    Trap(
        "filter without where",
        r"\)\s*filter\s*\(",
        "not known to all: a case inside the aggregate",
        ("count(*) filter (status = 'met')",),
        ("count(case status when 'met' then 1 end)",),
    ),
    Trap(
        "functions of one engine",
        r"\b(?:arg_max|arg_min|max_by|min_by|any_value|strftime|strptime|strlen|instr|try_cast|to_(?:days|months|years)"
        r"|list_\w+|array_\w+|struct_\w+|ascii|epoch|day|month|year)\s*\(",
        "an own macro, or standard words: extract(), position(), case",
        ("arg_max(a, b)", "strftime(a, '%Y')", "list_contains(a, 'b')", "try_cast(a as date)", "day(month)"),
        ("extract(day from month)", "position('a' in b)", "{{ month_start('month') }}", "a_day (b)"),
    ),
    Trap(
        "lists",
        r"\[",
        "spelled differently: rows instead",
        ("select [a, b] as c", "a[1]"),
        ("select a, b",),
        where="sql",
    ),
    Trap(
        "recursion",
        r"\brecursive\b",
        "not known to all: the macro all_above()",
        ("with recursive above as (select 1)",),
        ("{{ all_above('a', 'b', 'c') }}",),
    ),
)
# (trap, file without its suffix) -> why it is harmless there.
ALLOWED = {
    ("functions over nulls", "fct_customer_tier_monthly.holdings_conserved"): "mandatory balances and a parameter",
    (
        "functions over nulls",
        "fct_customer_tier_monthly.card_spend_conserved",
    ): "a sum of mandatory amounts, a parameter",
    ("functions over nulls", "fct_customer_holding_monthly.conserved"): "a mandatory balance, a parameter",
    ("division", "defect"): "a slash in a text",
    ("division", "file"): "a slash in a text",
    ("division", "unreadable_lines"): "a slash in a text",
    ("cast to an integer", "partition"): "rounded",
    ("cast to an integer", "quarantined_row"): "nulls",
    ("cast to an integer", "row_count"): "sums of counts",
    ("functions over nulls", "customer_amount"): "mandatory amounts, rates and a number",
    ("null order", "customer_sum"): "two names and a mandatory column",
}


@pytest.mark.parametrize("trap", [*TRAPS, *MORE], ids=lambda trap: trap.name)
def test_no_query_falls_into_the_trap(trap: Trap) -> None:
    found = {
        str(path.relative_to(GATES)): hits
        for path in FILES
        if (trap.name, path.stem) not in ALLOWED and (hits := faults(trap, path.read_text(encoding="utf-8")))
    }
    assert not found, f"{trap.name}: {trap.because}"


@pytest.mark.parametrize("trap", MORE, ids=lambda trap: trap.name)
def test_trap_catches_a_planted_fault_and_passes_its_cure(trap: Trap) -> None:
    missed = [line for line in trap.bad if not faults(trap, f"select a,\n    {line}\nfrom b")]
    blamed = [line for line in trap.good if faults(trap, f"select a,\n    {line}\nfrom b")]
    assert (missed, blamed) == ([], [])


def test_every_exception_is_still_needed() -> None:
    traps, files = {trap.name: trap for trap in TRAPS}, {path.stem: path for path in FILES}
    assert [key for key in ALLOWED if not faults(traps[key[0]], files[key[1]].read_text(encoding="utf-8"))] == []


def test_there_are_queries_to_search() -> None:
    assert len(FILES) > 70
