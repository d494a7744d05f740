"""A landing zone written independently, from the contract alone, and nasty on purpose.

Everything is drawn from `random.Random(seed)`, and the content does not depend on the file
format, so both formats must publish the same. Amounts are on, just below and just above every
bound; dates are on every edge. Whatever the texts leave open is left out: every row must
have exactly one meaning.
"""

from __future__ import annotations

import calendar
import csv
import hashlib
import json
import os
import random
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from stdnum.cn import ric, uscc

from .contract import TABLES, Table
from .days import months_before
from .foreign_customers import add_customer_tables, born_on, matures_on, opened_about, phone_of
from .foreign_operation import OddVisits, add_operation_tables, add_people_of_one_outlet, feedback
from .landing import LIMIT, LIMITS, NOT_IN_FUTURE, POINTS, connection, is_money

Row = dict[str, Any]
Snapshot = dict[str, list[Row]]
FileFormat = Literal["parquet", "csv"]
Optional = Literal["mixed", "all", "none"]

DAY = timedelta(days=1)
NULL = "\\N"
OPTIONAL = [table.name for table in TABLES.values() if not table.required]
DEPARTMENTS = ("corporate_department", "wealth_center")
DEPOSITS = ["demand_deposit", "time_deposit", "structured_deposit"]
PRODUCTS = list(TABLES["account"].column("product_type").enum)
KINDS = TABLES["customer"].column("customer_kind").enum
RETAIL = ("personal", "sole_proprietor")

# chosen so that 100.10 JPY = 5.005 CNY, 100.04 USD = 712.785 CNY, 0.01 KRW = 0.0000512345 CNY
FIXED_RATES = {
    "USD": Decimal("7.12500000"),
    "JPY": Decimal("0.05000000"),
    "KRW": Decimal("0.00512345"),
    "HKD": Decimal("0.91250000"),
}
RARE = "CHF"  # a defect breaks its rate

# (CNY part of the delta, foreign part): on, a fen off, a fraction of a fen off
DELTAS: list[tuple[str, tuple[str, str] | None]] = [
    ("0.00", None),
    ("-0.01", None),
    ("0.01", None),
    ("-0.01", ("JPY", "0.10")),  # -0.005
    ("0.00", ("JPY", "0.10")),  # +0.005
    ("-7.13", ("USD", "1.00")),  # -0.005
    ("-7.12", ("USD", "1.00")),  # +0.005
    ("-0.01", ("KRW", "1.95")),  # -0.0000092725
    ("0.00", ("KRW", "0.01")),  # +0.0000512345
]
NASTY_NAMES = [
    'Smith, John "Jack"',
    "温州“鸿运”贸易有限公司\n(第二行, 分公司)",
    "李，小明",
    "O'Brien; 'x'",
    'a"b""c',
    "NULL",
    "NaN",
    "=1+1",
    "换行\n\n空行,之后",
    "尾随空格 ",
    "\\N",
    "😀 生僻字 𠮷",
    "王\t五",
]
ROLE_AT = {
    "head_office": ["branch_president", "branch_account_manager", "wealth_manager"],
    "province_branch": ["branch_president", "branch_vice_president", "branch_account_manager"],
    "branch": ["branch_president", "branch_vice_president", "branch_account_manager"],
    "corporate_department": ["corporate_department_head", "branch_account_manager"],
    "wealth_center": ["wealth_manager", "outlet_account_manager", "branch_account_manager"],
    "sub_branch": ["branch_vice_president", "outlet_head", "outlet_account_manager"],
    "outlet": [
        "outlet_head",
        "outlet_deputy_head",
        "outlet_account_manager",
        "finance_manager",
        "lobby_manager",
        "outlet_staff",
    ],
}
DUTY_ROLES = [
    ["branch_president", "branch_vice_president"],
    ["corporate_department_head"],
    ["branch_account_manager"],
    ["outlet_head", "outlet_deputy_head"],
    ["outlet_account_manager"],
]


@dataclass
class Person:
    """A customer across all dates."""

    customer_id: str
    row: Row
    enters: int = 0  # index of the first date
    leaves: int | None = None  # index of the first date without the customer
    changes: int | None = None  # index of the first date with the other kind
    new_kind: str = ""
    profiled: bool = True


@dataclass
class World:
    """What stays the same across dates."""

    seed: int
    dates: list[date]
    foreign: bool
    organizations: list[Row] = field(default_factory=list)
    employees: list[Row] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    offices: list[str] = field(default_factory=list)  # organizations that lead customers
    cards: list[Row] = field(default_factory=list)
    victims: set[str] = field(default_factory=set)  # customers whose rows get defects
    events: dict[str, list[tuple[date, Row]]] = field(default_factory=dict)

    def rng(self, *parts: object) -> random.Random:
        """Return a separate generator per purpose, so that none disturbs another."""
        return random.Random("|".join(str(part) for part in (self.seed, *parts)))


def write_landing(
    landing: Path,
    dates: Sequence[date],
    *,
    customers: int,
    seed: int,
    file_format: FileFormat,
    defects: bool,
    optional: Optional = "mixed",
) -> None:
    """Write a landing zone with a full delivery on each of `dates`.

    optional: whether the tables that need not come do on every date, never, or each in its own way.
    There are also partitions before the first date and after the last; the latter must be
    ignored. No delivery is blocked on any of the dates, with or without defects.
    """
    days = sorted(set(dates))
    rng = random.Random(f"{seed}|world")
    states = {
        name: rng.choices(["normal", "stale", "header", "absent", "later"], [62, 14, 10, 10, 4])[0] for name in OPTIONAL
    }
    if optional != "mixed":
        states = dict.fromkeys(OPTIONAL, "normal" if optional == "all" else "absent")
    world = World(seed, days, foreign=states["fx_rate"] in ("normal", "stale"))
    _organizations(world)
    _employees(world)
    _people(world, customers)
    _cards(world)

    before, after = days[0] - 9 * DAY, days[-1] + DAY
    moments = [(before, -1), *((day, i) for i, day in enumerate(days)), (after, len(days))]
    snapshots = {day: _snapshot(world, day, index) for day, index in moments}
    _events(world, defects)
    if defects:
        for day in days:
            _break_snapshot(world, day, snapshots[day])

    writer = Writer(landing, seed, file_format)
    for name, table in TABLES.items():
        state = states.get(name, "normal")
        if table.kind == "snapshot":
            for day, index in moments:
                rows = snapshots[day][name]
                if state == "later" and index < len(days):
                    continue
                if state == "absent" or (state == "stale" and 0 <= index < len(days)):
                    continue
                header_only = state == "header" and index >= 0
                writer.partition(table, day, [] if header_only else rows)
            continue
        if state == "absent":
            continue
        by_day: dict[date, list[Row]] = {}
        for day, row in world.events[name]:
            by_day.setdefault(day, []).append(row)
        if table.required:  # a header alone is a valid delivery
            by_day.setdefault(days[0] - 2 * DAY, [])
        for day, rows in sorted(by_day.items()):
            if state == "later" and day <= days[-1]:
                continue
            if state == "stale" and days[0] <= day <= days[-1]:
                continue
            if state == "header" and day <= days[-1]:
                rows = []
            writer.partition(table, day, rows)


# ---------------------------------------------------------------- the institution


def _organizations(world: World) -> None:
    rng = world.rng("organizations")
    rows = world.organizations

    def add(org_id: str, parent: str | None, level: str, name: str) -> str:
        rows.append({"org_id": org_id, "parent_org_id": parent, "org_level": level, "org_name": name})
        return org_id

    head = add("00", None, "head_office", '总行 "Head, Office"')
    add("00-CD", head, "corporate_department", "总行公司业务部")
    outlets: list[str] = []
    for p in range(2):
        province = add(f"0{p + 1}", head, "province_branch", f"省分行 {p},\n二行")
        add(f"{province}-CD", province, "corporate_department", "省分行公司业务部 ")
        for b in range(2):
            branch = add(f"{province}{b}", province, "branch", f"分行 {province}{b}")
            department = add(f"{branch}-CD", branch, "corporate_department", "公司业务部")
            # a department of a department: its parent is no ancestor of any outlet
            add(f"{branch}-CD-2", department, "corporate_department", "公司业务部二科")
            add(f"{branch}-WC", branch, "wealth_center", "财富中心")
            for s in range(2):
                sub = add(f"{branch}{s}", branch, "sub_branch", f"支行, {branch}{s}")
                if rng.random() < 0.5:
                    add(f"{sub}-WC", sub, "wealth_center", "支行财富中心")
                for o in range(2):
                    outlet = add(f"{sub}{o}", sub, "outlet", f"网点“{sub}{o}”")
                    outlets.append(outlet)
                    if rng.random() < 0.3:  # a department of the lead outlet itself
                        add(f"{outlet}-WC", outlet, "wealth_center", "网点财富中心")
            outlets.append(add(f"{branch}9", branch, "outlet", "分行营业部"))
    outlets.append(add("09", head, "outlet", "总行营业部"))
    outlets.append(add("LONE", None, "outlet", "独立网点"))
    # an outlet below an outlet, one below a department, a branch below a branch
    outlets.append(add("E1", outlets[0], "outlet", "分理处"))
    outlets.append(add("E2", "010-WC", "outlet", "财富中心下的网点"))
    nested = add("E3", "010", "branch", "二级分行")
    outlets.append(add("E4", nested, "outlet", "二级分行网点"))
    # an outlet without people, and one whose people come and go
    outlets += [add("E5", "010", "outlet", "无人网点"), add("E6", "010", "outlet", "新网点")]
    # customers led by something other than an outlet
    world.offices = [*outlets, "010", "0100", "010-CD", "00"]
    rng.shuffle(rows)


def _employees(world: World) -> None:
    rng = world.rng("employees")
    first, last = world.dates[0], world.dates[-1]
    number = 0
    for organization in world.organizations:
        if organization["org_id"] in ("E5", "E6"):
            continue
        roles = [r for r in ROLE_AT[organization["org_level"]] if rng.random() < 0.8]
        if rng.random() < 0.2:
            roles.append(rng.choice(TABLES["employee"].column("role").enum))
        if rng.random() < 0.3 and roles:
            roles.append(rng.choice(roles))
        for role in roles:
            number += 1
            edge = rng.choice(world.dates)
            leaves = [None, edge, edge + DAY, edge - 9 * DAY, first - 40 * DAY, last + 400 * DAY]
            left = rng.choices(leaves, [78, 6, 6, 4, 3, 3])[0]
            hired = rng.choices([first - 2000 * DAY, edge, edge + DAY, edge - DAY], [88, 4, 4, 4])[0]
            world.employees.append(
                {
                    "employee_id": f"{number:05d}",
                    "employee_name": rng.choice(NASTY_NAMES),
                    "org_id": organization["org_id"],
                    "role": role,
                    "hired_on": hired,
                    "left_on": left,
                }
            )
    add_people_of_one_outlet("E6", world.dates, world.employees)


# ---------------------------------------------------------------- customers


def _years_before(day: date, years: int) -> date:
    length = calendar.monthrange(day.year - years, day.month)[1]
    return date(day.year - years, day.month, min(day.day, length))


def _id_number(rng: random.Random, id_type: str | None, birth: date | None) -> str | None:
    if id_type == "resident_id":
        born = birth or date(1970 + rng.randrange(30), 1, 1 + rng.randrange(28))
        stem = f"990000{born:%Y%m%d}{rng.randrange(1000):03d}"
        return stem + str(ric.calc_check_digit(f"{stem}0"))  # it drops the last character
    if id_type == "uscc":
        alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
        stem = "91990000" + "".join(rng.choice(alphabet) for _ in range(9))
        return stem + str(uscc.calc_check_digit(stem))
    return rng.choice([None, "E12345678", "1234", "护照,1"])


def _people(world: World, count: int) -> None:
    rng = world.rng("people")
    dates = world.dates
    unusual = ["NULL", "nan", "1E10", "007", "0x1F", "客户1", "a,b", 'q"uote', "1.0", "TRUE"]
    vanish = set(rng.sample(range(count), min(10, count // 20)))
    change = set(rng.sample(range(count), min(15, count // 12)))
    for n in range(count):
        customer_id = unusual[n] if n < len(unusual) and count >= 50 else f"{n:07d}"
        kind = rng.choices(KINDS, _KIND_WEIGHTS)[0]
        enters = rng.randrange(len(dates)) if n and rng.random() < 0.25 else 0
        day = dates[enters]
        month = day.replace(day=1)
        opened = rng.choice(
            [
                day,
                min(month, day),
                min(month + DAY, day),
                min(month + 2 * DAY, day),
                month - DAY,
                day - rng.randrange(30, 4000) * DAY,
                *(opened_about(rng, dates) for _ in range(5)),
            ]
        )
        birth = None
        if kind in RETAIL and rng.random() < 0.9:
            edge = _years_before(rng.choice(dates), 60)
            birth = rng.choice(
                [
                    edge,
                    edge + DAY,
                    edge - DAY,
                    date(1965, 3, 1),
                    *(born_on(rng, dates) for _ in range(6)),
                    date(1950 + rng.randrange(60), 1 + rng.randrange(12), 1 + rng.randrange(28)),
                ]
            )
        id_type = rng.choice(
            ["resident_id", "resident_id", "passport", "other", None]
            if kind in RETAIL
            else ["uscc", "uscc", "uscc", "other", None]
        )
        number = _id_number(rng, id_type, birth)
        row = {
            "customer_id": customer_id,
            "customer_kind": kind,
            "customer_name": rng.choice(NASTY_NAMES),
            "id_type": id_type,
            "id_number": None if rng.random() < 0.05 else number,
            "birth_date": birth,
            "mobile_phone": phone_of(rng, n),
            "org_id": rng.choice(world.offices[:6] if rng.random() < 0.4 else world.offices),
            "opened_on": opened,
            "wealth_admission": rng.choice([None] * 30 + [*TABLES["customer"].column("wealth_admission").enum]),
            "marketing_consent": rng.choice([True, True, True, False, None]),
        }
        person = Person(customer_id, row, enters)
        person.profiled = rng.random() < 0.85
        if n == 0:  # there is always one customer, with one account
            row["opened_on"] = date(2010, 5, 5)
        elif len(dates) > 1 and n in vanish and enters < len(dates) - 1:
            person.leaves = rng.randrange(enters + 1, len(dates))
        elif len(dates) > 1 and n in change:
            person.changes = rng.randrange(1, len(dates))
            person.new_kind = rng.choice(KINDS)
        world.people.append(person)
    world.victims = set(rng.sample([p.customer_id for p in world.people], min(5, count // 10)))


_KIND_WEIGHTS = [45, 10, 33, 12]


def _present(world: World, index: int) -> Iterator[tuple[Person, str]]:
    """Every customer in the snapshot at a moment, with the kind at that moment."""
    earliest = world.dates[0] - 9 * DAY
    for person in world.people:
        if person.enters > max(index, 0):
            continue
        if index < 0 and person.row["opened_on"] > earliest:
            continue
        if person.leaves is not None and index >= person.leaves:
            continue
        changed = person.changes is not None and index >= person.changes
        yield person, person.new_kind if changed else person.row["customer_kind"]


def _cards(world: World) -> None:
    for person in world.people:
        rng = world.rng("cards", person.customer_id)
        for n in range(rng.choice([0, 0, 1, 1, 2, 3])):
            opened = person.row["opened_on"]
            asleep = min(rng.choice(world.dates) - 90 * DAY, world.dates[0] - 10 * DAY)
            world.cards.append(
                {
                    "card_id": f"62{zlib.crc32(person.customer_id.encode()):010d}{n:02d}",
                    "customer_id": person.customer_id,
                    "card_kind": rng.choice(["debit", "credit", "credit"]),
                    "card_grade": rng.choice(["standard", "standard", "gold", "platinum", "diamond"]),
                    "credit_limit": rng.choice([None, Decimal("0.00"), Decimal("50000.00")]),
                    "issued_on": rng.choice([opened, asleep, asleep + DAY]),
                    "activated_on": rng.choice([None, opened]),
                    "status": "active",
                }
            )


# ---------------------------------------------------------------- one date


def _split(rng: random.Random, total: Decimal, parts: int) -> list[Decimal]:
    """Cut an amount into `parts` that add up to it exactly; none is negative."""
    left = max(total, Decimal(0))
    cuts = []
    for _ in range(parts - 1):
        cut = (left * rng.randrange(1000) / 1000).quantize(Decimal("0.01"))
        cuts.append(min(cut, left))
        left -= cuts[-1]
    return [*cuts, left]


def _near(world: World, rng: random.Random, bound: int) -> tuple[Decimal, tuple[str, Decimal] | None]:
    """Amounts that add up to a bound, or next to it."""
    cny, foreign = rng.choice(DELTAS if world.foreign else DELTAS[:3])
    return (
        Decimal(bound) + Decimal(cny),
        (foreign[0], Decimal(foreign[1])) if foreign else None,
    )


def _spread(world: World, rng: random.Random, bounds: Sequence[int]) -> list[tuple[str, Decimal]]:
    """Currencies and amounts of positions that add up to a boundary, or to anything."""
    if rng.random() < 0.75:
        amount, foreign = _near(world, rng, rng.choice(bounds))
    else:
        top = Decimal(rng.choice(bounds) * rng.choice([0, 1, 1, 2]))
        amount, foreign = (top * rng.randrange(10**6) / 10**6).quantize(Decimal("0.01")), None
    positions = [("CNY", part) for part in _split(rng, amount, rng.randrange(1, 4))]
    if foreign:
        positions.append(foreign)
    elif world.foreign and rng.random() < 0.2:
        currency = rng.choice([*FIXED_RATES, "EUR", "GBP"])
        positions.append((currency, Decimal(rng.randrange(10**6)) / 100))
    return positions


class _Maker:
    """The rows of one snapshot."""

    def __init__(self, world: World, day: date, index: int) -> None:
        self.world, self.day, self.index = world, day, index
        self.rows: Snapshot = {n: [] for n, t in TABLES.items() if t.kind == "snapshot"}
        self.accounts = 0

    def account(
        self,
        rng: random.Random,
        person: Person,
        product: str,
        currency: str,
        balance: Decimal,
        status: str | None = None,
    ) -> None:
        previous = self.rows["account"][-1] if self.rows["account"] else None
        self.accounts += 1
        account_id = f"{self.accounts:09d}"
        if (
            previous is not None
            and previous["customer_id"] == person.customer_id
            and previous["currency"] != currency
            and rng.random() < 0.5
        ):
            account_id = previous["account_id"]  # one number, several currencies
            if any(
                row["account_id"] == account_id and row["currency"] == currency for row in self.rows["account"][-12:]
            ):
                account_id = f"{self.accounts:09d}"
        self.rows["account"].append(
            {
                "account_id": account_id,
                "customer_id": person.customer_id,
                "org_id": rng.choice(self.world.offices),
                "product_type": product,
                "currency": currency,
                "balance": balance,
                "balance_mtd_average": rng.choice([None, balance, Decimal("999999999.99")]),
                "opened_on": person.row["opened_on"],
                "matures_on": rng.choice([None, matures_on(rng, self.day, 14)]),
                "status": status or rng.choice(["active", "active", "dormant", "frozen"]),
            }
        )

    def noise_accounts(self, rng: random.Random, person: Person) -> None:
        """Accounts that count for nothing: closed, overdrawn, zero."""
        big = Decimal("300000000.00")
        if rng.random() < 0.25:
            self.account(rng, person, rng.choice(PRODUCTS), "CNY", big, "closed")
        if rng.random() < 0.2:
            self.account(rng, person, "demand_deposit", "CNY", Decimal("-1234.56"))
        if rng.random() < 0.1:
            self.account(rng, person, rng.choice(PRODUCTS), "CNY", Decimal("0.00"))

    def brokerage(self, rng: random.Random, person: Person, positions: list[tuple[str, Decimal]], status: str) -> None:
        for currency, amount in positions:
            self.rows["brokerage"].append(
                {
                    "brokerage_account_id": f"B{len(self.rows['brokerage']):08d}",
                    "customer_id": person.customer_id,
                    "broker_name": rng.choice([None, "", *NASTY_NAMES]),
                    "currency": currency,
                    "margin_balance": amount,
                    "status": status,
                }
            )

    def loan(self, rng: random.Random, person: Person, currency: str, amount: Decimal, status: str) -> None:
        self.rows["loan"].append(
            {
                "loan_id": f"L{len(self.rows['loan']):08d}",
                "customer_id": person.customer_id,
                "org_id": rng.choice(self.world.offices),
                "product_type": rng.choice(TABLES["loan"].column("product_type").enum),
                "currency": currency,
                "principal_balance": amount,
                "risk_class": rng.choice(TABLES["loan"].column("risk_class").enum),
                "drawn_on": rng.choice([person.row["opened_on"], self.day]),
                "matures_on": matures_on(rng, self.day, 30),
                "status": status,
            }
        )

    def line(
        self,
        person: Person,
        currency: str,
        target: Decimal,
        approved: Decimal,
        valid: tuple[date, date | None],
    ) -> None:
        self.rows["credit_line"].append(
            {
                "credit_line_id": f"CL{len(self.rows['credit_line']):07d}",
                "customer_id": person.customer_id,
                "currency": currency,
                "target_amount": target,
                "approved_amount": approved,
                "valid_from": valid[0],
                "valid_to": valid[1],
            }
        )

    def retail(self, rng: random.Random, person: Person) -> None:
        """Assets, loans and custody of a retail customer."""
        if rng.random() < 0.9:
            positions = _spread(self.world, rng, [50_000, 100_000, 200_000, 2_000_000])
            margin: list[tuple[str, Decimal]] = []
            if rng.random() < 0.2:  # part of the assets is custody margin
                margin = [positions.pop()]
            for currency, amount in positions:
                self.account(rng, person, rng.choice(PRODUCTS), currency, amount)
            self.brokerage(rng, person, margin, "active")
        elif rng.random() < 0.5:
            self.brokerage(rng, person, _spread(self.world, rng, [10_000]), "active")
        self.noise_accounts(rng, person)
        if rng.random() < 0.15:
            self.brokerage(rng, person, [("CNY", Decimal("5000000.00"))], "closed")
        if rng.random() < 0.25:
            for currency, amount in _spread(self.world, rng, [300_000]):
                self.loan(rng, person, currency, amount, "active")
        if rng.random() < 0.15:
            status = rng.choice(["settled", "written_off"])
            self.loan(rng, person, "CNY", Decimal("900000.00"), status)

    def corporate(self, rng: random.Random, person: Person) -> None:
        """Deposits, lines and loans of a corporate customer."""
        day = self.day
        kind = rng.random()
        if kind < 0.65:
            for currency, amount in _spread(self.world, rng, [50_000_000, 200_000_000]):
                self.account(rng, person, rng.choice(DEPOSITS), currency, amount)
        elif kind < 0.75:  # an open account without deposits
            product = rng.choice(["wealth_product", "fund", "precious_metal"])
            self.account(rng, person, product, "CNY", Decimal("250000000.00"))
        elif kind < 0.8:
            self.brokerage(rng, person, [("CNY", Decimal("12.00"))], "active")
        if kind < 0.9:
            self.noise_accounts(rng, person)
        if rng.random() < 0.4:
            valid = rng.choice(
                [
                    (day - 100 * DAY, None),
                    (day - 100 * DAY, day + 100 * DAY),
                    (day, None),
                    (day - DAY, day + DAY),
                    (day, day + DAY),
                    (day + DAY, None),
                    (day - 10 * DAY, day),
                    (day - 10 * DAY, day - DAY),
                    (day, day),
                ]
            )
            for currency, amount in _spread(self.world, rng, [200_000_000]):
                approved = rng.choice([Decimal("0.00"), Decimal("0.01"), amount])
                self.line(person, currency, amount, approved, valid)
        if rng.random() < 0.2:
            zero = Decimal("0.00")
            self.line(person, "CNY", zero, rng.choice([zero, Decimal("1.00")]), (day, None))
        if rng.random() < 0.3:
            amount = rng.choice([Decimal("0.00"), Decimal("0.01"), Decimal("8000000.00")])
            self.loan(rng, person, "CNY", amount, rng.choice(["active", "active", "settled"]))

    def profile(self, rng: random.Random, person: Person, kind: str) -> None:
        """Write a profile; some retail customers have one too, which must have no effect."""
        contract = TABLES["corporate_profile"]
        day = self.day
        capital_bounds = [5_000_000_000, 100_000_000, 10_000_000, 5_000_000]
        capital = Decimal(rng.choice(capital_bounds)) + rng.choice([Decimal("0.00"), Decimal("-0.01"), Decimal("0.01")])
        levels: list[str | None] = [None, "", *contract.column("administrative_level").enum]
        types = list(contract.column("institution_type").enum)
        typed = kind == "institution" or rng.random() < 0.3
        self.rows["corporate_profile"].append(
            {
                "customer_id": person.customer_id,
                "established_on": rng.choice(
                    [
                        None,
                        date(day.year, 1, 1),
                        date(day.year - 1, 12, 31),
                        day,
                        date(1999, 9, 9),
                        date(1999, 9, 9),
                    ]
                ),
                "registered_capital": rng.choice([None, capital, capital, capital]),
                "institution_type": rng.choice(types) if typed else None,
                "administrative_level": rng.choice(levels) if typed else None,
                "credit_rating": rng.choice([None, "AAA", "AA+", "A", "A-", "D"]),
                "has_bad_record": rng.random() < 0.1,
                "market_position": rng.choice([None, "listed", "monopoly", "top_500"]),
                "strategic_agreement_on": rng.choice([None, day, date(2020, 1, 1)]),
                "settlement_share": rng.choice([None, 0.0, 1.0, 0.6, 0.599999]),
                "related_party_share": rng.choice([None, 0.5, 0.1 + 0.2]),
                "profit_margin": rng.choice([None, -0.25, 0.12]),
                "peer_profit_margin": rng.choice([None, 0.12, 1e-7]),
                "is_co_managed": rng.choice([None, None, True, False]),
            }
        )

    def relationships(self, rng: random.Random, person: Person) -> None:
        """Add managers, claims, referrers and choices around D."""
        day = self.day
        seen = set()
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            row = {
                "customer_id": person.customer_id,
                "employee_id": rng.choice(self.world.employees)["employee_id"],
                "relation": rng.choice(["manager", *TABLES["relationship"].column("relation").enum]),
                "since": rng.choice([day, day + DAY, day - DAY, day - 300 * DAY, day - rng.randrange(900) * DAY]),
                "until": rng.choice([None, None, None, day, day + DAY, day - DAY]),
            }
            key = (row["employee_id"], row["relation"], row["since"])
            if key not in seen:
                seen.add(key)
                self.rows["relationship"].append(row)

    def make(self) -> Snapshot:
        """All tables."""
        world, index = self.world, self.index
        self.rows["organization"] = [dict(row) for row in world.organizations]
        self.rows["employee"] = [dict(row) for row in world.employees]
        present: dict[str, str] = {}
        for person, kind in _present(world, index):
            present[person.customer_id] = kind
            # half of the customers repeat the previous date's recipe
            sticky = world.rng("sticky", person.customer_id, index).random() < 0.4
            rng = world.rng("recipe", person.customer_id, index - 1 if sticky else index)
            self.rows["customer"].append(dict(person.row, customer_kind=kind))
            if kind in RETAIL:
                self.retail(rng, person)
                if rng.random() < 0.1:
                    self.corporate(rng, person)
            else:
                self.corporate(rng, person)
            if not self.rows["account"]:
                self.account(rng, person, "demand_deposit", "CNY", Decimal("100000.00"), "active")
            if person.profiled and (kind not in RETAIL or rng.random() < 0.05):
                self.profile(rng, person, kind)
            self.relationships(rng, person)
        for card in world.cards:
            rng = world.rng("card", card["card_id"], index)
            if card["customer_id"] not in present or rng.random() < 0.05:
                continue  # the card is gone, its transactions remain
            status = rng.choice(["active", "active", "inactive", "frozen", "cancelled"])
            self.rows["card"].append(dict(card, status=status))
        add_customer_tables(world.rng("customer tables", index), self.day, world.offices, self.rows)
        add_operation_tables(world.rng, self.day, world.dates, self.rows, index)
        rates = world.rng("rates", index)
        self.rows["fx_rate"] = [{"currency": currency, "cny_per_unit": rate} for currency, rate in FIXED_RATES.items()]
        for currency, low in (("EUR", 750_000_000), ("GBP", 900_000_000), (RARE, 800_000_000)):
            rate = Decimal(low + rates.randrange(10**8)).scaleb(-8)
            self.rows["fx_rate"].append({"currency": currency, "cny_per_unit": rate})
        if index >= len(world.dates):  # after the last date everything is different
            for row in self.rows["account"]:
                row["balance"] += 1_000_000
            for row in self.rows["organization"]:
                row["org_name"] += " 未来"
            for row in self.rows["customer"]:
                row["wealth_admission"] = "wealth"
        return self.rows


def _snapshot(world: World, day: date, index: int) -> Snapshot:
    return _Maker(world, day, index).make()


# ---------------------------------------------------------------- events


def _recorders(world: World, name: str) -> list[date]:
    """Dates with a partition of an event table: some of the dates, some between, some after."""
    rng = world.rng("recorders", name)
    first, last = world.dates[0], world.dates[-1]
    days = {first - DAY, first - 40 * DAY, last + DAY, last + 3 * DAY, last + 35 * DAY}
    days |= {day for day in world.dates if rng.random() < 0.85}
    for earlier, later in zip(world.dates, world.dates[1:], strict=False):
        gap = (later - earlier).days
        days |= {earlier + rng.randrange(1, gap + 1) * DAY for _ in range(2)}
    if name == "visit":  # so often that most visits are not recorded late
        days |= {day - ago * DAY for day in world.dates for ago in (4, 9, 14)}
    return sorted(days)


def _events(world: World, defects: bool) -> None:
    makers: dict[str, Callable[[World], Iterator[tuple[date, Row, date | bool]]]] = {
        "card_transaction": _transactions,
        "visit": _visits,
        "financial_statement": _statements,
        "contribution": _contributions,
        "appraisal_feedback": lambda world: feedback(world.rng, world.dates, world.employees),
    }
    for name, make in makers.items():
        if name not in TABLES:
            continue
        recorders = _recorders(world, name)
        rng = world.rng("events", name)
        recorded: list[tuple[date, Row]] = []
        for happened, row, prompt in make(world):
            usable = [day for day in recorders if day >= happened]
            if isinstance(prompt, date):
                recorded.append((prompt, row))
            elif usable:
                recorded.append((usable[0] if prompt else rng.choice(usable), row))
        # some rows are delivered again, in a later partition or in the same one
        again = rng.sample(recorded, min(12, len(recorded) // 10))
        copies = [(rng.choice([later for later in recorders if later >= day]), dict(row)) for day, row in again]
        if defects:
            recorded = _break_events(world, name, recorded, recorders)
        world.events[name] = recorded + copies


def _transactions(world: World) -> Iterator[tuple[date, Row, date | bool]]:
    number = 0

    def transaction(card: Row, day: date, currency: str, amount: Decimal, kind: str) -> Row:
        nonlocal number
        number += 1
        return {
            "transaction_id": f"T{number:09d}",
            "card_id": card["card_id"],
            "customer_id": card["customer_id"],
            "transacted_on": day,
            "currency": currency,
            "amount": amount,
            "transaction_kind": kind,
            "card_kind": card.get("card_kind"),
        }

    # dates were D - 12 months at a month's end stays one meaning: 28 or 29 February
    for card in world.cards:
        rng = world.rng("transactions", card["card_id"])
        if rng.random() < 0.3:
            continue
        target = rng.choice(world.dates)
        start = _years_before(target, 1)
        inside = [start + DAY, target, target - DAY, target - rng.randrange(300) * DAY]
        refund = Decimal(rng.choice(["0.00", "0.01", "1500.00"]))
        amount, foreign = _near(world, rng, 50_000)
        for part in _split(rng, amount + refund, rng.randrange(1, 5)):
            day = rng.choice(inside)
            yield day, transaction(card, day, "CNY", part, "purchase"), True
        if foreign:
            yield target, transaction(card, target, *foreign, "purchase"), True
        if refund:
            yield target, transaction(card, target, "CNY", refund, "refund"), True
        for kind in ("cash_advance", "repayment", "fee"):
            if rng.random() < 0.3:
                day = rng.choice(inside)
                yield day, transaction(card, day, "CNY", Decimal("70000.00"), kind), False
        for day in (start, target + DAY):
            if rng.random() < 0.4:
                row = transaction(card, day, "CNY", Decimal("60000.00"), "purchase")
                yield day, row, True
        if rng.random() < 0.1:  # more refunds than purchases
            row = transaction(card, target, "CNY", Decimal("999999.00"), "refund")
            yield target, row, False
    for n in range(5):  # cards and customers in no snapshot
        card = {"card_id": f"unknown-{n}", "customer_id": f"unknown-{n}"}
        row = transaction(card, world.dates[0], "CNY", Decimal("80000.00"), "purchase")
        yield world.dates[0], row, True
    for n, card in enumerate(world.cards[:6]):  # an existing card, held by a customer that does not exist
        row = transaction(
            dict(card, customer_id=f"departed-{n}"), world.dates[0], "CNY", Decimal("80000.00"), "purchase"
        )
        yield world.dates[0], row, True


def _chain(parents: dict[str, str | None], org_id: str) -> list[str]:
    chain = [org_id]
    while (parent := parents[chain[-1]]) is not None:
        chain.append(parent)
    return chain


def _visits(world: World) -> Iterator[tuple[date, Row, date | bool]]:
    parents = {row["org_id"]: row["parent_org_id"] for row in world.organizations}
    levels = {row["org_id"]: row["org_level"] for row in world.organizations}
    by_role: dict[str, list[Row]] = {}
    for employee in world.employees:
        by_role.setdefault(employee["role"], []).append(employee)
    near: dict[tuple[str, int], list[Row]] = {}
    for office in world.offices:
        chain = _chain(parents, office)
        for g, roles in enumerate(DUTY_ROLES):
            near[office, g] = [
                employee
                for role in roles
                for employee in by_role.get(role, [])
                if employee["org_id"] in chain
                or (levels[employee["org_id"]] in DEPARTMENTS and parents[employee["org_id"]] in chain)
            ]
    number = 0
    trips: dict[str, set[str]] = {}
    for i, day in enumerate(world.dates):
        month = day.replace(day=1)
        days = [month, day, month - DAY, day - (day - month) // 2, month - 40 * DAY]
        weights = [4, 4, 1, 4, 1]
        last_visit = ""
        for person in world.people:
            rng = world.rng("visits", person.customer_id, i)
            kinds = (person.row["customer_kind"], person.new_kind)
            corporate = any(kind in ("corporate", "institution") for kind in kinds)
            if rng.random() < (0.25 if corporate else 0.95):
                continue
            for g, roles in enumerate(DUTY_ROLES):
                for _ in range(rng.choice([0, 1, 1, 2, 3, 3, 4])):
                    close = near[person.row["org_id"], g]
                    pick = rng.random()
                    pool = close if pick < 0.75 and close else world.employees
                    if pick > 0.9:
                        pool = [e for role in roles for e in by_role.get(role, [])] or pool
                    number += 1
                    visit_id = f"V{number:08d}"
                    if last_visit and rng.random() < 0.02:
                        visit_id = last_visit  # one trip to two customers
                    last_visit = visit_id
                    visited = rng.choices(days, weights)[0]
                    if rng.random() < 0.05:
                        visited = day + DAY
                    channel = rng.choices(["on_site", "phone", "message"], [5, 4, 1])[0]
                    team = rng.sample(pool, min(len(pool), rng.choice([1, 1, 1, 2, 3])))
                    on_trip = trips.setdefault(visit_id, set())
                    team = [e for e in team if e["employee_id"] not in on_trip]
                    on_trip |= {e["employee_id"] for e in team}
                    if rng.random() < 0.02:
                        team.append({"employee_id": f"nobody-{number}"})
                    for member in team:
                        row_key = f"{visit_id} {member['employee_id']}"
                        row = {
                            "visit_id": visit_id,
                            "customer_id": person.customer_id,
                            "employee_id": member["employee_id"],
                            "visited_on": visited,
                            "channel": channel,
                            "outcome": rng.choice([None, "", "已拜访,\n“意向”", "ok"]),
                            **_times(world, row_key, visited),
                        }
                        yield visited, row, rng.random() < 0.9
    employee = world.employees[0]["employee_id"]
    row = {
        "visit_id": "V-unknown",
        "customer_id": "unknown",
        "employee_id": employee,
        "visited_on": world.dates[0],
        "channel": "phone",
        "outcome": None,
        "started_at": None,
        "ended_at": None,
        "place": None,
    }
    yield world.dates[0], row, True
    pairs = [
        (person.customer_id, employee["employee_id"])
        for person in world.people
        if person.row["customer_kind"] not in RETAIL
        for g in range(len(DUTY_ROLES))
        for employee in near[person.row["org_id"], g]
    ]
    odd = OddVisits(world.rng("odd visits"), pairs, _recorders(world, "visit"))
    for day in world.dates:
        yield from odd.on(day)


def _times(world: World, row_key: str, visited: date) -> Row:
    """When and where a visit was, as far as it was written down; drawn apart, so that it changes nothing else."""
    rng = world.rng("times", row_key)
    began = datetime(visited.year, visited.month, visited.day) + timedelta(seconds=rng.randrange(86_400))
    if rng.random() < 0.1:
        began += timedelta(days=rng.choice([-1, 1]), microseconds=rng.randrange(10**6))
    return {
        "started_at": rng.choice([None, began, began]),
        "ended_at": rng.choice([None, began, began + timedelta(minutes=rng.randrange(-5, 90))]),
        "place": rng.choice([None, "", "客户，办公室", "30.27,120.15"]),
    }


def _statements(world: World) -> Iterator[tuple[date, Row, date | bool]]:
    bounds = [30_000_000_000, 600_000_000, 60_000_000, 10_000_000]
    for person in world.people:
        rng = world.rng("statements", person.customer_id)
        if person.row["customer_kind"] in RETAIL or rng.random() < 0.3:
            continue
        day = rng.choice(world.dates[person.enters :])
        # a period has only one report: nothing says which of two would win
        periods = {
            date(day.year - 1, 12, 31): "annual",
            date(day.year - 2, 12, 31): "annual",
            day: rng.choice(["annual", "interim"]),
            day + DAY: "annual",  # after D: not yet usable
            day - 20 * DAY: "interim",
        }
        for period, report in periods.items():
            if rng.random() < 0.5:
                continue
            delta = rng.choice([Decimal("0.00"), Decimal("-0.01"), Decimal("0.01")])
            row = {
                "customer_id": person.customer_id,
                "period_end": period,
                "report_kind": report,
                "total_assets": Decimal(rng.choice(bounds)) + delta,
            }
            yield max(world.dates[person.enters], period - 30 * DAY), row, rng.random() < 0.8
    for n in range(4):  # of customers in no snapshot
        period = date(world.dates[0].year - 1 - n, 12, 31)
        row = {
            "customer_id": f"departed-{n}",
            "period_end": period,
            "report_kind": "annual",
            "total_assets": Decimal("600000000.00"),
        }
        yield world.dates[0], row, True


# The bounds of the value classes, and amounts between them; two months may add up to a bound.
BOUNDS_OF_VALUE = (-10_000, 0, 50_000, 100_000, 500_000, 1_000_000, 2_500_000, *[5_000_000] * 4)
RETURNS = [Decimal(amount) for amount in BOUNDS_OF_VALUE]


def _contributions(world: World) -> Iterator[tuple[date, Row, date | bool]]:
    for person in world.people:
        rng = world.rng("contributions", person.customer_id)
        if rng.random() < (0.8 if person.row["customer_kind"] in RETAIL else 0.5):
            continue
        # on both sides of each window, as seen from one of the dates
        day = rng.choice(world.dates[person.enters :])
        months = [months_before(day.replace(day=1), ago) for ago in (0, 1, 3, 4, 6, 7, 12, 13)]
        for month in rng.sample(months, rng.choice([1, 2, 3, 5])):
            row = {
                "customer_id": person.customer_id,
                "month": month,
                "revenue": Decimal(rng.randrange(-(10**6), 10**8)) / 100,
                "economic_capital_return": rng.choice(RETURNS) + rng.choice([-1, 0, 1]) * Decimal("0.01"),
            }
            yield day, row, True
    for n in range(4):  # of customers in no snapshot
        row = {
            "customer_id": f"departed-{n}",
            "month": (world.dates[0].replace(day=1) - DAY).replace(day=1),
            "revenue": Decimal("77.77"),
            "economic_capital_return": Decimal("7.77"),
        }
        yield world.dates[0], row, True


# ---------------------------------------------------------------- defects

Break = tuple[str, str, object]  # reason kind, column, bad value


def _breaks(table: Table, biz_date: date, rng: random.Random) -> list[Break]:
    """Every way in which one row of a table can break the contract."""
    found: list[Break] = []
    for column in table.columns:
        huge = LIMITS.get((table.name, column.name), LIMIT)
        if not column.nullable:
            found.append(("required", column.name, rng.choice([None, ""])))
        if column.type == "date":
            found.append(("type", column.name, rng.choice(["2024-02-30", "not a date"])))
        elif column.type == "timestamp":
            bad = ["2026-03-31", "2026-03-31T24:00:00", "2026-03-31T09:00:00Z", "2026-02-30 09:00"]
            found.append(("type", column.name, rng.choice(bad)))
        elif column.type == "boolean":
            found.append(("type", column.name, "maybe"))
        elif column.type == "double":
            found.append(("type", column.name, "x1"))
        elif column.type.startswith("decimal"):
            scale = int(column.type[:-1].split(",")[1])
            bad = ["12,5", "abc", "1." + "0" * scale + "1"]
            found.append(("type", column.name, rng.choice(bad)))
            if is_money(column):
                found.append(("limit", column.name, rng.choice([huge, huge + 1, huge * 9])))
        elif column.type == "bigint":
            found.append(("type", column.name, rng.choice(["1.5", "many", "9" * 20])))
        if (most := POINTS.get((table.name, column.name))) is not None:
            found.append(("range", column.name, rng.choice([Decimal("-0.01"), most + Decimal("0.01")])))
        if column.first_of:
            found.append(("first_day", column.name, date(1970, 2, 2 + rng.randrange(27))))
        if column.enum:
            found.append(("enum", column.name, rng.choice(["?", column.enum[0].upper(), "其他"])))
        if column.ref:
            found.append(("reference", column.name, "no-such-id"))
        if column.unit == "0..1":
            found.append(("range", column.name, rng.choice([1.0000001, -0.0000001, 60.0])))
        if column.name == "currency" and table.name != "fx_rate":
            found.append(("rate", column.name, rng.choice(["XXX", "cny", "RMB"])))
        if column.name in NOT_IN_FUTURE:
            found.append(("future", column.name, biz_date + DAY))
    if table.name == "fx_rate":
        found += [("positive", "cny_per_unit", Decimal(text)) for text in ("0", "-7.12500000")]
    if table.name == "campaign":
        found.append(("order", "ends_on", date(1970, 1, 1)))
    if table.name == "loan":
        found.append(("negative", "principal_balance", Decimal("-0.01")))
    rng.shuffle(found)
    found.sort(key=lambda item: item[0] == "required")
    return found


def _fresh(table: Table, rows: list[Row], tag: str, number: int, rng: random.Random) -> Row:
    """Copy a row under a new key; it breaks nothing yet."""
    row = dict(rng.choice(rows))
    if table.name == "financial_statement":
        row["period_end"] = date(1980, 1, 1) + number * DAY
    elif table.name == "contribution":
        row["month"] = date(1980 + number // 12, 1 + number % 12, 1)
    elif table.name == "relationship":
        row["since"] = date(1980, 1, 1) + number * DAY
    elif table.name == "service":
        row["opened_on"] = date(1980, 1, 1) + number * DAY
    elif table.name == "reported_metric":
        row["month"] = date(1980 + number // 12, 1 + number % 12, 1)
    elif table.name == "target":
        row["metric"] = f"X{number}"
    elif table.name == "appraisal_score":
        row["year"] = date(1980 + number, 1, 1)
    elif table.name == "campaign_member":
        row["customer_id"] = f"X{number}"
    elif table.name == "customer_link":  # with itself: counts nothing
        names = sorted({row["customer_id"] for row in rows})
        row["linked_customer_id"] = row["customer_id"] = names[number % len(names)]
    elif table.name != "corporate_profile":
        row[table.key[0]] = f"X{tag}{number:04d}"
    return row


def _profile_hosts(rows: Snapshot) -> list[str]:
    """Retail customers without a profile: no profile content changes anything for them."""
    profiled = {row["customer_id"] for row in rows["corporate_profile"]}
    return [
        row["customer_id"]
        for row in rows["customer"]
        if row["customer_kind"] in RETAIL and row["customer_id"] not in profiled
    ]


def _differ(table: Table, row: Row) -> Row:
    """Copy a row under the same key with another value that is legal by itself, if it has more than its key."""
    other = dict(row)
    changes: dict[str, tuple[str, Any]] = {
        "customer": ("customer_name", "另一个人"),
        "corporate_profile": ("has_bad_record", not row.get("has_bad_record")),
        "account": ("balance", Decimal("77.77")),
        "loan": ("principal_balance", Decimal("77.77")),
        "credit_line": ("target_amount", Decimal("77.77")),
        "card": ("credit_limit", Decimal("77.77")),
        "card_transaction": ("amount", Decimal("77.77")),
        "brokerage": ("margin_balance", Decimal("77.77")),
        "financial_statement": ("total_assets", Decimal("77.77")),
        "contribution": ("revenue", Decimal("77.77")),
        "organization": ("org_name", "另一个机构"),
        "employee": ("employee_name", "另一个人"),
        "relationship": ("until", date(2099, 1, 1)),
        "visit": ("outcome", "另一个结果"),
        "fx_rate": ("cny_per_unit", Decimal("77.77000000")),
        "service": ("closed_on", date(1980, 1, 2)),
        "prospect": ("contacted_on", date(1980, 1, 2)),
        "reported_metric": ("value", Decimal("77.77")),
        "target": ("amount", Decimal("77.77")),
        "appraisal_score": ("score", Decimal("7.77")),
        "appraisal_feedback": ("score", Decimal("77.77")),
        "campaign": ("planned_conversions", 77),
        "campaign_member": ("contacted_on", date(1980, 1, 2)),
    }
    if table.name in changes:
        column, value = changes[table.name]
        other[column] = value
    return other


def _spoil(row: Row, fault: Break) -> Row:
    _, column, value = fault
    return dict(row, **{column: value})


def _break_snapshot(world: World, day: date, rows: Snapshot) -> None:
    """Put a few rows of each reason kind into every table of a snapshot."""
    rng = world.rng("defects", day)
    # rows that broken copies are made from must have sound references
    good = {name: [dict(row) for row in table] for name, table in rows.items()}
    # in place first: customers, and everything they own with them
    faults = _breaks(TABLES["customer"], day, rng)
    for index, row in enumerate(rows["customer"]):
        if row["customer_id"] in world.victims and rng.random() < 0.7:
            rows["customer"][index] = _spoil(row, faults.pop(0))
    for name in ("account", "loan", "credit_line", "card", "brokerage", "employee"):
        for fault in _breaks(TABLES[name], day, rng)[:2]:
            if fault[1] not in TABLES[name].key and rows[name]:
                index = rng.randrange(len(rows[name]))
                rows[name][index] = _spoil(rows[name][index], fault)
    broken = world.victims
    staff = {
        before["employee_id"]
        for before, after in zip(good["employee"], rows["employee"], strict=True)
        if before != after
    }
    for name, table in TABLES.items():
        if table.kind != "snapshot":
            continue
        sound = [
            row
            for row in good[name]
            if row.get("customer_id") not in broken
            and row.get("linked_customer_id") not in broken
            and (name == "employee" or row.get("employee_id") not in staff)
            and row.get("currency") != RARE
        ]
        hosts = iter(_profile_hosts(good))
        if not sound:
            continue
        number = 0

        def fresh(table: Table = table, sound: list[Row] = sound, hosts: Iterator[str] = hosts) -> Row | None:
            nonlocal number
            number += 1
            row = _fresh(table, sound, table.name, number, rng)
            if table.name == "corporate_profile":
                host = next((h for h in hosts if h not in broken), None)
                if host is None:
                    return None
                row["customer_id"] = host
            return row

        single: set[str] = set()
        for fault in _breaks(table, day, rng):
            # a null key can't be a duplicate: one null in the key per table
            if fault[0] == "required" and fault[1] in table.key:
                if "key" in single:
                    continue
                single.add("key")
            if fault[1] in table.key and fault[0] != "required" and len(table.key) == 1:
                single.add(fault[0])
            if (new := fresh()) is not None:
                rows[name].append(_spoil(new, fault))
        for _ in range(2):
            if (new := fresh()) is not None:
                rows[name] += [new, dict(new)]  # one copy remains
            if (new := fresh()) is not None:
                rows[name] += [new, _differ(table, new)]
        if (new := fresh()) is not None:
            rows[name] += [new, dict(new), _differ(table, new)]
    _break_numbers(day, rows, good["customer"], rng)
    _break_tree(day, rows, good["customer"], rng)
    if world.foreign:
        for rate in rows["fx_rate"]:
            if rate["currency"] == RARE:
                rate["cny_per_unit"] = "n/a"
        sound_accounts = [r for r in good["account"] if r["customer_id"] not in broken]
        for n in range(2):
            row = dict(rng.choice(sound_accounts), account_id=f"XRARE{n}", currency=RARE)
            rows["account"].append(row)
        # below the limit in its own currency; in CNY a fen below it, and at or above it
        for n, amount in enumerate(["1403508771929.82", "1403508771929.83", "9999999999999.99"]):
            large = {"currency": "USD", "balance": Decimal(amount), "balance_mtd_average": None}
            rows["account"].append(dict(rng.choice(sound_accounts), account_id=f"XLARGE{n}", **large))


def _break_numbers(day: date, rows: Snapshot, good: list[Row], rng: random.Random) -> None:
    """Identity numbers with a wrong check character, length or letter, or two faults at once."""
    right = str(_id_number(rng, "resident_id", date(1980, 5, 17)))
    firm = str(_id_number(rng, "uscc", None))
    wrong = "0" if right[-1] != "0" else "1"
    numbers = [
        ("resident_id", right[:-1] + wrong),
        ("resident_id", right[:6] + right[8:17]),
        ("resident_id", right[:-1]),
        ("resident_id", right + " "),
        ("uscc", firm[:-1] + ("0" if firm[-1] != "0" else "1")),
        ("uscc", firm[:-1]),
        ("uscc", "I" + firm[1:]),
        ("uscc", right),
    ]
    for n, (id_type, number) in enumerate(numbers):
        base = dict(rng.choice(good), customer_id=f"XNUM{n}", id_type=id_type, id_number=number)
        rows["customer"].append(base)
    both = dict(rng.choice(good), customer_id="XTWO", customer_kind="vip", org_id="no-such-id")
    rows["customer"].append(dict(both, opened_on=day + DAY))
    # check characters are judged in upper case
    for n, (id_type, number) in enumerate([("resident_id", right.lower()), ("uscc", firm.lower())]):
        rows["customer"].append(dict(rng.choice(good), customer_id=f"XLOW{n}", id_type=id_type, id_number=number))
    # the same number under a type that has no checksum is fine
    fine = dict(rng.choice(good), customer_id="XFINE", id_type="other", id_number=right[:-1])
    rows["customer"].append(fine)


def _break_tree(day: date, rows: Snapshot, good: list[Row], rng: random.Random) -> None:
    """Cycles, a parent that was received but rejected, an orphan, and customers led by them."""

    def add(org_id: str, parent: str | None, level: str) -> None:
        rows["organization"].append({"org_id": org_id, "parent_org_id": parent, "org_level": level, "org_name": org_id})

    add("CY-A", "CY-B", "outlet")
    add("CY-B", "CY-C", "sub_branch")
    add("CY-C", "CY-B", "branch")  # A leads into a cycle of B and C
    add("SELF", "SELF", "outlet")
    add("REJ", "010", "no_such_level")  # received, not accepted
    add("UNDER-REJ", "REJ", "outlet")  # accepted: its parent was received
    add("GONE", "no-such-parent", "outlet")
    for n, org_id in enumerate(["CY-A", "CY-B", "SELF", "UNDER-REJ", "REJ", "GONE"]):
        for kind in ("personal", "corporate"):
            base = dict(rng.choice(good), customer_id=f"XTREE{n}{kind}", customer_kind=kind)
            base.update(org_id=org_id, opened_on=day - 500 * DAY, id_type=None)
            rows["customer"].append(base)
            rows["account"].append(
                {
                    "account_id": f"XTREE{n}{kind}",
                    "customer_id": base["customer_id"],
                    "org_id": "00",
                    "product_type": "demand_deposit",
                    "currency": "CNY",
                    "balance": Decimal("60000000.00"),
                    "balance_mtd_average": None,
                    "opened_on": day - 500 * DAY,
                    "matures_on": None,
                    "status": "active",
                }
            )


def _break_events(
    world: World, name: str, recorded: list[tuple[date, Row]], recorders: list[date]
) -> list[tuple[date, Row]]:
    """Broken rows in the event partitions; identical and differing copies across them."""
    table = TABLES[name]
    rng = world.rng("event defects", name)
    gone = {p.customer_id for p in world.people if p.leaves is not None or p.enters}
    gone |= world.victims
    sound = [row for _, row in recorded if row.get("customer_id") not in gone]
    if not sound:
        return recorded
    days = [day for day in recorders if day <= world.dates[-1]]
    result = list(recorded)
    number = 0

    def fresh() -> Row:
        nonlocal number
        number += 1
        return _fresh(table, sound, name, number, rng)

    keyless = False
    for fault in _breaks(table, days[0], rng):
        if fault[0] == "required" and fault[1] in table.key:
            if keyless:
                continue
            keyless = True
        day = rng.choice(days)
        if fault[0] == "future":
            fault = (fault[0], fault[1], day + DAY)
            result.append((day, _spoil(fresh(), (fault[0], fault[1], day))))  # on the day: fine
        result.append((rng.choice(days) if fault[0] != "future" else day, _spoil(fresh(), fault)))
    days_of = {"visit": "visited_on", "card_transaction": "transacted_on", "appraisal_feedback": "received_on"}
    dated = days_of.get(name)
    for n in range(4):
        row = fresh()
        early, late = sorted(rng.choices(days, k=2))
        if dated:
            row[dated] = early - n * DAY
        result += [(early, row), (late, dict(row) if n % 2 else _differ(table, row))]
    return result


# ---------------------------------------------------------------- files


class Writer:
    """Writes partitions, as untidily as the contract allows."""

    def __init__(self, landing: Path, seed: int, file_format: FileFormat) -> None:
        """Write below `landing`."""
        self.landing, self.rng, self.file_format = landing, random.Random(f"{seed}|files"), file_format
        # tables whose optional columns this bank never delivers
        self.bare = {name for name in TABLES if zlib.crc32(f"{seed}|{name}".encode()) % 4 == 0}

    def partition(self, table: Table, day: date, rows: list[Row]) -> None:
        """Write one partition: one to three files, sometimes with a control file."""
        rng = self.rng
        folder = self.landing / table.name / f"biz_date={day.isoformat()}"
        folder.mkdir(parents=True, exist_ok=True)
        lines = list(rows)
        rng.shuffle(lines)
        count = rng.choice([1, 1, 2, 3])
        names = rng.sample(["part-0", "data 2", "数据", "z"], count)
        extras = rng.sample(["etl_batch", "备注", "src_system", "Amount2"], rng.choice([0, 0, 1, 2]))
        cuts = sorted(rng.randrange(len(lines) + 1) for _ in range(count - 1))
        absent = {column.name for column in table.columns if column.optional and table.name in self.bare}
        for name, low, high in zip(names, [0, *cuts], [*cuts, len(lines)], strict=True):
            columns = [column.name for column in table.columns if column.name not in absent] + extras
            rng.shuffle(columns)
            path = folder / f"{name}.{self.file_format}"
            write = _write_csv if self.file_format == "csv" else _write_parquet
            write(path, table, columns, lines[low:high])
        if rng.random() < 0.3:
            files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
            control = {"rows": len(lines), "files": files}
            (folder / "_control.json").write_text(json.dumps(control, ensure_ascii=False), encoding="utf-8")


def _text(table: Table, column: str, row: Row) -> str | None:
    """Render a value as text; a null in a varchar column is an empty string now and then."""
    if column not in row:  # not a contract column
        return f"附加,{zlib.crc32(str(row[table.key[0]]).encode()) % 97}\n"
    value = row[column]
    if type(value) is str:
        return value
    if value is None:
        key = "|".join(str(row[name]) for name in table.key) + column
        empty = table.column(column).type == "varchar" and zlib.crc32(key.encode()) % 3 == 0
        return "" if empty else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Decimal):
        scale = int(table.column(column).type[:-1].split(",")[1])
        return format(value.quantize(Decimal(1).scaleb(-scale)), "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_csv(path: Path, table: Table, columns: list[str], rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        plain = zlib.crc32(path.name.encode()) % 2 == 0
        writer = csv.writer(handle, quoting=csv.QUOTE_MINIMAL if plain else csv.QUOTE_ALL)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_text(table, name, row) or "" for name in columns])


def _write_parquet(path: Path, table: Table, columns: list[str], rows: list[Row]) -> None:
    """Write the contract's types; a column with an unreadable value becomes text."""
    types = {column.name: column.type for column in table.columns}
    for column in types:
        if any(isinstance(row.get(column), str) for row in rows):
            types[column] = "varchar"
    with tempfile.TemporaryDirectory() as folder:
        interim = Path(folder) / "rows.csv"
        with interim.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, quoting=csv.QUOTE_ALL)
            writer.writerow(columns)
            for row in rows:
                texts = [_text(table, name, row) for name in columns]
                writer.writerow([NULL if text is None else f"={text}" for text in texts])
        # every value contains a '=', so that no text can be taken for a null
        fields = ", ".join(
            f'CAST(substr(nullif("{name}", \'{NULL}\'), 2) AS {types.get(name, "varchar")}) AS "{name}"'
            for name in columns
        )
        spec = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
        connection(os.getpid()).execute(
            f"COPY (SELECT {fields} FROM read_csv('{interim}', header = true, auto_detect = false,"
            f" delim = ',', quote = '\"', escape = '\"', new_line = '\\r\\n',"
            f" nullstr = '{NULL}{NULL}', columns = {{{spec}}}))"
            f" TO '{path}' (FORMAT parquet)"
        )
