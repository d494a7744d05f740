"""Gate 1 on rows: what is quarantined, why, and what is not."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from reference.landing import accept
from support.small_bank import AFTER, BEFORE, TABLES, D, Judged, Row, SmallBank, judge

DAY_AFTER = str(AFTER)
EARNED = {"revenue": "1.00", "economic_capital_return": "1.00"}
HEARD = {"employee_id": "E1", "channel": "questionnaire", "received_on": str(D)}
MEMBER = {"campaign_id": "C1", "is_control": "false"}
PLANNED = {
    "org_id": "O1", "situation": "市场", "goals": "目标", "strategy": "策略", "implementation": "实施",
    "feedback_channel": "渠道",
}  # fmt: skip


@pytest.fixture
def bank(tmp_path: Path) -> SmallBank:
    """Return a sound bank."""
    return SmallBank(tmp_path)


def warned(judged: Judged) -> dict[str, int]:
    """The row warnings: rows by rule."""
    return {
        f.rule_id: f.rows
        for f in judged.result.findings
        if f.severity == "warning" and not f.rule_id.startswith("delivery.")
    }


def assert_findings_say_what_is_held(judged: Judged) -> None:
    """The quarantine findings count what the quarantine lists, rule by rule."""
    said = [(f.table, f.rule_id, f.rows) for f in judged.result.findings if f.severity == "quarantine"]
    listed = judged.query("select table_name, rule_id, sum(rows_held) from gate_1.quarantine group by all")
    assert sorted(said) == sorted(listed)
    assert said


def test_a_sound_delivery_loses_nothing(bank: SmallBank) -> None:
    bank.write()
    judged = judge(bank.settings)
    assert judged.blocks == set()
    assert judged.held == set()
    assert {f.rule_id for f in judged.result.findings} == {"delivery.never_delivered"}
    assert judged.counts("organization") == (2, 2, 0)
    assert judged.counts("account") == (1, 1, 0)
    never = {f.table for f in judged.result.findings if f.rule_id == "delivery.never_delivered"}
    assert never == {"corporate_profile", "credit_line", "financial_statement", "contribution",
                     "relationship", "fx_rate", "service", "customer_link", "prospect",
                     "reported_metric", "target", "appraisal_score", "appraisal_feedback", "campaign",
                     "campaign_member"}  # fmt: skip


def test_every_kind_of_quarantine(bank: SmallBank) -> None:
    """One row per kind; a row that breaks two rules is listed under both and counted once."""
    add = bank.add
    add("fx_rate", currency="USD", cny_per_unit="7.12500000")
    add("fx_rate", currency="JPY", cny_per_unit="a lot")
    add("organization", org_id="LOST", parent_org_id="NOWHERE")
    add("organization", org_id="UNDER", parent_org_id="LOST")
    add("customer", customer_id="BORN", birth_date="1999-02-30")
    add("customer", customer_id="KIND", customer_kind="alien")
    add("customer", customer_id="NOKIND", customer_kind="")
    add("customer", customer_id="", customer_name="无号")
    add("customer", customer_id="ORG", org_id="NOWHERE")
    add("customer", customer_id="OPEN", opened_on=DAY_AFTER)
    add("customer", customer_id="RIC", id_type="resident_id", id_number="110105194912310021")
    add("customer", customer_id="RICOK", id_type="resident_id", id_number="11010519491231002X")
    add("customer", customer_id="USCC", id_type="uscc", id_number="91110000600037341M",
        customer_kind="corporate")  # fmt: skip
    add("customer", customer_id="PASS", id_type="passport", id_number="110105194912310021")
    add("customer", customer_id="TWO", org_id="NOWHERE", opened_on=DAY_AFTER)
    add("customer", customer_id="TODAY", opened_on=str(D))
    add("corporate_profile", customer_id="P1", settlement_share="1.01")
    add("corporate_profile", customer_id="PASS", settlement_share="1", has_bad_record="perhaps")
    add("account", account_id="PLACES", balance="1.001")
    add("account", account_id="NONE", balance="")
    add("account", account_id="WORD", balance="n/a")
    add("account", account_id="MUCH", balance="10000000000000.00")
    add("account", account_id="NEARLY", balance="9999999999999.99")
    add("account", account_id="MINUS", balance="-5.00")
    add("account", account_id="USD", currency="USD")
    add("account", account_id="JPY", currency="JPY")
    add("loan", loan_id="MINUS", principal_balance="-0.01")
    add("loan", loan_id="NIL", principal_balance="0")
    add("loan", loan_id="DRAWN", drawn_on=DAY_AFTER)
    add("card", card_id="ISSUED", issued_on=DAY_AFTER)
    add("card_transaction", transaction_id="WHEN", transacted_on=DAY_AFTER)
    add("card_transaction", transaction_id="LATE", on=BEFORE, transacted_on=str(D))
    add("card_transaction", transaction_id="KIND", card_kind="prepaid")
    add("visit", visit_id="V1", visited_on=DAY_AFTER)
    add("visit", visit_id="V2", started_at="2026-03-30T09:00:00+08:00")
    add("prospect", prospect_id="R1", source="other", org_id="O1", listed_on=DAY_AFTER)
    add("prospect", prospect_id="R2", source="other", org_id="O1", listed_on=str(D))
    for year, score in (("2024", "50.01"), ("2023", "-0.01"), ("2022", "50.00"), ("2021", "0")):
        add("appraisal_score", employee_id="E1", year=f"{year}-01-01", part="leader", score=score)
    add("appraisal_score", employee_id="E1", year="2025-02-01", part="leader", score="1")
    for key, score in (("F1", "100.01"), ("F2", "-0.01"), ("F3", "100.00"), ("F4", "0"), ("F5", "")):
        add("appraisal_feedback", feedback_id=key, score=score, **HEARD)
    add("appraisal_feedback", feedback_id="F6", **{**HEARD, "received_on": DAY_AFTER})
    add("campaign", campaign_id="C1", starts_on=str(D), ends_on=str(BEFORE), **PLANNED)
    add("campaign", campaign_id="C2", starts_on=str(D), ends_on=str(D), **PLANNED)
    add("campaign", campaign_id="C3", starts_on=str(D), ends_on=str(D), **PLANNED | {"planned_conversions": "1.0"})
    add("campaign_member", campaign_id="C1", customer_id="P1", is_control="false")
    add("campaign_member", campaign_id="C2", customer_id="GONE", is_control="false")
    add("reported_metric", org_id="O1", metric="fee_income", month="2026-03-01", value="1e17")
    add("reported_metric", org_id="O1", metric="fee_income", month="2026-02-01", value="0.0000001")
    add("target", org_id="O1", metric="new_customers", year="2026-01-01", amount="9999999999999.99")
    add("target", org_id="O1", metric="customers", year="2026-01-01", amount="10000000000000")
    add("contribution", customer_id="P1", month="2026-03-02", **EARNED)
    add("contribution", customer_id="P1", month="2026-03-01", **EARNED)
    add("employee", employee_id="NOROLE", role="boss")
    add("relationship", employee_id="NOROLE")
    add("brokerage", brokerage_account_id="B1", margin_balance="1e13")
    bank.add_sound()
    bank.write()
    judged = judge(bank.settings)
    assert judged.blocks == set()
    assert judged.held == {
        ("fx_rate", "JPY", "cny_per_unit.type"),
        ("organization", "LOST", "parent_org_id.reference"),
        ("customer", "BORN", "birth_date.type"),
        ("customer", "KIND", "customer_kind.enum"),
        ("customer", "NOKIND", "customer_kind.required"),
        ("customer", "(missing)", "customer_id.required"),
        ("customer", "ORG", "org_id.reference"),
        ("customer", "OPEN", "opened_on.future"),
        ("customer", "RIC", "id_number.checksum"),
        ("customer", "USCC", "id_number.checksum"),
        ("customer", "TWO", "org_id.reference"),
        ("customer", "TWO", "opened_on.future"),
        ("corporate_profile", "P1", "settlement_share.range"),
        ("corporate_profile", "PASS", "has_bad_record.type"),
        ("account", "PLACES|CNY", "balance.type"),
        ("account", "NONE|CNY", "balance.required"),
        ("account", "WORD|CNY", "balance.type"),
        ("account", "MUCH|CNY", "balance.limit"),
        ("account", "JPY|JPY", "currency.rate"),
        ("loan", "MINUS", "principal_balance.negative"),
        ("loan", "DRAWN", "drawn_on.future"),
        ("card", "ISSUED", "issued_on.future"),
        ("card_transaction", "WHEN", "transacted_on.future"),
        ("card_transaction", "LATE", "transacted_on.future"),
        ("card_transaction", "KIND", "card_kind.enum"),
        ("visit", "V1|E1", "visited_on.future"),
        ("visit", "V2|E1", "started_at.type"),
        ("prospect", "R1", "listed_on.future"),
        ("appraisal_score", "E1|2024-01-01|leader", "score.range"),
        ("appraisal_score", "E1|2023-01-01|leader", "score.range"),
        ("appraisal_score", "E1|2025-02-01|leader", "year.first_day"),
        ("appraisal_feedback", "F1", "score.range"),
        ("appraisal_feedback", "F2", "score.range"),
        ("appraisal_feedback", "F6", "received_on.future"),
        ("campaign", "C1", "ends_on.order"),
        ("campaign", "C3", "planned_conversions.type"),
        ("campaign_member", "C1|P1", "campaign_id.reference"),
        ("reported_metric", "O1|fee_income|2026-02-01", "value.type"),
        ("target", "O1|customers|2026-01-01", "amount.limit"),
        ("contribution", "P1|2026-03-02", "month.first_day"),
        ("employee", "NOROLE", "role.enum"),
        ("relationship", "P1|NOROLE|manager|2021-01-01", "employee_id.reference"),
        ("brokerage", "B1", "margin_balance.limit"),
    }
    assert_findings_say_what_is_held(judged)
    assert judged.counts("customer") == (43, 34, 9)
    accepted = judged.accepted("customer", "customer_id")
    assert [key for key in accepted if not key[0].startswith("SOUND")] == [
        ("P1",),
        ("PASS",),
        ("RICOK",),
        ("TODAY",),
    ]
    accounts = {key for (key,) in judged.accepted("account", "account_id") if not key.startswith("SOUND")}
    assert accounts == {"A1", "MINUS", "NEARLY", "USD"}
    # A parent need only have been received.
    assert ("UNDER",) in judged.accepted("organization", "org_id")
    assert judged.query("select sum(rows_counted) from gate_1.quarantine where row_key = 'TWO'") == [(1,)]


def test_a_finding_counts_what_is_held_back_under_it(bank: SmallBank) -> None:
    """An unreadable value is not a missing one, in the findings as in the quarantine."""
    bank.add("account", account_id="SOON", opened_on="soon")
    bank.add("account", account_id="NEVER", opened_on="")
    bank.add("card_transaction", on=BEFORE, transaction_id="T1", amount="much")
    bank.add("card_transaction", on=D, transaction_id="T2", amount="more")
    bank.write()
    judged = judge(bank.settings)
    assert_findings_say_what_is_held(judged)
    said = {f.rule_id: str(f) for f in judged.result.findings if f.severity == "quarantine"}
    assert said == {
        "account.opened_on.type": "account, 1 row: the value is not a calendar day written as YYYY-MM-DD"
        " without a time of day"
        f" [account.opened_on.type] (of {D})",
        "account.opened_on.required": "account, 1 row: a mandatory value is missing"
        f" [account.opened_on.required] (of {D})",
        "card_transaction.amount.type": "card_transaction, 2 rows: the value is not a number with at most 2 decimals,"
        " written as 1234.50 without separators"
        f" [card_transaction.amount.type] (of 2 dates, the newest {D})",
    }


def test_a_finding_whose_rows_are_all_explained_is_none(bank: SmallBank) -> None:
    bank.add("account", account_id="SOON", opened_on="soon")
    bank.write()
    judged = judge(bank.settings)
    assert_findings_say_what_is_held(judged)
    assert [f.rule_id for f in judged.result.findings if f.table == "account"] == ["account.opened_on.type"]


def test_a_rejected_parent_takes_its_children_along(bank: SmallBank) -> None:
    bank.add("organization", org_id="BAD", org_level="planet")
    bank.add("customer", customer_id="P2", org_id="BAD")
    bank.add("account", account_id="A2", customer_id="P2")
    bank.add("card", card_id="K2", customer_id="P2")
    bank.add("employee", employee_id="E2", org_id="BAD")
    bank.add("relationship", employee_id="E2")
    bank.add("relationship", customer_id="P2")
    # Events may name unknown customers and cards: they may have left since.
    bank.add("card_transaction", transaction_id="T2", customer_id="P2", card_id="K2")
    bank.add("visit", visit_id="V2", customer_id="P2", employee_id="E2")
    bank.add("financial_statement", customer_id="P2", period_end=str(D), **STATED)
    bank.add("contribution", customer_id="P2", month="2026-03-01", **EARNED)
    bank.write()
    judged = judge(bank.settings)
    assert judged.held == {
        ("organization", "BAD", "org_level.enum"),
        ("customer", "P2", "org_id.reference"),
        ("account", "A2|CNY", "customer_id.reference"),
        ("card", "K2", "customer_id.reference"),
        ("employee", "E2", "org_id.reference"),
        ("relationship", "P1|E2|manager|2021-01-01", "employee_id.reference"),
        ("relationship", "P2|E1|manager|2021-01-01", "customer_id.reference"),
    }
    for events in ("visit", "card_transaction", "financial_statement", "contribution"):
        assert judged.counts(events) == (1, 1, 0)


def test_copies_of_a_row(bank: SmallBank) -> None:
    """One of identical copies stays; differing ones are all quarantined, with what refers to them."""
    for _ in range(3):
        bank.add("customer", customer_id="SAME")
    bank.add("account", account_id="OF_SAME", customer_id="SAME")
    bank.add("customer", customer_id="DIFF", mobile_phone="13800000000")
    bank.add("customer", customer_id="DIFF", mobile_phone="13800000001")
    bank.add("account", account_id="OF_DIFF", customer_id="DIFF")
    # Null and a value differ.
    bank.add("customer", customer_id="NULL")
    bank.add("customer", customer_id="NULL", marketing_consent="true")
    # One account number may hold several currencies: no copies of each other.
    bank.add("fx_rate", currency="USD", cny_per_unit="7")
    bank.add("account", account_id="A1", currency="USD")
    bank.add_sound()
    bank.write()
    judged = judge(bank.settings)
    assert judged.held == {
        ("customer", "SAME", "key.duplicate"),
        ("customer", "DIFF", "key.conflict"),
        ("customer", "NULL", "key.conflict"),
        ("account", "OF_DIFF|CNY", "customer_id.reference"),
    }
    assert {("P1",), ("SAME",)} < set(judged.accepted("customer", "customer_id"))
    assert judged.counts("customer") == (38, 32, 6)
    assert judged.query("select rows_held from gate_1.quarantine where row_key = 'SAME'") == [(2,)]
    assert ("OF_SAME", "CNY") in judged.accepted("account", "account_id, currency")


def test_rows_that_differ_only_by_odd_characters_are_no_copies(bank: SmallBank) -> None:
    """Whatever a text contains, it is distinct from null and from its neighbours."""
    pairs = {
        "NULL": [{"id_number": ""}, {"id_number": "\x1e"}],
        "DASH": [{"id_number": ""}, {"id_number": "-"}],
        "SHIFT": [
            {"customer_name": "a\x1f\x1e", "id_number": "b"},
            {"customer_name": "a", "id_number": "\x1e\x1fb"},
        ],
        "COUNT": [{"customer_name": "a--", "id_number": ""}, {"customer_name": "a", "id_number": "1:-"}],
    }
    for key, copies in pairs.items():
        for values in copies:
            bank.add("customer", customer_id=key, **values)
    bank.write()
    judged = judge(bank.settings)
    assert judged.held == {("customer", key, "key.conflict") for key in pairs}
    assert judged.accepted("customer", "customer_id") == [("P1",)]


def test_copies_of_an_event_across_partitions(bank: SmallBank) -> None:
    """The history is one table: the copy delivered first stays."""
    for on in (BEFORE, D):
        bank.add("card_transaction", on=on, transaction_id="TWICE", amount="7.00")
        bank.add("card_transaction", on=on, transaction_id="OTHER", amount=f"{on.day}.00")
    bank.add("card_transaction", on=AFTER, transaction_id="TWICE", amount="8.00")
    bank.write()
    judged = judge(bank.settings)
    rows = judged.query("select business_date, row_key, rule_id from gate_1.quarantine order by row_key, 1")
    assert rows == [
        (BEFORE, "OTHER", "card_transaction.key.conflict"),
        (D, "OTHER", "card_transaction.key.conflict"),
        (D, "TWICE", "card_transaction.key.duplicate"),
    ]
    assert judged.accepted("card_transaction", "transaction_id, _biz_date") == [("TWICE", BEFORE)]


def test_an_optional_column_may_be_absent(bank: SmallBank) -> None:
    """From one date of an event table and not from another, from one file of a date and not from another."""
    place = bank.folder("visit", BEFORE)
    place.mkdir(parents=True)
    (place / "part-0.csv").write_text(
        f"visit_id,customer_id,employee_id,visited_on,channel,outcome\nV1,P1,E1,{BEFORE},phone,\n", encoding="utf-8"
    )
    duckdb.execute(
        "copy (select 'V2' as visit_id, 'P1' as customer_id, 'E1' as employee_id, 'phone' as channel,"
        f" date '{BEFORE}' as visited_on, 'ok' as outcome, timestamp '{BEFORE} 09:00:00' as started_at)"
        f" to '{place}/part-1.parquet' (format parquet)"
    )
    bank.add("visit", visit_id="V3", visited_on=str(D), started_at=f"{D}T09:00", place="30.27,120.15")
    bank.write()
    judged = judge(bank.settings)
    assert judged.blocks == set()
    assert judged.held == set()
    assert judged.accepted("visit", "visit_id, started_at, ended_at, place") == [
        ("V1", None, None, None),
        ("V2", datetime(2026, 3, 30, 9), None, None),
        ("V3", datetime(2026, 3, 31, 9), None, "30.27,120.15"),
    ]


@pytest.mark.parametrize("name", ["Started_At", " started_at"])
def test_an_optional_column_under_a_name_like_its_own_blocks(bank: SmallBank, name: str) -> None:
    """Else its values would be lost without a word."""
    bank.add("visit", visit_id="V1")
    bank.write()
    file = bank.folder("visit") / "part-0.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("started_at", name), encoding="utf-8")
    judged = judge(bank.settings)
    assert judged.blocks == {("delivery.column", "visit")}
    assert f"no column started_at; the header has '{name}'" in str(judged.result.blocking[0])


def test_odd_csv_values_are_read_or_held_back(bank: SmallBank) -> None:
    odd = 'Smith, John "Jack"\n第二行'
    bank.add("organization", org_id="O2", org_name=odd)
    bank.add("customer", customer_id="ODD", customer_name=odd, mobile_phone="", birth_date="")
    bank.add("customer", customer_id="BLANK", customer_name=" x ", wealth_admission="")
    for number, text in enumerate(["2026-02-30", "31.12.2025", "infinity", "20251231"]):
        bank.add("account", account_id=f"DATE{number}", opened_on=text)
    amounts = {"1.10": "1.10", "1": "1.00", "1e3": "1000.00", "-0.005": None, "1,000.00": None,
               "": None, "NaN": None, "0.1": "0.10", "1.100": "1.10"}  # fmt: skip
    for number, text in enumerate(amounts):
        bank.add("account", account_id=f"N{number}", balance=text)
    bank.write()
    judged = judge(bank.settings)
    assert ("O2", odd) in judged.accepted("organization", "org_id, org_name")
    assert judged.query(
        "select customer_id, customer_name, mobile_phone, birth_date, wealth_admission"
        " from accepted.customer where customer_id <> 'P1' order by 1"
    ) == [("BLANK", " x ", None, None, None), ("ODD", odd, None, None, None)]
    read = dict(judged.accepted("account", "account_id, balance"))
    assert {key: read.get(key) for key in (f"N{n}" for n in range(len(amounts)))} == {
        f"N{n}": Decimal(wanted) if wanted else None for n, wanted in enumerate(amounts.values())
    }
    assert {key for _, key, rule in judged.held if rule == "opened_on.type"} == {
        "DATE0|CNY", "DATE1|CNY", "DATE2|CNY", "DATE3|CNY",
    }  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_lines_of_either_system_are_read(bank: SmallBank, newline: str) -> None:
    bank.add("organization", org_id="O2", org_name="two\nlines")
    bank.write(newline)
    judged = judge(bank.settings)
    assert judged.blocks == set()
    assert judged.counts("organization") == (3, 3, 0)
    assert judged.held == set()


def test_a_line_that_is_no_row_is_counted_and_held_back(bank: SmallBank) -> None:
    bank.write()
    file = bank.folder("card") / "part-0.csv"
    header = file.read_text(encoding="utf-8")
    sound = "K1,P1,debit,gold,,2020-01-01,,active"
    file.write_text(f"{header}{sound}\nK2,P1\n{sound.replace('K1', 'K3')},more,and more\n",
                    encoding="utf-8")  # fmt: skip
    judged = judge(bank.settings)
    assert judged.held == {
        ("card", "part-0.csv:3", "row.unreadable"),
        ("card", "part-0.csv:4", "row.unreadable"),
    }
    assert_findings_say_what_is_held(judged)
    (told,) = [str(f) for f in judged.result.findings if f.rule_id == "card.row.unreadable"]
    assert told == (
        "card, 2 rows: the line can't be read as a row of the table [card.row.unreadable]"
        f" (of {D}; first {D}/part-0.csv, line 3: the line has 2 values, the header 8)"
    )
    assert judged.counts("card") == (3, 1, 2)
    assert judged.accepted("card", "card_id") == [("K1",)]


def test_parquet_with_other_physical_types(bank: SmallBank) -> None:
    """Numbers as keys, doubles as money, text or timestamps as dates: read if they mean the same."""
    bank.write()
    folder = bank.folder("account")
    (folder / "part-0.csv").unlink()
    duckdb.execute(
        "copy (select account_id, 'P1' as customer_id, 'O1' as org_id,"
        " 'demand_deposit' as product_type, 'CNY' as currency, balance, cast(null as integer) as"
        " balance_mtd_average, opened_on, '2030-01-01' as matures_on, 'active' as status,"
        " 'surplus' as not_in_the_contract from (values"
        " (1, 1.1::double, timestamp '2020-01-02 00:00:00'),"
        " (2, 0.125::double, timestamp '2020-01-02 00:00:00'),"
        " (3, 'nan'::double, timestamp '2020-01-02 00:00:00'),"
        " (4, 0.1::double + 0.2::double, timestamp '2020-01-02 00:00:00'),"
        " (5, 9999999999999.99::double, timestamp '2020-01-02 00:00:00'))"
        f" v(account_id, balance, opened_on)) to '{folder}/one.parquet' (format parquet)"
    )
    judged = judge(bank.settings)
    assert judged.blocks == set()
    assert judged.accepted("account", "account_id, balance, opened_on, matures_on") == [
        ("1", Decimal("1.10"), date(2020, 1, 2), date(2030, 1, 1)),
        ("4", Decimal("0.30"), date(2020, 1, 2), date(2030, 1, 1)),
        ("5", Decimal("9999999999999.99"), date(2020, 1, 2), date(2030, 1, 1)),
    ]
    assert judged.held == {
        ("account", "2|CNY", "balance.type"),
        ("account", "3|CNY", "balance.type"),
    }


def test_a_partition_of_both_formats_is_read_whole(bank: SmallBank) -> None:
    bank.write()
    folder = bank.folder("organization")
    duckdb.execute(
        "copy (select 'O2' as org_id, 'HO' as parent_org_id, 'outlet' as org_level, '二' as org_name)"
        f" to '{folder}/more.parquet' (format parquet)"
    )
    judged = judge(bank.settings)
    assert judged.accepted("organization", "org_id") == [("HO",), ("O1",), ("O2",)]
    numbers = judged.query("select count(*), count(distinct _row) from landing.organization")
    assert numbers == [(3, 3)]


NEARLY = "9999999999999.99"


def booked(bank: SmallBank, table: str, customer: str, rows: int, **values: str) -> None:
    """Book the largest amount that a column takes on a customer, so many times."""
    bank.add("customer", customer_id=customer)
    for number in range(rows):
        bank.add(table, customer_id=customer, **{TABLES[table].key[0]: f"{customer}-{number}"}, **values)


def test_a_sum_that_no_published_amount_holds_blocks(bank: SmallBank) -> None:
    """1,000 times 9,999,999,999,999.99 is 10 yuan below 1e16."""
    booked(bank, "account", "BELOW", 1000, balance=NEARLY)
    bank.add("account", account_id="FEN", customer_id="BELOW", balance="9.99")
    bank.add("account", account_id="OVERDRAWN", customer_id="BELOW", balance="-9999999999999999.99")
    booked(bank, "brokerage", "MARGIN", 1000, margin_balance=f"-{NEARLY}")
    bank.write()
    judged = judge(bank.settings)
    assert judged.blocks == set()
    assert judged.held == set()
    bank.add("account", account_id="LAST", customer_id="BELOW", balance="0.01")
    booked(bank, "loan", "LOAN", 1001, principal_balance=NEARLY)
    booked(bank, "card_transaction", "SPEND", 1001, amount=NEARLY)
    bank.add("brokerage", brokerage_account_id="LAST", customer_id="MARGIN", margin_balance="-10.00")
    bank.write()
    judged = judge(bank.settings)
    assert judged.blocks == {
        ("delivery.customer_sum", table) for table in ("account", "brokerage", "loan", "card_transaction")
    }
    assert {(finding.table, finding.detail) for finding in judged.result.blocking} == {
        ("account", "financial_assets of customer BELOW, MARGIN"),
        ("brokerage", "custody_margin_balance of customer MARGIN"),
        ("loan", "loan_balance of customer LOAN"),
        ("card_transaction", "card_spend_12m of customer SPEND"),
    }
    assert judged.held == set()


def test_a_sum_counts_accounts_and_margin_together_and_in_cny(bank: SmallBank) -> None:
    bank.add("fx_rate", currency="USD", cny_per_unit="2")
    booked(bank, "account", "BOTH", 500, balance="4999999999999.99", currency="USD")
    booked(bank, "brokerage", "ALSO", 0)
    for number in range(501):
        bank.add("brokerage", brokerage_account_id=f"B{number}", customer_id="BOTH", margin_balance=NEARLY)
    # Its average counts where it is the greater one.
    booked(bank, "account", "AVERAGE", 1001, balance="0", balance_mtd_average=NEARLY)
    bank.write()
    judged = judge(bank.settings)
    assert [finding.detail for finding in judged.result.blocking] == ["financial_assets of customer AVERAGE, BOTH"]


def test_any_negative_amount_at_any_rate_is_judged(bank: SmallBank) -> None:
    """An overdrawn account counts as 0 however large it is; a negative margin counts, and blocks."""
    bank.add("fx_rate", currency="XTS", cny_per_unit="9999999999")
    for number in range(200):
        bank.add("account", account_id=f"A{number}", currency="XTS", balance="-9999999999999999.99")
    bank.write()
    assert judge(bank.settings).blocks == set()
    for number in range(200):
        bank.add("brokerage", brokerage_account_id=f"B{number}", currency="XTS", margin_balance="-9999999999999999.99")
    bank.write()
    judged = judge(bank.settings)
    assert {(f.table, f.detail) for f in judged.result.blocking} == {
        ("account", "financial_assets of customer P1"),
        ("brokerage", "custody_margin_balance of customer P1"),
    }


def test_what_is_known_on_the_day(bank: SmallBank) -> None:
    """The newest partition up to D of a snapshot, all up to D of events, nothing later."""
    for on in (BEFORE, D, AFTER):
        bank.add("customer", on=on, customer_id=f"C{on.day}")
        bank.add("visit", on=on, visit_id=f"V{on.day}", visited_on="2026-03-01")
        bank.add("relationship", on=on, customer_id="P1", since=f"2025-01-{on.day:02d}")
    del bank.rows["relationship", D]
    bank.write()
    # Later partitions are not even opened.
    (bank.folder("account", AFTER)).mkdir(parents=True)
    (bank.folder("account", AFTER) / "broken.parquet").write_bytes(b"no parquet")
    judged = judge(bank.settings)
    assert judged.blocks == set()
    assert judged.accepted("customer", "customer_id") == [("C31",), ("P1",)]
    assert judged.accepted("visit", "visit_id") == [("V30",), ("V31",)]
    assert judged.accepted("relationship", "since") == [(date(2025, 1, 30),)]
    stale = [f for f in judged.result.findings if f.rule_id == "delivery.optional_stale"]
    assert [f.table for f in stale] == ["relationship"]
    assert str(BEFORE) in stale[0].detail


def test_what_is_known_later(bank: SmallBank) -> None:
    """Of the partitions after D only events that happened up to D, or whose day can't be read; snapshots as of D."""
    later = D + timedelta(days=5)
    for on in (AFTER, later):
        bank.add("customer", on=on, customer_id=f"C{on.day}")
        bank.add("visit", on=on, visit_id=f"D{on.day}", visited_on=str(D))
        bank.add("visit", on=on, visit_id=f"N{on.day}", visited_on=DAY_AFTER)
        bank.add("visit", on=on, visit_id=f"X{on.day}", visited_on="2026-02-30")
        bank.add("contribution", on=on, customer_id=f"C{on.day}", month="2026-03-01", **EARNED)
        bank.add("contribution", on=on, customer_id=f"C{on.day}", month="2026-04-01", **EARNED)
        bank.add("financial_statement", on=on, customer_id=f"C{on.day}", period_end=str(D), **STATED)
        bank.add("card_transaction", on=on, transaction_id=f"T{on.day}", transacted_on=DAY_AFTER)
    bank.add("visit", visit_id="EARLY", visited_on=DAY_AFTER)
    bank.write()
    (bank.folder("card", AFTER)).mkdir(parents=True)
    (bank.folder("card", AFTER) / "broken.parquet").write_bytes(b"no parquet")
    judged = judge(bank.settings, known_on=AFTER)
    assert judged.blocks == set()
    assert judged.accepted("customer", "customer_id") == [("P1",)]
    assert judged.accepted("visit", "visit_id, _biz_date") == [("D1", AFTER)]
    assert judged.held == {("visit", "X1|E1", "visited_on.type"), ("visit", "EARLY|E1", "visited_on.future")}
    assert judged.accepted("contribution", "customer_id, month") == [("C1", date(2026, 3, 1))]
    assert judged.accepted("financial_statement", "customer_id") == [("C1",)]
    assert judged.accepted("card_transaction", "transaction_id") == []
    # Each row of a later file is received, or counted as one of a later date.
    assert judged.query(
        "select table_name, rows_in_file, rows_received, rows_later from delivery.file"
        f" where business_date > date '{D}' order by all"
    ) == [
        ("card_transaction", 1, 0, 1),
        ("contribution", 2, 1, 1),
        ("financial_statement", 1, 1, 0),
        ("visit", 3, 2, 1),
    ]
    assert judged.counts("visit") == (3, 1, 2)
    assert judged.query("select business_date, known_on from run.context") == [(D, AFTER)]
    by_the_reference = accept(bank.landing, D, AFTER)
    for name in TABLES:
        there = (by_the_reference.received[name], by_the_reference.accepted[name], by_the_reference.quarantined[name])
        assert judged.counts(name) == there, name
    assert judge(bank.settings, known_on=later).accepted("visit", "visit_id") == [("D1",), ("D5",)]
    assert judge(bank.settings).accepted("visit", "visit_id") == []


def test_warnings_change_no_row(bank: SmallBank) -> None:
    bank.add("customer", customer_id="OLD", birth_date="1900-01-01")
    bank.add("customer", customer_id="UNBORN", birth_date=DAY_AFTER)
    bank.add("customer", customer_id="FIRM", customer_kind="corporate", birth_date="1980-01-01")
    bank.add("customer", customer_id="WHOSE", id_type="resident_id",
             id_number="11010519491231002X", birth_date="1950-01-01")  # fmt: skip
    for number in range(6):
        bank.add("customer", customer_id=f"SHARED{number}", mobile_phone="12345")
    bank.add("account", account_id="BACK", matures_on="2019-01-01")
    bank.add("account", account_id="LOW", balance="-10000000000000.00")
    bank.add("account", account_id="HIGHER", balance="-9999999999999.99")
    bank.add("loan", loan_id="L", matures_on="2019-01-01")
    bank.add("card_transaction", transaction_id="NEG", amount="-1.00")
    bank.add("visit", visit_id="V", employee_id="NOBODY", visited_on="2026-01-01")
    bank.add("employee", employee_id="LEFT", left_on="2019-01-01")
    bank.add("organization", org_id="SELF", parent_org_id="SELF")
    bank.add("card", card_id="K1")
    bank.write()
    judged = judge(bank.settings)
    assert judged.held == set()
    assert {f.severity for f in judged.result.findings} == {"warning"}
    assert warned(judged) == {
        "customer.birth_date.age": 2,
        "customer.birth_date.kind": 1,
        "customer.birth_date.identity": 1,
        "customer.mobile_phone.format": 6,
        "customer.mobile_phone.shared": 6,
        "account.matures_on.order": 1,
        "account.balance.unit": 1,
        "account.balance.negative": 2,
        "loan.matures_on.order": 1,
        "card_transaction.amount.sign": 1,
        "visit.visited_on.late": 1,
        "visit.employee_id.known": 1,
        "employee.left_on.order": 1,
        "organization.parent_org_id.self": 1,
    }


# A campaign of the last two days of February, for which 30 days of conversions end on 30 March.
DAYS = {"starts_on": "2026-02-27", "ends_on": "2026-02-28"}
STATED = {"report_kind": "annual", "total_assets": "1.00"}
SOUND: list[tuple[str, Row]] = [
    ("account", {"account_id": "S1", "balance": "0.00"}),
    ("brokerage", {"brokerage_account_id": "S1", "margin_balance": "0"}),
    ("customer", {"customer_id": "S1", "mobile_phone": "13888888887"}),
    ("customer", {"customer_id": "S2", "mobile_phone": "13988888880"}),
    ("card", {"card_id": "K1", "activated_on": str(D)}),
    ("contribution", {"customer_id": "P1", "month": "2026-03-01", **EARNED}),
    ("financial_statement", {"customer_id": "P1", "period_end": str(D), **STATED}),
    # One manager at a time, one by another relation, one not yet in force.
    ("relationship", {"customer_id": "S1", "employee_id": "E1", "until": str(D)}),
    ("relationship", {"customer_id": "S1", "employee_id": "E2"}),
    ("relationship", {"customer_id": "S1", "employee_id": "E1", "relation": "claim"}),
    ("relationship", {"customer_id": "S1", "employee_id": "E1", "since": DAY_AFTER}),
    # The manager leaves tomorrow; one who left is no longer a manager, or only the referrer.
    ("relationship", {"customer_id": "S2", "employee_id": "LEAVES"}),
    ("relationship", {"customer_id": "S2", "employee_id": "LEFT", "until": str(D)}),
    ("relationship", {"customer_id": "S2", "employee_id": "LEFT", "relation": "referrer"}),
    ("visit", {"visit_id": "S1", "employee_id": "LEFT", "visited_on": "2026-03-29"}),
    ("visit", {"visit_id": "S2", "employee_id": "LEAVES", "visited_on": str(D)}),
    ("visit", {"visit_id": "S3", "employee_id": "CAME", "visited_on": "2026-03-30"}),
    ("visit", {"visit_id": "S4", "started_at": f"{BEFORE} 00:00", "ended_at": f"{BEFORE}T00:00:00"}),
    ("visit", {"visit_id": "S5", "started_at": f"{BEFORE}T23:59:59.999999", "ended_at": f"{D}T00:10"}),
    ("visit", {"visit_id": "S6", "ended_at": f"{D}T00:10"}),
    ("card_transaction", {"transaction_id": "S1"}),
    ("service", {"customer_id": "S1", "service_kind": "bill", "opened_on": str(D), "closed_on": str(D)}),
    ("customer_link", {"customer_id": "S1", "linked_customer_id": "S2", "link_kind": "family"}),
    ("campaign", {"campaign_id": "C1", **DAYS, **PLANNED}),
    ("campaign_member", {"customer_id": "S1", **MEMBER, "contacted_on": "2026-02-27", "converted_on": "2026-02-27"}),
    ("campaign_member", {"customer_id": "S2", **MEMBER, "contacted_on": "2026-02-28", "converted_on": "2026-03-30"}),
    ("campaign_member", {"customer_id": "S3", **MEMBER}),
    ("target", {"org_id": "O1", "metric": "customers", "year": "2027-01-01", "amount": "-9999999999999.99"}),
]
GRANTED = {"customer_id": "P1", "currency": "CNY", "approved_amount": "-0.01", "valid_from": "2026-01-01"}
DOUBTFUL: list[tuple[str, str, Row]] = [
    ("account", "balance.negative", {"account_id": "D1", "balance": "-0.01"}),
    ("account", "balance.negative", {"account_id": "D2", "balance": "-5", "status": "closed"}),
    ("brokerage", "margin_balance.negative", {"brokerage_account_id": "D1", "margin_balance": "-0.01"}),
    ("credit_line", "target_amount.negative", {"credit_line_id": "D1", "target_amount": "-0.01", **GRANTED}),
    ("customer", "mobile_phone.repeated", {"customer_id": "D1", "mobile_phone": "13333333333"}),
    ("customer", "mobile_phone.repeated", {"customer_id": "D2", "mobile_phone": "138-8888-8888"}),
    ("card", "activated_on.future", {"card_id": "D1", "activated_on": DAY_AFTER}),
    ("corporate_profile", "established_on.future", {"customer_id": "P1", "established_on": DAY_AFTER}),
    ("corporate_profile", "strategic_agreement_on.future", {"customer_id": "S1", "strategic_agreement_on": DAY_AFTER}),
    ("contribution", "month.future", {"customer_id": "P1", "month": "2026-04-01", **EARNED}),
    ("financial_statement", "period_end.future", {"customer_id": "P1", "period_end": DAY_AFTER, **STATED}),
    ("relationship", "relation.several", {"customer_id": "D1", "employee_id": "E1", "until": DAY_AFTER}),
    ("relationship", "relation.several", {"customer_id": "D1", "employee_id": "E2"}),
    ("relationship", "employee_id.employed", {"customer_id": "D2", "employee_id": "LEFT"}),
    ("relationship", "employee_id.employed", {"customer_id": "P1", "employee_id": "COMES"}),
    ("visit", "employee_id.employed", {"visit_id": "D1", "employee_id": "LEFT", "visited_on": "2026-03-30"}),
    ("visit", "employee_id.employed", {"visit_id": "D2", "employee_id": "CAME", "visited_on": "2026-03-29"}),
    ("visit", "employee_id.known", {"visit_id": "D3", "employee_id": "NOBODY"}),
    ("visit", "ended_at.order", {"visit_id": "D5", "started_at": f"{BEFORE} 09:00", "ended_at": f"{BEFORE} 08:59"}),
    ("visit", "started_at.day", {"visit_id": "D6", "started_at": f"{D} 00:00"}),
    ("visit", "customer_id.known", {"visit_id": "D4", "customer_id": "NOBODY"}),
    ("card_transaction", "customer_id.known", {"transaction_id": "D1", "customer_id": "NOBODY"}),
    ("card_transaction", "card_id.known", {"transaction_id": "D2", "card_id": "NOCARD"}),
    (
        "service",
        "closed_on.order",
        {"customer_id": "D1", "service_kind": "bill", "opened_on": str(D), "closed_on": str(BEFORE)},
    ),
    (
        "customer_link",
        "linked_customer_id.self",
        {"customer_id": "D1", "linked_customer_id": "D1", "link_kind": "family"},
    ),
    ("campaign", "situation.plan", {"campaign_id": "D1", **DAYS, **PLANNED, "situation": ""}),
    ("campaign", "goals.plan", {"campaign_id": "D2", **DAYS, **PLANNED, "goals": " \t\u3000"}),
    ("campaign", "strategy.plan", {"campaign_id": "D3", **DAYS, **PLANNED, "strategy": "\u00a0"}),
    ("campaign", "implementation.plan", {"campaign_id": "D4", **DAYS, **PLANNED, "implementation": "\n"}),
    ("campaign", "feedback_channel.plan", {"campaign_id": "D5", **DAYS, **PLANNED, "feedback_channel": ""}),
    ("campaign_member", "contacted_on.campaign", {"customer_id": "D1", **MEMBER, "contacted_on": "2026-02-26"}),
    ("campaign_member", "contacted_on.campaign", {"customer_id": "D2", **MEMBER, "contacted_on": "2026-03-01"}),
    ("campaign_member", "converted_on.campaign", {"customer_id": "D3", **MEMBER, "converted_on": "2026-02-26"}),
    ("campaign_member", "converted_on.campaign", {"customer_id": "D4", **MEMBER, "converted_on": "2026-03-31"}),
    ("target", "amount.unit", {"org_id": "O1", "metric": "m", "year": "2027-01-01", "amount": "-10000000000000"}),
    ("reported_metric", "month.future", {"org_id": "O1", "metric": "m", "month": "2026-04-01", "value": "1"}),
    ("financial_statement", "customer_id.known", {"customer_id": "NOBODY", "period_end": str(D), **STATED}),
    ("contribution", "customer_id.known", {"customer_id": "NOBODY", "month": "2026-03-01", **EARNED}),
]


def test_doubtful_rows_are_warned_of_and_go_on(bank: SmallBank) -> None:
    """The sound rows, which nearly trigger the rules, give no warning; each doubtful one gives only its own."""
    bank.add("employee", employee_id="E2")
    bank.add("employee", employee_id="LEFT", left_on="2026-03-30")
    bank.add("employee", employee_id="LEAVES", left_on=DAY_AFTER)
    bank.add("employee", employee_id="CAME", hired_on="2026-03-30")
    bank.add("employee", employee_id="COMES", hired_on=DAY_AFTER)
    for table, row in SOUND:
        bank.add(table, **row)
    bank.write()
    assert warned(judge(bank.settings)) == {}
    for table, _, row in DOUBTFUL:
        bank.add(table, **row)
    bank.write()
    judged = judge(bank.settings)
    assert warned(judged) == Counter(f"{table}.{rule}" for table, rule, _ in DOUBTFUL)
    assert judged.held == set()
    for (table, _), rows in bank.rows.items():
        assert judged.counts(table) == (len(rows), len(rows), 0)


def test_an_event_of_long_ago_may_be_of_who_has_left_since(bank: SmallBank) -> None:
    """The policy's 31 days, counted from the recording of the event."""
    for days in (30, 31):
        on = D - timedelta(days=days)
        bank.add("visit", on=on, visit_id=f"V{days}", customer_id="GONE", visited_on=str(on))
        bank.add("card_transaction", on=on, transaction_id=f"T{days}", customer_id="GONE", card_id="GONE",
                 transacted_on=str(on))  # fmt: skip
        bank.add("financial_statement", on=on, customer_id="GONE", period_end=str(on), **STATED)
        bank.add("contribution", on=on, customer_id="GONE", month=f"2026-0{days - 29}-01", **EARNED)
    bank.write()
    judged = judge(bank.settings)
    assert warned(judged) == {
        "visit.customer_id.known": 1,
        "card_transaction.customer_id.known": 1,
        "card_transaction.card_id.known": 1,
        "financial_statement.customer_id.known": 1,
        "contribution.customer_id.known": 1,
    }
    assert judged.held == set()


def test_who_is_held_back_is_not_unknown(bank: SmallBank) -> None:
    bank.add("customer", customer_id="BAD", customer_kind="alien")
    bank.add("employee", employee_id="BAD", role="boss")
    bank.add("card", card_id="BAD", card_grade="tin")
    bank.add("visit", visit_id="V", customer_id="BAD", employee_id="BAD")
    bank.add("card_transaction", transaction_id="T", customer_id="BAD", card_id="BAD")
    bank.write()
    assert warned(judge(bank.settings)) == {}


def test_an_identity_number_of_the_old_form_is_called_so(bank: SmallBank) -> None:
    """It fails the checksum like any other wrong number; the warning says what to fix."""
    bank.add("customer", customer_id="OLD", id_type="resident_id", id_number="110105491231002")
    bank.add("customer", customer_id="SHORT", id_type="resident_id", id_number="11010549123100X")
    bank.add("customer", customer_id="OTHER", id_type="other", id_number="110105491231002")
    bank.write()
    judged = judge(bank.settings)
    assert warned(judged) == {"customer.id_number.old_form": 1}
    assert judged.held == {
        ("customer", "OLD", "id_number.checksum"),
        ("customer", "SHORT", "id_number.checksum"),
    }


def test_check_characters_are_judged_in_capitals(bank: SmallBank) -> None:
    """Lower case is a warning, for the two kinds of numbers with a check character."""
    bank.add("customer", customer_id="RIC", id_type="resident_id", id_number="11010519491231002x")
    bank.add("customer", customer_id="USCC", id_type="uscc", id_number="91110000600037341l", customer_kind="corporate")
    bank.add("customer", customer_id="WRONG", id_type="uscc", id_number="91110000600037341m", customer_kind="corporate")
    bank.add("customer", customer_id="PASS", id_type="passport", id_number="e12345678")
    bank.write()
    judged = judge(bank.settings)
    assert judged.held == {("customer", "WRONG", "id_number.checksum")}
    assert warned(judged) == {"customer.id_number.lower_case": 3}


def test_nothing_that_is_said_carries_a_personal_value(
    bank: SmallBank, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Findings, the gate's tables, logs and output contain only keys and counts."""
    marks = ["王记号MARK", "13911112222", "110105194912310021", "1899-12-31"]
    name, phone, number, born = marks
    person = {"customer_name": name, "mobile_phone": phone, "id_number": number,
              "id_type": "resident_id", "birth_date": born}  # fmt: skip
    bank.add("customer", customer_id="Q1", **person)
    bank.add("customer", customer_id="Q2", **{**person, "customer_kind": "alien"})
    bank.add("customer", customer_id="Q3", **{**person, "id_type": name})
    bank.add("customer", customer_id="Q3", **{**person, "id_type": "other"})
    for copy in range(7):
        bank.add("customer", customer_id=f"S{copy}", mobile_phone=phone)
    bank.add("employee", employee_id="E9", employee_name=name, role="boss")
    bank.write()
    with (bank.folder("customer") / "part-0.csv").open("ab") as file:
        file.write(f"R1,personal,{name},{phone}\n".encode())
    with caplog.at_level(logging.DEBUG):
        judged = judge(bank.settings)
    said = [str(finding) for finding in judged.result.findings] + [caplog.text, *capfd.readouterr()]
    for schema in ("gate_1", "run", "delivery"):
        for (table,) in judged.query(
            f"select table_name from information_schema.tables where table_schema = '{schema}'"
        ):
            said += [str(row) for row in judged.query(f"select * from {schema}.{table}")]
    assert ("customer", "Q1", "id_number.checksum") in judged.held
    assert ("customer", "Q3", "key.conflict") in judged.held
    assert len(said) > 20
    text = "\n".join(said)
    assert [mark for mark in marks if mark in text] == []


def test_a_line_that_is_not_utf8_is_held_back_and_tells_no_value(bank: SmallBank) -> None:
    bank.add_sound()
    bank.write()
    with (bank.folder("customer") / "part-0.csv").open("ab") as file:
        file.write(b"R1,personal,MARK\xff\xfeMARK,,,,,O1,2020-01-01,,\n")
    judged = judge(bank.settings)
    assert judged.blocks == set()
    assert judged.held == {("customer", "part-0.csv:33", "row.unreadable")}
    assert "MARK" not in "\n".join(str(f) for f in judged.result.findings)


def test_a_moment_is_no_date(bank: SmallBank) -> None:
    """A time of day does not fit a date column; cutting it off would alter the value."""
    bank.add("account", account_id="NOON", opened_on="2020-01-02 12:00:00")
    bank.add("account", account_id="MIDNIGHT", opened_on="2020-01-02 00:00:00")
    bank.write()
    judged = judge(bank.settings)
    assert ("MIDNIGHT", datetime(2020, 1, 2).date()) in judged.accepted("account", "account_id, opened_on")
    assert ("account", "NOON|CNY", "opened_on.type") in judged.held


@pytest.mark.parametrize(
    ("column", "text"),
    [("opened_on", "epoch"), ("opened_on", "2026-01-01 (BC)"), ("opened_on", "12026-01-01"), ("balance", "1_000")],
)
def test_what_only_the_database_reads_is_unreadable(bank: SmallBank, column: str, text: str) -> None:
    bank.add("account", **{"account_id": "ODD", column: text})
    bank.write()
    assert ("account", "ODD|CNY", f"{column}.type") in judge(bank.settings).held


def test_other_spellings_of_dates_and_amounts_are_read(bank: SmallBank) -> None:
    bank.add("account", account_id="SLASH", opened_on="2020/1/2", balance="+5")
    bank.add("account", account_id="BLANK", opened_on=" 2020-01-02", balance="5.00")
    bank.write()
    read = judge(bank.settings).accepted("account", "account_id, opened_on, balance")
    for name in ("SLASH", "BLANK"):
        assert (name, datetime(2020, 1, 2).date(), Decimal(5)) in read


# ------------------------------------------------------------------ limits of amounts


def test_a_limit_is_that_of_the_column(bank: SmallBank) -> None:
    """The balance sheet of a large bank is not a slip; an account of that size is."""
    sheets = {"2024-12-31": "26500000000000.00", "2023-12-31": "99999999999999.99", "2022-12-31": "100000000000000.00"}
    for period, total in sheets.items():
        bank.add("financial_statement", customer_id="P1", period_end=period, report_kind="annual", total_assets=total)
    bank.add("account", account_id="MUCH", balance="26500000000000.00")
    bank.add("account", account_id="AVERAGE", balance_mtd_average="10000000000000")
    bank.write()
    assert judge(bank.settings).held == {
        ("financial_statement", "P1|2022-12-31|annual", "total_assets.limit"),
        ("account", "MUCH|CNY", "balance.limit"),
        ("account", "AVERAGE|CNY", "balance_mtd_average.limit"),
    }


def test_a_limit_holds_in_both_currencies(bank: SmallBank) -> None:
    """7.125 CNY per dollar: 1,403,508,771,929.83 dollars are ten trillion CNY, a cent less is not; yen count less."""
    bank.add("fx_rate", currency="USD", cny_per_unit="7.12500000")
    bank.add("fx_rate", currency="JPY", cny_per_unit="0.05000000")
    # The base currency's rate is 1, whatever is delivered.
    bank.add("fx_rate", currency="CNY", cny_per_unit="100")
    amounts = {"1403508771929.82": "USD", "1403508771929.83": "USD", "9999999999999.99": "JPY",
               "10000000000000.00": "JPY", "200000000000.00": "CNY"}  # fmt: skip
    for number, (amount, currency) in enumerate(amounts.items()):
        bank.add("account", account_id=f"A{number}0", balance=amount, currency=currency)
        bank.add("card_transaction", transaction_id=f"T{number}", amount=amount, currency=currency)
    bank.add("account", account_id="LOW", balance="-1403508771929.83", currency="USD")
    bank.add("card", card_id="K1")
    bank.write()
    judged = judge(bank.settings)
    assert judged.held == {
        ("account", "A10|USD", "balance.limit"),
        ("account", "A30|JPY", "balance.limit"),
        ("card_transaction", "T1", "amount.limit"),
        ("card_transaction", "T3", "amount.limit"),
    }
    assert warned(judged)["account.balance.unit"] == 1


def test_a_rate_that_is_not_above_0_is_held_back_with_its_amounts(bank: SmallBank) -> None:
    bank.add("fx_rate", currency="USD", cny_per_unit="0")
    bank.add("fx_rate", currency="JPY", cny_per_unit="-0.05")
    bank.add("fx_rate", currency="HKD", cny_per_unit="0.00000001")
    for currency in ("USD", "JPY", "HKD"):
        bank.add("account", account_id=currency, currency=currency)
    bank.write()
    judged = judge(bank.settings)
    assert judged.held == {
        ("fx_rate", "USD", "cny_per_unit.positive"),
        ("fx_rate", "JPY", "cny_per_unit.positive"),
        ("account", "USD|USD", "currency.rate"),
        ("account", "JPY|JPY", "currency.rate"),
    }
    assert_findings_say_what_is_held(judged)


# ------------------------------------------------------------------ rates beside the ones before


def test_a_rate_far_from_the_one_before_is_warned_of(bank: SmallBank) -> None:
    """The newest earlier partition counts; a fifth is still near, in either direction."""
    before = {"USD": "7.12000000", "EUR": "8.00000000", "GBP": "10.00000000", "JPY": "4.80000000", "AUD": "5.00000000"}
    now = {"USD": "712.34000000", "EUR": "9.60000000", "GBP": "7.99999999", "JPY": "0.04800000", "AUD": "4.00000000",
           "HKD": "0.91000000"}  # fmt: skip
    for currency, rate in before.items():
        bank.add("fx_rate", on=D - timedelta(days=40), currency=currency, cny_per_unit="1000")
        bank.add("fx_rate", on=BEFORE, currency=currency, cny_per_unit=rate)
        bank.add("fx_rate", on=AFTER, currency=currency, cny_per_unit="1000")
    for currency, rate in now.items():
        bank.add("fx_rate", currency=currency, cny_per_unit=rate)
    bank.write()
    judged = judge(bank.settings)
    assert warned(judged) == {"fx_rate.cny_per_unit.jump": 3}
    assert judged.held == set()
    assert judged.counts("fx_rate") == (6, 6, 0)
    assert judged.query("select currency, cny_per_unit, business_date from delivery.earlier_rate order by all") == [
        (currency, Decimal(rate), BEFORE) for currency, rate in sorted(before.items())
    ]


@pytest.mark.parametrize("rate", ["", "n/a", "0", "-1"])
def test_a_rate_before_that_is_none_is_compared_with_nothing(bank: SmallBank, rate: str) -> None:
    bank.add("fx_rate", on=BEFORE, currency="USD", cny_per_unit=rate)
    bank.add("fx_rate", currency="USD", cny_per_unit="7")
    bank.write()
    judged = judge(bank.settings)
    assert warned(judged) == {}
    assert judged.held == set()


def test_without_rates_before_nothing_is_compared(bank: SmallBank) -> None:
    bank.add("fx_rate", currency="USD", cny_per_unit="9999999999.99999999")
    bank.write()
    assert warned(judge(bank.settings)) == {}


# ------------------------------------------------------------------ what can't be seen

BLANKS = {"blank": " ", "tab": "\t", "no-break": "\xa0", "ideographic": "\u3000", "line": "\u2028", "next line": "\x85"}
UNSEEN = {
    "zero-width": "\u200b",
    "joiner": "\u200d",
    "mark": "\ufeff",
    "soft hyphen": "\xad",
    "left to right": "\u200e",
}


def test_what_cannot_be_seen_around_a_code_is_told(bank: SmallBank) -> None:
    """In keys, references, enums and non-reference ids: before, after and (if zero-width) inside."""
    for number, sign in enumerate([*BLANKS.values(), *UNSEEN.values()]):
        bank.add("visit", visit_id=f"VB{number}", customer_id=f"P1{sign}")
        bank.add("visit", visit_id=f"VF{number}", customer_id=f"{sign}P1")
    for number, sign in enumerate(UNSEEN.values()):
        bank.add("visit", visit_id=f"VI{number}", customer_id=f"P{sign}1", employee_id=f"E{sign}1")
    # A blank inside is a way to write a code, and non-ASCII letters are letters.
    bank.add("customer", customer_id="P 2")
    bank.add("customer", customer_id="客户号三")
    bank.add("account", account_id="K\t", customer_id="P1 ", currency="CNY ", status="active\u200b")
    bank.add("account", account_id="A 2", customer_id="P 2")
    bank.add("account", account_id="A3", customer_id="客户号三")
    bank.add("card_transaction", transaction_id="T1", card_id="K1\t")
    bank.add("card_transaction", transaction_id="T2", currency="\u3000CNY")
    bank.add("card", card_id="K1")
    bank.write()
    judged = judge(bank.settings)
    told = {rule: rows for rule, rows in warned(judged).items() if rule.endswith(".invisible")}
    assert told == {
        "visit.customer_id.invisible": 2 * (len(BLANKS) + len(UNSEEN)) + len(UNSEEN),
        "visit.employee_id.invisible": len(UNSEEN),
        "account.account_id.invisible": 1,
        "account.customer_id.invisible": 1,
        "account.currency.invisible": 1,
        "account.status.invisible": 1,
        "card_transaction.card_id.invisible": 1,
        "card_transaction.currency.invisible": 1,
    }
    assert ("account", "K\t|CNY ", "customer_id.reference") in judged.held


def test_every_code_of_the_contract_is_looked_at() -> None:
    """But not free text or names of people."""
    spared = {
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if column.type == "varchar" and column not in table.codes
    }
    assert spared == {
        "customer.customer_name", "customer.mobile_phone", "brokerage.broker_name", "organization.org_name",
        "employee.employee_name", "visit.outcome", "visit.place", "campaign.situation", "campaign.goals",
        "campaign.strategy", "campaign.implementation", "campaign.feedback_channel",
    }  # fmt: skip


# ------------------------------------------------------------------ quotation marks


def unquoted(bank: SmallBank, lines: int, *broken: int) -> Judged:
    """Judge a day's accounts with a quotation mark before a value on some lines; the header is line 1."""
    for number in range(lines):
        bank.add("account", account_id=f"Q{number}")
    bank.write()
    file = bank.folder("account") / "part-0.csv"
    text = file.read_text(encoding="utf-8").splitlines(keepends=True)
    for line in broken:
        text[line - 1] = text[line - 1].replace(",", ',"', 1)
    file.write_text("".join(text), encoding="utf-8")
    return judge(bank.settings)


@pytest.mark.parametrize("broken", [(4,), (4, 8)], ids=["to the end of the file", "to the next one"])
def test_a_quotation_mark_that_is_not_closed_loses_no_row_without_a_word(
    bank: SmallBank, broken: tuple[int, ...]
) -> None:
    judged = unquoted(bank, 20, *broken)
    assert judged.blocks == {("delivery.unreadable", "account")}
    (finding,) = judged.result.blocking
    assert "part-0.csv, line 4: a quotation mark is not closed" in str(finding)


def test_values_over_several_lines_are_read(bank: SmallBank) -> None:
    bank.add("organization", org_id="O9", org_name='one "two"\nthree, four')
    bank.write()
    judged = judge(bank.settings)
    assert ("O9", 'one "two"\nthree, four') in judged.accepted("organization", "org_id, org_name")


def test_a_file_that_may_not_be_opened_blocks(bank: SmallBank) -> None:
    bank.write()
    (bank.folder("account") / "part-1.csv").symlink_to("nowhere.csv")
    (bank.folder("card") / "part-1.parquet").mkdir()
    judged = judge(bank.settings)
    assert judged.blocks == {("delivery.unreadable", "account"), ("delivery.unreadable", "card")}
