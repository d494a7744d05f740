"""The accounts of customers and their balances.

Every row is a function of the seed, the bank's size and the day. A balance has a level for each month, drawn for that
month alone, and moves to it in two steps on its own days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fenceng.sample.columns import NULL, Days, Fen, Frame, Serial, Words, constant
from fenceng.sample.days import month_of, month_start
from fenceng.sample.edge_cases import YUAN, Holding
from fenceng.sample.people import People, customer_ids, has_round_wealth
from fenceng.sample.rates import CNY_PER_UNIT, CURRENCIES
from fenceng.sample.streams import Flags, Int, Raw, below, chance, other_half

PRODUCTS = (
    "demand_deposit", "time_deposit", "structured_deposit", "wealth_product", "fund", "insurance",
    "government_bond", "precious_metal", "trust",
)  # fmt: skip
DEMAND, TIME, STRUCTURED, WEALTH, FUND, INSURANCE, BOND, METAL, TRUST = range(len(PRODUCTS))
ACCOUNT_STATUSES = ("active", "dormant", "frozen", "closed")


@dataclass(frozen=True)
class _Slot:
    """A kind of account that a customer may have."""

    number: int
    product: int
    personal: int  # thousandths of personal customers that have it
    corporate: int
    weight: int  # its part of the customer's wealth


_SLOTS = (
    _Slot(1, DEMAND, 985, 975, 20),
    _Slot(2, DEMAND, 720, 750, 5),
    _Slot(3, DEMAND, 260, 500, 2),
    _Slot(4, TIME, 420, 300, 45),
    _Slot(5, STRUCTURED, 50, 150, 30),
    _Slot(6, WEALTH, 120, 150, 40),
    _Slot(7, FUND, 95, 30, 20),
    _Slot(8, INSURANCE, 50, 0, 10),
    _Slot(9, BOND, 30, 10, 10),
    _Slot(10, METAL, 10, 0, 5),
    _Slot(11, TRUST, 5, 5, 60),
)
_FOREIGN = _Slot(12, DEMAND, 80, 100, 5)  # a second currency on the first account's number
_SLOT_NUMBERS = 13
_CASE_SLOT = 90  # accounts of edge cases are numbered from here
_TERMS = np.array([90, 180, 365, 1095], dtype=np.int64)
_HAS_MATURITY = np.array([False, True, True, True, False, True, True, False, True])


@dataclass(frozen=True)
class Accounts:
    """Every account ever opened; arrays have one value per account and currency."""

    customer: Int
    number: Int  # account number: customer and slot
    slot: Int  # 0 for an edge case
    product: Int
    currency: Int
    base: Int  # fen or cents around which the balance moves; its value in even months if steady
    odd_month: Int  # the value in odd months of a steady balance
    is_steady: Flags
    opened: Int
    closes: Int  # NULL: never
    status: Int  # while open
    org: Int
    term: Int
    matures: Int  # NULL: at the end of a term

    def take(self, rows: Int) -> Accounts:
        """Pick accounts by position."""
        return Accounts(**{name: values[rows] for name, values in vars(self).items()})


def build_accounts(people: People) -> Accounts:
    """Open the accounts of all customers."""
    total = len(people.opened)
    is_round = has_round_wealth(people.wealth) & ~people.is_corporate
    is_rich = people.wealth >= 200_000 * YUAN
    held: list[tuple[_Slot, Flags]] = []
    for slot in _SLOTS:
        raw = people.streams.raw(f"account.held.{slot.number}", total)
        share = np.where(people.is_corporate, slot.corporate, slot.personal)
        # the wealthy hold more kinds of products
        share = np.where(is_rich & (slot.number > 3) & ~people.is_corporate, share * 2, share)
        has = chance(raw, share) & people.is_free & ~(is_round & (slot.number > 1))
        has |= is_round & (slot.number == 1) & people.is_free
        held.append((slot, has))
    raw = people.streams.raw("account.held.12", total)
    share = np.where(people.is_corporate, _FOREIGN.corporate, _FOREIGN.personal)
    held.append((_FOREIGN, chance(raw, share) & held[0][1] & ~is_round))
    weights = np.zeros(total, dtype=np.int64)
    for slot, has in held:
        weights += np.where(has, slot.weight, 0)
    parts = [_open_slot(people, slot, has, weights, is_round) for slot, has in held]
    parts.append(_open_edge_cases(people))
    names = parts[0].keys()
    return Accounts(**{name: np.concatenate([part[name] for part in parts]) for name in names})


def _open_slot(people: People, slot: _Slot, has: Flags, weights: Int, is_round: Flags) -> dict[str, Any]:
    rows = np.flatnonzero(has)
    total = len(people.opened)

    def raw(name: str) -> Raw:
        return people.streams.raw(f"account.{name}.{slot.number}", total)[rows]

    size = len(rows)
    base = people.wealth[rows] * slot.weight // weights[rows]
    is_first = slot.number == 1
    currency = constant(0, size)
    if slot is _FOREIGN:
        currency = np.minimum(1 + below(raw("currency"), 9), len(CURRENCIES) - 1)
        base = base * 100_000_000 // np.array(CNY_PER_UNIT, dtype=np.int64)[currency]
    if is_first:
        # a few overdrawn accounts
        overdrawn = chance(raw("overdrawn"), 4) & ~is_round[rows]
        base = np.where(overdrawn, -1 - below(raw("overdraft"), 200_000), base)
    later = 0 if is_first else below(raw("opened"), 1800)
    opened = people.opened[rows] + later
    share = 6 if is_first or slot is _FOREIGN else 30
    closes = opened + 200 + below(raw("closes"), 4000)
    closes = np.where(chance(raw("closing"), share) & ~is_round[rows], closes, NULL)
    condition = below(raw("status"), 1000)
    status = np.select([condition < 15, condition < 18], [1, 2], default=0)
    outlet = people.outlet[rows]
    if not is_first and slot is not _FOREIGN:
        # some accounts are opened at a different outlet than the customer
        outlets = people.organisation.outlets
        elsewhere = raw("elsewhere")
        other = outlets[below(other_half(elsewhere), len(outlets))]
        outlet = np.where(chance(elsewhere, 80), other, outlet)
    has_maturity = bool(_HAS_MATURITY[slot.product])
    steady = is_round[rows] | (slot.product in (TIME, INSURANCE, BOND)) & ~chance(raw("steady"), 100)
    return {
        "customer": rows,
        "number": (rows + 1) * 100 + (1 if slot is _FOREIGN else slot.number),
        "slot": constant(slot.number, size),
        "product": constant(slot.product, size),
        "currency": currency,
        "base": base,
        "odd_month": base,
        "is_steady": steady,
        "opened": opened,
        "closes": closes,
        "status": status.astype(np.int64),
        "org": outlet,
        "term": _TERMS[below(raw("term"), len(_TERMS))] if has_maturity else constant(0, size),
        "matures": constant(NULL, size),
    }


def _open_edge_cases(people: People) -> dict[str, Any]:
    found: list[tuple[int, Holding]] = [
        (customer, holding) for customer, case in people.edge_cases() for holding in case.holdings
    ]
    customer = np.array([at for at, _ in found], dtype=np.int64)
    holdings = [holding for _, holding in found]

    def numbers(value: Callable[[Holding], int]) -> Int:
        return np.array([value(holding) for holding in holdings], dtype=np.int64)

    opened = people.opened[customer]
    is_closed = numbers(lambda holding: holding.status == "closed").astype(np.bool_)
    return {
        "customer": customer,
        "number": (customer + 1) * 100 + _CASE_SLOT + numbers(lambda holding: holding.account),
        "slot": constant(0, len(found)),
        "product": numbers(lambda holding: PRODUCTS.index(holding.product_type)),
        "currency": numbers(lambda holding: CURRENCIES.index(holding.currency)),
        "base": numbers(lambda holding: holding.balance),
        "odd_month": numbers(lambda holding: holding.balance if holding.odd_month is None else holding.odd_month),
        "is_steady": np.ones(len(found), dtype=np.bool_),
        "opened": opened,
        "closes": np.where(is_closed, opened, NULL),
        "status": numbers(lambda holding: ACCOUNT_STATUSES.index(holding.status)),
        "org": people.outlet[customer],
        "term": numbers(lambda holding: 0 if holding.product_type == "demand_deposit" else 365),
        "matures": numbers(lambda holding: NULL if holding.matures is None else holding.matures),
    }


def monthly_factor(raw: Raw) -> Int:
    """Ten-thousandths: most months within 2 %, a quarter within 15 %, some 0.4 to 2.2 times."""
    kind = below(raw, 1000)
    draw = other_half(raw)
    usual, wide = 9800 + below(draw, 400), 8500 + below(draw, 3000)
    rare = 4000 + below(draw, 18000)
    factor: Int = np.where(kind < 700, usual, np.where(kind < 950, wide, rare))
    return factor


class Balances:
    """Balances of all accounts day by day; caches the levels of the months used last."""

    def __init__(self, people: People, accounts: Accounts) -> None:
        """Take the customers and their accounts."""
        self._people = people
        self._accounts = accounts
        self._levels: dict[int, Int] = {}
        self._slot_rows = [
            np.flatnonzero(accounts.slot == slot) if slot else np.zeros(0, dtype=np.int64)
            for slot in range(_SLOT_NUMBERS)
        ]

    def _of_slots(self, name: str, month: int) -> Raw:
        """One raw number per account for a month, from its customer's place in its slot's stream."""
        drawn = np.zeros(len(self._accounts.slot), dtype=np.uint64)
        total = len(self._people.opened)
        for slot, rows in enumerate(self._slot_rows):
            if len(rows):
                raw = self._people.streams.raw(f"{name}.{slot}", total, month)
                drawn[rows] = raw[self._accounts.customer[rows]]
        return drawn

    def level(self, month: int) -> Int:
        """Return the balance towards which each account moves in a month."""
        if month not in self._levels:
            accounts = self._accounts
            steady = accounts.odd_month if month % 2 else accounts.base
            factor = monthly_factor(self._of_slots("account.level", month))
            moved = accounts.base * factor // 10_000
            while len(self._levels) > 1:
                del self._levels[min(self._levels)]
            self._levels[month] = np.where(accounts.is_steady, steady, moved)
        return self._levels[month]

    def on(self, day: int) -> tuple[Int, Int]:
        """Balances at the close of a day, and their averages since the month's first day.

        The average is exact: balance-days over days, rounded half up, 0 before the opening.
        """
        month = month_of(day)
        past = day - month_start(month) + 1
        before, after = self.level(month - 1), self.level(month)
        steps = self._of_slots("account.step", month)
        first = 1 + below(steps, 14)  # days with the old level
        second = first + 1 + below(other_half(steps), 13)  # ... and until the new one
        # a steady balance changes at the turn of the month
        first = np.where(self._accounts.is_steady, 0, first)
        second = np.where(self._accounts.is_steady, 0, second)
        middle = (before + after) // 2
        balance = np.select([past <= first, past <= second], [before, middle], default=after)
        start = np.maximum(self._accounts.opened - month_start(month), 0)  # days before the account existed

        def days_in(low: int | Int, high: int | Int) -> Int:
            return np.asarray(np.maximum(np.minimum(high, past) - np.maximum(low, start), 0))

        balance_days = before * days_in(0, first) + middle * days_in(first, second) + after * days_in(second, past)
        return balance, (2 * balance_days + past) // (2 * past)

    def frame(self, day: int) -> Frame:
        """Return the account table at the close of a day; closed accounts stay in it with 0."""
        accounts = self._accounts
        balance, average = self.on(day)
        rows = np.flatnonzero(accounts.opened <= day)
        rows = rows[accounts.customer[rows] < self._people.present_on(day)]
        balance, average = balance[rows], average[rows]
        found = accounts.take(rows)
        is_closed = (found.closes != NULL) & (found.closes <= day)
        # an edge case keeps its residual balance
        balance = np.where(is_closed & (found.slot > 0), 0, balance)
        has_average = (found.product <= STRUCTURED) & ~is_closed & (found.number % 50 != 7)
        term = np.maximum(found.term, 1)
        matures = found.opened + ((day - found.opened) // term + 1) * term
        matures = np.where(found.matures == NULL, matures, found.matures)
        status = np.where(is_closed, ACCOUNT_STATUSES.index("closed"), found.status)
        return {
            "account_id": Serial("A", found.number, 12),
            "customer_id": customer_ids(found.customer),
            "org_id": self._people.organisation.ids(found.org),
            "product_type": Words(found.product, PRODUCTS),
            "currency": Words(found.currency, CURRENCIES),
            "balance": Fen(balance),
            "balance_mtd_average": Fen(np.where(has_average, average, NULL)),
            "opened_on": Days(found.opened),
            "matures_on": Days(np.where((found.term > 0) & ~is_closed, matures, NULL)),
            "status": Words(status, ACCOUNT_STATUSES),
        }

    def base_deposits(self) -> Int:
        """CNY deposits in fen of each customer before any month's movement (shape: customers)."""
        accounts = self._accounts
        is_deposit = (accounts.product <= STRUCTURED) & (accounts.currency == 0)
        is_deposit &= accounts.status != ACCOUNT_STATUSES.index("closed")
        deposits = np.zeros(len(self._people.opened), dtype=np.int64)
        np.add.at(deposits, accounts.customer[is_deposit], accounts.base[is_deposit])
        return deposits
