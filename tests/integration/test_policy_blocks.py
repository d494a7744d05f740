"""A refresh with an unsound policy: blocked before any data is read, with file, line and rule."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TIMEOUT, clean_environment

from orchestration.settings import PROJECT_ROOT

PARTS = ("orchestration", "expectations", "seeds", "dbt_project")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose rows leave 70 to 80 points without a grade, as the text does."""
    root = tmp_path_factory.mktemp("house")
    for part in PARTS:
        shutil.copytree(
            PROJECT_ROOT / part, root / part, ignore=shutil.ignore_patterns("target", "logs", "__pycache__")
        )
    shutil.copy(PROJECT_ROOT / "dagster.yaml", root)
    bands = root / "seeds" / "policy" / "policy_score_band.csv"
    lines = bands.read_text(encoding="utf-8").splitlines(keepends=True)
    bands.write_text("".join(line for line in lines if "AG-PASS-GAP" not in line), encoding="utf-8")
    (root / "landing").mkdir()
    return root


def test_an_unsound_policy_blocks_before_any_data_is_read(house: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "refresh", "--date", "2026-03-31",
         "--landing", house / "landing", "--output", house / "output"],
        cwd=house,
        env=clean_environment({"PYTHONPATH": str(house)}),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    finding = next(line for line in done.stderr.splitlines() if line.startswith("block "))
    assert finding.split(maxsplit=1)[1] == (
        "seeds/policy/policy_score_band.csv:4: hole: appraisal_grade: nobody decides appraisal_score from 70 to below"
        " 80 [AG-PASS] (policy lint L1)"
    )
    assert "blocked: nothing was published for 2026-03-31" in done.stderr
    # An empty landing zone would have been the next thing to fail on.
    assert "delivery" not in done.stderr
    assert not (house / "output" / "published" / "current").exists()
