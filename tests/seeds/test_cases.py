"""The shipped rows agree with the second book of the policy, case by case."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.casebook import Case, ClauseCase, DecisionCase, ListCase, ValidityCase, all_cases, failing
from support.policy_folder import Folder

from expectations.policy.model import RULE_FAMILIES, PolicyRows
from expectations.policy.reading import load_policy


@pytest.fixture(scope="module")
def policy() -> PolicyRows:
    """Return the shipped rows."""
    return load_policy()


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.case_id)
def test_shipped_rows_agree_with_the_case(policy: PolicyRows, case: Case) -> None:
    assert case.contradiction(policy) == ""


def test_the_book_speaks_of_every_scheme_and_every_family(policy: PolicyRows) -> None:
    judged = {case.subject for case in all_cases() if isinstance(case, DecisionCase)}
    assert judged == {row.text("scheme") for row in policy.rows["policy_scheme"]}
    listed = {case.subject for case in all_cases() if isinstance(case, ListCase)}
    assert listed == set(policy.rows) - set(RULE_FAMILIES)


def test_lists_leave_no_row_out(policy: PolicyRows) -> None:
    """Lists that cover parts of a family cover it together, so a surplus row is found too."""
    told: dict[str, int] = {}
    for case in all_cases():
        if isinstance(case, ListCase):
            told[case.subject] = told.get(case.subject, 0) + len(case.expected)
    assert told == {family: len(policy.rows[family]) for family in told}


def test_lists_leave_no_value_out(policy: PolicyRows) -> None:
    """A value in no list could change unnoticed: test_mutations.py changes rows and flags only.

    A row's clause is stated by a clause case, its validity by the validity case, its basis by a mark.
    """
    words = {"title_en", "title_zh", "summary_en", "summary_zh", "label_en", "label_zh", "description", "rationale"}
    (validity,) = (case for case in all_cases() if isinstance(case, ValidityCase))
    for family in set(policy.rows) - set(RULE_FAMILIES):
        if not policy.rows[family]:
            continue
        lists = [case for case in all_cases() if isinstance(case, ListCase) and case.subject == family]
        for case in lists:
            stated = {*case.columns, *validity.expected, *words, "rule_id"}
            stated |= {"clause_ref"} if "basis" in policy.schemas[family].columns else set()
            stated |= {"basis", "is_gap_fill"} if "mark" in case.columns else set()
            stated |= {column for column, pattern in case.where.items() if "*" not in pattern}
            assert set(policy.schemas[family].columns) <= stated, case.case_id


def test_the_book_speaks_of_every_clause_that_a_row_cites(policy: PolicyRows) -> None:
    cited = {row.text("clause_ref") for rows in policy.rows.values() for row in rows if "basis" in row.values}
    clauses = [case.clause for case in all_cases() if isinstance(case, ClauseCase)]
    assert sorted(clauses) == sorted(cited)


def test_a_row_under_another_clause_contradicts_both(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "policy")
    folder.change("policy_tier_rule", "RT-T3-AUM", clause_ref="D2 s. 3.1(2)")
    line = folder.line("policy_tier_rule", "RT-T3-AUM")
    wrong = folder.load()
    assert failing(wrong) == ["clauses: tier two", "clauses: tier three"]
    said = {case.case_id: case.contradiction(wrong) for case in all_cases()}
    assert said["clauses: tier two"].endswith(f"policy_tier_rule.csv:{line} RT-T3-AUM cites it")
    assert said["clauses: tier three"].endswith(f"policy_tier_rule.csv:{line} RT-T3-AUM does not cite it")


def test_a_contradiction_names_both_sides(policy: PolicyRows) -> None:
    rows = tuple(
        replace(row, values={**row.values, "lower_inclusive": False}) if row.name == "RT-T3-AUM" else row
        for row in policy.rows["policy_tier_rule"]
    )
    wrong = replace(policy, rows={**policy.rows, "policy_tier_rule": rows})
    found = "d2: tier by financial assets, financial_assets 100000.00"
    assert found in failing(wrong)
    said = next(case.contradiction(wrong) for case in all_cases() if case.case_id == found)
    assert said == "T0 by default instead of T3 by aum"


def test_a_row_too_many_contradicts_its_list(policy: PolicyRows) -> None:
    row = policy.rows["policy_visit_channel"][0]
    more = replace(row, values={**row.values, "rule_id": "VC-MESSAGE", "channel": "message"})
    wrong = replace(policy, rows={**policy.rows, "policy_visit_channel": (*policy.rows["policy_visit_channel"], more)})
    assert failing(wrong) == ["d1: channels that are a visit or a contact"]


def book(folder: Path, *lines: str) -> Path:
    """Write a book of one file."""
    (folder / "d0.yml").write_text("\n".join(["cases:", *lines]) + "\n", encoding="utf-8")
    return folder


def test_a_matrix_states_every_cell(tmp_path: Path) -> None:
    head = "  - {id: m, kind: matrix, readings: [R08], family: policy_visit_frequency, rows: role_group,"
    cells = "     columns: tier_code, cell: [contacts_per_period], expect: {a: {C1: [1], C2: none}, b: {C1: [2]}}}"
    with pytest.raises(ValueError, match="nothing is said of b and C2"):
        all_cases(book(tmp_path, head, cells))


def test_an_id_comes_once_and_a_row_is_whole(tmp_path: Path) -> None:
    line = (
        "  - {{id: {}, kind: list, readings: [R14], family: policy_visit_channel, columns: [channel], expect: [[{}]]}}"
    )
    with pytest.raises(ValueError, match="two cases d0: a"):
        all_cases(book(tmp_path, line.format("a", "phone"), line.format("a", "phone")))
    with pytest.raises(ValueError, match="d0: b: a row has not 1 values"):
        all_cases(book(tmp_path, line.format("b", "phone, on_site")))
    with pytest.raises(ValueError, match="no kind table"):
        all_cases(book(tmp_path, line.format("c", "phone").replace("kind: list", "kind: table")))
