"""Gate 1 on whole deliveries: every reason to publish nothing, and its message."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import duckdb
import pytest
from support.small_bank import BEFORE, TABLES, D, Judged, SmallBank, judge

from orchestration.settings import Settings


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    """Return a sound bank, not yet written."""
    return SmallBank(tmp_path)


def only_finding(judged: Judged, rule: str, table: str, *words: object) -> None:
    """Exactly one blocking finding, for this rule and table, that says where and what."""
    assert judged.blocks == {(rule, table)}
    (finding,) = judged.result.blocking
    for word in words:
        assert str(word) in str(finding)
    # Nothing was judged row by row, so nothing may count as accepted.
    assert judged.result.counts == ()


def control(bank: SmallBank, table: str, **stated: object) -> None:
    """Write a control file."""
    path = bank.folder(table) / "_control.json"
    path.write_text(json.dumps(stated), encoding="utf-8")


def test_a_missing_required_table(bank: SmallBank) -> None:
    del bank.rows["visit", D]
    bank.write()
    only_finding(judge(bank.settings), "delivery.missing", "visit", "never delivered", "deliver it")


def test_a_stale_snapshot_and_the_flag_that_lets_it_pass(bank: SmallBank) -> None:
    bank.rows["loan", BEFORE] = bank.rows.pop(("loan", D))
    bank.rows["visit", BEFORE] = bank.rows.pop(("visit", D))  # events may have nothing new
    bank.add("loan", on=BEFORE, loan_id="L1")
    bank.write()
    only_finding(judge(bank.settings), "delivery.stale", "loan", BEFORE, "--allow-stale")
    allowed = Settings(landing=bank.landing, output=bank.settings.output, memory_limit="500MB", allow_stale=True)
    judged = judge(allowed)
    assert judged.blocks == set()
    assert judged.accepted("loan", "loan_id") == [("L1",)]
    stale = [finding for finding in judged.result.findings if finding.rule_id == "delivery.stale_allowed"]
    assert [(finding.severity, finding.table, finding.detail) for finding in stale] == [
        ("warning", "loan", str(BEFORE))
    ]


def test_an_empty_table_that_may_not_be_empty(bank: SmallBank) -> None:
    bank.rows["employee", D] = []
    bank.write()
    only_finding(judge(bank.settings), "delivery.empty", "employee", D)


@pytest.mark.parametrize("table", ["customer", "relationship"])
def test_a_missing_column(bank: SmallBank, table: str) -> None:
    """Also for an optional table, once it is delivered."""
    column = {"customer": "mobile_phone", "relationship": "until"}[table]
    bank.add("relationship")
    bank.write(without=(table, column))
    only_finding(judge(bank.settings), "delivery.column", table, column, D)


def test_a_column_twice(bank: SmallBank) -> None:
    bank.write()
    (bank.folder("card") / "part-9.csv").write_bytes(b"card_id,card_id\n1,2\n")
    only_finding(judge(bank.settings), "delivery.column", "card", D, "part-9.csv", "the header repeats card_id")


def test_a_column_without_a_name(bank: SmallBank) -> None:
    bank.write()
    file = bank.folder("card") / "part-0.csv"
    file.write_bytes(b",\n".join(file.read_bytes().splitlines()) + b",\n")
    only_finding(judge(bank.settings), "delivery.column", "card", D, "part-0.csv, line 1", "a column has no name")


def test_an_old_event_partition_counts_too(bank: SmallBank) -> None:
    bank.add("visit", on=BEFORE, visit_id="V")
    bank.write()
    (bank.folder("visit", BEFORE) / "part-0.csv").write_text("visit_id,customer_id\nV,P1\n")
    only_finding(judge(bank.settings), "delivery.column", "visit", BEFORE, "channel")


def test_a_control_file_that_agrees(bank: SmallBank) -> None:
    bank.write()
    data = (bank.folder("account") / "part-0.csv").read_bytes()
    control(bank, "account", rows="1", files={"part-0.csv": hashlib.sha256(data).hexdigest().upper()})
    assert judge(bank.settings).blocks == set()


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"rows": 2}, ["says 2 rows, 1 arrived"]),
        ({"rows": 1, "files": {"part-0.csv": "0" * 64}}, ["sha256", "part-0.csv"]),
        ({"rows": 1, "files": {"part-0.csv": "right", "part-1.csv": "x"}}, ["part-1.csv"]),
        ({"rows": 1, "files": {"another.csv": "x"}}, ["another.csv"]),
        ({"rows": "many"}, ["says many rows, 1 arrived"]),
        ({"rows": 1.5}, ["says 1.5 rows, 1 arrived"]),
    ],
    ids=["rows", "sha256", "missing file", "other file", "no number", "no whole number"],
)
def test_a_control_file_that_disagrees(bank: SmallBank, stated: dict[str, object], words: list[str]) -> None:
    bank.write()
    control(bank, "account", **stated)
    only_finding(judge(bank.settings), "delivery.control", "account", D, *words)


def test_a_file_without_a_line_in_the_control_file(bank: SmallBank) -> None:
    bank.write()
    folder = bank.folder("account")
    data = (folder / "part-0.csv").read_bytes()
    control(bank, "account", rows=1, files={"part-0.csv": hashlib.sha256(data).hexdigest()})
    (folder / "part-1.csv").write_bytes(data.splitlines(keepends=True)[0])
    only_finding(judge(bank.settings), "delivery.control", "account", D, "part-1.csv")


def test_a_control_file_that_is_no_json(bank: SmallBank) -> None:
    bank.write()
    (bank.folder("account") / "_control.json").write_text("{", encoding="utf-8")
    only_finding(judge(bank.settings), "delivery.control", "account", D)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("broken.parquet", b"PAR1 no parquet"),
        ("part-9.csv", b""),
        ("part-9.csv", b"\xff\xfe\x00\x01\n"),
    ],
    ids=["parquet", "no header", "no utf-8"],
)
def test_a_file_that_cannot_be_read(bank: SmallBank, name: str, content: bytes) -> None:
    bank.write()
    (bank.folder("card") / name).write_bytes(content)
    only_finding(judge(bank.settings), "delivery.unreadable", "card", D, name)


@pytest.mark.parametrize(
    ("sound", "bad", "is_blocked"),
    [(900, 100, False), (900, 101, True), (20_097, 101, True), (20_098, 101, False)],
    ids=["10 % but 100 rows", "101 rows and 10 %", "just over 0.5 %", "exactly 0.5 %"],
)
def test_too_many_bad_rows(bank: SmallBank, sound: int, bad: int, is_blocked: bool) -> None:
    """More than 0.5 % and also more than 100 rows; one sound row is already there."""
    for number in range(sound):
        bank.add("account", account_id=f"S{number}")
    for number in range(bad):
        bank.add("account", account_id=f"B{number}", status="lost")
    bank.write()
    judged = judge(bank.settings)
    assert judged.blocks == ({("delivery.quarantine_share", "account")} if is_blocked else set())
    assert judged.counts("account") == (1 + sound + bad, 1 + sound, bad)
    if is_blocked:
        (finding,) = judged.result.blocking
        assert f"{bad:,} of {1 + sound + bad:,} rows" in str(finding)


def test_an_unusual_volume_is_a_warning(bank: SmallBank) -> None:
    for number in range(9):
        bank.add("organization", on=BEFORE, org_id=f"X{number}")
    bank.write()
    control_of_before = bank.folder("organization", BEFORE) / "_control.json"
    control_of_before.write_text(json.dumps({"rows": 9}), encoding="utf-8")
    judged = judge(bank.settings)
    assert judged.blocks == set()
    volume = [f for f in judged.result.findings if f.rule_id == "delivery.volume"]
    assert [(f.table, f.severity) for f in volume] == [("organization", "warning")]
    assert "2 rows, usually 9" in volume[0].detail


def test_what_is_not_read_is_told(bank: SmallBank) -> None:
    """A delivery under another name would be lost silently; the sender's own markers are not reported."""
    bank.write()
    folder = bank.folder("visit")
    for name in ("part-1.csv.gz", "part-2.PARQUET", "_SUCCESS", ".part-3.csv.crc"):
        (folder / name).touch()
    (folder.parent / "biz_date=20260329").mkdir()
    (folder.parent / "biz_date=2099-01-01").mkdir()
    (folder.parent / "biz_date=2099-01-01" / "tomorrow.txt").touch()
    judged = judge(bank.settings)
    assert judged.blocks == set()
    told = [finding for finding in judged.result.findings if finding.rule_id == "delivery.stray"]
    assert {finding.severity for finding in told} == {"warning"}
    assert [(finding.table, finding.detail) for finding in told] == [
        ("visit", f"{folder.name}/part-1.csv.gz"),
        ("visit", f"{folder.name}/part-2.PARQUET"),
        ("visit", "biz_date=20260329"),
    ]


def test_a_control_file_whose_files_did_not_arrive(bank: SmallBank) -> None:
    bank.write()
    folder = bank.folder("visit").parent / f"biz_date={BEFORE}"
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    (folder / "_control.json").write_text(json.dumps({"rows": 100}), encoding="utf-8")
    only_finding(judge(bank.settings), "delivery.control", "visit", BEFORE, "says 100 rows, 0 arrived")


def test_nobody_waits_for_a_pipe(bank: SmallBank) -> None:
    """Opening a pipe blocks until somebody writes to it."""
    bank.add("account", BEFORE, account_id="A1")
    bank.write()
    for folder in (bank.folder("account"), bank.folder("account", BEFORE)):
        os.mkfifo(folder / "pipe.csv")
        os.mkfifo(folder / "pipe.parquet")
        os.mkfifo(folder / "_control.json")
    only_finding(judge(bank.settings), "delivery.unreadable", "account", D, "pipe.csv")


def test_a_footer_that_promises_what_is_not_there(bank: SmallBank) -> None:
    """The schema and the file's row count can be read, but the row group's count is below 0."""
    bank.write()
    file = bank.folder("card") / "part-1.parquet"
    with duckdb.connect() as connection:
        columns = ", ".join(f"cast(null as {c.type}) as {c.name}" for c in TABLES["card"].columns)
        connection.execute(f"copy (select {columns} from range(77)) to '{file}'")
    # 77 as Thrift encodes an integer; the last one belongs to the row group.
    before, rows, after = file.read_bytes().rpartition(b"\x16\x9a\x01")
    assert rows
    file.write_bytes(before + b"\x16\x9b\x01" + after)
    only_finding(judge(bank.settings), "delivery.unreadable", "card", D, "part-1.parquet")
