"""Visits that look invented, and the tables about figures, targets, appraisals and campaigns, of the foreign landing.

Every bound is met from both sides: the days, seconds and copies of the signals, the months of a period, the last day
of a campaign and the day after.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from .contract import TABLES
from .days import first_of_month, first_of_year, last_of_month, months_before, plus_months, working_days_of

Row = dict[str, Any]
RandomOf = Callable[..., random.Random]
Recorded = tuple[date, Row, date | bool]  # visited_on, row, recorded on that day or promptly
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)

TWENTY = ["Follow Up Next Month", "客户近期资金稳定，约定下月上门再次沟通。"]
AROUND = ["{}", " {}", "{}\u3000", "\u3000{}\u2003", "\u00a0{}\n", "\t{} "]
PLANS = ["text", "下半年客群分析", "plan", None, "", " ", "\u3000\u2003", "\u200b"]  # the last one is no white space


# ---------------------------------------------------------------- visits


class OddVisits:
    """Visits on both sides of every signal's bound, by people whom nobody knows and by those who serve a customer."""

    def __init__(self, rng: random.Random, pairs: Sequence[tuple[str, str]], recorders: Sequence[date]) -> None:
        """`pairs`: (customer, person who may visit it). `recorders`: the days of the partitions."""
        self.rng, self.pairs, self.recorders, self.number = rng, pairs, recorders, 0

    def on(self, day: date) -> Iterator[Recorded]:
        """Those of the month of one date, up to it."""
        month = first_of_month(day)
        working = [one for one in working_days_of(month, last_of_month(month)) if one <= day] or [day]
        for recorder in self.recorders:
            for days in (7, 8):
                if month <= recorder - days * DAY and recorder <= day:
                    yield self._visit(*self._pair(), recorder - days * DAY, recorded=recorder)
        for one in (month + n * DAY for n in range((day - month).days + 1)):
            if one not in working and self.rng.random() < 0.5:
                yield self._visit(*self._pair(), one)
                yield self._visit(*self._pair(), one, channel="phone")
        if day == last_of_month(day):
            last_days = working_days_of(month, day)[-3:]
            for late, others in ((5, 4), (5, 5), (4, 0), (6, 5), (5, 0)):
                yield from self._burst(last_days, working[0], late, others)
        for channels in (["on_site"] * 8 + ["phone"], ["on_site"] * 9):
            yield from self._crowd(f"crowd-{day}-{len(set(channels))}", channels, self.rng.choice(working))
            yield from self._crowd(self._pair()[1], channels, self.rng.choice(working))
        for _ in range(4):
            yield from self._calls(*self._pair(), self.rng.choice(working))
            yield from self._two_places(self._pair()[1], self.rng.choice(working))
        for copies, text in ((3, TWENTY[0]), (4, TWENTY[0]), (4, TWENTY[1]), (4, TWENTY[0][:-1]), (4, TWENTY[1][1:])):
            for person in (f"copy-{self.number}", self._pair()[1]):
                for n in range(copies):
                    outcome = self.rng.choice(AROUND).format(self.rng.choice([text, text.upper(), text.lower()]))
                    customer = self._pair()[0] if person.startswith("copy") else self._customer_of(person, n)
                    yield self._visit(customer, person, self.rng.choice(working), outcome=outcome)

    def _pair(self) -> tuple[str, str]:
        return self.rng.choice(self.pairs) if self.pairs else ("unknown", f"nobody-{self.number}")

    def _customer_of(self, person: str, number: int) -> str:
        own = [customer for customer, other in self.pairs if other == person]
        return own[number % len(own)] if own else "unknown"

    def _visit(
        self,
        customer: str,
        person: str,
        visited: date,
        channel: str = "on_site",
        recorded: date | bool = True,
        **values: object,
    ) -> Recorded:
        self.number += 1
        row: Row = {
            "visit_id": f"S{self.number:07d}",
            "customer_id": customer,
            "employee_id": person,
            "visited_on": visited,
            "channel": channel,
            "outcome": None,
            "started_at": None,
            "ended_at": None,
            "place": None,
        }
        return visited, row | values, recorded

    def _burst(self, last_days: Sequence[date], before: date, late: int, others: int) -> Iterator[Recorded]:
        person = f"burst-{last_days[-1]}-{late}-{others}"
        for n in range(late + others):
            visited = last_days[n % len(last_days)] if n < late else before
            yield self._visit(self._pair()[0], person, visited, self.rng.choice(["on_site", "phone", "message"]))

    def _crowd(self, person: str, channels: Sequence[str], visited: date) -> Iterator[Recorded]:
        for n, channel in enumerate(channels):
            yield self._visit(self._customer_of(person, n), person, visited, channel)

    def _calls(self, customer: str, person: str, visited: date) -> Iterator[Recorded]:
        began = datetime(visited.year, visited.month, visited.day, 9, 30)
        for lasted in (timedelta(0), 30 * timedelta(seconds=1) - MICROSECOND, timedelta(seconds=30), -MICROSECOND):
            ended = began + lasted
            yield self._visit(customer, person, visited, "phone", started_at=began, ended_at=ended)
        yield self._visit(customer, person, visited, "phone", started_at=began - DAY, ended_at=began - DAY)
        # a second person was there, or nobody else: one contact rests on an honest row too
        for colleague in ("honest", None):
            told = self._visit(customer, person, visited, "phone", started_at=began, ended_at=began)
            yield told
            if colleague and (others := [name for known, name in self.pairs if known == customer and name != person]):
                yield visited, dict(told[1], employee_id=self.rng.choice(others), ended_at=None), True

    def _two_places(self, person: str, visited: date) -> Iterator[Recorded]:
        hour = datetime(visited.year, visited.month, visited.day, self.rng.randrange(7, 20))
        minute = timedelta(seconds=60)
        first, second = self._customer_of(person, 0), "unknown"
        for n, (apart, where, other, channel) in enumerate(
            [
                (minute - MICROSECOND, "南门", second, "on_site"),
                (minute, "南门", second, "on_site"),
                (minute - MICROSECOND, "北门", second, "on_site"),
                (minute - MICROSECOND, "南门", first, "on_site"),
                (minute - MICROSECOND, None, second, "on_site"),
                (minute - MICROSECOND, "南门", second, "phone"),
            ]
        ):
            began = hour + n * 5 * minute
            yield self._visit(first, person, visited, started_at=began, place="北门")
            yield self._visit(other, person, visited, channel, started_at=began + apart, place=where)


# ---------------------------------------------------------------- tables


def add_operation_tables(
    random_of: RandomOf, day: date, dates: Sequence[date], rows: dict[str, list[Row]], index: int
) -> None:
    """Add the tables that the contract has to a snapshot that has organizations, employees and customers."""
    makers: dict[str, Callable[[RandomOf, date, Sequence[date], dict[str, list[Row]]], list[Row]]] = {
        "reported_metric": _reported,
        "target": _targets,
        "appraisal_score": _scores,
        "campaign": _campaigns,
        "campaign_member": _members,
    }
    for name, make in makers.items():
        if name in TABLES:

            def named(*parts: object, name: str = name) -> random.Random:
                return random_of(name, *parts)

            rows[name] = make(named, day, dates, rows)
    if index < 0 and "target" in rows:  # before the first date other targets
        for row in rows["target"]:
            row["amount"] += Decimal(7)


REPORTED = [
    ("fee_income", 0),
    ("operating_income", 0),
    ("deposit_total_four_banks", 0),
    ("deposit_total_five_banks", 0),
    ("insurance_fees", 2),
    ("internal_control_grade", 2),
    ("deposit_balance", 1),
    ("customers", 2),
    ("loan_balance", 3),
    ("npl_ratio", 4),
    ("assigned_customers", 4),
    ("moon_phase", 4),
]


def _reported(random_of: RandomOf, day: date, dates: Sequence[date], rows: dict[str, list[Row]]) -> list[Row]:
    month = first_of_month(day)
    found: list[Row] = []
    for organization in rows["organization"]:
        org_id = organization["org_id"]
        rng = random_of(org_id)
        if rng.random() < 0.5:
            continue
        usual, gaps = rng.choice([-1, 0, 0, 0, 1, 2, 12, 13]), rng.choice([0.0, 0.0, 0.1, 0.3])
        for metric, rarity in REPORTED:
            if rng.randrange(rarity + 1):
                continue
            newest = usual if rng.random() < 0.8 else usual + 1
            for ago in range(newest, 27):
                one = months_before(month, ago)
                of_month = random_of(org_id, metric, one)  # the same in each snapshot, apart from corrections
                if of_month.random() < gaps:
                    continue
                value = of_month.choice(
                    [
                        Decimal(of_month.randrange(10**14)) / 100,
                        Decimal(of_month.randrange(-(10**9), 10**9)) / 10**6,
                        Decimal("314159265358979.323846"),
                        Decimal(0),
                    ]
                )
                if ago == 3 and rng.random() < 0.3:
                    value += Decimal("0.000001")
                found.append({"org_id": org_id, "metric": metric, "month": one, "value": value})
    return found


TARGETS = [
    *("deposit_balance", "new_customers", "customers_in_scope", "fee_income", "npl_ratio", "moon_phase"),
    *("assigned_financial_assets", "counted_contacts", "upgraded_customers", "unreachable_customers"),
]
AMOUNTS = ["1000000.00", "-100.00", "0.01", "0.00", "-0.05", "7.00", "2.47", "2.48", "-2.49", "9999999999999.99"]


def _targets(random_of: RandomOf, day: date, dates: Sequence[date], rows: dict[str, list[Row]]) -> list[Row]:
    found: list[Row] = []
    year = first_of_year(day)
    for organization in rows["organization"]:
        org_id, is_outlet = organization["org_id"], organization["org_level"] == "outlet"
        rng = random_of(org_id)
        for metric in rng.sample(TARGETS, rng.choice([0, 1, 2] if is_outlet else [0, 0, 1, 2])):
            for other in (0, 1) if rng.random() < 0.3 else (0,):
                amount = Decimal(rng.choice([*AMOUNTS, str(Decimal(rng.randrange(-(10**6), 10**9)) / 100)]))
                of = year.replace(year=year.year + other)
                found.append({"org_id": org_id, "metric": metric, "year": of, "amount": amount})
    return found


def _scores(random_of: RandomOf, day: date, dates: Sequence[date], rows: dict[str, list[Row]]) -> list[Row]:
    leaders = {"branch_president", "branch_vice_president", "chief_financial_officer"}
    found: list[Row] = []
    for employee in rows["employee"]:
        for back in range(-1, 3):
            year = first_of_year(day).replace(year=day.year - back)
            rng = random_of(employee["employee_id"], year)
            if rng.random() > (0.8 if employee["role"] in leaders else 0.05):
                continue
            total = Decimal(rng.choice(["100", "90", "89.99", "80", "79.99", "70", "69.99", "60", "59.99", "0"]))
            leader = min(Decimal(50), total / 2 + rng.choice([Decimal(0), Decimal("0.005"), Decimal(4)]))
            leader = leader.quantize(Decimal("0.01"))
            parts = {"leader": leader, "performance": total - leader}
            for part in rng.choice([list(parts), list(parts), ["leader"], ["performance"]]):
                if 0 <= parts[part] <= 50:
                    row = {"employee_id": employee["employee_id"], "year": year, "part": part, "score": parts[part]}
                    found.append(row)
    return found


def feedback(random_of: RandomOf, dates: Sequence[date], employees: Sequence[Row]) -> Iterator[tuple[date, Row, bool]]:
    """What was said of people: of both halves, of the years before, of people who left and of people nobody knows."""
    rng = random_of("feedback")
    channels = TABLES["appraisal_feedback"].column("channel").enum
    names = [row["employee_id"] for row in employees] + ["nobody-1", "nobody-2"]
    leaders = [row["employee_id"] for row in employees if row["role"].startswith("branch_")]
    for n in range(150):
        day = rng.choice(dates)
        edges = [date(day.year - back, *edge) for back in (0, 1) for edge in ((1, 1), (6, 30), (7, 1), (12, 31))]
        received = rng.choice([one for one in (*edges, day, day - DAY, day - 100 * DAY) if one <= day])
        row = {
            "feedback_id": f"F{n:06d}",
            "employee_id": rng.choice(leaders if leaders and rng.random() < 0.7 else names),
            "channel": rng.choice([channels[0], channels[0], *channels]),
            "received_on": received,
            "score": rng.choice([None, Decimal(0), Decimal(100), Decimal(rng.randrange(10001)) / 100]),
        }
        yield received, row, rng.random() < 0.7


def _campaigns(random_of: RandomOf, day: date, dates: Sequence[date], rows: dict[str, list[Row]]) -> list[Row]:
    found: list[Row] = []
    for n, (about, last) in enumerate((about, last) for about in dates for last in (-31, -30, -1, 0, 10, 60)):
        rng = random_of(n)
        ends = about + last * DAY
        starts = rng.choice([ends, ends - 20 * DAY, ends - 50 * DAY] if last <= 0 else [about, about + DAY, ends])
        plan = {
            name: rng.choice(PLANS) for name in ("situation", "goals", "strategy", "implementation", "feedback_channel")
        }
        if rng.random() < 0.3:
            plan = dict.fromkeys(plan, "text")
        found.append(
            {
                "campaign_id": f"K{n:03d}",
                "org_id": rng.choice(rows["organization"])["org_id"],
                "starts_on": starts,
                "ends_on": ends,
                **plan,
                "planned_conversions": rng.choice([None, 0, 5, -1, 2**40]),
            }
        )
    return found


def _members(random_of: RandomOf, day: date, dates: Sequence[date], rows: dict[str, list[Row]]) -> list[Row]:
    customers = [row["customer_id"] for row in rows["customer"]]
    found: list[Row] = []
    for campaign in rows["campaign"]:
        rng = random_of(campaign["campaign_id"])
        controls = rng.choice([0.0, 0.3, 0.5, 0.5, 1.0])
        chosen = rng.sample(customers, min(len(customers), rng.choice([0, 1, 8, 25])))
        starts, ends = campaign["starts_on"], campaign["ends_on"]
        for customer_id in [*chosen, "departed-1", "departed-2"]:
            contacted = rng.choice([None, starts, starts - DAY, day, day + DAY, ends])
            edges = [starts - DAY, starts, ends, ends + DAY, ends + 30 * DAY, ends + 31 * DAY, day, day + DAY]
            found.append(
                {
                    "campaign_id": campaign["campaign_id"],
                    "customer_id": customer_id,
                    "is_control": rng.random() < controls,
                    "contacted_on": contacted,
                    "converted_on": rng.choice([None] * 8 + edges),
                }
            )
    return found


def add_people_of_one_outlet(org_id: str, dates: Sequence[date], employees: list[Row]) -> None:
    """An outlet whose two tellers come and go in the middle of months, so that nobody is left in between."""
    first, last = dates[0], dates[-1]
    spans = [(first - 900 * DAY, first_of_month(first) + 9 * DAY), (first_of_month(last) + 4 * DAY, None)]
    if len(dates) > 1:
        spans[1] = (plus_months(first_of_month(first), 1) + 7 * DAY, first_of_month(last) + 6 * DAY)
    for n, (hired, left) in enumerate(spans):
        employees.append(
            {
                "employee_id": f"T{n}",
                "employee_name": "柜员",
                "org_id": org_id,
                "role": "teller",
                "hired_on": hired,
                "left_on": left,
            }
        )
