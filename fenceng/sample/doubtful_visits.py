"""Visits that look made up, and others just short of it, in each month.

Most are of tellers, who make no other visit, so that each number is what it says. The people's customers are the first
companies. The bounds are sample data: they repeat those of the shipped policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fenceng.sample.columns import NO_WORD, NULL
from fenceng.sample.days import month_end, visiting_days
from fenceng.sample.edge_cases import SPARE_PROFILES
from fenceng.sample.organisation import OUTLET_MANAGER, TELLER, Staff
from fenceng.sample.people import People
from fenceng.sample.streams import Flags, Int

CHANNELS = ("on_site", "phone", "message")
_ON_SITE, _PHONE, _MESSAGE = range(len(CHANNELS))
# A text of twenty characters, the same with other letters and blanks, and one of nineteen.
COPIED = ("called on the client", " Called on the CLIENT\u3000", "met the client here")
_COPIED, _RESTYLED, _SHORT = range(len(COPIED))
_LATE_DAYS = 7
_ELEVEN = 11 * 3600  # seconds since midnight
_FIRST_PLACE = 0


@dataclass(frozen=True)
class ChosenVisits:
    """Chosen visits of a month; all arrays have one value per visit. Times in seconds since 1970, days as numbers."""

    day: Int
    recorded: Int  # the day on which it was entered
    customer: Int
    employee: Int
    channel: Int
    outcome: Int  # position in COPIED
    started: Int
    ended: Int
    place: Int  # position in ROADS


@dataclass(frozen=True)
class _Visit:
    person: int  # position among the tellers, or _MANAGER
    day: int
    company: int = 0  # position among the first companies
    channel: int = _MESSAGE
    outcome: int = NO_WORD
    late: int = 0  # days until it was entered
    second: int | None = None  # of the day, at which it started
    lasts: int = 0  # seconds
    place: int = NO_WORD


_MANAGER = -1
_TELLERS = 8  # at least four outlets have two each
(_HURRIED, _HALF, _FOUR, _CROWDED, _COPYIST, _THRIFTY, _TERSE, _LATE) = range(_TELLERS)


def chosen_tellers(staff: Staff) -> Int:
    """Positions of the posts whose holders make the chosen visits and no others."""
    return np.flatnonzero(staff.role == TELLER)[:_TELLERS].astype(np.int64)


def is_chosen_teller(staff: Staff, posts: Int) -> Flags:
    """Flag the posts whose holders make no drawn visit."""
    return np.asarray(np.isin(posts, chosen_tellers(staff)), dtype=np.bool_)


def _visits(month: int) -> Iterator[_Visit]:
    days = visiting_days(month).tolist()
    early, middle, last, last_but_one = days[1], days[len(days) // 2], days[-1], days[-2]
    # Month-end burst: five of nine, five of ten, four of four.
    yield from (_Visit(_HURRIED, last if n < 3 else last_but_one, n) for n in range(5))
    yield from (_Visit(_HURRIED, days[n], n) for n in range(4))
    yield from (_Visit(_HALF, last if n < 3 else last_but_one, n) for n in range(5))
    yield from (_Visit(_HALF, days[n], n) for n in range(5))
    yield from (_Visit(_FOUR, last, n) for n in range(4))
    # Eight on one day and nine on another.
    yield from (_Visit(_CROWDED, early, n, _ON_SITE) for n in range(8))
    yield from (_Visit(_CROWDED, middle, n, _ON_SITE) for n in range(9))
    # One outcome four times, three times, and four times a character too short.
    yield from (_Visit(_COPYIST, days[n], n, outcome=_COPIED if n < 3 else _RESTYLED) for n in range(4))
    yield from (_Visit(_THRIFTY, days[n], n, outcome=_COPIED) for n in range(3))
    yield from (_Visit(_TERSE, days[n], n, outcome=_SHORT) for n in range(4))
    # Two places within 59 seconds and within 60; within 59 one place, one company, or a place that is not known.
    pairs = ((59, 1, 1), (60, 1, 1), (59, 1, 0), (59, 0, 1), (59, 1, None))
    for number, (seconds, company, place) in enumerate(pairs):
        day, begins = (middle, early)[number % 2], _ELEVEN + number * 1800
        yield _Visit(_TERSE, day, 0, _ON_SITE, second=begins, lasts=600, place=_FIRST_PLACE)
        yield _Visit(_TERSE, day, company, _ON_SITE, second=begins + seconds, lasts=600,
                     place=NO_WORD if place is None else _FIRST_PLACE + place)  # fmt: skip
    # Calls of 29 and 30 seconds.
    yield from (_Visit(_LATE, early, n, _PHONE, second=_ELEVEN, lasts=29 + n) for n in range(2))
    # A duty that is met by calls nobody could have made.
    yield from (_Visit(_MANAGER, days[n], 0, _PHONE, second=_ELEVEN, lasts=29) for n in range(4))
    # Entered seven and eight days later.
    known = set(days)
    entered = max(day for day in days if {day - _LATE_DAYS, day - _LATE_DAYS - 1} <= known)
    yield from (_Visit(_LATE, entered - late, 2, late=late) for late in (_LATE_DAYS, _LATE_DAYS + 1))


def chosen_visits(people: People, staff: Staff, month: int) -> ChosenVisits:
    """Return the chosen visits of a month."""
    visits = list(_visits(month))

    def numbers(values: Iterator[int]) -> Int:
        return np.array(list(values), dtype=np.int64)

    companies = np.flatnonzero(people.is_corporate)[:SPARE_PROFILES]
    customer = companies[numbers(visit.company for visit in visits)]
    person = numbers(visit.person for visit in visits)
    tellers = chosen_tellers(staff)
    manager = staff.post_of(people.outlet[customer], OUTLET_MANAGER, customer)
    post = np.where(person == _MANAGER, manager, tellers[np.maximum(person, 0)])
    # One person for the whole month: whoever holds the post at its end, or holds it next.
    end = month_end(month)
    generation = staff.generation_on(post, end)
    generation += (end >= staff.left_on(post, generation)).astype(np.int64)
    day = numbers(visit.day for visit in visits)
    midnight = day * 86_400
    second = numbers(NULL if visit.second is None else visit.second for visit in visits)
    started = np.where(second == NULL, NULL, midnight + second)
    return ChosenVisits(
        day=day,
        recorded=day + numbers(visit.late for visit in visits),
        customer=customer,
        employee=staff.number_of(post, generation),
        channel=numbers(visit.channel for visit in visits),
        outcome=numbers(visit.outcome for visit in visits),
        started=started,
        ended=np.where(second == NULL, NULL, started + numbers(visit.lasts for visit in visits)),
        place=numbers(visit.place for visit in visits),
    )
