"""The warehouse against an independent computation of the same marts: four months, both formats, the last one open.

The landing zones are written by a program that knows only the contract, with every amount and date on,
just under and just over a bound; the reference shares no code with the warehouse. One of the closed months comes
without any of the tables that need not be delivered. What the reference reads of earlier months is what it computed
for them itself.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fuzz.line import PUBLISHED, Line
from reference import maintenance
from reference.actions import RULES
from reference.bank import Result, blocked, compute
from reference.compare import AWAITED, GRAIN, count_differences, differences
from reference.contract import TABLES
from reference.days import months_before
from reference.foreign_landing import write_landing
from reference.history import History
from reference.landing import Reject, parse
from support.house import House, MakeHouse, Marts, Row

# Four refreshes, and the same months in plain Python, take five minutes. tests/reference compares small banks.
pytestmark = pytest.mark.slow

DAYS = [date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 15)]
# Which landing zone each day is read from.
ZONES = dict(zip(DAYS, ("parquet", "bare", "parquet", "csv"), strict=True))
CUSTOMERS = 400
SEED = 8
FIRST, CLOSED, OPEN = date(2025, 10, 1), date(2025, 12, 1), date(2026, 1, 1)


@dataclass(frozen=True)
class Published:
    """What was read right after a refresh, and the reference's result for the same day."""

    marts: Marts
    manifest: dict[str, Any]
    reference: Result
    folder: Path
    landing: Path


def write_zones(folder: Path) -> dict[str, Path]:
    """Write the same bank as Parquet and as CSV with every table, and as CSV without those that need not come."""
    zones = {name: folder / name for name in ("parquet", "csv", "bare")}
    for name, zone in zones.items():
        write_landing(
            zone,
            DAYS,
            customers=CUSTOMERS,
            seed=SEED,
            file_format="parquet" if name == "parquet" else "csv",
            defects=True,
            optional="none" if name == "bare" else "all",
        )
    return zones


def refresh(house: House, day: date, past: History) -> Published:
    """Refresh a day and read what was published."""
    house.publish(day)
    folder = (house.published / "current").resolve()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Published(house.marts(), manifest, compute(house.landing, day, past), folder, house.landing)


@pytest.fixture(scope="module")
def history(make_house: MakeHouse) -> dict[date, Published]:
    """Refresh the last days of three months, and one in the middle of the fourth."""
    house = make_house("history")
    zones = write_zones(house.folder)
    done: dict[date, Published] = {}
    past = History()
    for day in DAYS:
        house.landing = zones[ZONES[day]]
        done[day] = refresh(house, day, past)
        past = past.after(done[day].reference.policy_month, done[day].reference.marts)
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


def values(reference: Result, table: str, column: str) -> set[object]:
    """The different values of a column."""
    return {row[column] for row in reference.marts[table]}


def test_the_landing_is_worth_comparing(history: dict[date, Published]) -> None:
    """A comparison of empty or one-sided tables would prove nothing."""
    tiers = "fct_customer_tier_monthly"
    for day, published in history.items():
        reference = published.reference
        assert values(reference, tiers, "tier_code") == {
            "T0", "T1", "T2", "T3", "T4", "T5", "C0", "C1", "C2", "C3",
        }  # fmt: skip
        assert values(reference, "fct_tier_watch_monthly", "direction") == {"up", "down"}
        assert values(reference, "fct_visit_capacity_monthly", "is_feasible") == {True, False}
        kinds = {kind for *_, kind in reference.rejects}
        assert kinds >= {"required", "type", "enum", "reference", "conflict", "duplicate", "limit"}
        assert len(reference.held_back) > 20
        if ZONES[day] == "bare":
            continue
        assert all(rows for table, rows in reference.marts.items() if table not in AWAITED)
        assert "positive" in kinds
        assert values(reference, "fct_maintenance_assignment_monthly", "assignment_basis") == {
            "customer_choice", "existing", "claim", "allocated", "unassigned",
        }  # fmt: skip
        assert values(reference, "fct_contact_red_list", "reason") == {"missing", "malformed", "shared"}
        assert values(reference, "fct_customer_action_count", "outcome") == {
            "listed", "under_age", "no_consent", "unreachable",
        }  # fmt: skip
    classes = {
        name: {value for each in history.values() for value in values(each.reference, tiers, name)}
        for name in ("value_class", "cooperation_class")
    }
    assert classes == {
        "value_class": {"strategic_base", "quality_base", "effective_base", "cultivation", "adjustment", None},
        "cooperation_class": {"strategic", "quality", "contributing", "potential", None},
    }


def test_the_last_month_rests_on_the_others(history: dict[date, Published]) -> None:
    """Whatever is read of published months is there to be read."""
    reference = history[DAYS[-1]].reference
    assert values(reference, "fct_customer_tier_monthly", "tier_movement") == {"new", "up", "same", "down"}
    assert values(reference, "fct_customer_action_count", "action_kind") == set(RULES)
    view = "fct_customer_360_monthly"
    assert values(reference, view, "is_churned") == {True, False}
    assert values(reference, view, "is_statement_stale") == {True, False, None}
    assert values(reference, view, "region_star") == {1, 2, 3, 4, 5}
    since = {months_before(OPEN, ago) for ago in range(4)}
    assert values(reference, view, "red_list_since") == {None, *since}
    pending = values(reference, "fct_maintenance_assignment_monthly", "choice_pending_since")
    assert pending == {None, *(since - {FIRST})}
    allocated = {
        day: {
            (row["customer_id"], row["employee_id"])
            for row in history[day].reference.marts["fct_maintenance_assignment_monthly"]
            if row["assignment_basis"] == "allocated"
        }
        for day in DAYS
    }
    assert len(allocated[DAYS[-1]] & allocated[DAYS[-2]]) > 20


def test_room_for_one(history: dict[date, Published], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for one customer a person refuses claims and allocations; managers and choices still go above it."""
    open_month = history[DAYS[-1]]
    rows = (open_month.folder / "policy" / "policy_capacity.csv").read_text(encoding="utf-8").splitlines()
    small = [re.sub(",customers,500,800,", ",customers,1,1,", row) for row in rows]
    assert len(set(small) - set(rows)) == len(TABLES["employee"].column("role").enum)
    file = tmp_path / "policy_capacity.csv"
    file.write_text("\n".join([*small, ""]), encoding="utf-8")
    line = Line(tmp_path / "line", open_month.folder.parents[1], DAYS[-1], {"policy_capacity": file})
    assert line.judge(open_month.landing).code == PUBLISHED
    monkeypatch.setattr(maintenance, "FLOOR", 1)
    monkeypatch.setattr(maintenance, "CAP", 1)
    reference = compute(open_month.landing, DAYS[-1], line.history)
    assert differences(line.marts(), reference) == []
    assert values(reference, "fct_manager_load_monthly", "load_status") == {"under", "within", "over"}
    kept = open_month.reference.marts["fct_maintenance_assignment_monthly"]
    now = {row["customer_id"]: row for row in reference.marts["fct_maintenance_assignment_monthly"]}
    moves = {(row["assignment_basis"], now[row["customer_id"]]["assignment_basis"]) for row in kept}
    assert {before for before, after in moves if before != after} == {"claim", "allocated"}


def test_the_reference_would_let_the_deliveries_pass(make_house: MakeHouse) -> None:
    zones = write_zones(make_house("passes").folder)
    assert [blocked(zones[ZONES[day]], day) for day in DAYS] == [[], [], [], []]


def test_a_closed_month_stays_as_it_was(history: dict[date, Published]) -> None:
    """A day of January adds its month and leaves December as published on its last day."""
    december, january = history[DAYS[-2]].marts, history[DAYS[-1]].marts
    months = {row["policy_month"] for row in january["fct_customer_tier_monthly"]}
    assert months == {months_before(OPEN, ago) for ago in range(4)}
    for table, key in GRAIN.items():
        if "policy_month" not in key or table not in january:
            continue
        before, after = (
            [row for row in marts[table] if row["policy_month"] == CLOSED] for marts in (december, january)
        )
        assert _sorted(before, key) == _sorted(after, key), table


def _sorted(rows: list[Row], key: tuple[str, ...]) -> list[Row]:
    return sorted(rows, key=lambda row: str([row[name] for name in key]))


def test_no_mart_holds_identity_data(history: dict[date, Published]) -> None:
    """Names, phone numbers, id numbers and birth dates stay in the scratch."""
    forbidden = {"customer_name", "id_number", "birth_date", "mobile_phone", "employee_name"}
    for table, rows in history[DAYS[-1]].marts.items():
        # The shipped rows exempt nobody.
        assert rows or table == "fct_policy_exception_monthly", table
        assert not forbidden & {name for row in rows[:1] for name in row}, table


def test_runs_are_appended(history: dict[date, Published]) -> None:
    runs = history[DAYS[-1]].marts["fct_refresh_run"]
    assert sorted(row["business_date"] for row in runs) == DAYS
    last = next(row for row in runs if row["business_date"] == DAYS[-1])
    reference = history[DAYS[-1]].reference
    assert last["rows_received"] == sum(reference.received.values())
    assert last["rows_accepted"] == sum(reference.accepted.values())
    assert last["rows_quarantined"] == sum(reference.quarantined.values())
