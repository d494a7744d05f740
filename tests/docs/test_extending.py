"""A new command takes no more than CONTRIBUTING lists: shown in a copy of the project."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from expectations.project import PROJECT_ROOT

COMMAND = "tables"
MOST_FILES = {"A measure": 15, "A mart": 10, "A command": 5}
PARTS = (
    "fenceng", "bi", "orchestration", "expectations", "dbt_project", "seeds", "tests", "docs", "examples", "deploy",
)  # fmt: skip

MODULE = '''"""The command `fenceng tables`: what the landing contract asks the bank to deliver."""

from __future__ import annotations

from expectations.contract import load_contract
from fenceng.terminal import out


def tables() -> None:
    """List the tables of the landing contract, the required ones marked."""
    for table in load_contract().tables.values():
        out.print(f"{table.name}{' *' if table.required else ''}")
'''

TEST = '''"""`fenceng tables` lists the landing contract."""

from typer.testing import CliRunner

from fenceng.cli import app


def test_tables_are_those_of_the_contract() -> None:
    told = CliRunner().invoke(app, ["tables"])
    assert told.exit_code == 0
    assert "customer *" in told.output.splitlines()


def test_an_unknown_option_is_wrong_use() -> None:
    assert CliRunner().invoke(app, ["tables", "--all"]).exit_code == 2
'''


def _section(heading: str) -> str:
    """What CONTRIBUTING says under a heading."""
    text = (PROJECT_ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(rf"^### {heading}$(.*?)^##", text, flags=re.MULTILINE | re.DOTALL)
    assert section, heading
    return section[1]


def _listed(heading: str) -> list[str]:
    """The files that CONTRIBUTING lists under a heading."""
    return re.findall(r"^\d+\. `([^`]+)`", _section(heading), flags=re.MULTILINE)


@pytest.mark.parametrize("heading", MOST_FILES)
def test_a_list_is_short_and_names_each_file_once(heading: str) -> None:
    files = _listed(heading)
    assert 3 < len(files) <= MOST_FILES[heading]
    assert len(set(files)) == len(files)
    assert f"touches these {len(files)} files" in _section(heading)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the project without generated files."""
    for part in PARTS:
        made = shutil.ignore_patterns("__pycache__", "target", "logs")
        shutil.copytree(PROJECT_ROOT / part, tmp_path / part, ignore=made)
    shutil.copy(PROJECT_ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and not {"__pycache__", ".pytest_cache", "var"} & set(path.parts)
    }


def _replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name}: {old!r} stands there {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def _python(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the copy: its folder takes precedence over the installed project."""
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=root, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_command_takes_the_listed_files_and_no_other(copy: Path) -> None:
    before = _hashes(copy)
    unknown = _python(copy, "fenceng.cli", COMMAND)
    assert unknown.returncode == 2

    (copy / f"fenceng/commands/{COMMAND}.py").write_text(MODULE, encoding="utf-8")
    (copy / f"tests/fenceng/test_{COMMAND}.py").write_text(TEST, encoding="utf-8")
    _replaced(
        copy / "fenceng/cli.py",
        "from fenceng.commands.verify import verify\n",
        "from fenceng.commands.tables import tables\nfrom fenceng.commands.verify import verify\n",
    )
    _replaced(copy / "fenceng/cli.py", "simulate, verify, versions,", "simulate, tables, verify, versions,")

    # Without its line in the tree, the copy's own test says what is missing.
    told = _python(copy, "pytest", "-n", "0", "tests/docs/test_architecture.py")
    assert told.returncode == 1
    assert f"fenceng/commands/{COMMAND}.py" in told.stdout
    _replaced(
        copy / "docs/architecture.md",
        "    verify.py                 `fenceng verify`\n",
        "    tables.py                 `fenceng tables`\n    verify.py                 `fenceng verify`\n",
    )

    printed = _python(copy, "fenceng.cli", COMMAND)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert "customer *" in printed.stdout.splitlines()
    assert "fx_rate" in printed.stdout.splitlines()
    assert re.search(rf"\b{COMMAND}\b.*landing contract", _python(copy, "fenceng.cli", "--help").stdout)
    tested = _python(copy, "pytest", "-n", "0", f"tests/fenceng/test_{COMMAND}.py", "tests/docs/test_architecture.py")
    assert tested.returncode == 0, tested.stdout

    after = _hashes(copy)
    touched = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert touched == {name.replace("<command>", COMMAND) for name in _listed("A command")}
