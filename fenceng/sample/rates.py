"""The currencies and their exchange rates."""

from __future__ import annotations

import numpy as np

from fenceng.sample.columns import Frame, Rate, Words
from fenceng.sample.days import month_of
from fenceng.sample.streams import Streams, below

CURRENCIES = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP", "AUD", "SGD")
# CNY per unit in hundred-millionths, around which the daily rates move.
CNY_PER_UNIT = (100_000_000, 712_345_678, 772_891_003, 91_234_567, 4_812_345, 903_456_789, 465_432_101,
          538_765_432)  # fmt: skip


def fx_rate_frame(day: int, streams: Streams) -> Frame:
    """Return the fx_rate table of a day; about 2 % up or down a month, 0.3 % a day."""
    size = len(CURRENCIES)
    base = np.array(CNY_PER_UNIT, dtype=np.int64)
    monthly = below(streams.raw("fx.month", size, month_of(day)), 4001) - 2000
    daily = below(streams.raw("fx.day", size, day), 601) - 300
    rate = base + base * (monthly + daily) // 100_000
    codes = np.arange(1, size, dtype=np.int64)
    return {"currency": Words(codes, CURRENCIES), "cny_per_unit": Rate(rate[1:])}
