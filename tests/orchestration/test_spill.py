"""Memory that is too small for a station: it spills, and publishes the bytes of a refresh that never did."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest import mock

import yaml
from conftest import House, clean_environment

from orchestration.dbt import PROJECT_DIR
from orchestration.refresh import Outcome, run_refresh
from orchestration.sample import write_sample
from orchestration.settings import PROJECT_ROOT, Settings

DAY = date(2026, 11, 2)
CUSTOMERS = 60_000
LITTLE, PLENTY = "100MB", "3GB"


class SpillWatch:
    """The most bytes that a station had in the folder to spill into; looks some hundred times a second."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.scratch / "spill"
        self.station = "start"
        self.most: dict[str, int] = {}

    def at_station(self, name: str) -> None:
        """A station begins."""
        self.station = name

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the body runs."""
        done = threading.Event()
        thread = threading.Thread(target=self._watch, args=(done,))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(0.003):
            self.most[self.station] = max(self.most.get(self.station, 0), self._bytes())

    def _bytes(self) -> int:
        with contextlib.suppress(OSError):
            return sum(entry.stat().st_size for entry in os.scandir(self.folder) if not entry.name.endswith("owner"))
        return 0


def test_dbt_spills_and_goes_on(tmp_path: Path) -> None:
    """Each model gets a session of its own, after the ones before have spilled."""
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.adapters.duckdb.environments.local import LocalEnvironment

    text = (PROJECT_DIR / "profiles.yml").read_text(encoding="utf-8")
    text = text.replace("{{ env_var('FENCENG_MEMORY_LIMIT') }}", LITTLE)
    for folder in ("scratch", "published/releases/.building"):
        (tmp_path / folder).mkdir(parents=True)
    big = "create temp table t{} as select md5(cast(i as varchar)) as a from range(4000000) as r(i) order by a"
    with contextlib.chdir(tmp_path):
        session = LocalEnvironment(DuckDBCredentials.from_dict(yaml.safe_load(text)["fenceng"]["outputs"]["duckdb"]))
        try:
            for number in range(2):
                cursor = session.handle().cursor()
                cursor.execute(big.format(number))
                assert cursor.execute("select count(*) > 0 from duckdb_temporary_files()").fetchall() == [(True,)]
                assert cursor.execute(
                    "select current_setting('TimeZone'), current_setting('enable_progress_bar'),"
                    " current_setting('threads'), current_setting('preserve_insertion_order'),"
                    " current_setting('autoload_known_extensions')"
                ).fetchall() == [("Asia/Shanghai", False, 2, False, False)]
        finally:
            session.close()


def refresh(settings: Settings) -> dict[str, int]:
    """Refresh in this process; give the most bytes that each station spilled."""
    watch = SpillWatch(settings)
    with (
        mock.patch.dict(os.environ, clean_environment(), clear=True),
        contextlib.chdir(PROJECT_ROOT),
        watch.watching(),
    ):
        result = run_refresh(settings, DAY, watch.at_station)
    assert result.outcome is Outcome.PUBLISHED, result.error
    return watch.most


def hashes(house: House) -> dict[str, str]:
    """Parquet file -> its hash, without the run's own record."""
    manifest = json.loads((house.published / "current" / "manifest.json").read_text(encoding="utf-8"))
    return {
        name: described["sha256"]
        for name, described in manifest["files"].items()
        if name.endswith(".parquet") and "fct_refresh_run" not in name
    }


def test_what_spills_publishes_the_bytes_of_what_does_not(tmp_path: Path) -> None:
    rich, poor = House(tmp_path / "rich"), House(tmp_path / "poor")
    write_sample(rich.landing, customers=CUSTOMERS, first=DAY, last=DAY)
    assert not any(refresh(replace(rich.settings, memory_limit=PLENTY)).values())
    # The gates and the publication do with less: they spill from about a million customers on.
    assert refresh(Settings(rich.landing, poor.output, memory_limit=LITTLE))["dbt"] > 0
    assert hashes(poor) == hashes(rich)
