"""Too little memory for a station: it spills, and publishes the same bytes as a refresh that does not."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest import mock

import duckdb
import pytest
import yaml
from support.house import House, build_again, clean_environment, read_rows

from fenceng.sample import write_sample
from orchestration import stations
from orchestration.runtime.dbt import PROJECT_DIR, dbt_variables, load_manifest, mart_grains, prepared_project
from orchestration.runtime.dbt_command import DBT_EXECUTABLE
from orchestration.settings import Settings
from orchestration.store.releases import Release

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 2)
CUSTOMERS = 60_000
# Little enough that the station spills, but enough for it to work. For a bank of this size gate 2 needs 70 MB at once,
# and then spills nothing; a larger bank just for gate 2 is below.
LIMITS = {"landing": "30MB", "gate 1": "30MB", "dbt": "150MB", "gate 2": "80MB", "publish": "45MB"}
LITTLE, PLENTY = "100MB", "3GB"
# With this many copies of each customer gate 2 spills some 30 MB.
COPIES, LITTLE_FOR_GATE_2 = 1_000, "90MB"


class SpillWatch:
    """The maximum bytes that a station had in the spill folder; polls about a hundred times a second."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.scratch / "spill"
        self.station = "start"
        self.most: dict[str, int] = {}

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
    """Each model gets its own session, after earlier ones have spilled."""
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


def in_dbt(settings: Settings) -> None:
    """Build the models as the line does."""
    stations.begin_build(settings, DAY)
    environment = clean_environment(dbt_variables(settings)) | {"DBT_TARGET_PATH": str(settings.output / "target")}
    build = [DBT_EXECUTABLE, "build", "--quiet", "--exclude-resource-types", "unit_test", "saved_query", "exposure"]
    done = subprocess.run(build, cwd=PROJECT_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def refresh(house: House, limits: dict[str, str]) -> dict[str, int]:
    """Run the stations of a refresh, each under its own limit; return the maximum bytes that each spilled."""
    grains = mart_grains(load_manifest(prepared_project()))
    line: dict[str, Callable[[Settings], object]] = {
        "landing": lambda settings: stations.land(settings, DAY),
        "gate 1": lambda settings: stations.judge_delivery(settings, DAY),
        "dbt": in_dbt,
        "gate 2": lambda settings: stations.judge_marts(settings, DAY),
        "publish": lambda settings: stations.publish_release(settings, DAY, grains),
    }
    watch = SpillWatch(house.settings)
    with mock.patch.dict(os.environ, clean_environment(), clear=True), watch.watching():
        for name, station in line.items():
            watch.station = name
            station(replace(house.settings, memory_limit=limits[name]))
    return {name: watch.most.get(name, 0) for name in line}


def hashes(house: House) -> dict[str, str]:
    """Parquet file -> its hash, without the run's own record."""
    manifest = json.loads((house.published / "current" / "manifest.json").read_text(encoding="utf-8"))
    return {
        name: described["sha256"]
        for name, described in manifest["files"].items()
        if name.endswith(".parquet") and "fct_refresh_run" not in name
    }


def test_what_spills_publishes_the_bytes_of_what_does_not(tmp_path: Path) -> None:
    """Each station spills under its own limit: a limit that dbt can work with is plenty for the others."""
    rich, poor = House(tmp_path / "rich"), House(tmp_path / "poor")
    write_sample(rich.landing, customers=CUSTOMERS, first=DAY, last=DAY, file_format="csv")
    poor.landing = rich.landing
    assert not any(refresh(rich, dict.fromkeys(LIMITS, PLENTY)).values())
    spilled = refresh(poor, LIMITS)
    # Gate 2 needs little: whether it spills too, the test below asks with more customers.
    assert {name for name, most in spilled.items() if most} >= LIMITS.keys() - {"gate 2"}, spilled
    assert hashes(poor) == hashes(rich)


def multiply_customers(building: Path) -> None:
    """Repeat each customer row in the month's marts this many times, each time for a new customer."""
    with duckdb.connect(str(building)) as connection:
        tables = connection.execute(
            "select schema_name, table_name from duckdb_columns() semi join duckdb_tables()"
            " using (database_name, schema_name, table_name)"
            " where database_name = current_database() and column_name = 'customer_id'"
        ).fetchall()
        assert ("month_in_hand", "fct_tier_evidence") in tables
        for schema, table in tables:
            connection.execute(
                f"insert into {schema}.{table}"
                " select * exclude (copy) replace (customer_id || '-' || copy as customer_id)"
                f" from {schema}.{table}, range(1, {COPIES}) as copies(copy)"
            )


def test_gate_2_spills_and_finds_what_it_does_not_spilling(published_bank: House, tmp_path: Path) -> None:
    """Marts of 300,000 customers, most of them never delivered: the gate has a lot to find and count."""
    house = House(tmp_path)
    house.settings.warehouse.parent.mkdir(parents=True)
    shutil.copyfile(published_bank.settings.warehouse, house.settings.warehouse)
    build_again(Release(published_bank.current.parent.resolve()), house.settings.building)
    multiply_customers(house.settings.building)
    watch = SpillWatch(house.settings)
    found = {}
    with watch.watching():
        for limit in (PLENTY, LITTLE_FOR_GATE_2):
            watch.station = limit
            found[limit] = stations.judge_marts(replace(house.settings, memory_limit=limit), DAY).findings
    assert (watch.most.get(PLENTY, 0), watch.most.get(LITTLE_FOR_GATE_2, 0) > 0) == (0, True), watch.most
    assert found[LITTLE_FOR_GATE_2] == found[PLENTY]
    customers = len(read_rows(published_bank.current, "select customer_id from marts.dim_customer"))
    assert customers * (COPIES - 1) in {finding.rows for finding in found[PLENTY]}, found[PLENTY]
