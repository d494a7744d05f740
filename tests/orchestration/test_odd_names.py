"""Folders with any name: patterns, quotes, line ends and Chinese in the paths of landing zone and output."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.house import FENCENG, TIMEOUT, House, clean_environment, read_rows

from expectations.project import PROJECT_ROOT
from orchestration.settings import SettingsError, settings_from

pytestmark = pytest.mark.nightly

DAY = "2026-11-02"
ODD = "a [b] *c 'd' %e \"f\"\n分层 $g {h} #i;j"
# Where DuckDB only reads.
ODDER = f"{ODD}?"


class OddHouse(House):
    """A house in a folder with an odd name, whose commands run in an ASCII-only locale."""

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a command on the folders of the house."""
        return subprocess.run(
            [FENCENG, *map(str, arguments)],
            env=clean_environment(
                {"LC_ALL": "C", "FENCENG_LANDING": str(self.landing), "FENCENG_OUTPUT": str(self.output)}
            ),
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> OddHouse:
    """Refresh a small bank under an odd name."""
    house = OddHouse(tmp_path_factory.mktemp("odd") / ODD)
    house.landing = house.folder.with_name(ODDER)
    written = house.run("sample", "--customers", 200, "--from", DAY, "--to", DAY)
    assert written.returncode == 0, written.stdout + written.stderr
    done = house.run("refresh", "--date", DAY)
    assert done.returncode == 0, done.stdout + done.stderr
    return house


@pytest.mark.parametrize("command", ["show", "doctor", "explain", "simulate", "verify"])
def test_each_command_works_there(odd: OddHouse, command: str, tmp_path: Path) -> None:
    customer = read_rows(odd.current, "select min(customer_id) as id from marts.dim_customer")[0]["id"]
    proposal = tmp_path / ODDER
    proposal.mkdir()
    shutil.copy(PROJECT_ROOT / "seeds" / "policy" / "policy_visit_frequency.csv", proposal)
    arguments = {"explain": [customer], "simulate": ["--policy", proposal], "verify": ["--month", DAY[:7]]}
    done = odd.run(command, *arguments.get(command, []))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if command == "show":
        assert "T1" in done.stdout


@pytest.mark.parametrize("where", ["--output", "--landing"])
def test_a_folder_that_is_no_utf_8_is_refused(tmp_path: Path, where: str) -> None:
    """DuckDB and the manifest can't name it."""
    folder = os.fsencode(tmp_path) + b"/\xb7\xd6\xb2\xe3"
    Path(os.fsdecode(folder)).mkdir()
    other = "--landing" if where == "--output" else "--output"
    done = subprocess.run(
        [FENCENG, "refresh", "--date", DAY, other, str(tmp_path), where, os.fsdecode(folder)],
        env=clean_environment(),
        cwd=PROJECT_ROOT,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert "UTF-8" in said
    assert "Traceback" not in said


def test_an_output_with_a_question_mark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="question mark"):
        settings_from({"FENCENG_OUTPUT": str(tmp_path / "a?b")})
    assert settings_from({"FENCENG_LANDING": str(tmp_path / "a?b")}).landing == tmp_path / "a?b"
