"""Loans and credit lines: each is one of a series of identical, consecutive contracts.

Every row is a function of the seed, the bank's size and the day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from fenceng.sample.columns import NULL, Days, Fen, Frame, Serial, Words, constant
from fenceng.sample.days import day_number
from fenceng.sample.edge_cases import YUAN, EdgeCase
from fenceng.sample.people import People, customer_ids
from fenceng.sample.rates import CNY_PER_UNIT, CURRENCIES
from fenceng.sample.streams import Flags, Int, Raw, below, chance, log_normal, other_half

_EARLIEST_DRAWING = day_number(date(2010, 1, 1))

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
    """Equal contracts in sequence, each starting some time after the last one's end."""

    first: Int
    term: Int
    period: Int

    def at(self, day: int, not_before: Int) -> tuple[Int, Int, Flags]:
        """Return the number and first day of the newest contract as of a day, and whether there is one."""
        number = (day - self.first) // self.period
        begun = self.first + number * self.period
        return number, begun, np.asarray((number >= 0) & (begun >= not_before), dtype=np.bool_)


def _series(raw: Raw, term: Int, shortest_gap: int, longest_gap: int) -> _Series:
    period = term + shortest_gap + below(raw, longest_gap - shortest_gap + 1)
    return _Series(_EARLIEST_DRAWING - below(other_half(raw), period), term, period)


@dataclass(frozen=True)
class _Loans:
    customer: Int
    number: Int
    product: Int
    currency: Int
    principal: Int
    risk: Int
    drawn: Int
    matures: Int
    status: Int


def _loans(people: People, day: int) -> _Loans:
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
    # Each loan of an edge case with its place among the customer's, and the day on which it matures, if chosen.
    loans = [
        (customer, case, place, matures)
        for customer, case in people.edge_cases() if case.loan is not None and customer < size
        for place, matures in enumerate(case.loan_matures or (NULL,))
    ]  # fmt: skip
    at = np.array([customer for customer, *_ in loans], dtype=np.int64)
    places = np.array([place for _, _, place, _ in loans], dtype=np.int64)
    matures = np.array([day for *_, day in loans], dtype=np.int64)
    opened = people.opened[at]
    own_product = np.where(people.is_corporate[at], 3 + places % 4, LOAN_PRODUCTS.index("consumer"))

    def with_cases(values: Int, value: Callable[[EdgeCase], int]) -> Int:
        own = np.array([value(case) for _, case, *_ in loans], dtype=np.int64)
        return np.concatenate([values, own])

    return _Loans(
        customer=np.concatenate([rows, at]),
        number=np.concatenate([number, 900 + places]),
        product=np.concatenate([product, own_product]),
        currency=with_cases(currency, lambda _: 0),
        principal=with_cases(principal, lambda case: case.loan or 0),
        risk=np.concatenate([risk, np.arange(len(loans)) % 5]),
        drawn=np.concatenate([drawn, opened]),
        matures=np.concatenate([drawn + term, np.where(matures == NULL, opened + 15_000, matures)]),
        status=with_cases(status, lambda case: LOAN_STATUSES.index(case.loan_status)),
    )


def loan_frame(people: People, day: int) -> Frame:
    """Return the loan table at the close of a day: each borrower's newest, settled or not."""
    loans = _loans(people, day)
    return {
        "loan_id": Serial("L", (loans.customer + 1) * 1000 + loans.number, 12),
        "customer_id": customer_ids(loans.customer),
        "org_id": people.organisation.ids(people.outlet[loans.customer]),
        "product_type": Words(loans.product, LOAN_PRODUCTS),
        "currency": Words(loans.currency, CURRENCIES),
        "principal_balance": Fen(loans.principal),
        "risk_class": Words(loans.risk, RISK_CLASSES),
        "drawn_on": Days(loans.drawn),
        "matures_on": Days(loans.matures),
        "status": Words(loans.status, LOAN_STATUSES),
    }


def active_loans(people: People, day: int) -> tuple[Int, Int]:
    """Return the customer and the principal in fen, at steady rates of exchange, of each active loan."""
    loans = _loans(people, day)
    rates = np.array(CNY_PER_UNIT, dtype=np.int64)[loans.currency]
    principal = loans.principal // YUAN * rates // (100_000_000 // YUAN)
    rows = np.flatnonzero(loans.status == LOAN_STATUSES.index("active"))
    return loans.customer[rows], principal[rows]


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
        # an expired line's last day is not part of its term
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


def base_target_credit(people: People, day: int) -> Int:
    """Target credit in fen of each customer present on a day (shape: those customers)."""
    lines = _credit_lines(people, day)
    target = np.zeros(people.present_on(day), dtype=np.int64)
    np.add.at(target, lines.customer, lines.target)
    return target
