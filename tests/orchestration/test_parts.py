"""Settings, lock, policy rows in force, partitions: the small parts of the line."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from expectations.contract import load_contract
from expectations.policy.in_force import parameters, policy_version, rows_in_force
from expectations.project import POLICY_FOLDER, PROJECT_ROOT
from orchestration.landing import complete_dates, deliveries, partitions, partitions_to_read
from orchestration.runtime.lock import RefreshRunningError, refresh_lock
from orchestration.settings import Settings, SettingsError, settings_from

D = date(2026, 3, 31)
CONTRACT = load_contract()

# ------------------------------------------------------------------ settings


def test_settings_by_default() -> None:
    settings = settings_from({"PATH": "/bin"})
    var = PROJECT_ROOT / "var"
    assert settings == Settings(landing=var / "landing", output=var / "output")
    assert (settings.releases_kept, settings.allow_stale, settings.allow_older) == (7, False, False)
    assert (settings.report_pages, settings.report_language, settings.report_shared) == ("head_office", "zh", False)


def test_settings_by_the_environment_and_back(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "in", tmp_path / "out", "1GB", 3, True, False, "outlets", "en", True)
    assert settings_from(settings.environment()) == settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FENCENG_RELEASES_KEPT", "0"),
        ("FENCENG_RELEASES_KEPT", "-1"),
        ("FENCENG_RELEASES_KEPT", "many"),
        ("FENCENG_RELEASES_KEPT", ""),
        ("FENCENG_ALLOW_STALE", "yes"),
        ("FENCENG_ALLOW_STALE", "True"),
        ("FENCENG_ALLOW_OLDER", "1"),
        ("FENCENG_REPORT_PAGES", "all"),
        ("FENCENG_REPORT_LANGUAGE", "zh_CN"),
        ("FENCENG_REPORT_SHARED", "yes"),
        ("FENCENG_OUTPT", "/tmp"),
        ("FENCENG_landing", "/tmp"),
        ("FENCENG_MEMORY_LIMIT", "much"),
        ("FENCENG_MEMORY_LIMIT", "99MB"),
        ("FENCENG_MEMORY_LIMIT", "0GB"),
    ],
)
def test_a_setting_that_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(name)):
        settings_from({name: value})


def test_what_is_given_goes_before_the_environment(tmp_path: Path) -> None:
    environment = {"FENCENG_OUTPUT": "/elsewhere", "FENCENG_MEMORY_LIMIT": "1GB"}
    settings = settings_from(environment, output=str(tmp_path), allow_stale="true")
    assert (settings.output, settings.memory_limit, settings.allow_stale) == (tmp_path, "1GB", True)
    with pytest.raises(SettingsError, match="FENCENG_RELEASES_KEPT"):
        settings_from({}, releases_kept="0")


# ------------------------------------------------------------------ children

ORPHAN = """
import os, sys, time
from pathlib import Path
from orchestration.runtime.children import die_with_parent
parent, told = os.getpid(), Path(sys.argv[1])
if os.fork() == 0:
    if sys.argv[2] == "late":
        while os.getppid() == parent:
            time.sleep(0.01)
    die_with_parent(parent)
    told.write_text("watching")
    time.sleep(1)
    told.write_text("outlived")
    os._exit(0)
while sys.argv[2] == "early" and not told.exists():
    time.sleep(0.01)
os._exit(0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's word on a parent's end is asked on Linux only")
@pytest.mark.parametrize(("moment", "left"), [("early", "watching"), ("late", None)])
def test_a_child_ends_with_its_parent_even_one_that_is_gone_already(
    moment: str, left: str | None, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    subprocess.run([sys.executable, "-c", ORPHAN, told, moment], cwd=PROJECT_ROOT, check=True, timeout=30)
    time.sleep(1.5)
    assert (told.read_text() if told.exists() else None) == left


# ------------------------------------------------------------------ the lock

HOLDER = """
import sys, time
from pathlib import Path
from orchestration.runtime.lock import refresh_lock
with refresh_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    output = tmp_path / "output"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, output], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(RefreshRunningError, match=rf"process {holder.pid}\b.*{output}"),
            refresh_lock(output),
        ):
            pass
    finally:
        holder.kill()
        holder.communicate(timeout=30)
    # kill -9 leaves the file, not the lock.
    with refresh_lock(output):
        assert (output / ".lock").exists()


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), refresh_lock(tmp_path):
        raise ZeroDivisionError
    with refresh_lock(tmp_path):
        pass


def test_two_outputs_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with refresh_lock(tmp_path / "one"), refresh_lock(tmp_path / "two"):
        assert (tmp_path / "two" / ".lock").exists()


# ------------------------------------------------------------------ policy


def policy_file(folder: Path, *rows: tuple[str, str, str, str]) -> Path:
    """Write a policy CSV of (id, from, to, scenario)."""
    file = folder / "policy_x.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["id", "valid_from", "valid_to", "scenario"])
        writer.writerows(rows)
    return file


def test_validity_is_half_open(tmp_path: Path) -> None:
    file = policy_file(
        tmp_path,
        ("ended", "2025-01-01", "2026-03-31", "base"),
        ("last day", "2025-01-01", "2026-04-01", "base"),
        ("first day", "2026-03-31", "", "base"),
        ("tomorrow", "2026-04-01", "", "base"),
        ("never", "2026-03-31", "2026-03-31", "base"),
        ("proposed", "2025-01-01", "", "what_if"),
    )
    assert [row["id"] for row in rows_in_force(file, D)] == ["last day", "first day"]
    assert [row["id"] for row in rows_in_force(file, D, "what_if")] == ["proposed"]


def test_a_date_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        rows_in_force(policy_file(tmp_path, ("x", "soon", "", "base")), D)


def test_a_file_without_validity_always_holds(tmp_path: Path) -> None:
    file = tmp_path / "policy_other.csv"
    file.write_text("id,title\n1,x\n", encoding="utf-8")
    assert rows_in_force(file, D) == [{"id": "1", "title": "x"}]


def test_the_policy_version_is_that_of_the_rows_in_force(tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    shutil.copytree(POLICY_FOLDER, folder)
    shipped = policy_version(D, folder)
    assert shipped == policy_version(D)
    assert re.fullmatch(r"policy-[0-9a-f]{12}", shipped)

    file = folder / "policy_tier_rule.csv"
    header, *rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([header, *reversed(rows)]) + "\n", encoding="utf-8")
    assert policy_version(D, folder) == shipped, "the order of the rows means nothing"

    names = header.split(",")
    if "valid_from" in names:
        cells = next(csv.reader([rows[0]]))
        cells[names.index("valid_from")] = "2999-01-01"
        with file.open("a", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerow(cells)
        assert policy_version(D, folder) == shipped, "a row of the future is not in force yet"
        assert policy_version(date(2999, 1, 1), folder) != shipped


# A family may be empty: a bank without exceptions has none.
FILLED = [file for file in sorted(POLICY_FOLDER.glob("*.csv")) if len(file.read_text("utf-8").splitlines()) > 1]


@pytest.mark.parametrize("file", FILLED, ids=lambda f: f.stem)
def test_any_changed_row_changes_the_policy_version(tmp_path: Path, file: Path) -> None:
    folder = tmp_path / "policy"
    shutil.copytree(POLICY_FOLDER, folder)
    copy = folder / file.name
    with copy.open(encoding="utf-8", newline="") as handle:
        header, *rows = list(csv.reader(handle))
    with copy.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([header, *rows[1:]])
    assert policy_version(D, folder) != policy_version(D)


def test_the_gates_parameters_are_there() -> None:
    values = parameters(D)
    assert float(values["quarantine_share_limit"]) == 0.005
    assert float(values["quarantine_row_limit"]) == 100
    assert float(values["amount_limit.account.balance"]) == 10**13


# ------------------------------------------------------------------ partitions


def deliver(landing: Path, table: str, folder: str, *files: str) -> None:
    """Make a partition of empty files."""
    target = landing / table / folder
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        (target / file).touch()


def test_what_is_a_partition(tmp_path: Path) -> None:
    deliver(tmp_path, "visit", "biz_date=2026-03-31", "b.csv", "a.parquet", "_control.json")
    deliver(tmp_path, "visit", "biz_date=2026-03-02", "x.csv")
    deliver(tmp_path, "visit", "biz_date=2026-03-03")  # nothing in it
    deliver(tmp_path, "visit", "biz_date=2026-03-04", "_being_written.csv", ".hidden.parquet")
    deliver(tmp_path, "visit", "biz_date=2026-3-5", "x.csv")
    deliver(tmp_path, "visit", "biz_date=2026-03-06.tmp", "x.csv")
    deliver(tmp_path, "visit", "2026-03-07", "x.csv")
    found = partitions(tmp_path, "visit")
    assert [(p.business_date.isoformat(), [f.name for f in p.files]) for p in found] == [
        ("2026-03-02", ["x.csv"]),
        ("2026-03-31", ["a.parquet", "b.csv"]),
    ]
    assert partitions(tmp_path, "loan") == []


def test_a_name_that_is_no_date_is_no_partition(tmp_path: Path) -> None:
    """The form is right, the day is not: skipped or refused by name, never a bare stack trace."""
    deliver(tmp_path, "visit", "biz_date=2026-02-30", "x.csv")
    deliver(tmp_path, "visit", "biz_date=2026-03-02", "x.csv")
    assert [p.business_date.day for p in partitions(tmp_path, "visit")] == [2]


def test_a_stray_file_is_no_partition(tmp_path: Path) -> None:
    deliver(tmp_path, "visit", "biz_date=2026-03-02", "x.csv")
    (tmp_path / "visit" / "biz_date=2026-03-03").touch()
    assert [p.business_date.day for p in partitions(tmp_path, "visit")] == [2]


def test_a_snapshot_is_its_newest_partition_events_are_all(tmp_path: Path) -> None:
    for table in ("customer", "visit"):
        for day in ("2026-03-29", "2026-03-30", "2026-04-01"):
            deliver(tmp_path, table, f"biz_date={day}", "x.csv")

    def read(table: str, on: date) -> list[int]:
        found, _ = partitions_to_read(tmp_path, CONTRACT.tables[table], on)
        return [partition.business_date.day for partition in found]

    assert read("customer", D) == [30]
    assert read("customer", date(2026, 4, 1)) == [1]
    assert read("customer", date(2026, 3, 28)) == []
    assert read("visit", D) == [29, 30]
    assert read("visit", date(2026, 4, 1)) == [29, 30, 1]


def test_a_date_is_complete_with_every_required_snapshot(tmp_path: Path) -> None:
    assert complete_dates(tmp_path, CONTRACT) == []
    required = [t for t in CONTRACT.tables.values() if t.required and t.kind == "snapshot"]
    for table in required:
        deliver(tmp_path, table.name, "biz_date=2026-03-31", "x.csv")
        if table is not required[-1]:
            deliver(tmp_path, table.name, "biz_date=2026-04-01", "x.csv")
    assert complete_dates(tmp_path, CONTRACT) == [D]


def test_a_delivery_whose_control_file_names_more_is_not_complete(tmp_path: Path) -> None:
    for table in CONTRACT.tables.values():
        if table.required and table.kind == "snapshot":
            deliver(tmp_path, table.name, "biz_date=2026-03-31", "x.csv")
    before = deliveries(tmp_path, CONTRACT, None)
    assert list(before) == [D]
    deliver(tmp_path, "visit", "biz_date=2026-03-31", "_control.json")
    control = tmp_path / "visit" / "biz_date=2026-03-31" / "_control.json"
    control.write_text('{"rows": 0, "files": {"part-0.csv": "00"}}', encoding="utf-8")
    assert deliveries(tmp_path, CONTRACT, None) == {}
    deliver(tmp_path, "visit", "biz_date=2026-03-31", "part-0.csv")
    after = deliveries(tmp_path, CONTRACT, None)
    assert list(after) == [D]
    assert after != before
    assert list(deliveries(tmp_path, CONTRACT, D)) == [D]
    assert deliveries(tmp_path, CONTRACT, date(2026, 4, 1)) == {}


def test_a_control_file_alone_is_a_partition(tmp_path: Path) -> None:
    deliver(tmp_path, "visit", "biz_date=2026-03-31", "_control.json")
    assert [p.files for p in partitions(tmp_path, "visit")] == [()]
