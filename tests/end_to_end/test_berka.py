"""The Berka example: a real bank's files through the mapping and through the warehouse.

Every expectation is counted here directly from the files, without the mapping, and then compared
with the number in examples/berka/README.md. The files are not part of the
project: BERKA_FOLDER names their folder, and without it only the value rules at the top run.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
from support.house import MakeHouse

from expectations.project import PROJECT_ROOT

ROOT = PROJECT_ROOT
SCRIPT = ROOT / "examples" / "berka" / "map_berka.py"
DAYS = ("1997-12-31", "1998-12-31")
SNAPSHOTS = {
    "organization",
    "employee",
    "customer",
    "account",
    "loan",
    "card",
    "brokerage",
    "fx_rate",
}
EVENTS = {"card_transaction", "visit"}

Row = dict[str, str]
Movers = Counter[tuple[str, str]]

# The numbers stated in the README.
TIERS = {
    "1997-12-31": {"T2": 249, "T3": 1856, "T4": 1642, "T5": 7, "T0": 746},
    "1998-12-31": {"T2": 445, "T3": 1712, "T4": 1568, "T5": 42, "T0": 733},
}
MOVED = {"up": 787, "same": 3186, "down": 527}
CALLS = {"visit": 2069, "no agent": 41, "user": 394, "blank": 984, "no client": 76, "lost": 435}


def load_mapping() -> ModuleType:
    """Import the example's script, which is not part of a package."""
    spec = importlib.util.spec_from_file_location("map_berka", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # dataclasses look up their module by name
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


mapping = load_mapping()


# ---------------------------------------------------------------- value rules, without the data


@pytest.mark.parametrize(
    ("birth_number", "birth"),
    [
        ("450204", date(1945, 2, 4)),
        ("706213", date(1970, 12, 13)),
        ("005101", date(1900, 1, 1)),
    ],
)
def test_a_womans_birth_month_has_50_added(birth_number: str, birth: date) -> None:
    assert mapping.parse_birth(birth_number) == birth


def test_a_cards_day_carries_a_time() -> None:
    assert mapping.parse_day("931107 00:00:00") == date(1993, 11, 7)
    with pytest.raises(ValueError, match="YYMMDD"):
        mapping.parse_day("1993-11-07")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("20180.684615384613", "20180.68"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("1000.0", "1000.00"),
        ("", None),
        ("?", None),
    ],
)
def test_an_amount_is_rounded_half_up_and_unknown_is_not_0(text: str, amount: str | None) -> None:
    assert mapping.parse_money(text) == (None if amount is None else Decimal(amount))


def loan(status: str, granted_on: date = date(1997, 1, 31), months: int = 12) -> object:
    """Make a loan of 12,000 repaid at 1,000 a month."""
    return mapping.Loan("1", "1", granted_on, Decimal(12000), months, Decimal(1000), status)


@pytest.mark.parametrize(
    ("day", "principal"),
    [
        (date(1997, 2, 27), 12000),
        (date(1997, 2, 28), 11000),
        (date(1997, 12, 31), 1000),
        (date(1998, 1, 31), 0),
        (date(2001, 1, 1), 0),
    ],
)
def test_a_loans_principal_follows_its_schedule(day: date, principal: int) -> None:
    assert mapping.scheduled_principal(loan("C"), day) == principal


@pytest.mark.parametrize(
    ("status", "day", "state"),
    [
        ("A", date(1998, 1, 31), ("settled", "pass")),
        ("A", date(1998, 1, 30), ("active", "pass")),
        ("B", date(1998, 1, 31), ("written_off", "loss")),
        ("B", date(1998, 1, 30), ("active", "special_mention")),
        ("C", date(1998, 1, 30), ("active", "pass")),
        ("D", date(1998, 1, 30), ("active", "special_mention")),
    ],
)
def test_a_loan_runs_until_its_last_payment_is_due(status: str, day: date, state: tuple[str, str]) -> None:
    assert mapping.loan_state(loan(status), day) == state


def test_the_script_does_not_mix_with_another_delivery(tmp_path: Path) -> None:
    (tmp_path / "customer").mkdir()
    with pytest.raises(SystemExit) as stopped:
        mapping.main(["--berka", str(tmp_path), "--landing", str(tmp_path)])
    assert stopped.value.code != 0
    assert [path.name for path in tmp_path.iterdir()] == ["customer"]


# ---------------------------------------------------------------- the files


@pytest.fixture(scope="module")
def berka() -> Path:
    """Find the folder of the Berka files, which are never committed."""
    if not (named := os.environ.get("BERKA_FOLDER")):
        pytest.skip("BERKA_FOLDER names no folder; examples/berka/README.md says where the files come from")
    folder = Path(named).absolute()
    assert (folder / "account.csv").is_file(), f"BERKA_FOLDER is {folder}, and no account.csv lies there"
    return folder


@pytest.fixture(scope="module")
def landing(berka: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the script as a user does."""
    target = tmp_path_factory.mktemp("berka") / "landing"
    run_mapping(berka, target)
    return target


def run_mapping(berka: Path, target: Path) -> str:
    """Run the script and return what it prints."""
    command = [sys.executable, str(SCRIPT), "--berka", str(berka), "--landing", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def source(berka: Path, name: str) -> list[Row]:
    """Read one of the files; those derived by others are separated by commas."""
    derived = name in {"account_balance_summary", "call_center_log"}
    with (berka / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="," if derived else ";"))


def delivered(landing: Path, table: str, day: str) -> list[Row]:
    """Read one delivered partition."""
    path = landing / table / f"biz_date={day}" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def owner_by_account(berka: Path) -> dict[str, str]:
    """Return the owner of each account."""
    rows = source(berka, "disp")
    return {row["account_id"]: row["client_id"] for row in rows if row["type"] == "OWNER"}


def balances(berka: Path, day: str) -> dict[str, Decimal]:
    """Return the year's mean balance by account, if there is one."""
    column = f"avg_balance_{day[:4]}"
    return {
        row["account_id"]: Decimal(row[column]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        for row in source(berka, "account_balance_summary")
        if row[column]
    }


def ordinal(day: str) -> int:
    """Count months up to YYMMDD or YYYY-MM-DD."""
    text = day.replace("-", "") if "-" in day else f"19{day}"
    return 12 * int(text[:4]) + int(text[4:6])


def principal(row: Row, day: str) -> Decimal:
    """Return a loan's outstanding principal by schedule on `day`, a month's last day."""
    # every payment of D's month is due by D, since D is the 31st
    elapsed = min(ordinal(day) - ordinal(row["date"]), int(row["duration"]))
    return Decimal(row["amount"]) - Decimal(row["payments"]) * elapsed


def count_tiers(berka: Path, day: str) -> dict[str, str]:
    """Tier every owner directly from the files, at 3 CNY per CZK."""
    owner = owner_by_account(berka)
    yymmdd = day.replace("-", "")[2:]
    known = balances(berka, day)
    assets: dict[str, Decimal] = {}
    debts: dict[str, Decimal] = {}
    for row in source(berka, "account"):
        assert row["date"] <= yymmdd
        client = owner[row["account_id"]]
        worth = max(known.get(row["account_id"], Decimal(0)), Decimal(0)) * 3
        assets[client] = assets.get(client, Decimal(0)) + worth
    for row in source(berka, "loan"):
        if row["date"] <= yymmdd:
            client = owner[row["account_id"]]
            debts[client] = debts.get(client, Decimal(0)) + principal(row, day) * 3
    disposition = {row["disp_id"]: row for row in source(berka, "disp")}
    golden = {
        disposition[row["disp_id"]]["client_id"]
        for row in source(berka, "card")
        if row["type"] == "gold" and row["issued"][:6] <= yymmdd and disposition[row["disp_id"]]["type"] == "OWNER"
    }

    def tier(client: str) -> str:
        worth = assets[client]
        if worth > 2_000_000:
            return "T1"
        for code, bound in (("T2", 200_000), ("T3", 100_000), ("T4", 50_000)):
            if worth >= bound:
                return code
        by_another_route = client in golden or debts.get(client, Decimal(0)) >= 300_000
        return "T5" if by_another_route else "T0"

    return {client: tier(client) for client in assets}


def count_movers(berka: Path) -> Movers:
    """Count who went from which tier to which between the two years."""
    before, after = (count_tiers(berka, day) for day in DAYS)
    assert before.keys() == after.keys()
    return Counter((before[client], after[client]) for client in before)


# ---------------------------------------------------------------- the mapping


def test_the_readme_numbers_are_the_files(berka: Path) -> None:
    for day in DAYS:
        assert Counter(count_tiers(berka, day).values()) == TIERS[day]
    order = ["T1", "T2", "T3", "T4", "T5", "T0"]
    moved: Counter[str] = Counter()
    for (before, after), customers in count_movers(berka).items():
        step = order.index(after) - order.index(before)
        moved["up" if step < 0 else "down" if step else "same"] += customers
    assert moved == MOVED


def test_every_partition_agrees_with_its_control_file(landing: Path) -> None:
    assert {path.name for path in landing.iterdir()} == SNAPSHOTS | EVENTS
    for table in SNAPSHOTS | EVENTS:
        folders = {path.name for path in (landing / table).iterdir()}
        assert folders >= {f"biz_date={day}" for day in DAYS}
        assert table == "visit" or len(folders) == len(DAYS)
    for control in landing.glob("*/*/_control.json"):
        (path,) = control.parent.glob("*.csv")
        with path.open(encoding="utf-8", newline="") as handle:
            rows = len(list(csv.DictReader(handle)))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert json.loads(control.read_text()) == {"rows": rows, "files": {path.name: digest}}


def test_the_same_files_give_the_same_bytes(berka: Path, landing: Path, tmp_path: Path) -> None:
    run_mapping(berka, tmp_path / "again")

    def contents(folder: Path) -> Iterator[tuple[str, str]]:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                yield str(path.relative_to(folder)), digest

    assert dict(contents(tmp_path / "again")) == dict(contents(landing))


def test_the_owner_of_an_account_is_its_customer(berka: Path, landing: Path) -> None:
    owner = owner_by_account(berka)
    accounts = {row["account_id"]: row for row in source(berka, "account")}
    births = {row["client_id"]: row["birth_number"] for row in source(berka, "client")}
    account_of = {client: account for account, client in owner.items()}
    # nobody owns two: an owner's account is the one that opened the customer
    assert len(account_of) == len(owner) == 4500
    for day in DAYS:
        customers = {row["customer_id"]: row for row in delivered(landing, "customer", day)}
        assert customers.keys() == account_of.keys()
        for client, row in customers.items():
            account = accounts[account_of[client]]
            assert row["org_id"] == account["district_id"]
            assert row["opened_on"].replace("-", "") == f"19{account['date']}"
            year, month, dom = row["birth_date"].split("-")
            number = births[client]
            assert (year, dom) == (f"19{number[:2]}", number[4:])
            assert int(month) in {int(number[2:4]), int(number[2:4]) - 50}
            empty = {"id_type", "id_number", "mobile_phone", "wealth_admission"}
            assert {row[name] for name in empty | {"marketing_consent"}} == {""}
            assert row["customer_name"] == f"Berka client {client}"


@pytest.mark.parametrize(("day", "count", "negative"), [("1997-12-31", 4057, 0), ("1998-12-31", 4052, 11)])
def test_an_account_without_a_balance_is_counted_and_not_delivered(
    berka: Path, landing: Path, tmp_path: Path, day: str, count: int, negative: int
) -> None:
    known = balances(berka, day)
    owner = owner_by_account(berka)
    assert len(known) == count
    rows = delivered(landing, "account", day)
    assert {row["account_id"]: Decimal(row["balance"]) for row in rows} == known
    assert {row["account_id"]: row["customer_id"] for row in rows} == {account: owner[account] for account in known}
    assert {(row["currency"], row["balance_mtd_average"]) for row in rows} == {("CZK", "")}
    assert sum(1 for row in rows if row["balance"].startswith("-")) == negative
    without = len(source(berka, "account")) - count
    printed = run_mapping(berka, tmp_path / "again").split(f"{day}: left out")[1]
    assert f"{without}  accounts without a balance of the year" in printed.splitlines()[1]


@pytest.mark.parametrize("day", DAYS)
def test_a_loan_is_what_its_dates_and_its_schedule_say(berka: Path, landing: Path, day: str) -> None:
    owner = owner_by_account(berka)
    granted = {row["loan_id"]: row for row in source(berka, "loan") if row["date"] <= day.replace("-", "")[2:]}
    rows = {row["loan_id"]: row for row in delivered(landing, "loan", day)}
    assert rows.keys() == granted.keys()
    for loan_id, row in rows.items():
        given = granted[loan_id]
        # payments contain no interest, so they equal the repayment
        assert Decimal(given["amount"]) == Decimal(given["payments"]) * int(given["duration"])
        assert row["customer_id"] == owner[given["account_id"]]
        assert Decimal(row["principal_balance"]) == principal(given, day)
        has_ended = ordinal(row["matures_on"]) <= ordinal(day)
        assert ordinal(row["matures_on"]) == ordinal(given["date"]) + int(given["duration"])
        assert (row["status"] != "active") == has_ended
        if day == DAYS[1]:
            # at the end of the data the dates agree with its own finished (A, B) and running (C, D)
            assert has_ended == (given["status"] in {"A", "B"})
            expected = {"A": "settled", "B": "written_off", "C": "active", "D": "active"}
            assert row["status"] == expected[given["status"]]


@pytest.mark.parametrize(("day", "count"), [("1997-12-31", 443), ("1998-12-31", 892)])
def test_cards_are_the_owners(berka: Path, landing: Path, day: str, count: int) -> None:
    disposition = {row["disp_id"]: row for row in source(berka, "disp")}
    expected = {
        row["card_id"]: (
            disposition[row["disp_id"]]["client_id"],
            "gold" if row["type"] == "gold" else "standard",
        )
        for row in source(berka, "card")
        if row["issued"][:6] <= day.replace("-", "")[2:] and disposition[row["disp_id"]]["type"] == "OWNER"
    }
    rows = delivered(landing, "card", day)
    assert len(rows) == count
    assert {row["card_id"]: (row["customer_id"], row["card_grade"]) for row in rows} == expected
    assert {(row["card_kind"], row["activated_on"]) for row in rows} == {("credit", "")}


def test_only_what_stands_above_the_districts_is_invented(berka: Path, landing: Path) -> None:
    districts = {row["A1"]: row for row in source(berka, "district")}
    for day in DAYS:
        orgs = {row["org_id"]: row for row in delivered(landing, "organization", day)}
        levels = Counter(row["org_level"] for row in orgs.values())
        assert levels == {"head_office": 1, "branch": 8, "outlet": 77}
        for org_id, district in districts.items():
            assert orgs[org_id]["org_name"] == district["A2"]
            region = orgs[orgs[org_id]["parent_org_id"]]
            assert (region["org_name"], region["org_level"]) == (district["A3"], "branch")
            assert orgs[region["parent_org_id"]]["org_level"] == "head_office"
        for table in ("card_transaction", "brokerage", "visit"):
            assert delivered(landing, table, day) == []
        assert delivered(landing, "fx_rate", day) == [{"currency": "CZK", "cny_per_unit": "3.00000000"}]


def test_linked_and_unlinked_calls_add_up(berka: Path, landing: Path, tmp_path: Path) -> None:
    log = source(berka, "call_center_log")
    owners = {f"C{int(client):08d}" for client in owner_by_account(berka).values()}
    linked = [row for row in log if row["rand client"]]
    unlinked = [row for row in log if not row["rand client"]]
    assert len(linked) + len(unlinked) == len(log) == 3999
    assert len(linked) == 2504

    taken = [row for row in linked if row["rand client"] in owners and row["server"] not in {"", "NO_SERVER"}]
    counted = {
        "visit": len(taken),
        "no agent": sum(1 for row in linked if row["rand client"] in owners and row["server"] == "NO_SERVER"),
        "user": sum(1 for row in linked if row["rand client"] not in owners),
        "blank": sum(1 for row in unlinked if not row["outcome"] and not row["call_id"]),
        "no client": sum(1 for row in unlinked if row["outcome"] == "AGENT"),
        "lost": sum(1 for row in unlinked if row["outcome"] in {"HANG", "PHANTOM"}),
    }
    assert counted == CALLS
    assert sum(CALLS.values()) == len(log)
    printed = run_mapping(berka, tmp_path / "again")
    for count in (*CALLS.values(), len(linked), len(unlinked), len(log)):
        assert f" {count:,}  " in printed

    names = {row["employee_name"]: row["employee_id"] for row in delivered(landing, "employee", DAYS[0])}
    assert names.keys() == {row["server"] for row in log} - {"", "NO_SERVER"}
    # a published id must not be a name
    assert not names.keys() & set(names.values())
    days = {path.name.removeprefix("biz_date=") for path in (landing / "visit").iterdir()}
    assert days == {row["Date received"] for row in taken} | set(DAYS)
    visits = [(day, row) for day in sorted(days) for row in delivered(landing, "visit", day)]
    assert all(row["visited_on"] == day for day, row in visits)
    assert Counter(
        (row["visit_id"], row["customer_id"], row["employee_id"], row["visited_on"], row["channel"])
        for _, row in visits
    ) == Counter(
        (
            row["call_id"].removesuffix(".0"),
            row["rand client"].lstrip("C0"),
            names[row["server"]],
            row["Date received"],
            "phone",
        )
        for row in taken
    )


# ---------------------------------------------------------------- the warehouse


@pytest.fixture(scope="module")
def published(landing: Path, make_house: MakeHouse) -> Iterator[duckdb.DuckDBPyConnection]:
    """Refresh both years in order into one output, and open what it published."""
    house = make_house("berka")
    house.landing.symlink_to(landing)
    for day in DAYS:
        house.publish(date.fromisoformat(day))
    with duckdb.connect(str(house.current), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("day", DAYS)
def test_the_tiers_of_a_year_are_the_files(berka: Path, published: duckdb.DuckDBPyConnection, day: str) -> None:
    rows = published.execute(
        "SELECT customer_id, tier_code, is_in_scope, as_of_date::VARCHAR, tier_movement"
        " FROM marts.fct_customer_tier_monthly WHERE policy_month = ?::DATE",
        [f"{day[:8]}01"],
    ).fetchall()
    tiers = {customer: tier for customer, tier, *_ in rows}
    assert tiers == count_tiers(berka, day)
    assert Counter(tiers.values()) == TIERS[day]
    assert len(rows) == len(tiers)
    assert all(in_scope == (tier != "T0") for _, tier, in_scope, _, _ in rows)
    # the month before, November, is not published in either year
    assert {(as_of, movement) for *_, as_of, movement in rows} == {(day, "new")}


def test_the_movers_between_the_years_are_the_files(berka: Path, published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute(
        "SELECT a.tier_code, b.tier_code, count(*)"
        " FROM marts.fct_customer_tier_monthly a"
        " JOIN marts.fct_customer_tier_monthly b USING (customer_id)"
        " WHERE a.policy_month = DATE '1997-12-01' AND b.policy_month = DATE '1998-12-01'"
        " GROUP BY ALL"
    ).fetchall()
    assert {(before, after): customers for before, after, customers in rows} == count_movers(berka)


def test_measures_of_a_year_are_the_files(berka: Path, published: duckdb.DuckDBPyConnection) -> None:
    for day in DAYS:
        found = published.execute(
            "SELECT sum(financial_assets), sum(loan_balance), sum(card_spend_12m),"
            " count(*) FILTER (best_card_grade = 'gold'), count(best_card_grade)"
            " FROM marts.fct_customer_tier_monthly WHERE policy_month = ?::DATE",
            [f"{day[:8]}01"],
        ).fetchone()
        yymmdd = day.replace("-", "")[2:]
        cards = [row for row in source(berka, "card") if row["issued"][:6] <= yymmdd]
        assert found == (
            sum(max(balance, Decimal(0)) for balance in balances(berka, day).values()) * 3,
            sum(principal(row, day) for row in source(berka, "loan") if row["date"] <= yymmdd) * 3,
            0,
            sum(1 for row in cards if row["type"] == "gold"),
            len(cards),
        )


def test_no_row_is_quarantined(landing: Path, published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute(
        "SELECT business_date::VARCHAR, rows_received, rows_accepted, rows_quarantined"
        " FROM marts.fct_refresh_run ORDER BY business_date"
    ).fetchall()
    received = {day: sum(len(delivered(landing, table, day)) for table in SNAPSHOTS) for day in DAYS}
    assert rows == [(day, received[day], received[day], 0) for day in DAYS]
