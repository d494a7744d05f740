"""No policy row can be slightly wrong without the Python evaluator or the linter noticing.

Every row of every family is removed, every bound of a rule is moved by a step of its measure and removed, every other
number is moved by one in its last place, and every flag is inverted: the mutants. Each must be caught by a case of the
second book (casebook.py) or by the linter. test_cases_sql.py puts the mutants of the rules to the models.

Other values are not changed one by one. In rules, those that decide or are reported with the outcome are changed in
test_cases_sql.py. In every other family a list of the book states each value of each row, a clause case its clause and
the validity case its dates: test_cases.py checks that no row and no column is left out, so a changed value contradicts
its list. Labels, titles, summaries, descriptions and rationales decide nothing.

The cases catch 1,914 of 1,916 mutants; only the linter catches the other two: bounds of CO-POTENTIAL moved outside the
measure's range, which changes no decision.
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

KINDS = ("removed", "bound", "flag", "number")


@dataclass(frozen=True)
class Verdict:
    """Who catches a mutant. by_linter: None if the linter was not run."""

    name: str
    kind: str
    family: str
    by_case: bool
    by_linter: bool | None


@cache
def cases_for(near: tuple[str, ...]) -> list[Case]:
    """The whole book, in an order that catches a mutant early."""
    return nearest_first(all_cases(), *near)


def judge(mutant: Mutant) -> Verdict:
    """Run the cases up to the first contradiction; the linter if they find none, and for the rules."""
    by_case = any(case.contradiction(mutant.policy) for case in cases_for(mutant.near))
    is_asked = not by_case or (mutant.row.family in RULE_FAMILIES)
    by_linter = bool(lint(mutant.policy, ON)) if is_asked else None
    return Verdict(mutant.name, mutant.kind, mutant.row.family, by_case, by_linter)


@pytest.fixture(scope="module")
def policy() -> PolicyRows:
    """Return the shipped rows."""
    return load_policy()


@pytest.fixture(scope="module")
def verdicts(policy: PolicyRows) -> list[Verdict]:
    """Return the verdict on every mutant."""
    return [judge(mutant) for mutant in mutants(policy) if mutant.kind in KINDS]


def test_the_shipped_rows_are_sound(policy: PolicyRows) -> None:
    """Otherwise every mutant would be caught for an unrelated reason."""
    assert failing(policy) == []
    assert lint(policy, ON) == ()


def test_every_mutant_is_caught(verdicts: list[Verdict]) -> None:
    survivors = [verdict.name for verdict in verdicts if not verdict.by_case and not verdict.by_linter]
    assert survivors == [], "\n".join(["nobody notices:", *survivors])


def test_cases_and_linter_both_catch_alone(verdicts: list[Verdict]) -> None:
    """Neither is superfluous: some mutants are caught by only one of the two."""
    asked = [verdict for verdict in verdicts if verdict.by_linter is not None]
    alone = Counter((verdict.by_case, verdict.by_linter) for verdict in asked)
    assert alone[True, False] > 0
    assert alone[False, True] > 0
    assert alone[True, True] > alone[True, False], "the linter finds most faults of the rules by itself"


def test_no_row_is_left_out(policy: PolicyRows, verdicts: list[Verdict]) -> None:
    removed = Counter(verdict.family for verdict in verdicts if verdict.kind == "removed")
    assert removed == {family: len(rows) for family, rows in policy.rows.items() if rows}


def test_every_number_outside_the_rules_is_moved(policy: PolicyRows, verdicts: list[Verdict]) -> None:
    """Up and down; the validity case states the dates."""
    moved = Counter(verdict.family for verdict in verdicts if verdict.kind == "number")
    numbers = {
        family: 2 * sum(row.number(column) is not None for row in rows for column in row.values)
        for family, rows in policy.rows.items()
        if family not in RULE_FAMILIES
    }
    assert moved == {family: count for family, count in numbers.items() if count}
    assert {"policy_action", "policy_concentration", "policy_profile_field", "policy_star"} <= moved.keys()


def test_every_bound_and_flag_of_a_rule_is_changed(policy: PolicyRows, verdicts: list[Verdict]) -> None:
    """Three mutants per bound: a step more, a step less, none. One per flag: of each bound, and soft, and gap fill."""
    rows = [row for family in RULE_FAMILIES for row in policy.rows[family]]
    bounds = sum(row.number(end) is not None for row in rows for end in ("lower_bound", "upper_bound"))
    of_rules = Counter(verdict.kind for verdict in verdicts if verdict.family in RULE_FAMILIES)
    assert of_rules["bound"] == 3 * bounds
    assert of_rules["flag"] == bounds + 2 * len(rows)
