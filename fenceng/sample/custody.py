"""Custody margins at brokers."""

from __future__ import annotations

import numpy as np

from fenceng.sample.accounts import monthly_factor
from fenceng.sample.columns import NO_WORD, Fen, Frame, Serial, Words, constant
from fenceng.sample.days import month_of
from fenceng.sample.edge_cases import YUAN
from fenceng.sample.people import People, customer_ids
from fenceng.sample.rates import CURRENCIES
from fenceng.sample.streams import Raw, below, chance, log_normal
from fenceng.sample.wording import BROKERS

# In thousandths: few people trade, and hardly a company does; some accounts are closed and still delivered.
_HELD_BY_PEOPLE, _HELD_BY_COMPANIES, _CLOSED = 55, 10, 40
# Idle cash of a few thousand yuan, with a wide spread: a few hold enough to change their tier.
_MEDIAN_MARGIN, _SPREAD = 3_000 * YUAN, 10
# A quarter of the rows names no broker, since the column may be empty.
_BROKER_CHOICES = len(BROKERS) + 1
# Every 61st customer trades abroad, so that margins are converted too. The rest is arbitrary.
_FOREIGN_EVERY, _FOREIGN_REST = 61, 7
_FOREIGN_CURRENCY = CURRENCIES.index("HKD")


def brokerage_frame(people: People, day: int) -> Frame:
    """Return the brokerage table at the close of a day: cash under third-party custody."""
    size = people.present_on(day)

    def raw(name: str, *parts: int) -> Raw:
        return people.streams.raw(f"brokerage.{name}", size, *parts)

    is_corporate = people.is_corporate[:size]
    has = chance(raw("held"), np.where(is_corporate, _HELD_BY_COMPANIES, _HELD_BY_PEOPLE)) & people.is_free[:size]
    rows = np.flatnonzero(has)
    margin = log_normal(raw("margin"), _MEDIAN_MARGIN, _SPREAD)[rows]
    margin = margin * monthly_factor(raw("level", month_of(day))[rows]) // 10_000
    is_closed = chance(raw("closed"), _CLOSED)[rows]
    margin = np.where(is_closed, 0, margin)
    broker = below(raw("broker"), _BROKER_CHOICES)[rows]
    cases = [(customer, case) for customer, case in people.edge_cases() if case.custody is not None and customer < size]
    at = np.array([customer for customer, _ in cases], dtype=np.int64)
    customer = np.concatenate([rows, at])
    own = np.array([case.custody for _, case in cases], dtype=np.int64)
    shut = np.array([case.custody_status == "closed" for _, case in cases], dtype=np.bool_)
    broker = np.concatenate([broker, constant(0, len(at))])
    is_foreign = (customer % _FOREIGN_EVERY == _FOREIGN_REST) & people.is_free[customer]
    currency = np.where(is_foreign, _FOREIGN_CURRENCY, CURRENCIES.index("CNY"))
    return {
        "brokerage_account_id": Serial("Z", customer + 1, 9),
        "customer_id": customer_ids(customer),
        "broker_name": Words(np.where(broker < len(BROKERS), broker, NO_WORD), BROKERS),
        "currency": Words(currency, CURRENCIES),
        "margin_balance": Fen(np.concatenate([margin, own])),
        "status": Words(np.concatenate([is_closed, shut]).astype(np.int64), ("active", "closed")),
    }
