"""Files as they really arrive: odd names, damage in the middle, replacement during reading; all rows accounted for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from support.house import House, clean_environment
from support.small_bank import D, SmallBank, judge

from expectations.project import PROJECT_ROOT
from fenceng.sample import write_sample
from orchestration.refresh import Outcome, RefreshResult, run_refresh

DAY = date(2026, 11, 1)
ODD_NAMES = ["visit[1].csv", "visit*.csv", "visit?.csv", "it's.csv", "x=1.csv", "访问.csv", "two\nlines.csv", "a b.csv"]


# ------------------------------------------------------------------ names


def test_a_name_is_never_a_pattern(tmp_path: Path) -> None:
    """Each file is read once, whatever its name: as a pattern `visit[1].csv` would be `visit1.csv`."""
    bank = SmallBank(tmp_path / "a [landing] zone's *")
    bank.add("visit", visit_id="V0")
    bank.write()
    part = bank.folder("visit") / "part-0.csv"
    text = part.read_text(encoding="utf-8")
    names = [os.fsencode(name) for name in (*ODD_NAMES, "visit1.csv")] + [b"\xcb\xff.csv"]
    for number, name in enumerate(names, start=1):
        file = os.fsencode(bank.folder("visit")) + b"/" + name
        Path(os.fsdecode(file)).write_text(text.replace("V0", f"V{number}"), encoding="utf-8")
    (bank.folder("visit") / os.fsdecode(b"\xcb\xff.txt")).touch()
    judged = judge(bank.settings)
    assert judged.blocks == set()
    assert judged.accepted("visit", "visit_id") == sorted((f"V{number}",) for number in range(len(names) + 1))
    counted = judged.query("select rows_in_file, rows_received from delivery.file where table_name = 'visit'")
    assert counted == [(1, 1)] * (len(names) + 1)
    strays = {finding.detail for finding in judged.result.findings if finding.rule_id == "delivery.stray"}
    assert strays == {f"biz_date={D}/\\xcb\\xff.txt"}


def test_folders_that_are_no_table_are_told(tmp_path: Path) -> None:
    bank = SmallBank(tmp_path)
    bank.write()
    for name in ("accounts", "_marks", "Visit"):
        (bank.landing / name).mkdir()
    told = {f.detail: f.table for f in judge(bank.settings).result.findings if f.rule_id == "delivery.unknown"}
    assert told == {"accounts": "landing zone", "Visit": "landing zone"}


# ------------------------------------------------------------------ rows


@pytest.mark.parametrize("line", [2, 5, 20, 31])
def test_what_happens_to_a_row_does_not_depend_on_its_place(line: int, tmp_path: Path) -> None:
    """Only the row with a name cut inside a character is quarantined, in the first line as in the last."""
    bank = SmallBank(tmp_path)
    bank.add_sound(29)
    bank.write()
    file = bank.folder("customer") / "part-0.csv"
    lines = file.read_bytes().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace("甲".encode(), "甲".encode()[:-1])
    file.write_bytes(b"".join(lines))
    judged = judge(bank.settings)
    assert ("customer", f"part-0.csv:{line}", "row.unreadable") in judged.held
    assert judged.counts("customer") == (30, 29, 1)
    (why,) = judged.query("select why from landing.unreadable_line")
    assert why == ("the line is not UTF-8",)


def test_every_row_of_every_file_is_accounted_for(tmp_path: Path) -> None:
    """The rows in the file, counted here, equal those received: readable or not, accepted or quarantined."""
    bank = SmallBank(tmp_path)
    bank.add_sound(40)
    bank.write()
    folder = bank.folder("account")
    text = (folder / "part-0.csv").read_text(encoding="utf-8")
    broken = (
        text.replace("SOUND3,", 'SOUND3"x,').replace("SOUND5,P1", "SOUND5,P1,P1").replace("SOUND7,P1", '"SOUND7",P1')
    )
    (folder / "part-0.csv").write_text(broken, encoding="utf-8", newline="")
    sound = f"read_csv('{folder}/part-0.csv', all_varchar=true, ignore_errors=true)"
    duckdb.execute(
        f"copy (select * replace (account_id || '-p' as account_id) from {sound}) to '{folder}/part-1.parquet'"
        " (format parquet)"
    )
    judged = judge(bank.settings)
    parquet = duckdb.execute(f"select count(*) from read_parquet('{folder}/part-1.parquet')").fetchall()[0][0]
    counted = judged.query(
        "select file.file_name, file.rows_in_file, counted.received, counted.accepted + counted.quarantined"
        " from delivery.file as file inner join gate_1.file_count as counted using (_row)"
        " where file.table_name = 'account' order by all"
    )
    assert counted == [("part-0.csv", 41, 41, 41), ("part-1.parquet", parquet, parquet, parquet)]
    assert judged.query("select line_number, why from landing.unreadable_line") == [
        (8, "the line has 11 values, the header 10")
    ]


# ------------------------------------------------------------------ damage that a station meets, files that change


@pytest.fixture(scope="module")
def bank_of_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample bank's landing zone without control files."""
    folder = tmp_path_factory.mktemp("bank_of_files") / "landing"
    write_sample(folder, customers=100, first=DAY, last=DAY)
    for control in folder.rglob("_control.json"):
        control.unlink()
    return folder


def refreshed(folder: Path, landing: Path, at_station: Callable[[str], None] = lambda _: None) -> RefreshResult:
    """Refresh a copy of a landing zone in this process."""
    house = House(folder)
    shutil.copytree(landing, house.landing)
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - clean_environment().keys():
            patch.delenv(name)
        patch.chdir(PROJECT_ROOT)
        return run_refresh(house.settings, DAY, at_station)


def parquet(folder: Path, table: str) -> Path:
    """The newest file of a table."""
    return folder / "landing" / table / f"biz_date={DAY}" / "part-0.parquet"


@pytest.mark.slow
@pytest.mark.parametrize("station", ["gate_1", "dbt", "publish"])
def test_a_file_that_is_replaced_at_work_is_not_published(station: str, bank_of_files: Path, tmp_path: Path) -> None:
    def replace(name: str) -> None:
        if name == station:
            file = parquet(tmp_path, "account")
            duckdb.execute(
                f"copy (select * replace (balance * 10 as balance) from read_parquet('{file}')) to '{file}.new'"
                " (format parquet)"
            )
            Path(f"{file}.new").replace(file)

    result = refreshed(tmp_path, bank_of_files, replace)
    blocking = [finding for finding in result.findings if finding.severity == "block"]
    assert (result.outcome, result.release) == (Outcome.BLOCKED, None)
    assert [(f.rule_id, f.table) for f in blocking] == [("delivery.changed", "account")]
    assert "part-0.parquet: the file has changed since it was read" in str(blocking[0])


@pytest.mark.slow
def test_a_file_that_is_damaged_inside_blocks(bank_of_files: Path, tmp_path: Path) -> None:
    """The footer is sound, so the rows can be counted, but no value can be decoded."""
    landing = tmp_path / "damaged"
    shutil.copytree(bank_of_files, landing)
    file = landing / "account" / f"biz_date={DAY}" / "part-0.parquet"
    content = bytearray(file.read_bytes())
    content[200:260] = bytes(60)
    file.write_bytes(content)
    result = refreshed(tmp_path, landing)
    blocking = [finding for finding in result.findings if finding.severity == "block"]
    assert result.outcome is Outcome.BLOCKED
    assert [(f.rule_id, f.table) for f in blocking] == [("delivery.unreadable", "account")]
    assert "part-0.parquet: the file is damaged: a value can't be decoded" in str(blocking[0])
