"""A failure ends in one sentence: which model, why, and where the log is. Also the disk space estimate."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.contract import load_contract
from fenceng.analysis import doctor
from orchestration.runtime.disk import BASE, FACTORS, disk_need
from orchestration.runtime.failures import build_failure, plain_words, reason, size
from orchestration.settings import Settings

DAY = date(2026, 3, 31)
LOG = Path("/var/log/dbt.log")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings for an output folder that does not exist yet."""
    return Settings(tmp_path / "landing", tmp_path / "output", memory_limit="700MB")


def result(kind: str, name: str, status: str, message: str = "", failures: int | None = None) -> dict[str, object]:
    """Return an entry of run_results.json."""
    return {"unique_id": f"{kind}.fenceng.{name}", "status": status, "message": message, "failures": failures}


def said_by_duckdb(**config: str) -> str:
    """Return DuckDB's message when a list of a million texts does not fit."""
    with duckdb.connect(config={"memory_limit": "20MB", "threads": "1", **config}) as connection:
        try:
            connection.execute(
                "create table listed as select list(repeat('x', 90) || i) as texts from range(1000000) as r(i)"
            )
        except duckdb.Error as error:
            return str(error)
    raise AssertionError("there was room")


def test_memory_that_runs_out_names_the_setting(settings: Settings) -> None:
    message = f"Runtime Error in model int_x (models/int_x.sql)\n  {said_by_duckdb()}"
    failure = build_failure(
        [result("seed", "policy_tier", "success"), result("model", "int_x", "error", message)], [], 1, settings, LOG
    )
    assert str(failure) == (
        "the model int_x failed: the memory of 700MB that FENCENG_MEMORY_LIMIT allows is not enough;"
        " allow more, such as FENCENG_MEMORY_LIMIT=1400MB; dbt's log: /var/log/dbt.log"
    )


def test_a_disk_that_is_full_names_the_folder_and_what_is_free(settings: Settings, tmp_path: Path) -> None:
    """If no more can be spilled, DuckDB calls it memory."""
    with duckdb.connect(
        config={"memory_limit": "40MB", "threads": "1", "temp_directory": str(tmp_path / "spill")}
    ) as connection:
        connection.execute("set max_temp_directory_size = '1MB'")
        with pytest.raises(duckdb.Error) as raised:
            connection.execute("create temp table t as select md5(cast(i as varchar)) as a from range(3000000) as r(i)")
        said = plain_words(str(raised.value), settings)
    assert said is not None
    assert said.startswith(f"the disk of {settings.output} is full, ")
    for other in (
        "IO Error: Could not write file: No space left on device",
        "[Errno 28] No space left on device: '/x'",
    ):
        assert str(plain_words(other, settings)).startswith(f"the disk of {settings.output} is full, ")


def test_another_error_is_its_first_line(settings: Settings) -> None:
    message = "Runtime Error in model int_x (models/int_x.sql)\n  Binder Error: no column a\n  \n  LINE 3: a\n"
    failed = [result("model", "int_x", "error", message), result("model", "int_y", "error", message)]
    assert str(build_failure(failed, [], 1, settings, LOG)) == (
        "the model int_x failed: Binder Error: no column a, and 1 more failed; dbt's log: /var/log/dbt.log"
    )
    assert reason("", settings) == "no reason is known"
    assert plain_words(message, settings) is None


def test_a_test_that_does_not_hold_is_named_with_its_rows(settings: Settings) -> None:
    failed = [result("test", "unique_grain_x_a__b.1f2e", "fail", "Got 12 results", 12)]
    assert str(build_failure(failed, [], 1, settings, LOG)).startswith(
        "the test unique_grain_x_a__b failed: 12 rows violate it; "
    )


def test_a_dbt_that_wrote_no_results(settings: Settings) -> None:
    assert "signal 9" in str(build_failure([], [], -9, settings, LOG))
    parsing = "Parsing Error\n  no such seed"
    assert str(build_failure([], [parsing], 2, settings, LOG)) == (
        "dbt stopped: no such seed; dbt's log: /var/log/dbt.log"
    )


@pytest.mark.parametrize(
    ("amount", "shown"), [(0, "0 MB"), (499_999, "0 MB"), (10**9 - 1, "1000 MB"), (10**9, "1.0 GB"), (-1, "0 MB")]
)
def test_sizes(amount: int, shown: str) -> None:
    assert size(amount) == shown


# ------------------------------------------------------------------ the disk


@pytest.fixture
def landing(settings: Settings) -> Settings:
    """Deliver the required snapshots as of two dates, 100 bytes each, and one file of a future date."""
    for table in load_contract().tables.values():
        for day in ("2026-03-30", "2026-03-31", "2026-04-01"):
            folder = settings.landing / table.name / f"biz_date={day}"
            folder.mkdir(parents=True)
            (folder / ("a.csv" if table.kind == "event" else "a.parquet")).write_bytes(b"x" * 100)
            (folder / "_control.json").write_bytes(b"{}")
    return settings


def test_what_counts_for_the_date_is_estimated(landing: Settings) -> None:
    kinds = [table.kind for table in load_contract().tables.values()]
    snapshots, events = 100 * kinds.count("snapshot"), 200 * kinds.count("event")
    need = disk_need(landing, load_contract(), DAY)
    assert need.read == snapshots + events
    assert need.wanted == BASE + round(snapshots * FACTORS[".parquet"] + events * FACTORS[".csv"])
    assert need.is_enough
    assert f"will want about {size(need.wanted)}" in str(need)


def test_the_scratch_of_the_last_refresh_is_room(landing: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage("/"))
    free: Callable[[object], object] = lambda _: usage(10**12, 10**12, 5_000)  # noqa: E731
    monkeypatch.setattr(shutil, "disk_usage", free)
    assert disk_need(landing, load_contract(), DAY).free == 5_000
    landing.scratch.mkdir(parents=True)
    before = disk_need(landing, load_contract(), DAY)
    landing.warehouse.write_bytes(b"x" * 1000)
    assert disk_need(landing, load_contract(), DAY).free == before.free + 1000
    assert not before.is_enough


def test_the_doctor_marks_a_disk_that_is_too_small(landing: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor._disk(landing).passed
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 5_000_000))
    complaint = doctor._disk(landing)
    assert not complaint.passed
    assert complaint.phrase == "small_disk"
    assert complaint.values[-1] == "5 MB"
