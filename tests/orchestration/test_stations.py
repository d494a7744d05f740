"""Stations in isolation: none proceeds without the output of the one before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from fenceng.sample import write_sample
from orchestration import stations
from orchestration.run_record import StationOrderError
from orchestration.settings import Settings
from orchestration.store.releases import current_release

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
