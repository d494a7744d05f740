"""What customers hold: accounts, loans, credit lines, cards and custody, and the exchange rates.

Every row is a function of the seed, the bank's size and the day. A balance has a level for each
month, drawn for that month alone, and moves to it in two steps on days of its own; a loan or a
credit line is one of a row of equal ones that follow each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from .columns import NO_WORD, NULL, Days, Fen, Frame, Rate, Serial, Words, constant
from .days import day_number, month_of, month_start
from .edge_cases import YUAN, EdgeCase, Holding
from .people import People, customer_ids, has_round_wealth
from .streams import Flags, Int, Raw, Streams, below, chance, log_normal, other_half
from .wording import BROKERS

PRODUCTS = (
    "demand_deposit", "time_deposit", "structured_deposit", "wealth_product", "fund", "insurance",
    "government_bond", "precious_metal", "trust",
)  # fmt: skip
DEMAND, TIME, STRUCTURED, WEALTH, FUND, INSURANCE, BOND, METAL, TRUST = range(len(PRODUCTS))
ACCOUNT_STATUSES = ("active", "dormant", "frozen", "closed")
CURRENCIES = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP", "AUD", "SGD")
# CNY for one unit in hundred-millionths, about which the daily rates move.
_RATES = (100_000_000, 712_345_678, 772_891_003, 91_234_567, 4_812_345, 903_456_789, 465_432_101,
          538_765_432)  # fmt: skip
_EARLIEST_DRAWING = day_number(date(2010, 1, 1))


# ------------------------------------------------------------------ exchange rates


def fx_rate_frame(day: int, streams: Streams) -> Frame:
    """Return the fx_rate table of a day; about 2 % up or down a month, 0.3 % a day."""
    size = len(CURRENCIES)
    base = np.array(_RATES, dtype=np.int64)
    monthly = below(streams.raw("fx.month", size, month_of(day)), 4001) - 2000
    daily = below(streams.raw("fx.day", size, day), 601) - 300
    rate = base + base * (monthly + daily) // 100_000
    codes = np.arange(1, size, dtype=np.int64)
    return {"currency": Words(codes, CURRENCIES), "cny_per_unit": Rate(rate[1:])}


# ------------------------------------------------------------------ balances


@dataclass(frozen=True)
class _Slot:
    """One kind of account that a customer may have."""

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
_CASE_SLOT = 90  # accounts of the edge cases are numbered from here
_TERMS = np.array([90, 180, 365, 1095], dtype=np.int64)
_HAS_MATURITY = np.array([False, True, True, True, False, True, True, False, True])


@dataclass(frozen=True)
class Accounts:
    """Every account that is ever opened; arrays have one value an account and currency."""

    customer: Int
    number: Int  # account number: customer and slot
    slot: Int  # 0 for an edge case
    product: Int
    currency: Int
    base: Int  # fen or cents about which the balance moves; its value in even months if steady
    odd_month: Int  # the value in odd months of a steady balance
    is_steady: Flags
    opened: Int
    closes: Int  # NULL: never
    status: Int  # while it is not closed
    org: Int
    term: Int

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
        # the wealthy hold more kinds of product
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
        base = base * 100_000_000 // np.array(_RATES, dtype=np.int64)[currency]
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
        # some accounts are opened at another outlet than the customer
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
    }


def _monthly_factor(raw: Raw) -> Int:
    """Ten-thousandths: most months within 2 %, a quarter within 15 %, some 0.4 to 2.2 times."""
    kind = below(raw, 1000)
    draw = other_half(raw)
    usual, wide = 9800 + below(draw, 400), 8500 + below(draw, 3000)
    rare = 4000 + below(draw, 18000)
    factor: Int = np.where(kind < 700, usual, np.where(kind < 950, wide, rare))
    return factor


class Balances:
    """Balances of all accounts day by day; keeps the levels of the months that it used last."""

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
        """One raw number an account for a month, from its customer's place in its slot's stream."""
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
            factor = _monthly_factor(self._of_slots("account.level", month))
            moved = accounts.base * factor // 10_000
            while len(self._levels) > 1:
                del self._levels[min(self._levels)]
            self._levels[month] = np.where(accounts.is_steady, steady, moved)
        return self._levels[month]

    def on(self, day: int) -> tuple[Int, Int]:
        """Balances at the close of a day, and their average from the month's first day on.

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
        start = np.maximum(self._accounts.opened - month_start(month), 0)  # days before it existed

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

    def deposits_at_heart(self) -> Int:
        """CNY deposits in fen of each customer before any month's movement (shape: customers)."""
        accounts = self._accounts
        is_deposit = (accounts.product <= STRUCTURED) & (accounts.currency == 0)
        is_deposit &= accounts.status != ACCOUNT_STATUSES.index("closed")
        deposits = np.zeros(len(self._people.opened), dtype=np.int64)
        np.add.at(deposits, accounts.customer[is_deposit], accounts.base[is_deposit])
        return deposits


# ------------------------------------------------------------------ loans and credit lines


LOAN_PRODUCTS = (
    "mortgage", "consumer", "business", "working_capital", "fixed_asset", "trade_finance",
    "bill_discount",
)  # fmt: skip
RISK_CLASSES = ("pass", "special_mention", "substandard", "doubtful", "loss")
LOAN_STATUSES = ("active", "settled", "written_off")
_LOAN_TERMS = np.array([7300, 720, 360, 360, 1800, 120, 180], dtype=np.int64)
_LOAN_MEDIANS = np.array([60, 8, 50, 1000, 3000, 300, 200], dtype=np.int64) * 10_000 * YUAN
_IS_PAID_DOWN = np.array([True, True, False, False, True, False, False])


@dataclass(frozen=True)
class _Series:
    """Equal contracts that follow each other, the next some time after the last one's end."""

    first: Int
    term: Int
    period: Int

    def at(self, day: int, not_before: Int) -> tuple[Int, Int, Flags]:
        """Return number and first day of the newest contract by a day, and whether there is one."""
        number = (day - self.first) // self.period
        begun = self.first + number * self.period
        return number, begun, np.asarray((number >= 0) & (begun >= not_before), dtype=np.bool_)


def _series(raw: Raw, term: Int, shortest_gap: int, longest_gap: int) -> _Series:
    period = term + shortest_gap + below(raw, longest_gap - shortest_gap + 1)
    return _Series(_EARLIEST_DRAWING - below(other_half(raw), period), term, period)


def loan_frame(people: People, day: int) -> Frame:
    """Return the loan table at the close of a day: each borrower's newest, settled or not."""
    size = people.present_on(day)

    def raw(name: str) -> Raw:
        return people.streams.raw(f"loan.{name}", size)

    is_corporate = people.is_corporate[:size]
    has = chance(raw("held"), np.where(is_corporate, 150, 90)) & people.is_free[:size]
    product = np.where(
        is_corporate,
        3 + below(raw("product"), 4),
        np.searchsorted([450, 850], below(raw("product"), 1000), side="right"),
    )
    series = _series(raw("series"), _LOAN_TERMS[product], 30, 200)
    number, drawn, is_drawn = series.at(day, people.opened[:size])
    rows = np.flatnonzero(has & is_drawn)
    amount = log_normal(raw("amount"), _LOAN_MEDIANS[product], 5)[rows] // (1000 * YUAN)
    amount = (amount + 1) * 1000 * YUAN
    product, number, drawn = product[rows], number[rows], drawn[rows]
    term = series.term[rows]
    paid = np.minimum((day - drawn) // 30, term // 30)
    principal = np.where(_IS_PAID_DOWN[product], amount * (term // 30 - paid) // (term // 30), amount)
    quality = below(raw("quality"), 1000)[rows]
    risk = np.searchsorted([950, 975, 985, 993], quality, side="right")
    is_settled = day >= drawn + term
    status = np.select([quality >= 997, is_settled], [2, 1], default=0)
    principal = np.where(status == LOAN_STATUSES.index("settled"), 0, principal)
    currency = np.where(is_corporate[rows] & chance(raw("currency")[rows], 30), 1, 0)
    cases = [(customer, case) for customer, case in people.edge_cases() if case.loan is not None and customer < size]
    at = np.array([customer for customer, _ in cases], dtype=np.int64)
    opened = people.opened[at]

    def with_cases(values: Int, value: Callable[[EdgeCase], int]) -> Int:
        own = np.array([value(case) for _, case in cases], dtype=np.int64)
        return np.concatenate([values, own])

    customer = np.concatenate([rows, at])
    return {
        "loan_id": Serial("L", (customer + 1) * 1000 + with_cases(number, lambda _: 900), 12),
        "customer_id": customer_ids(customer),
        "org_id": people.organisation.ids(people.outlet[customer]),
        "product_type": Words(with_cases(product, lambda _: 1), LOAN_PRODUCTS),
        "currency": Words(with_cases(currency, lambda _: 0), CURRENCIES),
        "principal_balance": Fen(with_cases(principal, lambda case: case.loan or 0)),
        "risk_class": Words(np.concatenate([risk, np.arange(len(cases)) % 5]), RISK_CLASSES),
        "drawn_on": Days(np.concatenate([drawn, opened])),
        "matures_on": Days(np.concatenate([drawn + term, opened + 15_000])),
        "status": Words(with_cases(status, lambda case: LOAN_STATUSES.index(case.loan_status)), LOAN_STATUSES),
    }


@dataclass(frozen=True)
class _Lines:
    customer: Int
    target: Int
    approved: Int
    number: Int
    begun: Int
    ends: Int


def _credit_lines(people: People, day: int) -> _Lines:
    size = people.present_on(day)

    def raw(name: str) -> Raw:
        return people.streams.raw(f"credit_line.{name}", size)

    has = chance(raw("held"), 150) & people.is_corporate[:size] & people.is_free[:size]
    # one-year lines, renewed after a gap of up to 60 days in which none is valid
    series = _series(raw("series"), constant(365, size), 0, 60)
    number, begun, is_begun = series.at(day, people.opened[:size])
    rows = np.flatnonzero(has & is_begun)
    target = (log_normal(raw("target"), 20_000_000 * YUAN, 10)[rows] // (100 * YUAN) + 1) * 100 * YUAN
    approved = target // 100 * (40 + below(raw("approved"), 61)[rows])
    approved = np.where(chance(raw("refused"), 150)[rows], 0, approved)
    ends = np.where(chance(raw("open_end"), 40)[rows], NULL, begun[rows] + 365)
    cases = [(customer, case) for customer, case in people.edge_cases() if case.target is not None and customer < size]
    at = np.array([customer for customer, _ in cases], dtype=np.int64)
    opened = people.opened[at]
    is_expired = np.array([case.is_line_expired for _, case in cases], dtype=np.bool_)
    return _Lines(
        customer=np.concatenate([rows, at]),
        target=np.concatenate([target, np.array([case.target for _, case in cases], dtype=np.int64)]),
        approved=np.concatenate([approved, np.array([case.approved for _, case in cases], dtype=np.int64)]),
        number=np.concatenate([number[rows], constant(900, len(at))]),
        begun=np.concatenate([begun[rows], opened]),
        # the last day of an expired line's term is not in it
        ends=np.concatenate([ends, np.where(is_expired, opened + 365, NULL)]),
    )


def credit_line_frame(people: People, day: int) -> Frame:
    """Return the credit_line table at the close of a day."""
    lines = _credit_lines(people, day)
    is_foreign = (lines.customer % 37 == 5) & people.is_free[lines.customer]
    currency = np.where(is_foreign, CURRENCIES.index("USD"), 0)
    return {
        "credit_line_id": Serial("CL", (lines.customer + 1) * 1000 + lines.number, 12),
        "customer_id": customer_ids(lines.customer),
        "currency": Words(currency, CURRENCIES),
        "target_amount": Fen(lines.target),
        "approved_amount": Fen(lines.approved),
        "valid_from": Days(lines.begun),
        "valid_to": Days(lines.ends),
    }


def target_credit_at_heart(people: People, day: int) -> Int:
    """Target credit in fen of each customer present on a day (shape: those customers)."""
    lines = _credit_lines(people, day)
    target = np.zeros(people.present_on(day), dtype=np.int64)
    np.add.at(target, lines.customer, lines.target)
    return target


# ------------------------------------------------------------------ custody


def brokerage_frame(people: People, day: int) -> Frame:
    """Return the brokerage table at the close of a day: cash under third-party custody."""
    size = people.present_on(day)

    def raw(name: str, *parts: int) -> Raw:
        return people.streams.raw(f"brokerage.{name}", size, *parts)

    is_corporate = people.is_corporate[:size]
    has = chance(raw("held"), np.where(is_corporate, 10, 55)) & people.is_free[:size]
    rows = np.flatnonzero(has)
    margin = log_normal(raw("margin"), 3_000 * YUAN, 10)[rows]
    margin = margin * _monthly_factor(raw("level", month_of(day))[rows]) // 10_000
    is_closed = chance(raw("closed"), 40)[rows]
    margin = np.where(is_closed, 0, margin)
    broker = below(raw("broker"), 4)[rows]
    cases = [(customer, case) for customer, case in people.edge_cases() if case.custody is not None and customer < size]
    at = np.array([customer for customer, _ in cases], dtype=np.int64)
    customer = np.concatenate([rows, at])
    own = np.array([case.custody for _, case in cases], dtype=np.int64)
    shut = np.array([case.custody_status == "closed" for _, case in cases], dtype=np.bool_)
    broker = np.concatenate([broker, constant(0, len(at))])
    currency = np.where((customer % 61 == 7) & people.is_free[customer], 3, 0)
    return {
        "brokerage_account_id": Serial("Z", customer + 1, 9),
        "customer_id": customer_ids(customer),
        "broker_name": Words(np.where(broker < len(BROKERS), broker, NO_WORD), BROKERS),
        "currency": Words(currency, CURRENCIES),
        "margin_balance": Fen(np.concatenate([margin, own])),
        "status": Words(np.concatenate([is_closed, shut]).astype(np.int64), ("active", "closed")),
    }


# ------------------------------------------------------------------ cards


CARD_GRADES = ("standard", "gold", "platinum", "diamond")
CARD_KINDS = ("debit", "credit")
CARD_STATUSES = ("active", "inactive", "frozen", "cancelled")
_CARD_LIMITS = np.array([2, 5, 10, 30], dtype=np.int64) * 10_000 * YUAN


@dataclass(frozen=True)
class Cards:
    """Every card that is ever issued; arrays have one value a card."""

    customer: Int
    number: Int
    kind: Int
    grade: Int
    limit: Int
    issued: Int
    activated: Int  # NULL: never
    cancelled: Int  # NULL: never
    is_frozen: Flags
    purchases: Int  # fen in twelve months of an edge case, 0 for all others
    refund: Int  # fen a month of an edge case
    activity: Int  # how many times as often as others it is used

    def take(self, rows: Int) -> Cards:
        """Pick cards by position."""
        return Cards(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True)
class _CardSlot:
    number: int
    kind: int
    personal: int  # thousandths that have it
    corporate: int
    grades: tuple[int, int, int]  # up to which thousandth: standard, gold, platinum


_CARD_SLOTS = (
    _CardSlot(1, 0, 850, 100, (960, 988, 997)),
    _CardSlot(2, 0, 200, 0, (960, 988, 997)),
    _CardSlot(3, 1, 180, 0, (780, 930, 990)),
    _CardSlot(4, 1, 30, 0, (780, 930, 990)),
)


def build_cards(people: People) -> Cards:
    """Issue the cards of all customers, sorted by customer."""
    parts = [_issue(people, slot) for slot in _CARD_SLOTS]
    parts.append(_issue_edge_cases(people))
    names = parts[0].keys()
    cards = Cards(**{name: np.concatenate([part[name] for part in parts]) for name in names})
    return cards.take(np.argsort(cards.customer, kind="stable"))


def _issue(people: People, slot: _CardSlot) -> dict[str, Any]:
    total = len(people.opened)

    def raw(name: str) -> Raw:
        return people.streams.raw(f"card.{name}.{slot.number}", total)

    share = np.where(people.is_corporate, slot.corporate, slot.personal)
    rows = np.flatnonzero(chance(raw("held"), share) & people.is_free)
    size = len(rows)
    issued = people.opened[rows] + below(raw("issued"), 2500)[rows]
    activation = raw("activated")[rows]
    activated = np.where(chance(activation, 80), NULL, issued + below(other_half(activation), 40))
    cancelling = raw("cancelled")[rows]
    cancelled = issued + 200 + below(other_half(cancelling), 3000)
    grade = np.searchsorted(slot.grades, below(raw("grade"), 1000)[rows], side="right")
    use = below(raw("activity"), 1000)[rows]
    is_credit = slot.kind == CARD_KINDS.index("credit")
    if is_credit:
        activity = np.select([use < 350, use < 700, use < 950], [1, 2, 6], default=16)
    else:
        activity = np.where((use < 150) & (slot.number == 1), 1, 0)
    return {
        "customer": rows,
        "number": (rows + 1) * 10 + slot.number,
        "kind": constant(slot.kind, size),
        "grade": grade.astype(np.int64),
        "limit": _CARD_LIMITS[grade] if is_credit else constant(NULL, size),
        "issued": issued,
        "activated": activated,
        "cancelled": np.where(chance(cancelling, 110), cancelled, NULL),
        "is_frozen": chance(raw("frozen")[rows], 4),
        "purchases": constant(0, size),
        "refund": constant(0, size),
        "activity": activity.astype(np.int64),
    }


def _issue_edge_cases(people: People) -> dict[str, Any]:
    cases = [(at, case) for at, case in people.edge_cases() if case.card_grade is not None]
    customer = np.array([at for at, _ in cases], dtype=np.int64)

    def numbers(value: Callable[[EdgeCase], int]) -> Int:
        return np.array([value(case) for _, case in cases], dtype=np.int64)

    opened = people.opened[customer]
    grade = numbers(lambda case: CARD_GRADES.index(case.card_grade or ""))
    kind = numbers(lambda case: CARD_KINDS.index(case.card_kind))
    is_inactive = numbers(lambda case: case.card_status == "inactive").astype(np.bool_)
    is_cancelled = numbers(lambda case: case.card_status == "cancelled").astype(np.bool_)
    return {
        "customer": customer,
        "number": (customer + 1) * 10,
        "kind": kind,
        "grade": grade,
        "limit": np.where(kind == CARD_KINDS.index("credit"), _CARD_LIMITS[grade], NULL),
        "issued": opened,
        "activated": np.where(is_inactive, NULL, opened),
        "cancelled": np.where(is_cancelled, opened + 30, NULL),
        "is_frozen": np.zeros(len(cases), dtype=np.bool_),
        "purchases": numbers(lambda case: case.year_purchases),
        "refund": numbers(lambda case: case.month_refund),
        "activity": constant(0, len(cases)),
    }


def card_ids(numbers: Int) -> Serial:
    """Write card ids."""
    return Serial("K", numbers, 10)


def card_frame(people: People, cards: Cards, day: int) -> Frame:
    """Return the card table at the close of a day; cancelled cards stay in it."""
    rows = np.flatnonzero((cards.issued <= day) & (cards.customer < people.present_on(day)))
    found = cards.take(rows)
    activated = np.where(found.activated <= day, found.activated, NULL)  # NULL is below any day
    is_cancelled = (found.cancelled != NULL) & (found.cancelled <= day)
    status = np.select([is_cancelled, activated == NULL, found.is_frozen], [3, 1, 2], default=0)
    return {
        "card_id": card_ids(found.number),
        "customer_id": customer_ids(found.customer),
        "card_kind": Words(found.kind, CARD_KINDS),
        "card_grade": Words(found.grade, CARD_GRADES),
        "credit_limit": Fen(found.limit),
        "issued_on": Days(found.issued),
        "activated_on": Days(activated),
        "status": Words(status.astype(np.int64), CARD_STATUSES),
    }
