"""Services, links and prospects of the foreign landing zone, and the days on which something is due."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from .contract import TABLES
from .days import plus_months

Row = dict[str, Any]
DAY = timedelta(days=1)


def phone_of(rng: random.Random, number: int) -> str | None:
    """A telephone number: mostly one's own, some shared by five and some by six, some that are none."""
    group, place = divmod(number, 40)
    if place < 11:  # five, then six; as different as cleaning allows
        shared = f"138{group:06d}{'05' if place < 5 else '06'}"
        return rng.choice([shared, f"+86 {shared}", f"{shared[:3]}-{shared[3:]}", f"\u3000+86-{shared}\u2009"])
    own = f"13{rng.randrange(10**9):09d}"
    others = [None, "", " -\u3000", "12345", f"12{own[2:]}", f"{own}0", f"+86+86{own}", f"86{own}", f"１{own[1:]}"]
    return rng.choice([own, f"+86{own}"] if rng.random() < 0.7 else others)


def born_on(rng: random.Random, dates: Sequence[date]) -> date:
    """A birthday about one of the dates, an age of 14 or 60 on it, or a leap day."""
    day = rng.choice(dates)
    years = rng.choice([14, 14, 60, 33, 71])
    edges = [plus_months(day, -12 * years) + rng.randrange(-1, 6) * DAY for _ in range(3)]
    return rng.choice([*edges, date(1964, 2, 29), date(1900, 1, 1)])


def opened_about(rng: random.Random, dates: Sequence[date]) -> date:
    """A day whose anniversary, or whose month that many months later, is about one of the dates; before the first."""
    day = plus_months(rng.choice(dates), -rng.choice([1, 3, 6, 12, 12, 24, 60])) + rng.randrange(-1, 9) * DAY
    return min(day, dates[0] - 9 * DAY)


def matures_on(rng: random.Random, day: date, days_ahead: int) -> date:
    """A day within the days ahead, on an edge of them or beyond."""
    last = day + days_ahead * DAY
    return rng.choice([day, day - DAY, day + DAY, last, last + DAY, day + 300 * DAY])


def add_customer_tables(rng: random.Random, day: date, offices: Sequence[str], rows: dict[str, list[Row]]) -> None:
    """Add the tables that the contract has, for the customers of a snapshot."""
    customers = [row["customer_id"] for row in rows["customer"]]
    makers = {"service": _services, "customer_link": _links, "prospect": _prospects}
    for name, make in makers.items():
        if name in TABLES:
            rows[name] = make(rng, day, customers, offices)


def _services(rng: random.Random, day: date, customers: Sequence[str], offices: Sequence[str]) -> list[Row]:
    kinds = TABLES["service"].column("service_kind").enum
    found: dict[tuple[str, str, date], Row] = {}
    for customer_id in customers:
        for _ in range(rng.choice([0, 0, 1, 2, 4])):
            kind = rng.choice(kinds[:4])
            opened = rng.choice([day, day - DAY, day - rng.randrange(2, 900) * DAY])
            found[customer_id, kind, opened] = {
                "customer_id": customer_id,
                "service_kind": kind,
                "opened_on": opened,
                "closed_on": rng.choice([None, None, day, day + DAY, day - DAY]),
            }
    return list(found.values())


def _links(rng: random.Random, day: date, customers: Sequence[str], offices: Sequence[str]) -> list[Row]:
    kinds = TABLES["customer_link"].column("link_kind").enum
    found: dict[tuple[str, str, str], Row] = {}
    for _ in range(len(customers) // 2):
        one, other = rng.choice(customers), rng.choice([*rng.sample(customers, 2), customers[0]])
        pairs = [(one, other), (other, one)] if rng.random() < 0.3 else [(one, other if rng.random() < 0.95 else one)]
        for pair in pairs:
            for kind in rng.sample(kinds, rng.choice([1, 1, 2])):
                key = (*pair, kind)
                found[key] = dict(zip(("customer_id", "linked_customer_id", "link_kind"), key, strict=True))
    return list(found.values())


def _prospects(rng: random.Random, day: date, customers: Sequence[str], offices: Sequence[str]) -> list[Row]:
    sources = TABLES["prospect"].column("source").enum
    places = offices[:5]
    return [
        {
            "prospect_id": f"PR{number:04d}",
            "source": rng.choice(sources),
            "org_id": rng.choice(places),
            "listed_on": rng.choice([day, day - DAY, day - rng.randrange(30, 4000) * DAY]),
            "contacted_on": rng.choice([None, day, day + DAY, day - 20 * DAY]),
            "customer_id": rng.choice([None, "", "departed", *rng.choices(customers, k=5)]),
        }
        for number in range(60)
    ]
