"""The customers' cards: issued, activated and cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fenceng.sample.columns import NULL, Days, Fen, Frame, Serial, Words, constant
from fenceng.sample.edge_cases import YUAN, EdgeCase
from fenceng.sample.people import People, customer_ids
from fenceng.sample.streams import Flags, Int, Raw, below, chance, other_half

CARD_GRADES = ("standard", "gold", "platinum", "diamond")
CARD_KINDS = ("debit", "credit")
CARD_STATUSES = ("active", "inactive", "frozen", "cancelled")
_CARD_LIMITS = np.array([2, 5, 10, 30], dtype=np.int64) * 10_000 * YUAN


@dataclass(frozen=True)
class Cards:
    """Every card ever issued; arrays have one value per card."""

    customer: Int
    number: Int
    kind: Int
    grade: Int
    limit: Int
    issued: Int
    activated: Int  # NULL: never
    cancelled: Int  # NULL: never
    is_frozen: Flags
    purchases: Int  # fen in twelve months of an edge case, 0 for all others
    refund: Int  # fen a month of an edge case
    activity: Int  # how many times as often as others it is used

    def take(self, rows: Int) -> Cards:
        """Pick cards by position."""
        return Cards(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True)
class _CardSlot:
    number: int
    kind: int
    personal: int  # thousandths that have it
    corporate: int
    grades: tuple[int, int, int]  # cumulative thousandths: standard, gold, platinum


_CARD_SLOTS = (
    _CardSlot(1, 0, 850, 100, (960, 988, 997)),
    _CardSlot(2, 0, 200, 0, (960, 988, 997)),
    _CardSlot(3, 1, 180, 0, (780, 930, 990)),
    _CardSlot(4, 1, 30, 0, (780, 930, 990)),
)


def build_cards(people: People) -> Cards:
    """Issue the cards of all customers, sorted by customer."""
    parts = [_issue(people, slot) for slot in _CARD_SLOTS]
    parts.append(_issue_edge_cases(people))
    names = parts[0].keys()
    cards = Cards(**{name: np.concatenate([part[name] for part in parts]) for name in names})
    return cards.take(np.argsort(cards.customer, kind="stable"))


def _issue(people: People, slot: _CardSlot) -> dict[str, Any]:
    total = len(people.opened)

    def raw(name: str) -> Raw:
        return people.streams.raw(f"card.{name}.{slot.number}", total)

    share = np.where(people.is_corporate, slot.corporate, slot.personal)
    rows = np.flatnonzero(chance(raw("held"), share) & people.is_free)
    size = len(rows)
    issued = people.opened[rows] + below(raw("issued"), 2500)[rows]
    activation = raw("activated")[rows]
    activated = np.where(chance(activation, 80), NULL, issued + below(other_half(activation), 40))
    cancelling = raw("cancelled")[rows]
    cancelled = issued + 200 + below(other_half(cancelling), 3000)
    grade = np.searchsorted(slot.grades, below(raw("grade"), 1000)[rows], side="right")
    use = below(raw("activity"), 1000)[rows]
    is_credit = slot.kind == CARD_KINDS.index("credit")
    if is_credit:
        activity = np.select([use < 350, use < 700, use < 950], [1, 2, 6], default=16)
    else:
        activity = np.where((use < 150) & (slot.number == 1), 1, 0)
    return {
        "customer": rows,
        "number": (rows + 1) * 10 + slot.number,
        "kind": constant(slot.kind, size),
        "grade": grade.astype(np.int64),
        "limit": _CARD_LIMITS[grade] if is_credit else constant(NULL, size),
        "issued": issued,
        "activated": activated,
        "cancelled": np.where(chance(cancelling, 110), cancelled, NULL),
        "is_frozen": chance(raw("frozen")[rows], 4),
        "purchases": constant(0, size),
        "refund": constant(0, size),
        "activity": activity.astype(np.int64),
    }


def _issue_edge_cases(people: People) -> dict[str, Any]:
    # Each card with its place among the customer's, and the day of its issue, if chosen.
    cards = [
        (at, case, place, issued)
        for at, case in people.edge_cases() if case.card_grade is not None
        for place, issued in enumerate(case.cards_issued or (NULL,))
    ]  # fmt: skip
    customer = np.array([at for at, *_ in cards], dtype=np.int64)
    places = np.array([place for _, _, place, _ in cards], dtype=np.int64)
    issued = np.array([day for *_, day in cards], dtype=np.int64)

    def numbers(value: Callable[[EdgeCase], int]) -> Int:
        return np.array([value(case) for _, case, *_ in cards], dtype=np.int64)

    issued = np.where(issued == NULL, people.opened[customer], issued)
    grade = numbers(lambda case: CARD_GRADES.index(case.card_grade or ""))
    kind = numbers(lambda case: CARD_KINDS.index(case.card_kind))
    is_inactive = numbers(lambda case: case.card_status == "inactive").astype(np.bool_)
    is_cancelled = numbers(lambda case: case.card_status == "cancelled").astype(np.bool_)
    return {
        "customer": customer,
        "number": (customer + 1) * 10 + places,
        "kind": kind,
        "grade": grade,
        "limit": np.where(kind == CARD_KINDS.index("credit"), _CARD_LIMITS[grade], NULL),
        "issued": issued,
        "activated": np.where(is_inactive, NULL, issued),
        "cancelled": np.where(is_cancelled, issued + 30, NULL),
        "is_frozen": np.zeros(len(cards), dtype=np.bool_),
        "purchases": numbers(lambda case: case.year_purchases),
        "refund": numbers(lambda case: case.month_refund),
        "activity": constant(0, len(cards)),
    }


def card_ids(numbers: Int) -> Serial:
    """Write card ids."""
    return Serial("K", numbers, 10)


def card_frame(people: People, cards: Cards, day: int) -> Frame:
    """Return the card table at the close of a day; cancelled cards stay in it."""
    rows = np.flatnonzero((cards.issued <= day) & (cards.customer < people.present_on(day)))
    found = cards.take(rows)
    activated = np.where(found.activated <= day, found.activated, NULL)  # NULL is below every day
    is_cancelled = (found.cancelled != NULL) & (found.cancelled <= day)
    status = np.select([is_cancelled, activated == NULL, found.is_frozen], [3, 1, 2], default=0)
    return {
        "card_id": card_ids(found.number),
        "customer_id": customer_ids(found.customer),
        "card_kind": Words(found.kind, CARD_KINDS),
        "card_grade": Words(found.grade, CARD_GRADES),
        "credit_limit": Fen(found.limit),
        "issued_on": Days(found.issued),
        "activated_on": Days(activated),
        "status": Words(status.astype(np.int64), CARD_STATUSES),
    }
