"""The code version changes if and only if something that can decide a row changes."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from expectations.project import PROJECT_ROOT
from orchestration.code_version import DECIDES_NOTHING, code_version, deciding_files

PARTS = ("fenceng", "orchestration", "expectations", "seeds", "dbt_project")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that a test may change."""
    root = tmp_path_factory.mktemp("code") / "project"
    left = shutil.ignore_patterns("target", "logs", "__pycache__")
    for part in PARTS:
        shutil.copytree(PROJECT_ROOT / part, root / part, ignore=left)
    return root


@pytest.fixture
def version(project: Path) -> Iterator[str]:
    """Its version before the change; every file is put back afterwards."""
    before = {path: path.read_bytes() for part in PARTS for path in (project / part).rglob("*") if path.is_file()}
    yield code_version(project)
    for path, content in before.items():
        if path.read_bytes() != content:
            path.write_bytes(content)


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that must be there."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file} does not hold {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


MART = "dbt_project/models/marts/customer_tier/fct_customer_tier_monthly.sql"
TALKING = [
    ("fenceng/terminal.py", "def wrong_use", "NUMBER = 1\n\n\ndef wrong_use"),
    ("orchestration/schedules.py", "minute_of_hour=30", "minute_of_hour=45"),
    ("orchestration/run_record.py", "# `table` is a reserved word in SQL.", "# Another remark."),
    ("orchestration/stations.py", '"""Empty the scratch', '"""Clear the scratch'),
    ("expectations/policy/wording.py", "def ", "NUMBER = 1\n\n\ndef "),
    ("expectations/landing_contract.yml", "tables:", "# a remark\ntables:"),
    ("expectations/landing_contract.yml", "level: 3", "level: 2"),
    ("dbt_project/models/marts/customer_tier/_customer_tier__metrics.yml", "agg: sum", "agg: max"),
    ("dbt_project/models/marts/shared/_shared__models.yml", "granularity: day", "granularity: month"),
    (MART, "select", "-- a remark\nselect"),
    (MART, "with", "{# it's a remark -- or two #}\nwith"),
]
DECIDING = [
    (MART, "select", "select distinct"),
    ("dbt_project/dbt_project.yml", "name: fenceng", "name: other"),
    ("expectations/landing_contract.yml", "tables:", "others: 1\ntables:"),
    ("expectations/physical_types.yml", "JSON, ENUM", "JSON"),
    ("expectations/gate_1/gate.py", "import duckdb", "import duckdb\n\nNUMBER = 1"),
    ("orchestration/landing/cells.py", "import", "import os\nimport"),
    ("orchestration/store/publish.py", "def publish", "NUMBER = 1\n\n\ndef publish"),
    ("seeds/reference/ref_weekday.csv", "\n", "\n8,"),
    ("seeds/reference/_reference__seeds.yml", "varchar", "text"),
]


@pytest.mark.parametrize(("file", "old", "new"), TALKING)
def test_what_talks_is_not_hashed(project: Path, version: str, file: str, old: str, new: str) -> None:
    change(project / file, old, new)
    assert code_version(project) == version


@pytest.mark.parametrize(("file", "old", "new"), DECIDING)
def test_what_decides_is_hashed(project: Path, version: str, file: str, old: str, new: str) -> None:
    change(project / file, old, new)
    assert code_version(project) != version


def test_one_more_word_in_any_file_that_decides_is_seen() -> None:
    for _, path, read in deciding_files():
        before = path.read_text(encoding="utf-8").rstrip() + "\n"
        more = {".py": "MORE = 1", ".sql": "more", ".csv": "more", ".yml": "more: 1"}[path.suffix]
        if path.suffix == ".yml" and (item := re.search(r"^( *)- |^\w+:", before, re.MULTILINE)) and "-" in item[0]:
            more = f"{item[1]}- {more}"
        assert read(f"{before}{more}\n") != read(before), path


def test_an_added_file_decides(project: Path, version: str) -> None:
    file = project / "orchestration" / "landing" / "more.py"
    file.write_text("NUMBER = 1\n", encoding="utf-8")
    try:
        assert code_version(project) != version
    finally:
        file.unlink()


def test_nothing_that_decides_rests_on_what_talks() -> None:
    """The first station calls the lint; a package names its modules; dbt's failures are put into words."""
    talking = {name.removesuffix(".py").replace("/", ".") for name in DECIDES_NOTHING}
    assert all((PROJECT_ROOT / name).is_file() for name in DECIDES_NOTHING)
    called = {
        (path.relative_to(PROJECT_ROOT).as_posix(), node.module)
        for _, path, _ in deciding_files()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in talking
    }
    assert called == {
        ("orchestration/stations.py", "expectations.policy.lint"),
        ("orchestration/stations.py", "orchestration.dictionary.page"),
        ("orchestration/stations.py", "orchestration.report.page"),
        ("orchestration/landing/__init__.py", "orchestration.landing.headers"),
        ("orchestration/runtime/dbt.py", "orchestration.runtime.failures"),
    }
