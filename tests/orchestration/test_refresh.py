"""Refreshes in one process: each has its own date and settings, and leaves nothing behind."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.house import House

from fenceng.sample import write_sample
from orchestration.refresh import Outcome, run_refresh
from orchestration.settings import Settings
from orchestration.station_names import Station

# Dagster only knows past days; these two are on either side.
OVER, AHEAD = date(2026, 3, 31), date.today() + timedelta(days=40)


@pytest.mark.nightly
def test_two_dates_and_two_folders_in_one_process(tmp_path: Path) -> None:
    before = dict(os.environ)
    for day, name in ((AHEAD, "ahead"), (OVER, "over")):
        house = House(tmp_path / name)
        write_sample(house.landing, customers=100, first=day, last=day)
        stations: list[Station] = []
        settings = Settings(landing=house.landing, output=house.output, memory_limit="1GB")
        result = run_refresh(settings, day, stations.append)
        assert result.outcome is Outcome.PUBLISHED, result.error or result.findings
        assert stations == list(Station)
        assert result.release is not None
        assert result.release.manifest()["business_date"] == day.isoformat()
        assert result.release.folder.is_relative_to(house.output)
    assert dict(os.environ) == before
    assert Path.cwd() == Path(os.environ.get("PWD", Path.cwd()))


def test_an_empty_landing_zone_blocks_at_gate_1(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.landing.mkdir()
    stations: list[Station] = []
    result = run_refresh(house.settings, OVER, stations.append)
    assert result.outcome is Outcome.BLOCKED
    assert stations == [Station.LANDING, Station.GATE_1]
    assert {finding.severity for finding in result.findings} >= {"block"}
    assert result.release is None
