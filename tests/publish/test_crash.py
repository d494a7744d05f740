"""A kill at any moment of a publication leaves the old or the new release in force, both whole."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
from small_store import CUSTOMERS, MONTHLY, STEPS, put, settings_of

from orchestration.releases import current_release
from orchestration.settings import PROJECT_ROOT, Settings

PROGRAM = Path(__file__).with_name("small_store.py")
OLDEST, OLD, NEW = date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 1)
KILLED = -9


def publish_and_die(folder: Path, where: str) -> subprocess.CompletedProcess[str]:
    """Publish version 3 in a process of its own, which kills itself."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT_ROOT)}
    return subprocess.run(
        [sys.executable, PROGRAM, folder, NEW.isoformat(), "3", where],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )


def version_in_force(settings: Settings) -> int:
    """Read every mart of `current`, and give the one version that all of them carry."""
    release = current_release(settings.published)
    assert release is not None
    manifest = release.manifest()
    files = {p.relative_to(release.folder).as_posix() for p in release.folder.rglob("*.*")}
    assert files >= set(manifest["files"])
    with duckdb.connect(str(settings.published / "current" / "fenceng.duckdb"), read_only=True) as db:
        found = set()
        for table, rows in manifest["rows"].items():
            assert db.execute(f"select count(*) from marts.{table}").fetchall() == [(rows,)]
        for table in MONTHLY:
            shown = db.execute(
                f"select policy_month, max(version), min(version), count(*) from marts.{table}"
                " group by all order by all"
            ).fetchall()
            assert all(highest == lowest for _, highest, lowest, _ in shown)
            assert {rows for *_, rows in shown} == {CUSTOMERS}
            assert len(shown) == shown[-1][1]  # a month a version here
            found.add(shown[-1][1])
        for table in ("dim_customer", "dim_tier"):
            found |= {v for (v,) in db.execute(f"select version from marts.{table}").fetchall()}
    assert len(found) == 1, f"torn: {found}"
    return int(found.pop())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return a store with two releases of two months, of which retention lets one go next."""
    settings = settings_of(tmp_path, kept=2)
    put(settings, OLDEST, 1)
    put(settings, OLD, 2)
    return settings


def check_recovery(settings: Settings) -> None:
    """The next publication succeeds, and leaves nothing of the killed one but a whole release."""
    before = current_release(settings.published)
    assert before is not None
    last = put(settings, date(2026, 5, 1) if version_in_force(settings) == 3 else NEW,
               version_in_force(settings) + 1)  # fmt: skip
    assert current_release(settings.published) == last
    version_in_force(settings)
    names = {path.name for path in (settings.published / "releases").iterdir()}
    assert names == {last.release_id, before.release_id}
    assert {p.name for p in settings.published.iterdir()} == {"current", "releases"}


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_a_step(settings: Settings, tmp_path: Path, step: str) -> None:
    done = publish_and_die(tmp_path, step)
    assert done.returncode == KILLED, done.stderr
    assert version_in_force(settings) == (3 if step == "retention" else 2)
    check_recovery(settings)


def test_a_kill_at_every_touch_of_the_file_system(tmp_path: Path) -> None:
    """Not only between the steps: before each rename, link, unlink, chmod and folder."""
    whole = settings_of(tmp_path / "whole", kept=2)
    put(whole, OLDEST, 1)
    put(whole, OLD, 2)
    done = publish_and_die(tmp_path / "whole", "never")
    assert done.returncode == 0, done.stderr
    touches = int(done.stdout)
    assert touches > 20
    seen = []
    # Every third, and all of the last dozen: the flip and the removals.
    for touch in sorted({*range(0, touches, 3), *range(touches - 12, touches)}):
        folder = tmp_path / str(touch)
        settings = settings_of(folder, kept=2)
        put(settings, OLDEST, 1)
        put(settings, OLD, 2)
        killed = publish_and_die(folder, str(touch))
        assert killed.returncode == KILLED, f"touch {touch}: {killed.stderr}"
        seen.append(version_in_force(settings))
        check_recovery(settings)
    assert seen == sorted(seen), "the new release was in force and then the old one again"
    assert set(seen) == {2, 3}
