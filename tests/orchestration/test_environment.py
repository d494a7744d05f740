"""Nothing depends on the machine: a refresh in a hostile environment publishes the same bytes as in a calm one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.house import FENCENG, TIMEOUT, House, clean_environment

from expectations.project import PROJECT_ROOT
from fenceng.sample import write_sample
from orchestration.runtime.children import settle

pytestmark = pytest.mark.nightly

DAY = "2026-11-02"
# Each of them once changed what a refresh did, or could have.
HOSTILE = {
    "DBT_TARGET": "prod",
    "DBT_EMPTY": "1",
    "DBT_FULL_REFRESH": "1",
    "DBT_FAIL_FAST": "1",
    "DBT_PROFILE": "elsewhere",
    "DBT_EXCLUDE_RESOURCE_TYPES": "model test",
    "DBT_INDIRECT_SELECTION": "empty",
    "DBT_LOG_LEVEL": "none",
    "DBT_QUIET": "1",
    "DBT_WRITE_JSON": "0",
    "DBT_TARGET_PATH": "/nowhere",
    "DBT_ENGINE_NO_SUCH_THING": "1",
    "GX_ANALYTICS_ENABLED": "true",
    "GX_CLOUD_ACCESS_TOKEN": "none",
    "LC_ALL": "C",
    "LANG": "zh_CN.GBK",
    "TZ": "America/Los_Angeles",
    "COLUMNS": "400",
    "NO_COLOR": "1",
    "FORCE_COLOR": "1",
    "PYTHONIOENCODING": "ascii",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONOPTIMIZE": "1",
}
# A station, a spinner (in any encoding) with the running station, a finding, the release in force.
OURS = re.compile(r"  |in force: |warning |quarantine |(\?|[\u2800-\u28ff]|\\u28[0-9a-f]{2}) [a-z]")
PROFILE = "fenceng: {target: prod, outputs: {prod: {type: duckdb, path: ':memory:'}}}\n"


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small bank."""
    from datetime import date

    folder = tmp_path_factory.mktemp("environment") / "landing"
    write_sample(folder, customers=200, first=date(2026, 11, 2), last=date(2026, 11, 2))
    return folder


@pytest.fixture(scope="module")
def calm(landing: Path) -> dict[str, str]:
    """Refresh it in this process and return the hashes of the published files."""
    from datetime import date

    house = House(landing.parent / "calm")
    shutil.copytree(landing, house.landing)
    house.publish(date(2026, 11, 2))
    return hashes(house)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Make a read-only home with other tool settings."""
    home = tmp_path / "home"
    for name, text in {
        ".dbt/profiles.yml": PROFILE,
        ".duckdbrc": "set threads = 1;\n.mode csv\n",
        ".great_expectations/great_expectations.conf": "[analytics]\nenabled = true\n[ge_cloud_config]\nbase_url = x\n",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, encoding="utf-8")
    home.chmod(0o500)
    return home


def hashes(house: House) -> dict[str, str]:
    """Parquet file -> its hash, without the run's own record."""
    manifest = json.loads((house.published / "current" / "manifest.json").read_text(encoding="utf-8"))
    return {
        name: described["sha256"]
        for name, described in manifest["files"].items()
        if name.endswith(".parquet") and "fct_refresh_run" not in name
    }


def run(command: list[object], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command in exactly this environment."""
    return subprocess.run(
        [*map(str, command)],
        env=dict(environment),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        check=False,
    )


def test_a_refresh_in_a_hostile_environment(landing: Path, calm: dict[str, str], home: Path, tmp_path: Path) -> None:
    house = House(tmp_path)
    done = run(
        [FENCENG, "refresh", "--date", DAY, "--landing", landing, "--output", house.output],
        clean_environment() | HOSTILE | {"HOME": str(home), "PYTHONWARNINGS": "error"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert hashes(house) == calm
    # The stations, the findings, and the release in force: no library output, not even on a terminal.
    uncoloured = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "\n", uncoloured)
    assert [line for line in shown.splitlines() if line.strip() and not OURS.match(line)] == []
    assert "PASS unique_grain_" in (house.output / "refresh.log").read_text(encoding="utf-8")


def test_dagster_in_a_hostile_environment(landing: Path, calm: dict[str, str], tmp_path: Path) -> None:
    """The line as `dagster dev` and the daemon load and run it, without a home."""
    house = House(tmp_path)
    environment = clean_environment() | HOSTILE
    environment |= {"FENCENG_LANDING": str(landing), "FENCENG_OUTPUT": str(house.output)}
    environment |= {"DAGSTER_HOME": str(tmp_path)}
    del environment["PYTHONOPTIMIZE"]
    environment.pop("HOME", None)
    materialize = ["asset", "materialize", "--select", "*", "--partition", DAY, "-m", "orchestration.definitions"]
    done = run([Path(sys.executable).with_name("dagster"), *materialize], environment)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert hashes(house) == calm


def test_what_is_settled_and_what_stays() -> None:
    environment = {"DBT_EMPTY": "1", "DBT_LOG_PATH": "/x", "GX_HOME": "/x", "PYTHONWARNINGS": "error",
                   "PYTHONPATH": "/x", "PATH": "/bin", "FENCENG_OUTPUT": "/x"}  # fmt: skip
    settle(environment, frozenset({"DBT_LOG_PATH"}))
    assert environment == {
        "DBT_LOG_PATH": "/x", "PYTHONPATH": "/x", "PATH": "/bin", "FENCENG_OUTPUT": "/x", "PYTHONUTF8": "1"
    }  # fmt: skip


LONG = """
import sys
from orchestration.runtime.gatekeeper import ask
import tests_of_the_bar
ask(tests_of_the_bar.judge, sys.argv[1])
"""
# A module, so that the other process can import the function.
BAR = """
import time
from pathlib import Path
from expectations.dialect import register
from orchestration.database import connect
import sqlalchemy as sa

QUERY = "select count(*) from t where md5(cast(i as varchar)) = ''"


def judge(shown):
    with connect() as connection, register("bar", connection, "main") as url:
        engine = sa.create_engine(url)
        rows, seconds = 5_000_000, 0.0
        while seconds < 2.5:
            connection.execute(f"create or replace table t as select i from range({rows}) as r(i)")
            began = time.monotonic()
            with engine.connect() as session:
                session.execute(sa.text(QUERY)).fetchall()
            seconds, rows = time.monotonic() - began, rows * 3
        connection.execute(QUERY).fetchall()
        assert shown == "none"
"""


def test_no_progress_bar_in_the_process_of_the_gates(tmp_path: Path) -> None:
    """DuckDB draws one after two seconds if it takes Python for interactive: in a process without a script."""
    (tmp_path / "tests_of_the_bar.py").write_text(BAR, encoding="utf-8")
    done = run(
        [sys.executable, "-c", LONG, "none"],
        clean_environment() | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(PROJECT_ROOT)])},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
