"""What is wrong with a call is answered before anything slow is imported; without a date the newest delivery counts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from support.house import clean_environment

from expectations.contract import load_contract
from expectations.project import PROJECT_ROOT
from fenceng.analysis.preflight import PreflightError, newest_complete, require_delivery
from orchestration.landing import deliveries
from orchestration.runtime.lock import refresh_lock
from orchestration.settings import Settings

REQUIRED = [table.name for table in load_contract().tables.values() if table.required and table.kind == "snapshot"]
SLOW = ("dagster", "dbt", "great_expectations", "pandas")
# Runs the command, then says which slow modules it imported.
PROGRAM = f"""
import sys
from fenceng.cli import app
try:
    app()
except SystemExit as ended:
    print("imported", [name for name in {SLOW} if name in sys.modules])
    sys.exit(ended.code)
"""


def deliver(landing: Path, day: str, tables: list[str]) -> None:
    for table in tables:
        folder = landing / table / f"biz_date={day}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.csv").write_text("", encoding="utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A landing zone with a complete date and a newer one that lacks a table."""
    deliver(tmp_path / "landing", "2026-10-30", REQUIRED)
    deliver(tmp_path / "landing", "2026-10-31", REQUIRED)
    deliver(tmp_path / "landing", "2026-11-02", REQUIRED[1:])
    return Settings(landing=tmp_path / "landing", output=tmp_path / "output")


def asked(*arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        env=clean_environment(env),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def running(settings: Settings) -> Iterator[None]:
    with refresh_lock(settings.output):
        yield


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--landing", "{landing}/none"], "no landing zone at {landing}/none"),
        (["--landing", "{landing}", "--output", "{landing}/customer/biz_date=2026-10-31/a.csv"], "is not a folder"),
        (["--landing", "{landing}", "--date", "2026-10-29"], "the nearest dates there are 2026-10-30, 2026-10-31, 20"),
        (["--landing", "{landing}", "--date", "2026-31-10"], "2026-31-10"),
        (["--landing", "{landing}", "--known-on", "2026-10-30"], "--known-on 2026-10-30 is before --date 2026-10-31"),
        (["--landing", "{landing}/customer"], "holds no delivery"),
    ],
    ids=["landing", "output", "date", "no date", "known on", "no delivery"],
)
def test_a_wrong_call_is_answered_first(settings: Settings, arguments: list[str], said: str) -> None:
    given = [one.format(landing=settings.landing) for one in arguments]
    output = [] if "--output" in given else ["--output", str(settings.output)]
    done = asked("refresh", *given, *output)
    assert done.returncode == 2, done.stderr
    assert said.format(landing=settings.landing) in " ".join(done.stderr.split())
    assert done.stdout.endswith("imported []\n")


@pytest.mark.usefixtures("running")
def test_a_running_refresh_is_named_first(settings: Settings) -> None:
    done = asked("refresh", "--landing", settings.landing, "--output", settings.output)
    assert (done.returncode, "another refresh (process" in done.stderr) == (1, True), done.stderr
    assert done.stdout == "imported []\n"


def test_an_unknown_setting_is_named_first() -> None:
    done = asked("refresh", env={"FENCENG_LANDIN": "x"})
    assert (done.returncode, "unknown setting FENCENG_LANDIN" in done.stderr) == (2, True), done.stderr
    assert done.stdout == "imported []\n"


def test_without_a_date_the_newest_complete_delivery_counts(settings: Settings) -> None:
    day, newer = newest_complete(settings)
    assert day == date(2026, 10, 31)
    assert [(one.business_date, one.lacking) for one in newer] == [(date(2026, 11, 2), (REQUIRED[0],))]
    deliver(settings.landing, "2026-11-02", REQUIRED)
    assert newest_complete(settings) == (date(2026, 11, 2), [])


@pytest.mark.parametrize("table", [REQUIRED[0], "visit"])
def test_a_date_is_complete_when_its_control_files_are_satisfied(settings: Settings, table: str) -> None:
    deliver(settings.landing, "2026-10-31", [table])
    control = settings.landing / table / "biz_date=2026-10-31" / "_control.json"
    control.write_text(json.dumps({"files": {"b.csv": 1}}), encoding="utf-8")
    assert newest_complete(settings)[0] == date(2026, 10, 30)
    assert max(deliveries(settings.landing, load_contract(), None)) == date(2026, 10, 30), "as the sensor sees it"
    (control.parent / "b.csv").write_text("", encoding="utf-8")
    assert newest_complete(settings)[0] == date(2026, 10, 31)


def test_what_is_missing_is_said(settings: Settings, tmp_path: Path) -> None:
    deliver(tmp_path / "other", "2026-10-31", REQUIRED[2:])
    with pytest.raises(PreflightError, match=f"2026-10-31 lacks {REQUIRED[0]}, {REQUIRED[1]}"):
        newest_complete(Settings(landing=tmp_path / "other", output=tmp_path))


def test_older_snapshots_may_be_allowed(settings: Settings) -> None:
    with pytest.raises(PreflightError, match="nothing is delivered for 2026-11-05"):
        require_delivery(settings, date(2026, 11, 5))
    require_delivery(Settings(landing=settings.landing, output=settings.output, allow_stale=True), date(2026, 11, 5))
    require_delivery(settings, date(2026, 11, 2))
