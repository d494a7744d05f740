"""The way back to a kept release: in one step, recorded, never to a release that is not as it was published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.small_store import put, run_id_of, settings_of
from typer.testing import CliRunner

from fenceng.cli import app
from orchestration.runtime.lock import RefreshRunningError, refresh_lock
from orchestration.settings import Settings
from orchestration.store.releases import current_release
from orchestration.store.rollback import RollbackError, kept_releases, roll_back, rollbacks

OCTOBER, NOVEMBER, LATER = date(2026, 10, 30), date(2026, 11, 2), date(2026, 11, 3)


@pytest.fixture
def store(tmp_path: Path) -> Settings:
    """A store with three releases."""
    settings = settings_of(tmp_path)
    for version, day in enumerate((OCTOBER, NOVEMBER, LATER), start=1):
        put(settings, day, version)
    return settings


def in_force(settings: Settings) -> str:
    release = current_release(settings.published)
    assert release
    return release.release_id


def test_back_to_the_release_before_and_forth_again(store: Settings) -> None:
    before, newest = run_id_of(NOVEMBER, 2), run_id_of(LATER, 3)
    roll_back(store, None, "wrong rates")
    assert in_force(store) == before
    roll_back(store, newest, "rates were right")
    assert in_force(store) == newest
    assert [(one.from_release, one.to_release, one.why) for one in rollbacks(store.published)] == [
        (newest, before, "wrong rates"),
        (before, newest, "rates were right"),
    ]
    assert all(one.who and one.at.endswith("+00:00") for one in rollbacks(store.published))


def test_the_next_refresh_builds_on_what_is_in_force(store: Settings) -> None:
    roll_back(store, run_id_of(OCTOBER, 1), "start again")
    release = put(store, NOVEMBER, 4)
    manifest = release.manifest()
    assert manifest["previous_release"] == run_id_of(OCTOBER, 1)
    assert manifest["newest_business_date"] == NOVEMBER.isoformat(), "not the date that was taken back"
    assert release.months("fct_customer_tier_monthly") == [date(2026, 10, 1), date(2026, 11, 1)]
    kept = [one.release_id for one in kept_releases(store.published)]
    assert sorted(kept) == [run_id_of(OCTOBER, 1), run_id_of(NOVEMBER, 4)]


def test_a_release_that_is_not_as_it_was_published_is_refused(store: Settings) -> None:
    target = store.published / "releases" / run_id_of(OCTOBER, 1)
    file = next(target.glob("dim_tier/**/*.parquet"), None) or target / "dim_tier.parquet"
    content = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(content + b"x")
    with pytest.raises(RollbackError, match="is damaged: dim_tier"):
        roll_back(store, target.name, "why not")
    file.unlink()
    with pytest.raises(RollbackError, match="is incomplete: dim_tier"):
        roll_back(store, target.name, "why not")
    for wanted, said in ((in_force(store), "is in force already"), ("v9", "is not kept"), (".building", "is not kept")):
        with pytest.raises(RollbackError, match=said):
            roll_back(store, wanted, "why not")
    assert (in_force(store), rollbacks(store.published)) == (run_id_of(LATER, 3), [])


def test_never_during_a_refresh_and_never_before_the_first(store: Settings, tmp_path: Path) -> None:
    with refresh_lock(store.output), pytest.raises(RefreshRunningError):
        roll_back(store, None, "why not")
    one = settings_of(tmp_path / "one")
    put(one, OCTOBER, 1)
    with pytest.raises(RollbackError, match="there is none before it"):
        roll_back(one, None, "why not")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_commands_list_and_roll_back(store: Settings, lang: str) -> None:
    there = ["--output", str(store.output), "--lang", lang]
    back = CliRunner().invoke(app, ["rollback", "--why", "利率有误 [x]", *there])
    assert (back.exit_code, run_id_of(NOVEMBER, 2) in back.output) == (0, True), back.output
    # A pipe is 120 columns wide, and no id or version is cut there.
    listed = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["versions", *there])
    assert listed.exit_code == 0, listed.output
    (marked,) = [line for line in listed.output.splitlines() if line.startswith("*  ")]
    assert run_id_of(NOVEMBER, 2) in marked
    assert "利率有误 [x]" in listed.output
    refused = CliRunner().invoke(app, ["rollback", "v9", "--why", "x", "--output", str(store.output)])
    assert refused.exit_code == 2
    assert CliRunner().invoke(app, ["rollback", "--output", str(store.output)]).exit_code == 2, "a reason is needed"
