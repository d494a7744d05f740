"""The warehouse against an independent computation of the same marts, over a month end and both formats.

The landing zone is written by a program that knows only the contract, with every amount and date on,
just under and just over a bound; the reference shares no code with the warehouse.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from reference.bank import Result, blocked, compute
from reference.compare import GRAIN, count_differences, differences
from reference.contract import TABLES
from reference.foreign_landing import write_landing
from reference.landing import Reject, parse
from support.house import House, MakeHouse, Marts, Row

DELIVERED = [date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)]
DAYS = DELIVERED[1:]
CUSTOMERS = 400
SEED = 8  # every table is delivered on every date, the optional ones too
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@dataclass(frozen=True)
class Published:
    """What was read right after a refresh, and the reference's result for the same day."""

    marts: Marts
    manifest: dict[str, Any]
    reference: Result
    folder: Path


def refresh(house: House, day: date, previous: dict[str, str] | None) -> Published:
    """Refresh a day and read what was published."""
    house.publish(day)
    folder = (house.published / "current").resolve()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Published(house.marts(), manifest, compute(house.landing, day, previous), folder)


def tiers(marts: Marts, month: date) -> dict[str, str]:
    """Read customer_id -> tier_code as published for a month."""
    return {
        row["customer_id"]: row["tier_code"]
        for row in marts["fct_customer_tier_monthly"]
        if row["policy_month"] == month
    }


@pytest.fixture(scope="module")
def history(make_house: MakeHouse) -> dict[date, Published]:
    """Refresh the last day of March from Parquet and the first of April from CSV."""
    house = make_house("history")
    zones = {file_format: house.folder / file_format for file_format in ("parquet", "csv")}
    for file_format, zone in zones.items():
        write_landing(zone, DELIVERED, customers=CUSTOMERS, seed=SEED, file_format=file_format, defects=True)
    done: dict[date, Published] = {}
    for day in DAYS:
        house.landing = zones["parquet" if day == DAYS[0] else "csv"]
        before = tiers(done[DAYS[0]].marts, MARCH) if day >= APRIL else None
        done[day] = refresh(house, day, before)
    return done


def quarantined(rows: list[Row]) -> set[Reject]:
    """Convert fct_quarantine to (table, date, key, kind), where a missing key part is ''."""
    return {
        (
            row["table_name"],
            row["business_date"],
            "|".join("" if part == "(missing)" else part for part in row["row_key"].split("|")),
            row["rule_id"].rsplit(".", 1)[-1],
        )
        for row in rows
    }


def expected(reference: Result) -> set[Reject]:
    """Convert the reference's rejects to the same form: an unreadable key part is '' too."""

    def readable(table: str, name: str, text: str) -> str:
        try:
            parse(TABLES[table].column(name), text)
        except ValueError:
            return ""
        return text

    return {
        (table, day, "|".join(readable(table, *pair) for pair in
                              zip(TABLES[table].key, key.split("|"), strict=True)), kind)
        for table, day, key, kind in reference.rejects
    }  # fmt: skip


def held_back(rows: list[Row], month: date) -> set[tuple[str, str, str]]:
    """Convert a month of fct_held_back_monthly to (customer, table, kind)."""
    return {
        (row["customer_id"], row["table_name"], row["rule_id"].rsplit(".", 1)[-1])
        for row in rows
        if row["policy_month"] == month
    }


def check_day(published: Published) -> None:
    """Compare one refresh with the reference: marts, quarantine, counts."""
    reference = published.reference
    assert differences(published.marts, reference) == []
    held = quarantined(published.marts["fct_quarantine"])
    assert (held - expected(reference), expected(reference) - held) == (set(), set())
    counts = {
        name: (count["received"], count["accepted"], count["quarantined"])
        for name, count in published.manifest["delivered"].items()
    }
    assert count_differences(counts, reference) == []
    assert held_back(published.marts["fct_held_back_monthly"], reference.policy_month) == reference.held_back
    counted = sum(row["rows_counted"] for row in published.marts["fct_quarantine"])
    assert counted == sum(reference.quarantined.values())


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_mart_is_the_references(history: dict[date, Published], day: date) -> None:
    check_day(history[day])


def test_the_landing_is_worth_comparing(history: dict[date, Published]) -> None:
    """A comparison of empty or one-sided tables would prove nothing."""
    for published in history.values():
        reference = published.reference
        assert {str(row["tier_code"]) for row in reference.marts["fct_customer_tier_monthly"]} == {
            "T0", "T1", "T2", "T3", "T4", "T5", "C0", "C1", "C2", "C3",
        }  # fmt: skip
        assert all(reference.marts.values())
        tiered = reference.marts["fct_customer_tier_monthly"]
        assert {row["value_class"] for row in tiered} >= {
            "strategic_base", "quality_base", "effective_base", "cultivation", "adjustment",
        }  # fmt: skip
        assert {row["cooperation_class"] for row in tiered} >= {"strategic", "quality", "contributing", "potential"}
        assert {row["direction"] for row in reference.marts["fct_tier_watch_monthly"]} == {"up", "down"}
        assert {row["is_feasible"] for row in reference.marts["fct_visit_capacity_monthly"]} == {True, False}
        kinds = {kind for *_, kind in reference.rejects}
        assert kinds >= {"required", "type", "enum", "reference", "conflict", "duplicate", "limit", "positive"}
        assert len(reference.held_back) > 20


def test_the_reference_would_let_the_delivery_pass(history: dict[date, Published], make_house: MakeHouse) -> None:
    landing = make_house("passes").landing
    write_landing(landing, DELIVERED, customers=CUSTOMERS, seed=SEED, file_format="csv", defects=True)
    assert [blocked(landing, day) for day in history] == [[], []]


def test_a_closed_month_stays_as_it_was(history: dict[date, Published]) -> None:
    """The first day of April adds its month and leaves March as published on its last day."""
    march, april = history[DAYS[0]].marts, history[DAYS[1]].marts
    for table in ("fct_customer_tier_monthly", "fct_visit_obligation_monthly"):
        key = GRAIN[table]
        kept = [row for row in april[table] if row["policy_month"] == MARCH]
        assert sorted(kept, key=lambda row: str([row[k] for k in key])) == sorted(
            march[table], key=lambda row: str([row[k] for k in key])
        )
        assert {row["policy_month"] for row in april[table]} == {MARCH, APRIL}


def test_movement_follows_the_month_before(history: dict[date, Published]) -> None:
    """In March nobody has a previous month; in April most do, and some are new."""
    first, last = (history[day].marts["fct_customer_tier_monthly"] for day in (DAYS[0], DAYS[1]))
    assert {row["tier_movement"] for row in first} == {"new"}
    april = [row for row in last if row["policy_month"] == APRIL]
    moves = {row["tier_movement"] for row in april}
    assert "same" in moves
    assert "new" in moves
    bases = {
        row["obligation_basis"]
        for row in history[DAYS[1]].marts["fct_visit_obligation_monthly"]
        if row["policy_month"] == APRIL
    }
    assert bases == {"previous_month", "current"}


def test_no_mart_holds_identity_data(history: dict[date, Published]) -> None:
    """Names, phone numbers, id numbers and birth dates stay in the scratch."""
    forbidden = {"customer_name", "id_number", "birth_date", "mobile_phone", "employee_name"}
    for table, rows in history[DAYS[1]].marts.items():
        # The shipped rows exempt nobody.
        assert rows or table == "fct_policy_exception_monthly", table
        assert not forbidden & {name for row in rows[:1] for name in row}, table


def test_runs_are_appended(history: dict[date, Published]) -> None:
    runs = history[DAYS[1]].marts["fct_refresh_run"]
    assert sorted(row["business_date"] for row in runs) == DAYS
    last = next(row for row in runs if row["business_date"] == DAYS[1])
    reference = history[DAYS[1]].reference
    assert last["rows_received"] == sum(reference.received.values())
    assert last["rows_accepted"] == sum(reference.accepted.values())
    assert last["rows_quarantined"] == sum(reference.quarantined.values())
