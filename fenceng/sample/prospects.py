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
# Of a thousand that opened: listed on the day of opening; customers already when they were listed; gone since.
_SAME_DAY, _BEFORE, _GONE = 100, 200, 250
_GONE_FROM = 900_000_000  # ids of companies that have left


def prospect_frame(people: People, day: int) -> Frame:
    """Return the prospect table at the close of a day: every list since the books began."""
    a_month = max(2, people.intake.customers // _CUSTOMERS_A_PROSPECT)
    months = month_of(day) - month_of(day_number(BOOKS_BEGIN)) + 1
    size = a_month * months

    def raw(name: str) -> Raw:
        return people.streams.raw(f"prospect.{name}", size)

    number = np.arange(size, dtype=np.int64)
    listed = day_number(BOOKS_BEGIN) + (number // a_month) * 30 + below(raw("listed"), 30)
    # The next company to join after the listing, or the last one before it.
    companies = np.flatnonzero(people.is_corporate)
    opened = people.opened[companies]
    fate = below(raw("fate"), 1000)
    is_same_day, is_before = fate < _SAME_DAY, (fate >= _SAME_DAY) & (fate < _BEFORE)
    place = np.searchsorted(opened, listed, side="right") - (is_same_day | is_before)
    is_known = chance(raw("is_opened"), _OPENED) & (place >= 0) & (place < len(companies))
    place = np.clip(place, 0, len(companies) - 1)
    joined = opened[place]
    is_opened = is_known & (joined <= day)
    listed = np.where(is_opened & is_same_day, joined, listed)
    customer = np.where((fate >= _BEFORE) & (fate < _GONE), _GONE_FROM + number, companies[place] + 1)
    contacted = listed + below(raw("contacted"), 200)
    # whoever opened was contacted by then
    contacted = np.where(is_opened & ~is_before, np.minimum(contacted, joined), contacted)
    contacted = np.where((chance(raw("is_contacted"), _CONTACTED) | is_opened) & (contacted <= day), contacted, NULL)
    outlets = people.organisation.outlets
    rows = np.flatnonzero(listed <= day)
    return {
        "prospect_id": Serial("PR", number[rows] + 1, 6),
        "source": Words(below(raw("source"), len(SOURCES))[rows], SOURCES),
        "org_id": people.organisation.ids(outlets[below(raw("outlet"), len(outlets))][rows]),
        "listed_on": Days(listed[rows]),
        "contacted_on": Days(contacted[rows]),
        "customer_id": Serial("C", np.where(is_opened, customer, NULL)[rows], 9),
    }
