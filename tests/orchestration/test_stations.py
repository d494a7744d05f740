"""Stations in isolation: none proceeds without the output of the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.house import deliver_something, run_fenceng
from support.small_store import put, settings_of

from fenceng.sample import write_sample
from orchestration import stations
from orchestration.run_record import StationOrderError
from orchestration.settings import Settings
from orchestration.store.releases import current_release
from orchestration.store.runs import Close, close_of

DAY, OTHER_DAY = date(2026, 3, 31), date(2026, 3, 30)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small bank that was landed and passed gate 1."""
    folder = tmp_path_factory.mktemp("stations")
    settings = Settings(landing=folder / "landing", output=folder / "output", memory_limit="1GB")
    write_sample(settings.landing, customers=100, first=DAY, last=DAY)
    stations.land(settings, DAY)
    with pytest.raises(StationOrderError, match="gate 1 has not judged 2026-03-31"):
        stations.begin_build(settings, DAY)
    assert stations.judge_delivery(settings, DAY).blocking == ()
    return settings


def publish(settings: Settings, day: date) -> None:
    """Publish whatever is there."""
    stations.publish_release(settings, day, {})


ALL: list[Callable[[Settings, date], object]] = [
    stations.judge_delivery,
    stations.begin_build,
    stations.judge_marts,
    publish,
]


@pytest.mark.parametrize("station", ALL)
def test_without_a_landing_no_station_works(station: Callable[[Settings, date], object], tmp_path: Path) -> None:
    with pytest.raises(StationOrderError, match="is empty, but 2026-03-31 was requested; run the date from"):
        station(Settings(landing=tmp_path, output=tmp_path / "output"), DAY)


@pytest.mark.parametrize("station", ALL)
def test_another_date_is_refused(station: Callable[[Settings, date], object], judged: Settings) -> None:
    with pytest.raises(StationOrderError, match="holds 2026-03-31, but 2026-03-30 was requested"):
        station(judged, OTHER_DAY)


def verdict(settings: Settings, gate: str, *, passed: bool) -> None:
    """Write a verdict down, as a gate does."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("delete from run.verdict where gate = ?", [gate])
        connection.execute("insert into run.verdict values (?, ?)", [gate, passed])


def test_what_gate_2_has_not_passed_is_not_published(judged: Settings) -> None:
    with pytest.raises(StationOrderError, match="gate 2 has not judged"):
        publish(judged, DAY)
    verdict(judged, "gate 2", passed=False)
    with pytest.raises(StationOrderError, match="gate 2 blocked 2026-03-31"):
        publish(judged, DAY)
    assert current_release(judged.published) is None


def test_a_new_build_is_not_covered_by_the_verdict_on_an_old_one(judged: Settings) -> None:
    verdict(judged, "gate 2", passed=True)
    stations.begin_build(judged, DAY)
    with pytest.raises(StationOrderError, match="gate 2 has not judged"):
        publish(judged, DAY)


def test_rows_that_changed_since_the_landing_are_not_published(judged: Settings) -> None:
    """As if the run had started with other rows: those kept with the release would not be the ones that decided it."""
    verdict(judged, "gate 2", passed=True)
    set_version = "update run.context set policy_version = ? returning policy_version"
    with duckdb.connect(str(judged.warehouse)) as connection:
        ((shipped,),) = connection.execute("select policy_version from run.context").fetchall()
        connection.execute(set_version, ["policy-000000000000"])
    judged.building.parent.mkdir(parents=True, exist_ok=True)
    try:
        with pytest.raises(
            StationOrderError, match=f"changed during the refresh, from policy-0{{12}} to {shipped}; run"
        ):
            publish(judged, DAY)
    finally:
        with duckdb.connect(str(judged.warehouse)) as connection:
            connection.execute(set_version, [shipped])
            connection.execute("delete from run.verdict where gate = 'gate 2'")
    assert current_release(judged.published) is None


def test_a_blocked_delivery_is_neither_built_nor_published(judged: Settings) -> None:
    verdict(judged, "gate 1", passed=False)
    try:
        for station in (stations.begin_build, stations.judge_marts, publish):
            with pytest.raises(StationOrderError, match="gate 1 blocked 2026-03-31"):
                station(judged, DAY)
    finally:
        verdict(judged, "gate 1", passed=True)


# ------------------------------------------------------------------ a date before the close of its month


def test_a_date_before_the_close_of_its_month_is_refused(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    stations.refuse_older(settings, OTHER_DAY)
    put(settings, DAY, 1)
    put(settings, date(2026, 4, 1), 2)
    for allowed in (DAY, date(2026, 2, 28), date(2026, 4, 1), date(2026, 5, 1)):
        stations.refuse_older(settings, allowed)
    with pytest.raises(
        stations.OlderDateError, match="2026-03 is published as of 2026-03-31, and 2026-03-30 is before"
    ):
        stations.refuse_older(settings, OTHER_DAY)
    allowing = replace(settings, allow_older=True)
    stations.refuse_older(allowing, OTHER_DAY)
    put(allowing, OTHER_DAY, 3)
    # What counts is how the month is published, not its latest date ever.
    stations.refuse_older(settings, OTHER_DAY)
    assert close_of(current_release(settings.published), date(2026, 3, 1)) == Close(OTHER_DAY, OTHER_DAY)
    assert close_of(current_release(settings.published), date(2026, 2, 1)) is None


def test_a_replaced_close_is_a_warning_of_the_run(judged: Settings, tmp_path: Path) -> None:
    settings = replace(judged, output=tmp_path / "output", allow_older=True)
    put(settings, date(2026, 3, 31), 1)
    write_sample(tmp_path / "landing", customers=100, first=OTHER_DAY, last=OTHER_DAY)
    settings = replace(settings, landing=tmp_path / "landing")
    stations.land(settings, OTHER_DAY)
    found = {finding.rule_id: str(finding) for finding in stations.judge_delivery(settings, OTHER_DAY).findings}
    assert found["delivery.older_allowed"] == (
        "month: the month is published with a later date, and is replaced because of --allow-older"
        " [delivery.older_allowed] (published as of 2026-03-31, refreshed as of 2026-03-30)"
    )
    stations.land(replace(settings, landing=judged.landing), DAY)
    assert "delivery.older_allowed" not in {f.rule_id for f in stations.judge_delivery(settings, DAY).findings}


def test_the_command_ends_with_2_for_an_older_date_or_one_that_is_not_known(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    for day in (DAY, OTHER_DAY):
        deliver_something(settings.landing, day)
    put(settings, DAY, 1)
    folders = ("--landing", settings.landing, "--output", settings.output)
    older = run_fenceng("refresh", "--date", OTHER_DAY, *folders)
    assert older.returncode == 2
    assert "replace it with --allow-older" in older.stderr
    unknown = run_fenceng("refresh", "--date", DAY, "--known-on", OTHER_DAY, *folders)
    assert unknown.returncode == 2
    assert "--known-on 2026-03-30 is before --date 2026-03-31" in unknown.stderr
