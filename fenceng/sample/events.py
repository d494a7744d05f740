"""Daily events: card transactions, visits, statements and contributions.

A day's rows are drawn from streams of that day or month, so they don't depend on the partition
that they end up in.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from fenceng.sample.cards import CARD_KINDS, Cards, card_ids
from fenceng.sample.columns import NO_WORD, NULL, Days, Fen, Frame, Moments, Serial, Words, constant
from fenceng.sample.days import (
    as_date,
    compact_dates,
    day_number,
    month_end,
    month_of,
    month_start,
    months_of,
    visiting_days,
)
from fenceng.sample.doubtful_visits import CHANNELS, COPIED, chosen_visits, is_chosen_teller
from fenceng.sample.edge_cases import MILLION, YUAN
from fenceng.sample.lending import base_target_credit
from fenceng.sample.organisation import (
    BRANCH_MANAGER,
    DEPARTMENT_HEAD,
    DEPUTY_HEAD,
    LOBBY_MANAGER,
    OUTLET_HEAD,
    OUTLET_MANAGER,
    PRESIDENT,
    STAFF,
    VICE_PRESIDENT,
    WEALTH_MANAGER,
    Staff,
)
from fenceng.sample.people import CORPORATION, People, customer_ids
from fenceng.sample.rates import CURRENCIES
from fenceng.sample.streams import Flags, Int, Raw, below, chance, log_normal, other_half
from fenceng.sample.wording import ROADS

TRANSACTION_KINDS = ("purchase", "refund", "cash_advance", "repayment", "fee")
_PURCHASE, _REFUND = 0, 1
# An edge case pays on this day of each month and is refunded on the next: every window of
# twelve months holds each month's payment exactly once.
_PAYING_DAY = 5


class CardTransactions:
    """Card transactions by day."""

    def __init__(self, people: People, cards: Cards) -> None:
        """Take the customers and their cards, sorted by customer."""
        self._people = people
        self._cards = cards
        # one place per card and unit of activity; a day's transactions fall on places
        self._places = np.repeat(np.arange(len(cards.number), dtype=np.int64), cards.activity)
        self._place_customers = cards.customer[self._places]
        self._cases = np.flatnonzero(cards.purchases > 0)

    def frame(self, first: int, last: int) -> Frame:
        """Return the transactions of the days first..last, both included."""
        days = [self._day(day) for day in range(first, last + 1)]
        card, day, sequence, kind, amount, currency = (np.concatenate(part) for part in zip(*days, strict=True))
        return {
            "transaction_id": Serial("T", compact_dates(day) * 10**7 + sequence, 15),
            "card_id": card_ids(self._cards.number[card]),
            "customer_id": customer_ids(self._cards.customer[card]),
            "transacted_on": Days(day),
            "currency": Words(currency, CURRENCIES),
            "amount": Fen(amount),
            "transaction_kind": Words(kind, TRANSACTION_KINDS),
            "card_kind": Words(self._kinds_given(card, sequence), CARD_KINDS),
        }

    def _kinds_given(self, card: Int, sequence: Int) -> Int:
        """Return the card's kind on two of three transactions; a few cards were of the other kind at the time."""
        kind = self._cards.kind[card]
        is_other = (self._cards.number[card] % 211 == 0) & (self._cards.purchases[card] == 0)
        return np.where(sequence % 3 == 0, NO_WORD, np.where(is_other, 1 - kind, kind))

    def _day(self, day: int) -> tuple[Int, Int, Int, Int, Int, Int]:
        """Card, day, sequence, kind, amount (fen or cents) and currency of a day's rows."""
        streams = self._people.streams
        # The month's newcomers don't pay yet: the places must not depend on how many customers
        # the bank will have later.
        known = self._people.intake.size_before(month_of(day))
        places = int(np.searchsorted(self._place_customers, known))
        mood = int(below(streams.raw("transaction.count", 1, day), 41)[0])
        # nine and a half transactions a year per place, 20 % up or down by day
        number = places * 95 * (80 + mood) // 365_000
        raw = streams.raw("transaction.card", number, day)
        card = self._places[below(raw, places)]
        kind_draw = below(streams.raw("transaction.kind", number, day), 1000)
        kind = np.searchsorted([850, 880, 900, 970], kind_draw, side="right")
        amounts = streams.raw("transaction.amount", number, day)
        median = np.array([180, 150, 1000, 2500, 30], dtype=np.int64)[kind] * YUAN
        amount = np.maximum(log_normal(amounts, median, 7), 1)
        draw = below(streams.raw("transaction.currency", number, day), 1000)
        is_abroad = (draw < 25) & (self._cards.kind[card] == 1)
        currency = np.where(is_abroad, 1 + draw % 4, 0)
        is_live = (self._cards.activated[card] != NULL) & (self._cards.activated[card] <= day)
        cancelled = self._cards.cancelled[card]
        is_live &= (cancelled == NULL) | (day < cancelled)
        rows = np.flatnonzero(is_live)
        own_card, own_kind, own_amount = self._edge_cases(day)
        size = len(rows) + len(own_card)
        return (
            np.concatenate([card[rows], own_card]),
            constant(day, size),
            np.arange(1, size + 1, dtype=np.int64),
            np.concatenate([kind[rows], own_kind]),
            np.concatenate([amount[rows], own_amount]),
            np.concatenate([currency[rows], constant(0, len(own_card))]),
        )

    def _edge_cases(self, day: int) -> tuple[Int, Int, Int]:
        cards = self._cards
        found = as_date(day)
        rows = self._cases[cards.issued[self._cases] <= day]
        if found.day == _PAYING_DAY:
            year = cards.purchases[rows]
            # December takes the remainder of twelve equal parts
            amount = np.where(found.month == 12, year - year // 12 * 11, year // 12)
            return rows, constant(_PURCHASE, len(rows)), amount
        if found.day == _PAYING_DAY + 1:
            rows = rows[cards.refund[rows] > 0]
            return rows, constant(_REFUND, len(rows)), cards.refund[rows]
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing


# ------------------------------------------------------------------ visits


_DAY_SECONDS = 86_400
# Spread the numbers of visits over a range of prime size, so that what is recorded of one looks drawn.
_VISIT_STRIDE, _VISIT_MODULUS = 7_919, 1_000_000_007
OUTCOMES = ("existing business", "new business", "complaint", "no interest")
# The sample's habits: contacts a month that a customer of class 1, 2, 3 usually gets by each group.
# They repeat the shipped policy's matrix so that about half of its duties are met.
_HABITS = (
    ((PRESIDENT, VICE_PRESIDENT), (1, 1, 0)),
    ((DEPARTMENT_HEAD, DEPARTMENT_HEAD), (2, 2, 0)),
    ((BRANCH_MANAGER, BRANCH_MANAGER), (3, 3, 0)),
    ((OUTLET_HEAD, DEPUTY_HEAD), (0, 2, 2)),
    ((OUTLET_MANAGER, OUTLET_MANAGER), (0, 3, 3)),
)
_MOST_CONTACTS = 4
_STRAY = len(_HABITS)  # group number of visits that count for no duty
_CHOSEN = _STRAY + 1  # group number of the calls of edge cases
_DOUBTFUL = _CHOSEN + 1  # group number of those that look made up, or nearly


class Visits:
    """Visits by day; caches the plan of the month drawn last."""

    def __init__(self, people: People, staff: Staff, deposits: Int) -> None:
        """Take the customers, the staff, and the deposits in fen per customer."""
        self._people = people
        self._staff = staff
        self._deposits = deposits
        self._plans: dict[int, tuple[Int, ...]] = {}
        organisation = people.organisation
        level = organisation.level
        sub_branch = organisation.parent[np.maximum(people.outlet, 0)]
        self._branch = organisation.parent[sub_branch]
        departments = organisation.of_level("corporate_department")
        department_of = np.full(len(level), -1, dtype=np.int64)
        department_of[organisation.parent[departments]] = departments
        self._department = department_of[self._branch]

    def frame(self, first: int, last: int) -> Frame:
        """Return the visits recorded on the days first..last, both included, by that day and visit."""
        parts = []
        for month in range(month_of(first), month_of(last) + 1):
            plan = self._plan(month)
            low, high = np.searchsorted(plan[0], [first, last + 1])
            parts.append(tuple(values[low:high] for values in plan[1:]))
        columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
        day, visit, customer, employee, channel, outcome, started, ended, place = columns
        return {
            "visit_id": Serial("V", visit, 17),
            "customer_id": customer_ids(customer),
            "employee_id": Serial("E", employee, 5),
            "visited_on": Days(day),
            "channel": Words(channel, CHANNELS),
            "outcome": Words(outcome, (*OUTCOMES, *COPIED)),
            "started_at": Moments(started),
            "ended_at": Moments(ended),
            "place": Words(place, ROADS),
        }

    def _records(self, day: Int, visit: Int, customer: Int, channel: Int) -> tuple[Int, Int, Int]:
        """Return start and end in seconds, and the road, of the visits and calls that an application recorded.

        Both attendees of a visit have the same. Some calls are very short; some starts or ends are missing.
        """
        draw = visit % _VISIT_MODULUS * _VISIT_STRIDE % _VISIT_MODULUS
        is_recorded = (channel != CHANNELS.index("message")) & (draw % 100 < 70)
        started = day * _DAY_SECONDS + 9 * 3600 + draw // 100 % (8 * 3600)
        lasts = draw // 1000 % 5400
        is_call = channel == CHANNELS.index("phone")
        lasts = np.where(is_call, lasts % np.where(draw % 19 == 0, 60, 1200), lasts + 300)
        is_visit = is_recorded & ~is_call & (draw % 13 > 0)
        return (
            np.where(is_recorded & (draw % 31 > 0), started, NULL),
            np.where(is_recorded & (draw % 29 > 0), started + lasts, NULL),
            np.where(is_visit, customer % len(ROADS), NO_WORD),
        )

    def _plan(self, month: int) -> tuple[Int, ...]:
        if month not in self._plans:
            while len(self._plans) > 1:
                del self._plans[min(self._plans)]
            self._plans[month] = self._draw(month)
        return self._plans[month]

    def _classes(self, month: int) -> Int:
        """0, 1, 2: the class in which the staff sees a customer; -1 for persons."""
        size = self._people.intake.size_before(month + 1)
        target = np.zeros(size, dtype=np.int64)
        known = base_target_credit(self._people, month_start(month))
        target[: len(known)] = known
        large = np.maximum(self._deposits[:size], target)
        deposits = self._deposits[:size]
        found = np.select([large >= 200 * MILLION, deposits >= 50 * MILLION], [0, 1], default=2)
        return np.where(self._people.is_corporate[:size], found, -1)

    def _draw(self, month: int) -> tuple[Int, ...]:
        """Return a month's visits, sorted by the day on which they are recorded and visit.

        The columns are that day, then day, visit number, customer, employee, channel, outcome, start, end and place.
        """
        classes = self._classes(month)
        corporates = np.flatnonzero(classes >= 0)
        parts: list[tuple[Int, ...]] = []
        for group, (roles, usual) in enumerate(_HABITS):
            needed = np.array(usual, dtype=np.int64)[classes[corporates]]
            rows = np.flatnonzero(needed > 0)
            mood = self._raw("mood", month, group)[corporates]
            made = _contacts(mood, needed, self._diligence(month, corporates))
            for turn in range(_MOST_CONTACTS):
                chosen = corporates[rows[made[rows] > turn]]
                parts += self._contact(month, group, turn, chosen, roles)
        parts += self._strays(month, classes)
        parts.append(self._chosen(month))
        day, visit, customer, employee, channel, outcome = (np.concatenate(part) for part in zip(*parts, strict=True))
        drawn = (day, day, visit, customer, employee, channel, outcome, *self._records(day, visit, customer, channel))
        columns = [np.concatenate(part) for part in zip(drawn, self._doubtful(month), strict=True)]
        order = np.lexsort((columns[4], columns[2], columns[0]))
        return tuple(column[order] for column in columns)

    def _doubtful(self, month: int) -> tuple[Int, ...]:
        chosen = chosen_visits(self._people, self._staff, month)
        return (
            chosen.recorded,
            chosen.day,
            _visit_numbers(month, _DOUBTFUL, 0, np.arange(len(chosen.day), dtype=np.int64)),
            chosen.customer,
            chosen.employee,
            chosen.channel,
            np.where(chosen.outcome == NO_WORD, NO_WORD, len(OUTCOMES) + chosen.outcome),
            chosen.started,
            chosen.ended,
            chosen.place,
        )

    def _raw(self, name: str, month: int, group: int, turn: int = 0) -> Raw:
        size = self._people.intake.size_before(month + 1)
        return self._people.streams.raw(f"visit.{name}", size, month, group, turn)

    def _org(self, group: int, customers: Int) -> Int:
        if group == 0:
            return self._branch[customers]
        if group in (1, 2):
            return self._department[customers]
        return self._people.outlet[customers]

    def _contact(
        self, month: int, group: int, turn: int, customers: Int, roles: tuple[int, int]
    ) -> list[tuple[Int, ...]]:
        """Rows of one planned contact with each customer, some with a second attendee."""
        raw = self._raw("contact", month, group, turn)[customers]
        pick = below(self._raw("person", month, group, turn)[customers], 1 << 30)
        days = visiting_days(month)
        day = days[below(raw, len(days))]
        role = np.array(roles, dtype=np.int64)[(customers + turn) % 2]
        post = self._staff.post_of(self._org(group, customers), role, customers + turn)
        employee = self._staff.holders(post, day)
        happens = (employee != NULL) & (day >= self._people.opened[customers])
        channel = np.where(pick % 100 < 60, 0, 1)
        main = self._rows(month, group, turn, customers, day, employee, channel, pick, happens)
        # a joint visit: somebody from the lead outlet comes along
        along = np.array([OUTLET_HEAD, DEPUTY_HEAD, OUTLET_MANAGER, LOBBY_MANAGER], dtype=np.int64)
        joint_role = along[pick // 100 % 4]
        joint_post = self._staff.post_of(self._people.outlet[customers], joint_role, pick // 400)
        other = self._staff.holders(joint_post, day)
        is_joint = happens & (channel == 0) & (pick % 97 < 15) & (other != NULL) & (other != employee)
        return [
            main,
            self._rows(month, group, turn, customers, day, other, channel, pick, is_joint),
        ]

    def _diligence(self, month: int, customers: Int) -> Int:
        """Of how many in a thousand of its customers an outlet sees enough: some outlets are good, one or two are not.

        A month is up to 40 better or worse than another, so that the months' line is not flat.
        """
        outlet = self._people.outlet[customers]
        return 520 + outlet * 131 % 8 * 55 + month * 13 % 5 * 20 - 40

    def _strays(self, month: int, classes: Int) -> list[tuple[Int, ...]]:
        """Messages, visits by wrong roles or people from elsewhere, and to personal customers."""
        raw = self._raw("stray", month, _STRAY)
        share = np.where(classes >= 0, 150, np.where(self._people.wealth[: len(classes)] >= MILLION // 5, 100, 1))
        customers = np.flatnonzero(chance(raw, share))
        pick = below(self._raw("stray.person", month, _STRAY)[customers], 1 << 30)
        days = visiting_days(month)
        day = days[below(other_half(raw[customers]), len(days))]
        kind = pick % 3
        outlet = self._people.outlet[customers]
        wrong = np.array([LOBBY_MANAGER, STAFF, WEALTH_MANAGER], dtype=np.int64)[pick // 3 % 3]
        own = self._staff.post_of(outlet, OUTLET_MANAGER, pick // 9)
        post = np.select(
            [kind == 0, kind == 1],
            [own, self._staff.post_of(outlet, wrong, pick // 9)],
            default=pick // 9 % len(self._staff.org),
        )
        employee = self._staff.holders(post, day)
        happens = (employee != NULL) & (day >= self._people.opened[customers]) & ~is_chosen_teller(self._staff, post)
        channel = np.where((kind == 0) & (classes[customers] >= 0), 2, pick // 3 % 2)
        return [self._rows(month, _STRAY, 0, customers, day, employee, channel, pick, happens)]

    def _chosen(self, month: int) -> tuple[Int, ...]:
        """Rows of the calls of edge cases by the head of the lead outlet."""
        size = self._people.intake.size_before(month + 1)
        calls = [
            (customer, day) for customer, case in self._people.edge_cases() for day in case.contacts
            if customer < size and month_of(day) == month
        ]  # fmt: skip
        customers = np.array([customer for customer, _ in calls], dtype=np.int64)
        day = np.array([day for _, day in calls], dtype=np.int64)
        post = self._staff.post_of(self._people.outlet[customers], OUTLET_HEAD, customers)
        # a call while the post is vacant is its next holder's
        generation = self._staff.generation_on(post, day)
        generation += (day >= self._staff.left_on(post, generation)).astype(np.int64)
        employee = self._staff.number_of(post, generation)
        phone = constant(CHANNELS.index("phone"), len(calls))
        everybody = np.ones(len(calls), dtype=np.bool_)
        return self._rows(month, _CHOSEN, 0, customers, day, employee, phone, constant(0, len(calls)), everybody)

    def _rows(
        self,
        month: int,
        group: int,
        turn: int,
        customers: Int,
        day: Int,
        employee: Int,
        channel: Int,
        pick: Int,
        happens: Flags,
    ) -> tuple[Int, ...]:
        visit = _visit_numbers(month, group, turn, customers)
        outcome = pick // 1000 % 6
        outcome = np.where(outcome < len(OUTCOMES), outcome, NO_WORD)
        columns = (day, visit, customers, employee, channel, outcome)
        return tuple(column[happens] for column in columns)


def _visit_numbers(month: int, group: int, turn: int, places: Int) -> Int:
    found = as_date(month_start(month))
    number = ((found.year * 100 + found.month) * 10 + group) * 10 + turn
    return number * 10**9 + places + 1


def _contacts(mood: Raw, needed: Int, diligence: Int) -> Int:
    """Contacts of a month: enough for `diligence` of a thousand customers, one too few for most of the others."""
    draw = below(mood, 1000)
    more = needed + below(other_half(mood), 2)
    return np.select([draw < diligence, draw < 900], [more, needed - 1], default=0)


# ------------------------------------------------------------------ statements and contributions


REPORT_KINDS = ("annual", "interim")
_STATEMENTS_CHOSEN = month_of(day_number(date(2025, 4, 1)))  # in which the chosen statements of edge cases arrive
# How often a customer's contribution is booked: months between two, with so many of a thousand customers.
_BOOKINGS = ((1, 850), (3, 60), (6, 50), (12, 40))
_WELL_OFF = 200_000 * YUAN  # persons from here on contribute, companies always


def statement_frame(people: People, first: int, last: int) -> Frame | None:
    """Return the financial_statement rows recorded on the days first..last; None without any.

    Annual statements arrive at the end of March, April or June, interim ones at the end of August;
    a new company brings an interim one at its first month's end.
    """
    parts = []
    for month in range(month_of(first), month_of(last) + 1):
        if first <= month_end(month) <= last:
            parts.append(_statements(people, month))
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)] if parts else []
    if not columns or not len(columns[0]):
        return None
    customer, period, kind, assets = columns
    return {
        "customer_id": customer_ids(customer),
        "period_end": Days(period),
        "report_kind": Words(kind, REPORT_KINDS),
        "total_assets": Fen(assets),
    }


def _statements(people: People, month: int) -> tuple[Int, Int, Int, Int]:
    day = month_end(month)
    size = people.present_on(day)

    def raw(name: str, *parts: int) -> Raw:
        return people.streams.raw(f"statement.{name}", size, *parts)

    year, calendar_month = 1970 + month // 12, month % 12 + 1
    corporates = people.kind[:size] >= CORPORATION
    reports = corporates & chance(raw("held"), 820)
    base_assets = log_normal(raw("assets"), 40_000_000 * YUAN, 12)
    habit = below(raw("habit"), 1000)
    due = np.select([habit < 300, habit < 950], [3, 4], default=6)
    opened_month = months_of(people.opened[:size])
    is_older = opened_month < (year - 1970) * 12
    is_annual = reports & (due == calendar_month)
    is_interim = reports & (habit % 2 == 0) & is_older & (calendar_month == 8)
    is_first = reports & (opened_month == month)
    for customer, case in people.edge_cases():
        if customer < size and corporates[customer]:
            has = case.total_assets is not None
            is_annual[customer] = has and calendar_month == 4
            is_interim[customer] = is_first[customer] = False
            base_assets[customer] = case.total_assets or 0
    parts = []
    if month == _STATEMENTS_CHOSEN:
        own = [(at, found) for at, case in people.edge_cases() for found in case.statements if at < size]
        parts.append(
            (
                np.array([at for at, _ in own], dtype=np.int64),
                np.array([found.period_end for _, found in own], dtype=np.int64),
                np.array([REPORT_KINDS.index(found.kind) for _, found in own], dtype=np.int64),
                np.array([found.assets for _, found in own], dtype=np.int64),
            )
        )
    for chosen, kind, end in (
        (is_annual, 0, month_end((year - 1 - 1970) * 12 + 11)),
        (is_interim, 1, month_end((year - 1970) * 12 + 5)),
        (is_first, 1, day),
    ):
        rows = np.flatnonzero(chosen)
        growth = 9_500 + below(raw("growth", year, kind)[rows], 1_200)
        assets = base_assets[rows]
        assets = np.where(people.is_free[rows], assets // 10_000 * growth, assets)
        parts.append((rows, constant(end, len(rows)), constant(kind, len(rows)), assets))
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2], columns[3]


def contribution_frame(people: People, deposits: Int, first: int, last: int) -> Frame | None:
    """Return the contribution rows recorded on the days first..last: each month's at its end; None without any."""
    months = [month for month in range(month_of(first), month_of(last) + 1) if first <= month_end(month) <= last]
    if not months:
        return None
    parts = [_contributions(people, deposits, month) for month in months]
    customer, month_first, revenue, returned = (np.concatenate(part) for part in zip(*parts, strict=True))
    return {
        "customer_id": customer_ids(customer),
        "month": Days(month_first),
        "revenue": Fen(revenue),
        "economic_capital_return": Fen(returned),
    }


def _contributions(people: People, deposits: Int, month: int) -> tuple[Int, Int, Int, Int]:
    size = people.present_on(month_end(month))
    reports = chance(people.streams.raw("contribution.held", size), 850)
    contributes = people.is_corporate[:size] | (people.is_free[:size] & (people.wealth[:size] >= _WELL_OFF))
    booking = people.streams.raw("contribution.booking", size)
    group = np.searchsorted(np.cumsum([share for _, share in _BOOKINGS]), below(booking, 1000), side="right")
    every = np.array([months for months, _ in _BOOKINGS], dtype=np.int64)[group]
    is_due = (month + below(other_half(booking), 12)) % every == 0
    rows = np.flatnonzero(reports & contributes & is_due)
    raw = people.streams.raw("contribution.month", size, month)[rows]
    # about 2 % a year on the deposits, and fees
    revenue = np.maximum(deposits[rows], 0) // 600 * (800 + below(raw, 401)) // 1000
    revenue += below(other_half(raw), 500_000)
    returned = revenue * (below(other_half(raw), 500) - 80) // 1000
    return rows, constant(month_start(month), len(rows)), revenue, returned
