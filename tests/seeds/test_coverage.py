"""The claims about the policy hold, and a false one is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support import coverage
from support.coverage import Claims, Reading, check, count_tests, load_claims, main, mart_columns, render
from support.policy_folder import Folder

from expectations.policy.model import PolicyRows
from expectations.policy.reading import load_policy

TESTS = count_tests()
COLUMNS = mart_columns()


@pytest.fixture(scope="module")
def policy() -> PolicyRows:
    """Return the shipped rows."""
    return load_policy()


@pytest.fixture(scope="module")
def claims() -> Claims:
    """Return the shipped claims."""
    return load_claims()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a copy of the shipped policy."""
    return Folder(tmp_path / "policy")


def changed(claims: Claims, reading_id: str, **fields: object) -> Claims:
    """Change one entry of the claims."""
    return replace(
        claims,
        readings=tuple(replace(r, **fields) if r.reading_id == reading_id else r for r in claims.readings),  # type: ignore[arg-type]
    )


def test_every_claim_holds_and_the_page_says_so(policy: PolicyRows, claims: Claims) -> None:
    assert check(claims, policy, TESTS, COLUMNS) == ()
    assert coverage.PAGE.read_text(encoding="utf-8") == render(claims, TESTS)


def test_the_claims_cover_group_one(claims: Claims) -> None:
    assert [r.reading_id for r in claims.readings] == [f"R{n:02d}" for n in (*range(1, 58), *range(61, 75))]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"rows": ("policy_visit_frequency:VF-NOBODY-*",)}, "R08: no row policy_visit_frequency:VF-NOBODY-*"),
        ({"rows": ()}, "R08: no row"),
        ({"columns": ("fct_visit_obligation_monthly.nothing",)}, "R08: no column fct_visit_obligation_monthly.nothing"),
        ({"columns": ()}, "R08: no column"),
        ({"state": "rows"}, "R08: it names columns, so it is claimed"),
        ({"state": "done"}, "R08: the state done is not one of claimed, rows, left_out"),
        ({"state": "left_out"}, "R08: left out without a reason"),
        ({"state": "left_out", "reason": "too hard"}, "R08: left out, but it has rows, columns or test cases"),
        ({"reason": "too hard"}, "R08: it gives a reason to be left out and is not; say it in a note"),
        ({"clauses": ("D1 art. 99",)}, "R08: D1 art. 99 is not a clause of policy_article"),
        ({"clauses": ("D1 art. 2", "D1 art. 3")}, "R08: none of its rows cites D1 art. 3"),
    ],
)
def test_a_claim_that_does_not_hold_is_found(
    policy: PolicyRows, claims: Claims, fields: dict[str, object], problem: str
) -> None:
    assert problem in check(changed(claims, "R08", **fields), policy, TESTS, COLUMNS)


def test_a_claim_without_a_test_is_found(policy: PolicyRows, claims: Claims) -> None:
    tests = {reading_id: files for reading_id, files in TESTS.items() if reading_id != "R08"}
    assert check(claims, policy, tests, COLUMNS) == ("R08: no test case names it",)


def test_a_test_of_no_claim_is_found(policy: PolicyRows, claims: Claims) -> None:
    tests = {**TESTS, "R99": {"d1.yml": 1}}
    assert check(claims, policy, tests, COLUMNS) == (
        "d1.yml: a case names R99, which readings.yml does not have",
    )  # fmt: skip


def test_numbers_are_whole_and_come_once(policy: PolicyRows, claims: Claims) -> None:
    fewer = replace(claims, readings=tuple(r for r in claims.readings if r.reading_id != "R24"))
    assert check(fewer, policy, TESTS, COLUMNS) == ("R24: no entry",)
    first = claims.readings[0]
    assert check(replace(claims, readings=(*claims.readings, first)), policy, TESTS, COLUMNS) == ("R01: 2 entries",)
    stray = Reading("R75", ("D7 s. 3",), "Targets are split by hour.", "left_out", reason="not built")
    beyond = replace(claims, readings=(*claims.readings, stray))
    assert check(beyond, policy, TESTS, COLUMNS) == ("R75: outside the file's scope",)


def test_a_row_that_no_reading_names_is_found(tmp_path: Path, claims: Claims) -> None:
    folder = Folder(tmp_path / "policy")
    folder.add("policy_visit_channel", "VC-PHONE", rule_id="XX-MESSAGE", channel="message")
    named = changed(claims, "R14", rows=("policy_visit_channel:VC-*",))
    line = folder.line("policy_visit_channel", "XX-MESSAGE")
    (problem,) = check(named, folder.load(), TESTS, COLUMNS)
    assert problem.endswith(f"policy_visit_channel.csv:{line} XX-MESSAGE rests on no entry of readings.yml")


def test_a_row_that_cites_another_clause_than_its_reading_is_found(tmp_path: Path, claims: Claims) -> None:
    folder = Folder(tmp_path / "policy")
    folder.change("policy_tier_rule", "RT-T4-AUM", clause_ref="D2 s. 2")
    line = folder.line("policy_tier_rule", "RT-T4-AUM")
    (problem,) = check(claims, folder.load(), TESTS, COLUMNS)
    assert problem.endswith(f"policy_tier_rule.csv:{line} RT-T4-AUM cites D2 s. 2, and R35 rests on another clause")


def test_the_command_compares_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    assert main(["--page", str(page)]) == 1
    assert "page.md is out of date" in capsys.readouterr().err
    assert main(["--page", str(page), "--write"]) == 0
    assert main(["--page", str(page)]) == 0
    assert main(["--page", str(page), "--marts", str(tmp_path)]) == 1
    assert "R01: no column fct_customer_tier_monthly.tier_code" in capsys.readouterr().err


def test_the_command_says_what_it_can_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--readings", str(tmp_path / "none.yml")]) == 2
    wrong = tmp_path / "readings.yml"
    wrong.write_text("covers: []\nreadings: [{id: R01, clause_ref: D1, reading: x, status: y}]\n", encoding="utf-8")
    assert main(["--readings", str(wrong)]) == 2
    assert "readings.yml, R01: status is unknown or missing" in capsys.readouterr().err


def test_the_page_lists_what_is_left_out_with_its_reason(claims: Claims) -> None:
    page = render(claims, TESTS)
    left_out = [entry for entry in claims.readings if entry.state == "left_out"]
    assert left_out
    for entry in left_out:
        assert f"| {entry.reading_id} | {'; '.join(entry.clauses)} | {entry.text} | {entry.reason} |" in page
