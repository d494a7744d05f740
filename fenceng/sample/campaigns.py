"""Campaigns, whom they address, and who was left alone for comparison."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fenceng.sample.columns import NO_WORD, NULL, Count, Days, Flag, Frame, Serial, Words, constant
from fenceng.sample.days import as_date, month_end, month_of, month_start
from fenceng.sample.people import People, customer_ids
from fenceng.sample.streams import Flags, Int, below, chance, other_half

_MONTHS = 6  # how long a campaign stays in the table
_PLANNED_DAYS = 45  # a campaign is on file this long before it starts
_FOLLOWING_DAYS = 30  # sample data: conversions this long after a campaign are its result
_MEMBERS = 40_000  # thousandths: about so many members, if that is more than _SHARE of all customers
_SHARE = 20  # thousandths
_CONTROL, _CONTACTED, _CONTROL_CONTACTED = 200, 700, 10  # of a thousand
_CONVERTED, _CONTROL_CONVERTED = 150, 80
_GONE_FROM, _GONE = 910_000_000, 2  # ids of members who have left, and how many there are of a campaign

PLAN = ("situation", "goals", "strategy", "implementation", "feedback_channel")
_TEXTS = (
    "\u3000 ", "",
    "Deposits mature soon, and other banks ask for them", "Keep nine of ten deposits", "Call whoever has a deposit",
    "Three lists a week for each outlet", "A word with the outlet's head",
)  # fmt: skip
_BLANK, _EMPTY, _FIRST_TEXT = 0, 1, 2


@dataclass(frozen=True)
class _Kind:
    """A campaign that starts in each month."""

    level: str  # of its owner
    first_day: int  # of the month, from 0
    days: int | None  # None: to the month's end
    plan: tuple[int, int, int, int, int]  # codes of its texts
    planned: int = NULL
    has_members: bool = True
    has_control: bool = True


_KINDS = (
    _Kind("head_office", 0, None, (2, 3, 4, 5, 6), planned=500),
    _Kind("branch", 9, 14, (2, _BLANK, NO_WORD, 5, 6), planned=0),
    _Kind("outlet", 4, 1, (NO_WORD,) * 5, has_control=False),
    _Kind("sub_branch", 14, 10, (2, 3, 4, 5, 6), planned=20, has_members=False),
)
# What is chosen for the first members of a campaign: contact and conversion, each in days after the first or the last
# day, and whether the member is of the control group.
_FROM_START, _FROM_END = range(2)
_Moment = tuple[int, int] | None
_CHOSEN: tuple[tuple[bool, _Moment, _Moment], ...] = (
    (False, (_FROM_START, 0), (_FROM_END, _FOLLOWING_DAYS)),
    (False, (_FROM_END, 0), (_FROM_END, _FOLLOWING_DAYS + 1)),
    (False, None, (_FROM_START, 0)),
    (False, None, (_FROM_START, -1)),
    (False, (_FROM_START, -1), None),
    (False, (_FROM_END, 1), None),
    (True, None, (_FROM_END, _FOLLOWING_DAYS)),
    (True, None, (_FROM_END, _FOLLOWING_DAYS + 1)),
    (True, (_FROM_START, 0), None),
)


@dataclass(frozen=True)
class _Campaign:
    number: int
    kind: _Kind
    owner: int
    starts: int
    ends: int

    @property
    def month(self) -> int:
        return month_of(self.starts)


def campaign_id(month: int, kind: int = 0) -> int:
    """Return the number of a month's campaign."""
    found = as_date(month_start(month))
    return (found.year * 100 + found.month) * 10 + kind + 1


def _campaigns(people: People, day: int) -> list[_Campaign]:
    """List the campaigns on file at the close of a day, by month and kind."""
    newest = month_of(day + _PLANNED_DAYS)
    found = []
    for month in range(month_of(day) - _MONTHS, newest + 1):
        for position, kind in enumerate(_KINDS):
            starts = month_start(month) + kind.first_day
            if starts - _PLANNED_DAYS > day:
                continue
            owners = people.organisation.outlets if kind.level == "outlet" else people.organisation.of_level(kind.level)
            ends = month_end(month) if kind.days is None else starts + kind.days - 1
            owner = int(owners[month % len(owners)])
            found.append(_Campaign(campaign_id(month, position), kind, owner, starts, ends))
    return found


def campaign_frame(people: People, day: int) -> Frame:
    """Return the campaign table at the close of a day: the last six months', and what is planned."""
    found = _campaigns(people, day)

    def numbers(values: list[int]) -> Int:
        return np.array(values, dtype=np.int64)

    return {
        "campaign_id": Serial("M", numbers([campaign.number for campaign in found])),
        "org_id": people.organisation.ids(numbers([campaign.owner for campaign in found])),
        "starts_on": Days(numbers([campaign.starts for campaign in found])),
        "ends_on": Days(numbers([campaign.ends for campaign in found])),
        **{
            name: Words(numbers([campaign.kind.plan[place] for campaign in found]), _TEXTS)
            for place, name in enumerate(PLAN)
        },
        "planned_conversions": Count(numbers([campaign.kind.planned for campaign in found])),
    }


def member_frame(people: People, day: int) -> Frame:
    """Return the campaign_member table at the close of a day; contacts and conversions appear on their days."""
    parts = [_members(people, campaign) for campaign in _campaigns(people, day) if campaign.kind.has_members]
    number, customer, is_control, contacted, converted = (np.concatenate(part) for part in zip(*parts, strict=True))
    return {
        "campaign_id": Serial("M", number),
        "customer_id": customer_ids(customer),
        "is_control": Flag(is_control),
        "contacted_on": Days(np.where(contacted <= day, contacted, NULL)),
        "converted_on": Days(np.where(converted <= day, converted, NULL)),
    }


def _members(people: People, campaign: _Campaign) -> tuple[Int, Int, Int, Int, Int]:
    """Campaign, customer, control or not, and days of contact and conversion of a campaign's members."""
    # Drawn among the customers of two months before: all of them are customers when it is first delivered.
    size = people.intake.size_before(campaign.month - 1)
    share = min(500, max(_SHARE, _MEMBERS // people.intake.customers))
    raw = people.streams.raw("campaign.member", size, campaign.number)
    customer = np.flatnonzero(chance(raw, share) & _is_of(people, campaign, size))
    draw = other_half(raw[customer])
    # Members who have left since come last, and do nothing.
    customer = np.concatenate([customer, _GONE_FROM + campaign.number % 100_000 * 10 + np.arange(_GONE)])
    more = people.streams.raw("campaign.result", len(customer), campaign.number)
    days = campaign.ends - campaign.starts + 1
    is_known = np.arange(len(customer)) < len(draw)
    kind = np.zeros(len(customer), dtype=np.int64)
    kind[: len(draw)] = below(draw, 1000)
    is_control = (kind < _CONTROL) & campaign.kind.has_control
    is_contacted = is_known & chance(more, np.where(is_control, _CONTROL_CONTACTED, _CONTACTED))
    is_converted = is_known & chance(other_half(more), np.where(is_control, _CONTROL_CONVERTED, _CONVERTED))
    contacted = np.where(is_contacted, campaign.starts + kind % days, NULL)
    converted = np.where(is_converted, campaign.starts + kind % (days + _FOLLOWING_DAYS), NULL)
    anchors = (campaign.starts, campaign.ends)
    for place, (control, contact, conversion) in enumerate(_CHOSEN[: len(draw)]):
        is_control[place] = control and campaign.kind.has_control
        contacted[place] = NULL if contact is None else anchors[contact[0]] + contact[1]
        converted[place] = NULL if conversion is None else anchors[conversion[0]] + conversion[1]
    return (
        constant(campaign.number, len(customer)),
        customer,
        is_control.astype(np.int64),
        contacted,
        converted,
    )


def _is_of(people: People, campaign: _Campaign, size: int) -> Flags:
    """Flag the customers in the campaign's organisation."""
    parent = people.organisation.parent
    at = people.outlet[:size]
    found = np.zeros(size, dtype=np.bool_)
    while at.max() >= 0:
        found |= at == campaign.owner
        at = np.where(at >= 0, parent[np.maximum(at, 0)], -1)
    return found
