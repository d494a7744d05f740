"""Companies on the lists of the authorities that are not customers yet, and those that became some."""

from __future__ import annotations

import numpy as np

from fenceng.sample.columns import NULL, Days, Frame, Serial, Words
from fenceng.sample.days import day_number, month_of
from fenceng.sample.people import BOOKS_BEGIN, People
from fenceng.sample.streams import Raw, below, chance

SOURCES = ("development_reform_commission", "market_regulator", "investment_promotion", "other")
_CUSTOMERS_A_PROSPECT = 2000  # one new prospect a month for so many customers, at least two
_CONTACTED, _OPENED = 600, 250  # of a thousand


def prospect_frame(people: People, day: int) -> Frame:
    """Return the prospect table at the close of a day: every list since the books began."""
    a_month = max(2, len(people.opened) // _CUSTOMERS_A_PROSPECT)
    months = month_of(day) - month_of(day_number(BOOKS_BEGIN)) + 1
    size = a_month * months

    def raw(name: str) -> Raw:
        return people.streams.raw(f"prospect.{name}", size)

    number = np.arange(size, dtype=np.int64)
    listed = day_number(BOOKS_BEGIN) + (number // a_month) * 30 + below(raw("listed"), 30)
    contacted = listed + below(raw("contacted"), 200)
    contacted = np.where(chance(raw("is_contacted"), _CONTACTED) & (contacted <= day), contacted, NULL)
    companies = np.flatnonzero(people.is_corporate & (people.opened <= day))
    customer = companies[below(raw("customer"), len(companies))]
    customer = np.where(chance(raw("is_opened"), _OPENED), customer + 1, NULL)
    outlets = people.organisation.outlets
    rows = np.flatnonzero(listed <= day)
    return {
        "prospect_id": Serial("PR", number[rows] + 1, 6),
        "source": Words(below(raw("source"), len(SOURCES))[rows], SOURCES),
        "org_id": people.organisation.ids(outlets[below(raw("outlet"), len(outlets))][rows]),
        "listed_on": Days(listed[rows]),
        "contacted_on": Days(contacted[rows]),
        "customer_id": Serial("C", customer[rows], 9),
    }
