"""No policy row can be a little wrong without being noticed.

Every row of every family is taken out, every bound is moved by a step of its measure and taken away, every flag is
turned, and every other value that decides something or is cited is changed: the mutants. Each must be caught by a
case of the second book (casebook.py) or by the linter. Not changed: labels, titles, summaries, descriptions and
rationales, which decide nothing; names of rules; the number of a condition where it only names it anew; an end of a
band that is open.

Of 7,189 mutants when this was written, the cases catch 7,187. The linter, asked about all of them once, catches 4,665;
two are caught by it alone: bounds of CO-POTENTIAL moved to where the measure never is, which changes no decision. By
kind, cases and linter: 379 and 269 of 379 rows taken out, 202 and 180 of 204 bounds, 549 and 395 of 549 flags, 6,057
and 3,821 of 6,057 other values. Here the linter is asked where no case contradicts, and about rows taken out, bounds
and flags of the rules.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

import pytest
from support.casebook import ON, Case, all_cases, failing, nearest_first
from support.mutants import Mutant, mutants

from expectations.policy.lint import lint
from expectations.policy.model import RULE_FAMILIES, PolicyRows
from expectations.policy.reading import load_policy

NAMED = ("removed", "bound", "flag")


@dataclass(frozen=True)
class Verdict:
    """Who catches a mutant. by_linter: None where the linter was not asked."""

    name: str
    kind: str
    family: str
    by_case: bool
    by_linter: bool | None


@cache
def cases_for(near: tuple[str, ...]) -> list[Case]:
    """The whole book, in an order that finds a mutant soon."""
    return nearest_first(all_cases(), *near)


def judge(mutant: Mutant) -> Verdict:
    """Ask the cases up to the first contradiction; the linter where they find none, and for the rules."""
    by_case = any(case.contradiction(mutant.policy) for case in cases_for(mutant.near))
    is_asked = not by_case or (mutant.kind in NAMED and mutant.near[0] in RULE_FAMILIES)
    by_linter = bool(lint(mutant.policy, ON)) if is_asked else None
    return Verdict(mutant.name, mutant.kind, mutant.near[0], by_case, by_linter)


@pytest.fixture(scope="module")
def policy() -> PolicyRows:
    """Return the shipped rows."""
    return load_policy()


@pytest.fixture(scope="module")
def verdicts(policy: PolicyRows) -> list[Verdict]:
    """Return the verdict on every mutant."""
    return [judge(mutant) for mutant in mutants(policy)]


def test_the_shipped_rows_are_sound(policy: PolicyRows) -> None:
    """Else every mutant would be caught for a reason that is not its own."""
    assert failing(policy) == []
    assert lint(policy, ON) == ()


def test_every_mutant_is_caught(verdicts: list[Verdict]) -> None:
    survivors = [verdict.name for verdict in verdicts if not verdict.by_case and not verdict.by_linter]
    assert survivors == [], "\n".join(["nobody notices:", *survivors])


def test_cases_and_linter_both_catch_alone(verdicts: list[Verdict]) -> None:
    """Neither is superfluous: some mutants are caught by one of the two only."""
    asked = [verdict for verdict in verdicts if verdict.by_linter is not None]
    alone = Counter((verdict.by_case, verdict.by_linter) for verdict in asked)
    assert alone[True, False] > 0
    assert alone[False, True] > 0
    assert alone[True, True] > alone[True, False], "the linter finds most faults of the rules by itself"


def test_no_row_is_left_out(policy: PolicyRows, verdicts: list[Verdict]) -> None:
    removed = Counter(verdict.family for verdict in verdicts if verdict.kind == "removed")
    assert removed == {family: len(rows) for family, rows in policy.rows.items() if rows}


def test_every_bound_and_flag_of_a_rule_is_changed(policy: PolicyRows, verdicts: list[Verdict]) -> None:
    """Three mutants a bound: a step more, a step less, none. One a flag: of each bound, and soft, and gap fill."""
    rows = [row for family in RULE_FAMILIES for row in policy.rows[family]]
    bounds = sum(row.number(end) is not None for row in rows for end in ("lower_bound", "upper_bound"))
    of_rules = Counter(verdict.kind for verdict in verdicts if verdict.family in RULE_FAMILIES)
    assert of_rules["bound"] == 3 * bounds
    assert of_rules["flag"] == bounds + 2 * len(rows)
