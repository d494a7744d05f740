"""The command as a user sees it: exit codes, output, and what a kill leaves behind.

One refresh of a sample bank with planted defects serves most tests; they are in the order of a
working day, and the tests that refresh again come last.
"""

from __future__ import annotations

import csv
import hashlib
import os
import random
import re
import shutil
import subprocess
import time
from pathlib import Path

import duckdb
import pytest
from support.house import FENCENG, House, MakeHouse, kill_group, read_marts, run_fenceng

from orchestration.runtime.lock import refresh_lock

DAY = "2026-03-31"
CUSTOMERS = "1500"
SAMPLE = ("sample", "--customers", CUSTOMERS, "--from", DAY, "--to", DAY)
Done = subprocess.CompletedProcess[str]


def check_plain(done: Done, code: int) -> None:
    """Check the exit code, and that the user sees no stack trace."""
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr + done.stdout


def text_of(done: Done) -> str:
    """The output on one line: the terminal's width breaks it anywhere."""
    return " ".join((done.stdout + done.stderr).split())


@pytest.fixture(scope="module")
def house(make_house: MakeHouse) -> House:
    """Write the sample bank as CSV, which can hold every planted defect."""
    house = make_house("cli")
    done = run_fenceng(*SAMPLE, "--landing", house.landing, "--defects", "--format", "csv")
    check_plain(done, 0)
    return house


@pytest.fixture(scope="module")
def refreshed(house: House) -> Done:
    """Refresh it once."""
    return house.refresh(DAY)


def seconds_of(refreshed: Done) -> float:
    """The duration that a refresh reported."""
    found = re.search(r"^\s*all\s+([\d.]+) s", refreshed.stderr, re.MULTILINE)
    assert found, refreshed.stderr
    return float(found[1])


# ------------------------------------------------------------------ wrong use


@pytest.mark.parametrize("given", ["2026-02-30", "31.03.2026", "yesterday"])
def test_a_bad_date_is_wrong_use(given: str) -> None:
    done = run_fenceng("refresh", "--date", given)
    check_plain(done, 2)
    assert given in text_of(done)


def test_a_date_before_any_policy_is_wrong_use(tmp_path: Path) -> None:
    done = run_fenceng("refresh", "--date", "1989-12-31", "--landing", tmp_path, "--output", tmp_path / "out")
    check_plain(done, 2)
    assert "no policy is in force on 1989-12-31; the rows in seeds/policy begin on 1990-01-01" in text_of(done)


def test_a_store_without_its_release_is_said(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "current").symlink_to("releases/gone")
    for command in (("show",), ("explain", "C1"), ("refresh", "--date", DAY, "--landing", str(tmp_path))):
        done = run_fenceng(*command, "--output", tmp_path)
        check_plain(done, 1)
        assert "leads to releases/gone, which is gone; bring that folder back" in text_of(done)


def test_an_unknown_setting_is_wrong_use(tmp_path: Path) -> None:
    done = run_fenceng("refresh", "--date", DAY, "--output", tmp_path, env={"FENCENG_LANDNIG": "/tmp"})
    check_plain(done, 2)
    assert "unknown setting FENCENG_LANDNIG" in text_of(done)
    assert "FENCENG_LANDING" in text_of(done)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_landing_zone_is_wrong_use(tmp_path: Path) -> None:
    done = run_fenceng("refresh", "--date", DAY, "--landing", tmp_path / "nowhere", "--output", tmp_path / "out")
    check_plain(done, 2)
    assert "nowhere" in text_of(done)
    assert "fenceng sample" in text_of(done)
    assert not (tmp_path / "out").exists()


def test_a_sample_that_cannot_be_is_wrong_use(tmp_path: Path) -> None:
    done = run_fenceng("sample", "--customers", "1500", "--from", "2026-04-02", "--to", DAY, "--landing", tmp_path)
    check_plain(done, 2)
    assert "the range ends on 2026-03-31" in text_of(done)


def test_without_a_command_it_helps() -> None:
    done = run_fenceng()
    assert "Traceback" not in done.stderr
    for command in ("refresh", "sample", "show", "doctor"):
        assert command in done.stdout + done.stderr


# ------------------------------------------------------------------ the sample


def test_the_sample_is_the_same_each_time(tmp_path: Path) -> None:
    sums = []
    for name in ("one", "two"):
        small = ("sample", "--customers", "300", "--from", DAY, "--to", DAY)
        check_plain(run_fenceng(*small, "--landing", tmp_path / name, "--defects"), 0)
        sums.append(
            {
                path.relative_to(tmp_path / name): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in (tmp_path / name).rglob("*")
                if path.is_file()
            }
        )
    assert len(sums[0]) > 15
    assert sums[0] == sums[1]


# ------------------------------------------------------------------ a day


def test_show_before_anything_is_published(tmp_path: Path) -> None:
    done = run_fenceng("show", "--output", tmp_path)
    check_plain(done, 1)
    assert "nothing is published" in text_of(done)


def test_a_refresh_publishes_and_says_so(house: House, refreshed: Done) -> None:
    check_plain(refreshed, 0)
    said = text_of(refreshed)
    release = (house.published / "current").resolve().name
    assert f"in force: {house.published}/current -> {release}" in said
    assert "received =" in said
    table = next(iter(house.marts()["fct_quarantine"]))["table_name"]
    assert sum(line.startswith(f"  held back      {table}:") for line in refreshed.stdout.splitlines()) == 1
    assert "`fenceng quarantine` lists them" in said
    lines = [line for line in (refreshed.stdout + refreshed.stderr).splitlines() if line.strip()]
    assert len(lines) == len(set(lines)), "nothing is said twice"
    for station in ("landing", "gate 1", "dbt", "gate 2", "publish"):
        assert station in said
    assert (house.output / "refresh.log").exists()


def test_show_after(house: House, refreshed: Done) -> None:
    check_plain(refreshed, 0)
    done = run_fenceng("show", "--output", house.output)
    check_plain(done, 0)
    said = text_of(done)
    for words in ("Customers by tier", "T1", "C3", "Visit compliance", "Quarantine", "in force"):
        assert words in said


def test_exactly_the_planted_defects_are_in_quarantine(house: House, refreshed: Done) -> None:
    check_plain(refreshed, 0)
    with (house.landing / "_planted_defects.csv").open(encoding="utf-8", newline="") as handle:
        planted = {
            (row["table_name"], row["business_date"], row["row_key"], row["rule_id"]) for row in csv.DictReader(handle)
        }
    held = {
        (row["table_name"], str(row["business_date"]), row["row_key"], row["rule_id"])
        for row in house.marts()["fct_quarantine"]
    }
    assert len(planted) > 100
    assert (planted - held, held - planted) == (set(), set())


def test_the_doctor(house: House, refreshed: Done, tmp_path: Path) -> None:
    check_plain(refreshed, 0)
    well = run_fenceng("doctor", "--landing", house.landing, "--output", house.output)
    assert "Traceback" not in well.stderr
    said = text_of(well)
    assert (house.published / "current").resolve().name in said
    assert "1 complete dates up to 2026-03-31" in said
    # The disk of the machine may be small; all else is well.
    assert well.returncode == (1 if "fix" in said else 0)
    assert "will want about" in said
    assert said.count("fix") == said.count("make room")
    ill = run_fenceng("doctor", "--landing", tmp_path / "nowhere", "--output", tmp_path)
    check_plain(ill, 1)
    assert "none at" in text_of(ill)


def test_a_held_lock_fails_and_names_the_holder(house: House, refreshed: Done) -> None:
    check_plain(refreshed, 0)
    before = (house.published / "current").resolve()
    # The other refresh's findings are not repeated, and its open warehouse is left alone.
    with refresh_lock(house.output), duckdb.connect(str(house.settings.warehouse)) as scratch:
        scratch.execute("insert into run.finding values ('gate 1', 'x', 'block', 'visit', 1, 'of another run', '')")
        done = house.refresh(DAY)
        scratch.execute("delete from run.finding where rule_id = 'x'")
    check_plain(done, 1)
    assert f"another refresh (process {os.getpid()}) is at work" in text_of(done)
    assert "of another run" not in text_of(done)
    assert (house.published / "current").resolve() == before


def test_a_blocked_delivery_publishes_nothing(house: House, refreshed: Done, tmp_path: Path) -> None:
    """The message names table, date, rule and what to do; the old release stays in force."""
    check_plain(refreshed, 0)
    before = (house.published / "current").resolve()
    rows = read_marts(house.current)
    landing = tmp_path / "landing"
    shutil.copytree(house.landing, landing)
    (file,) = (landing / "employee" / f"biz_date={DAY}").glob("part-0.*")
    file.write_bytes(file.read_bytes().replace(b"hired_on", b"hired_at", 1))
    done = run_fenceng("refresh", "--date", DAY, "--landing", landing, "--output", house.output)
    check_plain(done, 3)
    said = text_of(done)
    for words in ("employee", DAY, "delivery.column", "hired_on", "deliver the file again",
                  "nothing was published", f"{before.name} stays in force"):  # fmt: skip
        assert words in said, words
    assert (house.published / "current").resolve() == before
    assert read_marts(house.current) == rows
    log = (house.output / "refresh.log").read_text(encoding="utf-8")
    assert log.count(f"==== refresh {DAY}") > 1
    assert "delivery.column" in log.rsplit("==== refresh", 1)[1]


def test_blocked_before_the_first_release(house: House, tmp_path: Path) -> None:
    undelivered = run_fenceng("refresh", "--date", "2026-04-01", "--landing", house.landing, "--output", tmp_path)
    check_plain(undelivered, 2)
    assert f"nothing is delivered for 2026-04-01 in {house.landing}" in text_of(undelivered)
    landing = tmp_path / "landing"
    shutil.copytree(house.landing, landing)
    shutil.copytree(landing / "organization" / f"biz_date={DAY}", landing / "organization" / "biz_date=2026-04-01")
    done = run_fenceng("refresh", "--date", "2026-04-01", "--landing", landing, "--output", tmp_path)
    check_plain(done, 3)
    assert "delivery.stale" in text_of(done)
    assert "nothing is in force yet" in text_of(done)
    assert not (tmp_path / "published" / "current").exists()


@pytest.mark.slow
def test_a_kill_in_the_middle_leaves_the_old_release(house: House, refreshed: Done) -> None:
    """At a moment that varies from run to run; then the next refresh succeeds."""
    check_plain(refreshed, 0)
    before = (house.published / "current").resolve()
    rows = read_marts(house.current)
    moment = random.uniform(0.2, 1.0) * seconds_of(refreshed)
    process = house.start_refresh(DAY)
    time.sleep(moment)
    kill_group(process)
    if (house.published / "current").resolve() == before:
        assert read_marts(house.current) == rows, f"killed after {moment:.1f} s"
    else:  # it finished before the kill
        before, rows = (house.published / "current").resolve(), read_marts(house.current)
    check_plain(run_fenceng("show", "--output", house.output), 0)
    done = house.refresh(DAY)
    check_plain(done, 0)
    after = read_marts(house.current)
    assert (house.published / "current").resolve() != before
    for table in rows:
        if table != "fct_refresh_run":
            assert sorted(map(str, after[table])) == sorted(map(str, rows[table])), table
    names = {path.name for path in (house.published / "releases").iterdir()}
    assert ".building" not in names
    assert len(after["fct_refresh_run"]) == len(names)


def test_the_command_is_installed() -> None:
    assert FENCENG.exists()
