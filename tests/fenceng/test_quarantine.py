"""`fenceng quarantine`: every quarantined row, with its file and line, and as delivered."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from support.small_bank import D, SmallBank, judge
from typer.testing import CliRunner

from fenceng.analysis.quarantined_rows import QuarantinedRow, quarantined_rows
from fenceng.cli import app
from orchestration.runtime.lock import refresh_lock


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> SmallBank:
    """A bank with quarantined rows in both formats, judged once."""
    bank = SmallBank(tmp_path_factory.mktemp("held"))
    bank.add_sound()
    bank.add("organization", org_id="O2", org_name='two\nlines and a "mark"')
    bank.add("organization", org_id="O3", org_level="somewhere")
    bank.add("account", account_id="MUCH", balance="1,000.00")
    bank.add("account", account_id="BOTH", balance="n/a", status="lost")
    bank.write()
    with (bank.folder("customer") / "part-0.csv").open("ab") as file:
        file.write("R1,personal,示\n".encode())
        file.write(b"R2,personal,\xe7\xa4,,,,,O1,2020-01-01,,\n")
    duckdb.execute(
        "copy (select 'C' || i as card_id, 'P1' as customer_id, 'debit' as card_kind,"
        " case i when 3 then 'lead' else 'gold' end as card_grade, null as credit_limit,"
        " date '2020-01-01' as issued_on, null as activated_on, 'active' as status from range(1, 9) as t(i))"
        f" to '{bank.folder('card')}/part-1.parquet' (format parquet)"
    )
    assert judge(bank.settings).blocks == set()
    return bank


def run(bank: SmallBank, *arguments: str) -> tuple[int, str]:
    """Run the command; return its exit code and output."""
    result = CliRunner().invoke(app, ["quarantine", "--output", str(bank.settings.output), *arguments])
    return result.exit_code, result.output


def test_every_row_stands_where_it_is_said_to(bank: SmallBank) -> None:
    found = quarantined_rows(bank.settings)
    assert found.business_date == D
    places = [(row.table, row.key, row.file, row.place, row.rule_id.split(".", 1)[1]) for row in found.rows]
    assert places == [
        ("account", "MUCH|CNY", "part-0.csv", "line 33", "balance.type"),
        ("account", "BOTH|CNY", "part-0.csv", "line 34", "balance.type"),
        ("account", "BOTH|CNY", "part-0.csv", "line 34", "status.enum"),
        ("card", "C3", "part-1.parquet", "row 3", "card_grade.enum"),
        ("customer", "part-0.csv:33", "part-0.csv", "line 33", "row.unreadable"),
        ("customer", "part-0.csv:34", "part-0.csv", "line 34", "row.unreadable"),
        # The value before it spans two lines.
        ("organization", "O3", "part-0.csv", "line 36", "org_level.enum"),
    ]


def test_rows_are_shown_as_they_were_delivered(bank: SmallBank) -> None:
    by_key: dict[str, QuarantinedRow] = {row.key: row for row in quarantined_rows(bank.settings).rows}
    assert by_key["MUCH|CNY"].delivered == 'MUCH,P1,O1,demand_deposit,CNY,"1,000.00",,2020-01-01,,active'
    assert by_key["MUCH|CNY"].because.startswith("the value is not a number with at most 2 decimals")
    assert by_key["part-0.csv:34"].delivered == "R2,personal,\\xe7\\xa4,,,,,O1,2020-01-01,,"
    assert by_key["part-0.csv:34"].because == "the line is not UTF-8"
    assert by_key["C3"].delivered.startswith(
        "card_id=C3; customer_id=P1; card_kind=debit; card_grade=lead; credit_limit=;"
    )


def test_the_command_lists_and_shows_only_when_asked(bank: SmallBank) -> None:
    code, said = run(bank, "--table", "account")
    assert code == 0
    assert "account 2026-03-31 MUCH|CNY  part-0.csv, line 33" in said
    assert "1,000.00" not in said
    code, said = run(bank, "--rule", "account.balance.type", "--show")
    assert "1,000.00" in said
    assert "status.enum" not in said
    assert run(bank, "--rule", "balance.type")[1] == run(bank, "--rule", "account.balance.type")[1]
    assert "quarantined no row of visit" in run(bank, "--table", "visit")[1]
    assert "1 row of 7" in run(bank, "--limit", "1")[1]


def test_a_file_for_excel(bank: SmallBank, tmp_path: Path) -> None:
    target = tmp_path / "held.csv"
    assert run(bank, "--csv", str(target), "--show")[0] == 0
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    with target.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 7
    assert rows[3]["as_delivered"].startswith("card_id=C3")


def test_wrong_use_is_told(bank: SmallBank, tmp_path: Path) -> None:
    code, said = run(bank, "--table", "accounts")
    assert (code, "the landing contract has no table accounts" in said) == (2, True)
    bank.settings.published.mkdir(exist_ok=True)
    code, said = run(bank, "--csv", str(bank.settings.published / "held.csv"))
    assert (code, "nothing confidential may be" in said) == (2, True)
    empty = CliRunner().invoke(app, ["quarantine", "--output", str(tmp_path / "nothing")])
    assert (empty.exit_code, "no refresh has run in" in empty.output) == (1, True)
    with refresh_lock(bank.settings.output):
        code, said = run(bank)
    assert (code, "another refresh" in said) == (1, True)


def test_a_delivery_that_was_blocked_as_a_whole_has_no_rows(tmp_path: Path) -> None:
    bank = SmallBank(tmp_path)
    bank.write(without=("customer", "org_id"))
    judge(bank.settings)
    code, said = run(bank)
    assert (code, "judged no row: the delivery was blocked as a whole" in said) == (1, True)


def test_a_file_that_has_changed_is_not_shown(tmp_path: Path) -> None:
    bank = SmallBank(tmp_path)
    bank.add_sound()
    bank.add("account", account_id="A9", status="lost")
    bank.write()
    judge(bank.settings)
    with (bank.folder("account") / "part-0.csv").open("a", encoding="utf-8") as file:
        file.write("more\n")
    (row,) = quarantined_rows(bank.settings).rows
    assert (row.place, row.delivered) == ("row 32", "(the file has changed)")
