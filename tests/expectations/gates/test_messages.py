"""Every message that blocks a delivery, as an operator reads it: file, line, what is wrong, what is expected.

Of the messages on single rows, those on appraisals and campaigns, which tell their sender what to deliver.

The list is written by hand: review changed messages here, and add a line for a new kind of damage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.small_bank import AFTER, BEFORE, D, Row, SmallBank, judge

Damage = Callable[[Path], object]
# Words of the underlying tools; none helps the sender of the file.
TOOLS = re.compile(
    r"duckdb|pyarrow|python|traceback|exception|codec|binder|conversion error|invalid input|io error|errno|utf_8|"
    r"great.expectations|varchar|nullstr|struct\(",
    re.IGNORECASE,
)


def replaced(old: bytes, new: bytes) -> Damage:
    """Replace bytes of a file everywhere."""
    return lambda file: file.write_bytes(file.read_bytes().replace(old, new))


def appended(more: bytes) -> Damage:
    """Append bytes to a file."""
    return lambda file: file.write_bytes(file.read_bytes() + more)


def whole(content: bytes) -> Damage:
    """Rewrite a file."""
    return lambda file: file.write_bytes(content)


def recoded(encoding: str) -> Damage:
    """Save a file in another encoding."""
    return lambda file: file.write_bytes(file.read_text(encoding="utf-8").encode(encoding))


def as_parquet(column: str, value: str) -> Damage:
    """Deliver the same as Parquet, with one column of another type."""

    def damage(file: Path) -> None:
        target = file.with_suffix(".parquet")
        duckdb.execute(
            f"copy (select * replace ({value} as {column}) from read_csv('{file}', all_varchar=true))"
            f" to '{target}' (format parquet)"
        )
        file.unlink()

    return damage


def damaged_parquet(file: Path) -> None:
    """Deliver a truncated Parquet file."""
    as_parquet("status", "status")(file)
    target = file.with_suffix(".parquet")
    target.write_bytes(target.read_bytes()[:-20])


def controlled(stated: object) -> Damage:
    """Write a control file."""
    return lambda file: file.with_name("_control.json").write_text(json.dumps(stated), encoding="utf-8")


PLACE = f"{D}/part-0.csv"
# name: (damage to the accounts of the day, the message)
MESSAGES: dict[str, tuple[Damage, str]] = {
    "an empty file": (
        whole(b""),
        "account: a file can't be read as rows of the table; deliver it again [delivery.unreadable] "
        f"({PLACE}, line 1: the file has no header; expected the names of the columns in "
        "the first line)",
    ),
    "no header": (
        whole(b"A1,P1,O1,demand_deposit,CNY,1.00,,2020-01-01,,active\n"),
        "account: the header does not have each column of the contract exactly once; deliver the file "
        f"again [delivery.column] ({PLACE}, line 1: the first line holds none of the "
        "contract's column names; expected a header with account_id, customer_id, org_id, product_type, "
        "currency, balance, balance_mtd_average, opened_on and 2 more)",
    ),
    "another delimiter": (
        replaced(b",", b";"),
        "account: the header does not have each column of the contract exactly once; deliver the file "
        f"again [delivery.column] ({PLACE}, line 1: the delimiter seems to be ';', not "
        "','; expected a header with account_id, customer_id, org_id, product_type, currency, balance, "
        "balance_mtd_average, opened_on and 2 more)",
    ),
    "a tab between": (
        replaced(b",", b"\t"),
        "account: the header does not have each column of the contract exactly once; deliver the file "
        f"again [delivery.column] ({PLACE}, line 1: the delimiter seems to be a tab, not "
        "','; expected a header with account_id, customer_id, org_id, product_type, currency, "
        "balance, balance_mtd_average, opened_on and 2 more)",
    ),
    "names in capitals": (
        replaced(b"account_id,customer_id", b"ACCOUNT_ID,CUSTOMER_ID"),
        "account: the header does not have each column of the contract exactly once; deliver the file "
        f"again [delivery.column] ({PLACE}, line 1: no column account_id, customer_id; the "
        "header has 'ACCOUNT_ID', 'CUSTOMER_ID'; expected the contract's names, in lower case and "
        "without blanks)",
    ),
    "blanks around names": (
        replaced(b"account_id,customer_id", b"account_id, customer_id"),
        "account: the header does not have each column of the contract exactly once; deliver the file "
        f"again [delivery.column] ({PLACE}, line 1: no column customer_id; the header has ' "
        "customer_id'; expected the contract's names, in lower case and without blanks)",
    ),
    "a missing column": (
        replaced(b",balance,", b",amount,"),
        "account: the header does not have each column of the contract exactly once; deliver the file "
        f"again [delivery.column] ({PLACE}, line 1: no column balance; expected every "
        "column of the contract, empty where there is no value)",
    ),
    "a column twice": (
        replaced(b",balance_mtd_average,", b",balance,"),
        "account: the header does not have each column of the contract exactly once; deliver the file "
        f"again [delivery.column] ({PLACE}: the header repeats balance; "
        "expected each column once)",
    ),
    "a comma at the end": (
        replaced(b"status\n", b"status,\n"),
        "account: the header does not have each column of the contract exactly once; deliver the file "
        f"again [delivery.column] ({PLACE}, line 1: a column has no name, as after a trailing comma; "
        "expected a name for each column)",
    ),
    "UTF-16": (
        recoded("utf-16"),
        "account: a file can't be read as rows of the table; deliver it again [delivery.unreadable] "
        f"({PLACE}, line 1: the file is UTF-16; expected UTF-8)",
    ),
    "UTF-16 without mark": (
        recoded("utf-16-le"),
        "account: a file can't be read as rows of the table; deliver it again [delivery.unreadable] "
        f"({PLACE}, line 1: the header holds NUL bytes, as UTF-16 does; expected UTF-8)",
    ),
    "GBK": (
        lambda f: f.write_bytes(f.read_bytes().replace(b"A2,", "甲2,".encode("gbk"))),
        "account: a file can't be read as rows of the table; deliver it again [delivery.unreadable] "
        f"({PLACE}, line 3: the file seems to be GBK; expected UTF-8)",
    ),
    "mixed line ends": (
        lambda f: f.write_bytes(f.read_bytes().replace(b"active\nA2", b"active\r\nA2")),
        "account: a file can't be read as rows of the table; deliver it again [delivery.unreadable] "
        f"({PLACE}, line 2: the line ends with CR LF, the header with LF; expected one "
        "kind of line ending)",
    ),
    "an open quotation mark": (
        replaced(b"A2,P1", b'A2,"P1'),
        "account: a file can't be read as rows of the table; deliver it again [delivery.unreadable] "
        f"({PLACE}, line 3: a quotation mark is not closed, or is inside a value; "
        "expected quotation marks around a whole value, doubled inside)",
    ),
    "a header that is not UTF-8": (
        replaced(b"account_id", b"account\xff_id"),
        "account: a file can't be read as rows of the table; deliver it again [delivery.unreadable] "
        f"({PLACE}, line 1: the header is not UTF-8; expected UTF-8)",
    ),
    "money in 4 bytes": (
        as_parquet("balance", "cast(balance as float)"),
        "account: a column holds values of a type that can't be read without loss; deliver the file "
        "again [delivery.type] (2026-03-31/part-0.parquet: column balance arrives as 4-byte floating "
        "point; expected a decimal number (DECIMAL, or text as 1234.50))",
    ),
    "keys in floating point": (
        as_parquet("customer_id", "1.0::double"),
        "account: a column holds values of a type that can't be read without loss; deliver the file "
        "again [delivery.type] (2026-03-31/part-0.parquet: column customer_id arrives as 8-byte floating "
        "point; expected text)",
    ),
    "a list": (
        as_parquet("status", "[status]"),
        "account: a column holds values of a type that can't be read without loss; deliver the file "
        "again [delivery.type] (2026-03-31/part-0.parquet: column status arrives as lists; expected "
        "text)",
    ),
    "a cut Parquet file": (
        damaged_parquet,
        "account: a file can't be read as rows of the table; deliver it again [delivery.unreadable] "
        "(2026-03-31/part-0.parquet: the file is damaged or incomplete; expected a complete Parquet file)",
    ),
    "a control file with other rows": (
        controlled({"rows": 7}),
        "account: the control file does not match what arrived; deliver the partition again "
        "[delivery.control] (2026-03-31/_control.json: it says 7 rows, 3 arrived; expected the rows of "
        "all files of the partition)",
    ),
    "a control file with another hash": (
        controlled({"rows": 3, "files": {"part-0.csv": "0" * 64}}),
        "account: the control file does not match what arrived; deliver the partition again "
        "[delivery.control] (2026-03-31/_control.json: the sha256 of part-0.csv does not match; expected the "
        "sha256 of each file)",
    ),
    "a control file with another file": (
        controlled({"rows": 3, "files": {"part-1.csv": "0" * 64}}),
        "account: the control file does not match what arrived; deliver the partition again "
        "[delivery.control] (2026-03-31/_control.json: it names part-1.csv, which did not arrive; "
        "expected the files of the partition)",
    ),
    "a control file that is none": (
        lambda f: f.with_name("_control.json").write_text("rows: 3"),
        "account: the control file does not match what arrived; deliver the partition again "
        '[delivery.control] (2026-03-31/_control.json: it can\'t be read; expected JSON such as {"rows": '
        '5, "files": {"part-0.csv": "<sha256>"}})',
    ),
    "no table": (
        lambda f: __import__("shutil").rmtree(f.parents[1]),
        "account: a required table was never delivered up to the business date; deliver it [delivery.missing]",
    ),
    "an old table": (
        lambda f: f.parent.rename(f.parents[1] / f"biz_date={BEFORE}"),
        "account: the newest partition of a required snapshot is older than the business date; deliver "
        "it, or accept it with --allow-stale [delivery.stale] (2026-03-30)",
    ),
    "no rows": (
        lambda f: f.write_bytes(f.read_bytes().splitlines(keepends=True)[0]),
        "account: a required table that may not be empty has no rows; deliver it again [delivery.empty] (2026-03-31)",
    ),
    "a folder of a file's name": (
        lambda f: (f.unlink(), f.mkdir()),
        "account: a file can't be read as rows of the table; deliver it again [delivery.unreadable] "
        f"({PLACE}: it can't be opened; expected a file that can be read)",
    ),
    "most rows lost": (
        replaced(b"demand_deposit", b"demand deposit"),
        "account: too few rows of a required table would remain; deliver it again [delivery.table_lost] "
        "(3 of 3 rows, 3 of them because the value is not in the contract's list: demand_deposit, "
        "time_deposit, structured_deposit, wealth_product, fund, insurance, government_bond, "
        "precious_metal, trust [account.product_type.enum])",
    ),
    "dates of another form": (
        replaced(b"2020-01-01", b"20200101"),
        "account: too few rows of a required table would remain; deliver it again [delivery.table_lost] "
        "(3 of 3 rows, 3 of them because the value is not a calendar day written as YYYY-MM-DD "
        "without a time of day [account.opened_on.type])",
    ),
    "amounts with separators": (
        replaced(b"1.00", b'"1,000.00"'),
        "account: too few rows of a required table would remain; deliver it again [delivery.table_lost] "
        "(3 of 3 rows, 3 of them because the value is not a number with at most 2 decimals, written as 1234.50 "
        "without separators [account.balance.type])",
    ),
    "lines that are none": (
        replaced(b"O1,", b"O1"),
        "account: too few rows of a required table would remain; deliver it again [delivery.table_lost] "
        "(3 of 3 rows, 3 of them because the line can't be read as a row of the table "
        "[account.row.unreadable])",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_blocked_delivery_says_what_to_do(name: str, tmp_path: Path) -> None:
    damage, message = MESSAGES[name]
    bank = SmallBank(tmp_path)
    bank.add("account", account_id="A2")
    bank.add("account", account_id="A3")
    bank.write()
    damage(bank.folder("account") / "part-0.csv")
    judged = judge(bank.settings)
    said = [str(finding) for finding in judged.result.blocking]
    assert said == [message]
    assert not TOOLS.search(said[0])


PLAN = dict.fromkeys(("situation", "goals", "strategy", "implementation", "feedback_channel"), "text")
DAYS = {"org_id": "O1", "starts_on": "2026-02-27", "ends_on": "2026-02-28"}
# (table, row, the message)
ROWS: list[tuple[str, Row, str]] = [
    (
        "appraisal_score",
        {"employee_id": "E1", "year": "2025-01-01", "part": "leader", "score": "50.01"},
        "the score is not between 0 and 50, the points of each part; deliver the points of the part"
        " [appraisal_score.score.range]",
    ),
    (
        "appraisal_feedback",
        {"feedback_id": "F1", "employee_id": "E1", "channel": "hotline", "received_on": str(D), "score": "100.01"},
        "the score is not between 0 and 100 points; deliver it on that scale, or leave it empty where none was given"
        " [appraisal_feedback.score.range]",
    ),
    (
        "appraisal_feedback",
        {"feedback_id": "F2", "employee_id": "E1", "channel": "hotline", "received_on": str(AFTER)},
        "the day is after the delivery's business date [appraisal_feedback.received_on.future]",
    ),
    (
        "campaign",
        {"campaign_id": "C2", **PLAN, **DAYS, "ends_on": "2026-02-26"},
        "the campaign ends before it starts; deliver its first day as starts_on and its last day as ends_on"
        " [campaign.ends_on.order]",
    ),
    (
        "campaign",
        {"campaign_id": "C3", **PLAN, **DAYS, "planned_conversions": "12.5"},
        "the value is not a whole number written as 1234 without separators [campaign.planned_conversions.type]",
    ),
    (
        "campaign",
        {"campaign_id": "C4", **PLAN, **DAYS, "goals": " "},
        "the campaign's plan is not whole, since goals is empty or blank; deliver what the plan says there"
        " [campaign.goals.plan]",
    ),
    (
        "campaign_member",
        {"campaign_id": "C1", "customer_id": "P1", "is_control": "false", "contacted_on": "2026-03-01"},
        "the contact is not of the campaign's days; deliver a day from its starts_on to its ends_on, or leave it empty"
        " where there was no contact [campaign_member.contacted_on.campaign]",
    ),
    (
        "campaign_member",
        {"campaign_id": "C1", "customer_id": "P2", "is_control": "false", "converted_on": "2026-03-31"},
        "the conversion counts for nothing, since it is not of the campaign's days or the 30 days after them; deliver a"
        " day from its starts_on on, or leave it empty where there was no conversion"
        " [campaign_member.converted_on.campaign]",
    ),
]


def test_a_row_that_is_held_back_or_doubtful_says_what_to_deliver(tmp_path: Path) -> None:
    bank = SmallBank(tmp_path)
    bank.add("campaign", campaign_id="C1", **PLAN, **DAYS)
    for table, row, _ in ROWS:
        bank.add(table, **row)
    bank.write()
    found = judge(bank.settings).result.findings
    said = [str(finding).removesuffix(f" (of {D})") for finding in found if not finding.rule_id.startswith("delivery.")]
    assert sorted(said) == sorted(f"{table}, 1 row: {message}" for table, _, message in ROWS)
    assert not [text for text in said if TOOLS.search(text)]


def test_whole_numbers_as_floating_point_say_so(tmp_path: Path) -> None:
    bank = SmallBank(tmp_path)
    bank.add("campaign", campaign_id="C1", **PLAN, **DAYS, planned_conversions="12")
    bank.write()
    as_parquet("planned_conversions", "planned_conversions::double")(bank.folder("campaign") / "part-0.csv")
    assert [str(finding) for finding in judge(bank.settings).result.blocking] == [
        "campaign: a column holds values of a type that can't be read without loss; deliver the file again"
        " [delivery.type] (2026-03-31/part-0.parquet: column planned_conversions arrives as 8-byte floating point;"
        " expected a whole number (BIGINT, or text as 1234))"
    ]
