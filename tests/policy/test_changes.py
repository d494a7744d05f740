"""What `fenceng policy diff` says: changes in words, by date, folder and revision."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from conftest import run_fenceng
from policy_folder import D, Folder

from expectations.policy.changes import find_changes, sentence
from expectations.policy.rows import POLICY_FOLDER, load_policy
from orchestration.policy_diff import DiffError, rows_of_revision

SHIPPED = load_policy()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a copy of the shipped policy."""
    return Folder(tmp_path / "policy")


def test_equal_rows_are_no_change(tmp_path: Path) -> None:
    assert find_changes(SHIPPED.in_force(D), SHIPPED.in_force(date(2020, 1, 1))) == ()
    done = run_fenceng("policy", "diff", "2026-01-01", "2026-06-30", "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no change" in done.stdout


def test_every_row_of_every_family_has_a_sentence_in_both_languages() -> None:
    view = SHIPPED.in_force(D)
    for family, rows in view.rows.items():
        for row in rows:
            for language in ("en", "zh"):
                said = sentence(view, family, [row], language)
                assert said.strip(), (family, row.name, language)


def test_a_removed_an_added_and_a_changed_rule_are_told_apart(folder: Folder) -> None:
    folder.drop("policy_maintainer", "RM-T5")
    folder.change("policy_tier_rule", "RS-LOAN", lower_bound="400000.00")
    before, after = SHIPPED.in_force(D), folder.load().in_force(D)
    there = {(change.family, change.name) for change in find_changes(before, after)}
    assert there == {("policy_maintainer", "RM-T5"), ("policy_tier_rule", "RS-LOAN")}
    assert {(change.family, change.name) for change in find_changes(after, before)} == there


def test_the_command_says_old_and_new(tmp_path: Path) -> None:
    """Without a release the changes are told and not counted; with folders a date must be named then."""
    text = (POLICY_FOLDER / "policy_tier_rule.csv").read_text(encoding="utf-8")
    proposal = tmp_path / "proposal"
    proposal.mkdir()
    (proposal / "policy_tier_rule.csv").write_text(text.replace("300000.00", "400000.00"), encoding="utf-8")
    arguments = ("policy", "diff", "2026-06-30", f"{proposal}@2026-06-30", "--output", tmp_path / "none")
    done = run_fenceng(*arguments)
    assert done.returncode == 0, done.stderr
    assert "policy_tier_rule RS-LOAN changed" in done.stdout
    assert "300,000" in done.stdout
    assert "400,000" in done.stdout
    chinese = run_fenceng(*arguments, "--lang", "zh")
    assert "30万元" in chinese.stdout
    assert "40万元" in chinese.stdout


def test_a_revision_has_its_own_rows(tmp_path: Path) -> None:
    """A repository of its own, so that the test does not rest on this one's history."""

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    shutil.copytree(POLICY_FOLDER, tmp_path / "seeds" / "policy")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "before")
    file = tmp_path / "seeds" / "policy" / "policy_visit_channel.csv"
    shipped = file.read_text(encoding="utf-8")
    file.write_text(shipped.replace("VC-PHONE,phone", "VC-PHONE,message"), encoding="utf-8")
    git("commit", "-q", "-a", "-m", "after")
    said = {}
    for revision in ("HEAD~1", "HEAD"):
        target = tmp_path / revision.replace("~", "_")
        rows_of_revision(revision, target, tmp_path)
        said[revision] = next(target.rglob("policy_visit_channel.csv")).read_text(encoding="utf-8")
    assert said["HEAD~1"] == shipped
    assert "message" in said["HEAD"]
    with pytest.raises(DiffError, match="no-such-revision"):
        rows_of_revision("no-such-revision", tmp_path / "nowhere", tmp_path)


def test_a_side_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    done = run_fenceng("policy", "diff", "2026-06-30", "no-such-thing@2026-06-30", "--output", tmp_path)
    assert done.returncode == 2
    assert "no-such-thing" in done.stderr
    assert "Traceback" not in done.stderr
