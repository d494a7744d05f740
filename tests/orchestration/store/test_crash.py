"""A kill at any moment of a publication leaves the old or the new release in force, complete."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.small_store import CUSTOMERS, MONTHLY, STEPS, put, settings_of

from expectations.project import PROJECT_ROOT
from orchestration.settings import Settings
from orchestration.store.releases import current_release

PROGRAM = PROJECT_ROOT / "tests" / "support" / "small_store.py"
FEB, MARCH, APRIL = (date(2026, month, 1) for month in (2, 3, 4))
OLDEST, OLD, NEW = date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 1)
KILLED = -9


def publish_and_die(folder: Path, version: int, where: str) -> subprocess.CompletedProcess[str]:
    """Publish a version of NEW in a separate process, which kills itself."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT_ROOT)}
    return subprocess.run(
        [sys.executable, PROGRAM, folder, NEW.isoformat(), str(version), where],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )


def version_in_force(settings: Settings) -> int:
    """Read every mart of `current`, and return the one version in the newest rows of all."""
    release = current_release(settings.published)
    assert release is not None
    manifest = release.manifest()
    files = {p.relative_to(release.folder).as_posix() for p in release.folder.rglob("*.*")}
    assert files >= set(manifest["files"])
    current = settings.published / "current" / "fenceng.duckdb"
    with duckdb.connect(str(current), read_only=True) as db:
        found = set()
        for table, rows in manifest["rows"].items():
            assert db.execute(f"select count(*) from marts.{table}").fetchall() == [(rows,)]
        for table in MONTHLY:
            *closed, newest = db.execute(
                f"select policy_month, version, count(*) from marts.{table} group by all order by all"
            ).fetchall()
            months = [(FEB, 1, CUSTOMERS), (MARCH, 2, CUSTOMERS)]
            assert closed == (months if newest[0] == APRIL else months[:1])
            assert newest[2] == CUSTOMERS
            found.add(newest[1])
        for table in ("dim_customer", "dim_tier"):
            found |= {v for (v,) in db.execute(f"select version from marts.{table}").fetchall()}
    assert len(found) == 1, f"torn: {found}"
    return int(found.pop())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return a store with two releases of two months; retention removes one next."""
    settings = settings_of(tmp_path, kept=2)
    put(settings, OLDEST, 1)
    put(settings, OLD, 2)
    return settings


def check_recovery(settings: Settings, version: int) -> None:
    """The next publication succeeds, and leaves nothing of the killed one except a complete release."""
    before = current_release(settings.published)
    assert before is not None
    last = put(settings, NEW, version)
    assert current_release(settings.published) == last
    assert version_in_force(settings) == version
    names = {path.name for path in (settings.published / "releases").iterdir()}
    assert names == {last.release_id, before.release_id}
    assert {p.name for p in settings.published.iterdir()} == {"current", "releases"}


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_a_step(settings: Settings, tmp_path: Path, step: str) -> None:
    done = publish_and_die(tmp_path, 3, step)
    assert done.returncode == KILLED, done.stderr
    assert version_in_force(settings) == (3 if step == "retention" else 2)
    check_recovery(settings, 4)


def test_a_kill_at_every_touch_of_the_file_system(settings: Settings, tmp_path: Path) -> None:
    """Not only between the steps: before renames, links, unlinks, chmods and folders too."""
    done = publish_and_die(tmp_path, 3, "never")
    assert done.returncode == 0, done.stderr
    touches = int(done.stdout)
    assert touches > 20
    version = 3
    was_new = []
    # A sample, and all of the last eight: the switch and the removals.
    for touch in sorted({*range(0, touches, 9), *range(touches - 8, touches)}):
        version += 1
        killed = publish_and_die(tmp_path, version, str(touch))
        assert killed.returncode == KILLED, f"touch {touch}: {killed.stderr}"
        shown = version_in_force(settings)
        assert shown in (version - 1, version)
        was_new.append(shown == version)
        version += 1
        check_recovery(settings, version)
    assert was_new == sorted(was_new), "the new release was in force before the flip"
    assert set(was_new) == {False, True}
