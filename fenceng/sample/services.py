"""What customers use beside accounts, loans and cards, and who belongs together."""

from __future__ import annotations

import numpy as np

from fenceng.sample.columns import NULL, Days, Frame, Words, constant
from fenceng.sample.people import People, customer_ids
from fenceng.sample.streams import Int, Raw, below, chance, other_half

# Each service with how many of a thousand customers have it: personal customers, companies.
_SERVICES = {
    "online_banking": (320, 700),
    "mobile_banking": (640, 150),
    "phone_banking": (80, 60),
    "transfer_terminal": (30, 90),
    "pos_acquiring": (15, 180),
    "payroll": (0, 240),
    "agency": (120, 60),
    "international_settlement": (10, 90),
    "bill": (0, 120),
    "investment": (60, 40),
}
_CLOSED = 120  # of a thousand
LINKS = ("legal_representative", "shareholder", "group_member", "family", "payroll_employee")
_LEGAL, _SHAREHOLDER, _GROUP, _FAMILY, _PAYROLL = range(len(LINKS))


def service_frame(people: People, day: int) -> Frame:
    """Return the service table at the close of a day, closed ones included."""
    size = people.present_on(day)
    parts = [_service_rows(people, number, shares, size, day) for number, shares in enumerate(_SERVICES.values())]
    customer, kind, opened, closed = (np.concatenate(part) for part in zip(*parts, strict=True))
    return {
        "customer_id": customer_ids(customer),
        "service_kind": Words(kind, tuple(_SERVICES)),
        "opened_on": Days(opened),
        "closed_on": Days(closed),
    }


def _service_rows(
    people: People, number: int, shares: tuple[int, int], size: int, day: int
) -> tuple[Int, Int, Int, Int]:
    def raw(name: str) -> Raw:
        return people.streams.raw(f"service.{name}.{number}", size)

    is_corporate = people.is_corporate[:size]
    has = chance(raw("held"), np.where(is_corporate, shares[1], shares[0])) & people.is_free[:size]
    opened = people.opened[:size] + below(raw("opened"), 1500)
    rows = np.flatnonzero(has & (opened <= day))
    life = raw("life")[rows]
    closed = np.where(chance(life, _CLOSED), opened[rows] + 30 + below(other_half(life), 2000), NULL)
    closed = np.where(closed <= day, closed, NULL)
    return rows, constant(number, len(rows)), opened[rows], closed


def customer_link_frame(people: People, day: int) -> Frame:
    """Return the customer_link table at the close of a day: a link is stated once, in either direction."""
    size = people.present_on(day)

    def raw(name: str) -> Raw:
        return people.streams.raw(f"link.{name}", size)

    everybody = np.arange(size, dtype=np.int64)
    is_corporate = people.is_corporate[:size]
    # A partner is an earlier customer, so that a growing bank keeps its links.
    other = below(raw("other"), np.maximum(everybody, 1))
    is_company = is_corporate[other]
    kind = np.where(
        is_corporate,
        np.where(is_company, _GROUP, np.where(chance(raw("owner"), 700), _LEGAL, _SHAREHOLDER)),
        np.where(is_company, _PAYROLL, _FAMILY),
    )
    share = np.where(is_corporate, 600, 80)
    rows = np.flatnonzero(chance(raw("held"), share) & (everybody > 0))
    turned = chance(raw("turned")[rows], 300)
    return {
        "customer_id": customer_ids(np.where(turned, other[rows], rows)),
        "linked_customer_id": customer_ids(np.where(turned, rows, other[rows])),
        "link_kind": Words(kind[rows], LINKS),
    }
