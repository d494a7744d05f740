"""Signs that a visit may not have been made as it was written down, and the visit rows that they make doubtful."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from operator import itemgetter

from .days import first_of_month, last_of_month, working_days_of
from .landing import Row
from .white_space import trimmed

LATE_DAYS = 7  # more than that between the visit and its record
BURST_DAYS, BURST_SHARE, BURST_VISITS = 3, Fraction(1, 2), 5
CROWDED = 8  # visits on site; more on one day are too many
SAME_MINUTE = timedelta(seconds=60)
SHORT_CALL = timedelta(seconds=30)
COPIES, COPIED_LETTERS = 3, 20
NOT_DOUBTFUL = {"off_day"}  # a bank may work on Saturday

Found = tuple[str, Row]  # signal, visit row
Doubtful = set[tuple[str, str]]  # (visit_id, employee_id)


def signal_rows(visits: Iterable[Row], day: date) -> list[Row]:
    """fct_visit_signal_monthly: a visit row has a signal at most once."""
    month = first_of_month(day)
    return [
        {
            "policy_month": month,
            "visit_id": visit["visit_id"],
            "employee_id": visit["employee_id"],
            "customer_id": visit["customer_id"],
            "visited_on": visit["visited_on"],
            "signal": signal,
            "is_doubtful": signal not in NOT_DOUBTFUL,
        }
        for signal, visit in _found(of_the_month(visits, day), day)
    ]


def doubtful_of(signals: Iterable[Row]) -> Doubtful:
    """The visit rows with a signal that makes them doubtful."""
    return {(row["visit_id"], row["employee_id"]) for row in signals if row["is_doubtful"]}


def of_the_month(visits: Iterable[Row], day: date) -> list[Row]:
    """The visit rows of [M, D], whatever the channel."""
    month = first_of_month(day)
    return [visit for visit in visits if month <= visit["visited_on"] <= day]


def _found(visits: Sequence[Row], day: date) -> Iterator[Found]:
    by_employee: dict[str, list[Row]] = defaultdict(list)
    for visit in visits:
        by_employee[visit["employee_id"]].append(visit)
        if visit["biz_date"] - visit["visited_on"] > timedelta(days=LATE_DAYS):
            yield "late_entry", visit
        if visit["channel"] == "on_site" and not working_days_of(visit["visited_on"], visit["visited_on"]):
            yield "off_day", visit
        if _is_short_call(visit):
            yield "short_call", visit
    month = first_of_month(day)
    last_days = set(working_days_of(month, last_of_month(month))[-BURST_DAYS:])
    for own in by_employee.values():
        yield from (("month_end_burst", visit) for visit in _burst(own, last_days))
        yield from (("crowded_day", visit) for visit in _crowded(own))
        yield from (("same_minute", visit) for visit in _at_two_places(own))
        yield from (("copied_outcome", visit) for visit in _copied(own))


def _visits(rows: Iterable[Row]) -> int:
    """A person's visits: a trip counts once."""
    return len({row["visit_id"] for row in rows})


def _burst(own: Sequence[Row], last_days: set[date]) -> list[Row]:
    late = [visit for visit in own if visit["visited_on"] in last_days]
    is_burst = _visits(late) >= BURST_VISITS and _visits(late) > BURST_SHARE * _visits(own)
    return late if is_burst else []


def _crowded(own: Sequence[Row]) -> Iterator[Row]:
    by_day: dict[date, list[Row]] = defaultdict(list)
    for visit in own:
        if visit["channel"] == "on_site":
            by_day[visit["visited_on"]].append(visit)
    for rows in by_day.values():
        if _visits(rows) > CROWDED:
            yield from rows


def _times(visit: Row) -> tuple[datetime | None, datetime | None]:
    """(started_at, ended_at); neither where they contradict each other or the day of the visit."""
    started, ended = visit["started_at"], visit["ended_at"]
    if started is not None and started.date() != visit["visited_on"]:
        return None, None
    if started is not None and ended is not None and ended < started:
        return None, None
    return started, ended


def _is_short_call(visit: Row) -> bool:
    started, ended = _times(visit)
    if visit["channel"] != "phone" or started is None or ended is None:
        return False
    return ended - started < SHORT_CALL


def _at_two_places(own: Sequence[Row]) -> Iterator[Row]:
    """Both of two visits on site that began within a minute of each other, at two places and two customers."""
    known = [
        (started, visit)
        for visit in own
        if visit["channel"] == "on_site" and visit["place"] is not None and (started := _times(visit)[0]) is not None
    ]
    known.sort(key=itemgetter(0))
    found: dict[str, Row] = {}
    for place, (started, visit) in enumerate(known):
        for began, other in known[place + 1 :]:
            if began - started >= SAME_MINUTE:
                break
            if all(other[name] != visit[name] for name in ("visit_id", "customer_id", "place")):
                found |= {visit["visit_id"]: visit, other["visit_id"]: other}
    yield from found.values()


def _copied(own: Sequence[Row]) -> Iterator[Row]:
    by_text: dict[str, list[Row]] = defaultdict(list)
    for visit in own:
        text = trimmed(visit["outcome"] or "").lower()
        if len(text) >= COPIED_LETTERS:
            by_text[text].append(visit)
    for rows in by_text.values():
        if _visits(rows) > COPIES:
            yield from rows


def doubtful_contacts(contacts: Mapping[str, Iterable[str]], doubtful: Doubtful) -> int:
    """How many of a duty's contacts rest on doubtful rows alone. `contacts`: visit_id -> by whom it counts."""
    return sum(all((visit_id, person) in doubtful for person in people) for visit_id, people in contacts.items())
