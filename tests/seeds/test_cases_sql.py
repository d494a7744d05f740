"""The second book put to the SQL: the models that decide customers agree with the sources, case by case.

test_cases.py and test_mutations.py ask the Python evaluator (`expectations/policy/evaluate.py`): a model fault that
it does not share would go unnoticed. Here every decision case is a customer of the compiled models, which also decide
every mutant of the rules.

Out of scope is what the models do not decide: the appraisal grades (NOT_DECIDED), and every family except rules, tiers
and schemes, which only the book's lists cover.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.casebook import ON, DecisionCase, all_cases
from support.house import House
from support.mutants import Mutant, mutants
from support.sql_book import SqlBook

from expectations.policy.lint import lint
from expectations.policy.model import RULE_FAMILIES, PolicyRows
from expectations.policy.reading import load_policy
from orchestration.store.releases import Release

# Schemes without a model, and why.
NOT_DECIDED = {"appraisal_grade": "staff are graded by points that are not delivered; no model reads policy_score_band"}
# What a rule says about itself, not a condition; the models read it from one of its rows.
SAID_OF_THE_RULE = ("tier_code", "route", "basis", "is_gap_fill")


@pytest.fixture(scope="module")
def policy() -> PolicyRows:
    """Return the shipped rows."""
    return load_policy()


@pytest.fixture(scope="module")
def cases() -> list[DecisionCase]:
    """Return the cases that the models can decide."""
    return [case for case in all_cases() if isinstance(case, DecisionCase) and case.subject not in NOT_DECIDED]


@pytest.fixture(scope="module")
def book(
    published_bank: House, cases: list[DecisionCase], policy: PolicyRows, tmp_path_factory: pytest.TempPathFactory
) -> SqlBook:
    """Return the cases, decided by the models of a release."""
    release = Release((published_bank.published / "current").resolve())
    return SqlBook(release, cases, policy, tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="module")
def asked(policy: PolicyRows) -> list[Mutant]:
    """Return the mutants of the models' inputs: every row of a rule, and removed tiers and schemes."""
    return [
        mutant
        for mutant in mutants(policy)
        if mutant.row.text("scheme") not in NOT_DECIDED
        and (
            mutant.row.family in RULE_FAMILIES
            or (mutant.row.family in ("policy_tier", "policy_scheme") and mutant.kind == "removed")
        )
    ]


@pytest.fixture(scope="module")
def uncaught(book: SqlBook, asked: list[Mutant]) -> list[Mutant]:
    """Return the mutants under which the models agree with every case."""
    return book.uncaught(asked)


def test_the_models_agree_with_every_case(book: SqlBook, cases: list[DecisionCase], policy: PolicyRows) -> None:
    assert book.contradictions() == {}
    decided = {row.text("scheme") for row in policy.rows["policy_scheme"]} - NOT_DECIDED.keys()
    assert {case.subject for case in cases} == decided
    assert {row.text("scheme") for row in policy.rows["policy_score_band"]} == NOT_DECIDED.keys()


def test_what_is_not_changed_is_not_caught(book: SqlBook, asked: list[Mutant], policy: PolicyRows) -> None:
    """Otherwise the mutants below would be caught for being copies."""
    first = {mutant.row.text("scheme"): mutant for mutant in asked}
    copies = [replace(mutant, policy=policy) for mutant in first.values()]
    assert book.uncaught(copies) == copies


def test_every_row_bound_and_condition_decides(uncaught: list[Mutant]) -> None:
    """Except bounds of CO-POTENTIAL outside the measure's range: open_accounts is never negative."""
    noticed_by_nobody = [mutant.name for mutant in uncaught if mutant.column not in SAID_OF_THE_RULE]
    assert [name.split(" ", 1)[1] for name in noticed_by_nobody] == [
        "CO-POTENTIAL lower_bound 0 -> -1", "CO-POTENTIAL lower_bound 0 -> empty",
    ]  # fmt: skip


def test_what_a_rule_says_in_one_row_is_held_by_the_linter_in_the_others(
    policy: PolicyRows, uncaught: list[Mutant]
) -> None:
    for mutant in uncaught:
        assert lint(mutant.policy, ON), mutant.name
        if mutant.column in SAID_OF_THE_RULE:
            rows = [row for row in policy.rows[mutant.row.family] if row.name == mutant.row.name]
            assert len(rows) > 1, mutant.name
