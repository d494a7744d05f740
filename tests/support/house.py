"""A landing zone and an output folder with the command to run on them, as a subprocess or in this process."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb

from expectations.project import PROJECT_ROOT
from orchestration.refresh import Outcome, run_refresh
from orchestration.settings import PREFIX, Settings
from orchestration.store.releases import Release

Row = dict[str, Any]


Marts = dict[str, list[Row]]


FENCENG = Path(sys.executable).parent / "fenceng"


TIMEOUT = 400  # seconds; the machine may be shared


# The parts of the project that a command needs.
PARTS = ("fenceng", "orchestration", "expectations", "seeds", "dbt_project")
# The ends of four months, over a year's end: growth, moves and lost customers need months before.
CLOSES = (date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31))


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without any FENCENG_ setting of the developer's shell."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIX) and name not in ("DAGSTER_HOME", "DBT_TARGET_PATH")
    }
    return kept | {"COLUMNS": "200", "PYTHONUNBUFFERED": "1"} | dict(extra or {})


def deliver_something(landing: Path, day: date) -> None:
    """Deliver a file that no gate would accept: enough for a refresh of the day to begin."""
    folder = landing / "customer" / f"biz_date={day}"
    folder.mkdir(parents=True)
    (folder / "part-0.csv").write_text("customer_id\n", encoding="utf-8")


def run_fenceng(*arguments: object, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, and return its output."""
    return subprocess.run(
        [FENCENG, *map(str, arguments)],
        env=clean_environment(env),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def start_fenceng(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start the command in a process group of its own, so that a test can kill all of it."""
    return subprocess.Popen(
        [FENCENG, *map(str, arguments)],
        env=clean_environment(),
        cwd=PROJECT_ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def kill_group(process: subprocess.Popen[str]) -> None:
    """Kill a process that start_fenceng started, with its children, as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)


def read_rows(database: Path, query: str) -> list[Row]:
    """Read the rows of a query on a published file."""
    with duckdb.connect(str(database), read_only=True) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def read_marts(database: Path) -> Marts:
    """Read every table of the schema marts."""
    listed = read_rows(
        database,
        "select table_name from information_schema.tables where table_schema = 'marts'",
    )
    names = sorted(row["table_name"] for row in listed)
    return {name: read_rows(database, f"select * from marts.{name}") for name in names}


def build_again(release: Release, building: Path) -> None:
    """Make the file that dbt leaves before publication from a release's files: its month in hand and as-of tables."""
    manifest = release.manifest()
    month = date.fromisoformat(manifest["policy_month"])
    building.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(building)) as connection:
        for schema in ("month_in_hand", "marts"):
            connection.execute(f"create schema {schema}")
        for table in manifest["rows"]:
            schema = "month_in_hand" if release.month_file(table, month) else "marts"
            connection.execute(f"create table {schema}.{table} as {release.rows(table, month)}")


class House:
    """A landing zone and an output folder, with the command to run on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.landing = folder / "landing"
        self.output = folder / "output"

    @property
    def settings(self) -> Settings:
        """Settings for the parts that run in process."""
        return Settings(landing=self.landing, output=self.output, memory_limit="1GB")

    @property
    def published(self) -> Path:
        """The published store."""
        return self.output / "published"

    @property
    def current(self) -> Path:
        """The file that readers open."""
        return self.published / "current" / "fenceng.duckdb"

    def refresh(self, day: object, *more: str) -> subprocess.CompletedProcess[str]:
        """Run `fenceng refresh` for a day."""
        return run_fenceng("refresh", "--date", day, "--landing", self.landing, "--output", self.output, *more)

    def publish(self, day: date) -> None:
        """Refresh a day as the command does, in this process; it must be published."""
        # A run takes its settings from the environment and starts in the project; both are restored.
        with mock.patch.dict(os.environ, clean_environment(), clear=True), contextlib.chdir(PROJECT_ROOT):
            result = run_refresh(self.settings, day, lambda station: None)
        said = "\n".join([*map(str, result.findings), result.error])
        assert result.outcome is Outcome.PUBLISHED, said

    def start_refresh(self, day: object) -> subprocess.Popen[str]:
        """Start `fenceng refresh` for a day, and do not wait."""
        return start_fenceng("refresh", "--date", day, "--landing", self.landing, "--output", self.output)

    def marts(self) -> Marts:
        """Read every published mart."""
        return read_marts(self.current)


class HouseCopy(House):
    """A house whose commands run in a copy of the project: the code is the same, the rows may differ."""

    def __init__(self, folder: Path, rows: Path | None = None) -> None:
        super().__init__(folder)
        self.project = folder / "project"
        left = shutil.ignore_patterns("target", "logs", "__pycache__")
        for part in PARTS:
            shutil.copytree(PROJECT_ROOT / part, self.project / part, ignore=left)
        shutil.copy(PROJECT_ROOT / "dagster.yaml", self.project)
        # dbt compares parsed files by content and parses only what differs.
        for file in sorted((PROJECT_ROOT / "var" / "dbt").glob("*.*")):
            if file.name in ("manifest.json", "partial_parse.msgpack", "semantic_manifest.json"):
                (self.project / "var" / "dbt").mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, self.project / "var" / "dbt")
        for file in sorted(rows.glob("*.csv")) if rows else ():
            shutil.copy(file, self.policy / file.name)

    @property
    def policy(self) -> Path:
        """The policy rows of the copy."""
        return self.project / "seeds" / "policy"

    def command(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a command of the copy."""
        return subprocess.run(
            [sys.executable, "-m", "fenceng.cli", *map(str, arguments)],
            cwd=self.project,
            env=clean_environment({"PYTHONPATH": str(self.project)}),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def refresh(self, day: object, *more: str) -> subprocess.CompletedProcess[str]:
        """Run `refresh` of the copy for a day."""
        return self.command("refresh", "--date", day, "--landing", self.landing, "--output", self.output, *more)


MakeHouse = Callable[[str], House]
