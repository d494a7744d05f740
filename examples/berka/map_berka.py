"""Map the PKDD'99 "Berka" files of a real Czech bank to the landing contract.

    python examples/berka/map_berka.py --berka DIR --landing DIR

What goes where, what is left out and why: README.md beside this file. The functions are pure
and work on text and exact decimals; only `read`, `write` and `main` touch files. The same input
gives the same bytes.
"""

from __future__ import annotations

import argparse
import calendar
import csv
import hashlib
import io
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

Row = dict[str, str]
Delivery = dict[str, list[Row]]

BUSINESS_DATES = (date(1997, 12, 31), date(1998, 12, 31))
CURRENCY = "CZK"
CNY_PER_CZK = "3.00000000"
# The earliest day that the data knows: nobody on the staff list is hired after what they handle.
STAFF_HIRED_ON = date(1993, 1, 1)
HEAD_OFFICE = "head-office"
NO_AGENT = "NO_SERVER"
CARD_GRADE = {"junior": "standard", "classic": "standard", "gold": "gold"}
# "?" is the files' word for unknown (district 69), the empty field the derived files'.
UNKNOWN = {"", "?"}

# The columns of the landing contract that are delivered, table by table. Three tables are
# required by the contract and unknown to Berka: their header alone is delivered.
COLUMNS: dict[str, tuple[str, ...]] = {
    "organization": ("org_id", "parent_org_id", "org_level", "org_name"),
    "employee": ("employee_id", "employee_name", "org_id", "role", "hired_on", "left_on"),
    "customer": (
        "customer_id",
        "customer_kind",
        "customer_name",
        "id_type",
        "id_number",
        "birth_date",
        "mobile_phone",
        "org_id",
        "opened_on",
        "wealth_admission",
        "marketing_consent",
    ),
    "account": (
        "account_id",
        "customer_id",
        "org_id",
        "product_type",
        "currency",
        "balance",
        "balance_mtd_average",
        "opened_on",
        "matures_on",
        "status",
    ),
    "loan": (
        "loan_id",
        "customer_id",
        "org_id",
        "product_type",
        "currency",
        "principal_balance",
        "risk_class",
        "drawn_on",
        "matures_on",
        "status",
    ),
    "card": (
        "card_id",
        "customer_id",
        "card_kind",
        "card_grade",
        "credit_limit",
        "issued_on",
        "activated_on",
        "status",
    ),
    "card_transaction": (
        "transaction_id",
        "card_id",
        "customer_id",
        "transacted_on",
        "currency",
        "amount",
        "transaction_kind",
    ),
    "brokerage": (
        "brokerage_account_id",
        "customer_id",
        "broker_name",
        "currency",
        "margin_balance",
        "status",
    ),
    "visit": ("visit_id", "customer_id", "employee_id", "visited_on", "channel", "outcome"),
    "fx_rate": ("currency", "cny_per_unit"),
}


# ---------------------------------------------------------------- values


def parse_day(text: str) -> date:
    """Read YYMMDD, with or without a time behind it; the data is of the 1900s."""
    match = re.fullmatch(r"(\d\d)(\d\d)(\d\d)( 00:00:00)?", text)
    if match is None:
        raise ValueError(f"not a YYMMDD date: {text!r}")
    return date(1900 + int(match[1]), int(match[2]), int(match[3]))


def parse_birth(birth_number: str) -> date:
    """Read a birth number: YYMMDD, a woman's month with 50 added."""
    month = int(birth_number[2:4])
    if month > 50:
        birth_number = f"{birth_number[:2]}{month - 50:02d}{birth_number[4:]}"
    return parse_day(birth_number)


def parse_money(text: str) -> Decimal | None:
    """Round an amount half-up to two places; None where it is unknown, which is not 0."""
    if text in UNKNOWN:
        return None
    return Decimal(text).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def parse_caller(text: str) -> str | None:
    """Read a client of the call log, C00004587, as the number that client.csv gives it."""
    if text in UNKNOWN:
        return None
    match = re.fullmatch(r"C0*([1-9]\d*)", text)
    if match is None:
        raise ValueError(f"not a client of the call log: {text!r}")
    return match[1]


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def amount_of(row: Mapping[str, str], name: str) -> Decimal:
    """Read an amount that must be known."""
    amount = parse_money(row[name])
    if amount is None:
        raise ValueError(f"{name} is unknown: {dict(row)}")
    return amount


# ---------------------------------------------------------------- the bank


@dataclass(frozen=True)
class Account:
    """One account with its owner and the mean balance of each year that has one."""

    account_id: str
    owner_id: str
    district_id: str
    opened_on: date
    mean_balance: Mapping[int, Decimal]


@dataclass(frozen=True)
class Loan:
    """One loan; `status` is the one of the data's end, 1998-12-31."""

    loan_id: str
    account_id: str
    granted_on: date
    amount: Decimal
    months: int
    payment: Decimal
    status: str

    @property
    def ends_on(self) -> date:
        """The day of the last payment."""
        return add_months(self.granted_on, self.months)


@dataclass(frozen=True)
class Card:
    """One credit card, issued to a client's disposition of an account."""

    card_id: str
    client_id: str
    is_owner: bool
    kind: str
    issued_on: date


@dataclass(frozen=True)
class Call:
    """One line of the call log; None where the line says nothing."""

    received_on: date
    call_id: str | None
    client_id: str | None
    agent: str | None
    outcome: str | None


@dataclass(frozen=True)
class Berka:
    """The files, read and joined."""

    districts: Mapping[str, tuple[str, str]]
    births: Mapping[str, date]
    accounts: Mapping[str, Account]
    loans: Sequence[Loan]
    cards: Sequence[Card]
    calls: Sequence[Call]

    @property
    def owners(self) -> set[str]:
        """The clients who own an account."""
        return {account.owner_id for account in self.accounts.values()}

    @property
    def agents(self) -> dict[str, str]:
        """Agents of the call log by name, each with a number.

        The id is no name: ids are published, names are not.
        """
        names = sorted({call.agent for call in self.calls if call.agent})
        return {name: f"agent-{number:02d}" for number, name in enumerate(names, start=1)}


def _rows(path: Path, delimiter: str) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter=delimiter, strict=True))


def read(folder: Path) -> Berka:
    """Read the files that are mapped: order.csv and trans_subset.csv have no place to go to."""
    files = ["district", "client", "disp", "account", "loan", "card"]
    raw = {name: _rows(folder / f"{name}.csv", ";") for name in files}

    unknown = {row["type"] for row in raw["disp"]} - {"OWNER", "DISPONENT"}
    if unknown:
        raise ValueError(f"unknown type of disposition: {sorted(unknown)}")
    owner_of: dict[str, str] = {}
    for row in raw["disp"]:
        if row["type"] != "OWNER":
            continue
        if row["account_id"] in owner_of:
            raise ValueError(f"account {row['account_id']} has two owners")
        owner_of[row["account_id"]] = row["client_id"]
    disposition = {row["disp_id"]: row for row in raw["disp"]}

    means: dict[str, dict[int, Decimal]] = defaultdict(dict)
    for row in _rows(folder / "account_balance_summary.csv", ","):
        for day in BUSINESS_DATES:
            mean = parse_money(row[f"avg_balance_{day.year}"])
            if mean is not None:
                means[row["account_id"]][day.year] = mean

    return Berka(
        districts={row["A1"]: (row["A2"], row["A3"]) for row in raw["district"]},
        births={row["client_id"]: parse_birth(row["birth_number"]) for row in raw["client"]},
        accounts={
            row["account_id"]: Account(
                account_id=row["account_id"],
                owner_id=owner_of[row["account_id"]],
                district_id=row["district_id"],
                opened_on=parse_day(row["date"]),
                mean_balance=means[row["account_id"]],
            )
            for row in raw["account"]
        },
        loans=[
            Loan(
                loan_id=row["loan_id"],
                account_id=row["account_id"],
                granted_on=parse_day(row["date"]),
                amount=amount_of(row, "amount"),
                months=int(row["duration"]),
                payment=amount_of(row, "payments"),
                status=row["status"],
            )
            for row in raw["loan"]
        ],
        cards=[
            Card(
                card_id=row["card_id"],
                client_id=disposition[row["disp_id"]]["client_id"],
                is_owner=disposition[row["disp_id"]]["type"] == "OWNER",
                kind=row["type"],
                issued_on=parse_day(row["issued"]),
            )
            for row in raw["card"]
        ],
        calls=[
            Call(
                received_on=date.fromisoformat(row["Date received"]),
                # 34536.0: a whole number that once went through a float column
                call_id=row["call_id"].removesuffix(".0") or None,
                client_id=parse_caller(row["rand client"]),
                agent=row["server"] if row["server"] not in UNKNOWN | {NO_AGENT} else None,
                outcome=row["outcome"] or None,
            )
            for row in _rows(folder / "call_center_log.csv", ",")
        ],
    )


# ---------------------------------------------------------------- snapshots


def map_organization(districts: Mapping[str, tuple[str, str]]) -> list[Row]:
    """Map districts to outlets. That a region is a branch and has a head office is invented."""
    regions = sorted({region for _, region in districts.values()})
    rows = [_org(HEAD_OFFICE, "", "head_office", "Berka bank, head office")]
    rows += [_org(_region_id(name), HEAD_OFFICE, "branch", name) for name in regions]
    rows += [_org(district_id, _region_id(region), "outlet", name) for district_id, (name, region) in districts.items()]
    return rows


def _org(org_id: str, parent: str, level: str, name: str) -> Row:
    return {"org_id": org_id, "parent_org_id": parent, "org_level": level, "org_name": name}


def _region_id(region: str) -> str:
    return "region-" + region.lower().replace(" ", "-")


def map_employee(agents: Mapping[str, str]) -> list[Row]:
    """Make a staff row of every agent of the call log; place, role and hiring are invented.

    The role is one that no retail tier asks for: with another one the warehouse would allocate
    customers to call agents, which the data does not say.
    """
    return [
        {
            "employee_id": employee_id,
            "employee_name": name,
            "org_id": HEAD_OFFICE,
            "role": "outlet_account_manager",
            "hired_on": STAFF_HIRED_ON.isoformat(),
            "left_on": "",
        }
        for name, employee_id in agents.items()
    ]


def map_customer(accounts: Iterable[Account], births: Mapping[str, date]) -> list[Row]:
    """Map the owners of these accounts, each at the branch of the first account they opened."""
    first: dict[str, Account] = {}
    for account in sorted(accounts, key=lambda a: (a.opened_on, int(a.account_id))):
        first.setdefault(account.owner_id, account)
    return [
        {
            "customer_id": owner_id,
            "customer_kind": "personal",
            # The contract wants a name and the data has none: a label, no personal name.
            "customer_name": f"Berka client {owner_id}",
            "birth_date": births[owner_id].isoformat(),
            "org_id": account.district_id,
            "opened_on": account.opened_on.isoformat(),
        }
        for owner_id, account in first.items()
    ]


def map_account(accounts: Iterable[Account], year: int) -> list[Row]:
    """Map the accounts that have a mean balance of the year; an unknown balance is not 0."""
    return [
        {
            "account_id": account.account_id,
            "customer_id": account.owner_id,
            "org_id": account.district_id,
            "product_type": "demand_deposit",
            "currency": CURRENCY,
            "balance": str(account.mean_balance[year]),
            "opened_on": account.opened_on.isoformat(),
            "status": "active",
        }
        for account in accounts
        if year in account.mean_balance
    ]


def scheduled_principal(loan: Loan, day: date) -> Decimal:
    """Return the amount less the monthly payments due by `day`, never below 0.

    The first payment falls due a month after the grant. Payments add up to the amount (there is
    no interest in them), so nothing is left after the last one.
    """
    due = sum(1 for n in range(1, loan.months + 1) if add_months(loan.granted_on, n) <= day)
    return max(loan.amount - loan.payment * due, Decimal("0.00"))


def loan_state(loan: Loan, day: date) -> tuple[str, str]:
    """Return status and risk class on `day`.

    Finished or running follows from the dates; good or bad is known as of the data's end only.
    A contract that finished unpaid (B) is neither settled nor running: written_off is the one
    status that contradicts nothing, and like settled it counts nothing.
    """
    if loan.status not in {"A", "B", "C", "D"}:
        raise ValueError(f"unknown status of loan {loan.loan_id}: {loan.status!r}")
    is_good = loan.status in {"A", "C"}
    if loan.ends_on <= day:
        return ("settled", "pass") if is_good else ("written_off", "loss")
    return ("active", "pass" if is_good else "special_mention")


def map_loan(loans: Iterable[Loan], accounts: Mapping[str, Account], day: date) -> list[Row]:
    """Map the loans granted by `day` to the owners of their accounts: only owners may borrow."""
    rows = []
    for loan in loans:
        if loan.granted_on > day:
            continue
        status, risk_class = loan_state(loan, day)
        rows.append(
            {
                "loan_id": loan.loan_id,
                "customer_id": accounts[loan.account_id].owner_id,
                "org_id": accounts[loan.account_id].district_id,
                # Purpose unknown; the bank lends to private persons.
                "product_type": "consumer",
                "currency": CURRENCY,
                "principal_balance": str(scheduled_principal(loan, day)),
                "risk_class": risk_class,
                "drawn_on": loan.granted_on.isoformat(),
                "matures_on": loan.ends_on.isoformat(),
                "status": status,
            }
        )
    return rows


def map_card(cards: Iterable[Card], day: date) -> list[Row]:
    """Map the credit cards that owners held on `day`."""
    return [
        {
            "card_id": card.card_id,
            "customer_id": card.client_id,
            "card_kind": "credit",
            "card_grade": CARD_GRADE[card.kind],
            "issued_on": card.issued_on.isoformat(),
            "status": "active",
        }
        for card in cards
        if card.is_owner and card.issued_on <= day
    ]


def map_day(bank: Berka, day: date) -> Delivery:
    """Return every table's partition of a business date: what existed at its close."""
    accounts = [account for account in bank.accounts.values() if account.opened_on <= day]
    return {
        "organization": map_organization(bank.districts),
        "employee": map_employee(bank.agents),
        "customer": map_customer(accounts, bank.births),
        "account": map_account(accounts, day.year),
        "loan": map_loan(bank.loans, bank.accounts, day),
        "card": map_card(bank.cards, day),
        "card_transaction": [],
        "brokerage": [],
        "visit": [],
        "fx_rate": [{"currency": CURRENCY, "cny_per_unit": CNY_PER_CZK}],
    }


# ---------------------------------------------------------------- calls

VISIT = "delivered: an owner's call that an agent took"
LINKED_NO_AGENT = "left out: an owner's call without an agent"
LINKED_USER = "left out: a call of a client who owns no account"
UNLINKED_EMPTY = "left out: a line with a date and times only"
UNLINKED_AGENT = "left out: a call that was answered, without a client"
UNLINKED_UNANSWERED = "left out: a call that was not answered (HANG, PHANTOM)"
LINKED = (VISIT, LINKED_NO_AGENT, LINKED_USER)
UNLINKED = (UNLINKED_EMPTY, UNLINKED_AGENT, UNLINKED_UNANSWERED)


def sort_call(call: Call, owners: set[str]) -> str:
    """Put a call into exactly one class; the first three carry a client, the others do not."""
    if call.client_id is not None:
        if call.client_id not in owners:
            return LINKED_USER
        return VISIT if call.agent and call.call_id else LINKED_NO_AGENT
    if call.outcome is None:
        return UNLINKED_EMPTY
    return UNLINKED_AGENT if call.outcome == "AGENT" else UNLINKED_UNANSWERED


def map_visit(bank: Berka) -> dict[date, list[Row]]:
    """Map the delivered calls to phone visits, each on its own day.

    The log is of 2011 to 2019. Its days are not moved to 1997 and 1998: that would invent them.
    """
    days: dict[date, list[Row]] = defaultdict(list)
    owners, agents = bank.owners, bank.agents
    for call in bank.calls:
        if sort_call(call, owners) == VISIT:
            days[call.received_on].append(
                {
                    "visit_id": call.call_id or "",
                    "customer_id": call.client_id or "",
                    "employee_id": agents[call.agent or ""],
                    "visited_on": call.received_on.isoformat(),
                    "channel": "phone",
                    "outcome": call.outcome or "",
                }
            )
    return dict(sorted(days.items()))


# ---------------------------------------------------------------- files


def to_csv(table: str, rows: Iterable[Row]) -> bytes:
    """Write rows as RFC 4180 in UTF-8, in the order of their key; null is the empty field."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS[table], restval="", lineterminator="\r\n")
    writer.writeheader()
    key = COLUMNS[table][0]
    # "9" before "10"; ids that are no number come behind, by name
    writer.writerows(sorted(rows, key=lambda row: (row[key].zfill(12), row[key])))
    return text.getvalue().encode("utf-8")


def write(landing: Path, table: str, day: date, rows: Sequence[Row]) -> None:
    """Write one partition with its control file."""
    folder = landing / table / f"biz_date={day.isoformat()}"
    folder.mkdir(parents=True, exist_ok=True)
    data = to_csv(table, rows)
    name = f"{table}.csv"
    (folder / name).write_bytes(data)
    control = {"rows": len(rows), "files": {name: hashlib.sha256(data).hexdigest()}}
    text = json.dumps(control, indent=2) + "\n"
    (folder / "_control.json").write_text(text, encoding="utf-8", newline="\n")


def left_out(bank: Berka, day: date) -> dict[str, int]:
    """Count what is left out of a business date, and what the date lacks."""
    alive = [account for account in bank.accounts.values() if account.opened_on <= day]
    owners = {account.owner_id for account in alive}
    loans = [loan for loan in bank.loans if loan.granted_on <= day]
    return {
        "accounts without a balance of the year": sum(1 for account in alive if day.year not in account.mean_balance),
        "accounts opened later": len(bank.accounts) - len(alive),
        "clients who own no account (users only)": len(bank.births.keys() - owners),
        "loans granted later": len(bank.loans) - len(loans),
        "cards issued later": sum(1 for card in bank.cards if card.issued_on > day),
        "cards of users": sum(1 for card in bank.cards if card.issued_on <= day and not card.is_owner),
    }


def summary(bank: Berka) -> str:
    """Say what is delivered, what is left out and why."""
    lines = []
    for day in BUSINESS_DATES:
        lines.append(f"{day}: delivered")
        lines += [f"  {len(rows):>6,}  {table}" for table, rows in map_day(bank, day).items()]
        lines.append(f"{day}: left out")
        lines += [f"  {count:>6,}  {what}" for what, count in left_out(bank, day).items()]
    owners = bank.owners
    classes = Counter(sort_call(call, owners) for call in bank.calls)
    days = list(map_visit(bank))
    if days:
        lines.append(f"call log: visits of {len(days):,} days from {days[0]} to {days[-1]}")
    for label, members in (("with a client", LINKED), ("without a client", UNLINKED)):
        lines.append(f"  {sum(classes[name] for name in members):>6,}  calls {label}")
        lines += [f"    {classes[name]:>6,}  {name}" for name in members]
    lines.append(f"  {len(bank.calls):>6,}  calls in all")
    return "\n".join(lines)


def deliver(bank: Berka, landing: Path) -> None:
    """Write both business dates, and the calls under their own days."""
    for day in BUSINESS_DATES:
        for table, rows in map_day(bank, day).items():
            write(landing, table, day, rows)
    for day, rows in map_visit(bank).items():
        write(landing, "visit", day, rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Map the files of --berka to a new landing zone in --landing."""
    parser = argparse.ArgumentParser(description="Map the Berka files to a landing zone.")
    parser.add_argument("--berka", type=Path, required=True, help="folder of the Berka files")
    parser.add_argument("--landing", type=Path, required=True, help="new or empty folder")
    options = parser.parse_args(arguments)
    landing: Path = options.landing
    # Another delivery's partitions would mix with these.
    if landing.exists() and (not landing.is_dir() or any(landing.iterdir())):
        parser.error(f"--landing must be a new or an empty folder: {landing}")
    try:
        bank = read(options.berka)
        report = summary(bank)
    except (OSError, ValueError, KeyError) as error:
        parser.error(f"--berka does not hold the Berka files as published: {error!r}")
    deliver(bank, landing)
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
