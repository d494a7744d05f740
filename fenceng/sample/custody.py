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


def brokerage_frame(people: People, day: int) -> Frame:
    """Return the brokerage table at the close of a day: cash under third-party custody."""
    size = people.present_on(day)

    def raw(name: str, *parts: int) -> Raw:
        return people.streams.raw(f"brokerage.{name}", size, *parts)

    is_corporate = people.is_corporate[:size]
    has = chance(raw("held"), np.where(is_corporate, 10, 55)) & people.is_free[:size]
    rows = np.flatnonzero(has)
    margin = log_normal(raw("margin"), 3_000 * YUAN, 10)[rows]
    margin = margin * monthly_factor(raw("level", month_of(day))[rows]) // 10_000
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
