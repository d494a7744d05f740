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
_CLOSED, _OPENED_AGAIN = 120, 300  # of a thousand
_NOTICE_DAYS = 30  # a closing day is known this long before
LINKS = ("legal_representative", "shareholder", "group_member", "family", "payroll_employee")
_LEGAL, _SHAREHOLDER, _GROUP, _FAMILY, _PAYROLL = range(len(LINKS))


def service_frame(people: People, day: int) -> Frame:
    """Return the service table at the close of a day, closed ones included."""
    size = people.present_on(day)
    parts = [_service_rows(people, number, shares, size, day) for number, shares in enumerate(_SERVICES.values())]
    parts.append(_edge_case_rows(people, day))
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
    has = chance(raw("held"), np.where(is_corporate, shares[1], shares[0]))
    has[[customer for customer, case in people.edge_cases() if case.uses and customer < size]] = False
    opened = people.opened[:size] + below(raw("opened"), 1500)
    rows = np.flatnonzero(has & (opened <= day))
    life = raw("life")[rows]
    closed = np.where(chance(life, _CLOSED), opened[rows] + 30 + below(other_half(life), 2000), NULL)
    # who opens a service again has two rows of it
    again = closed + 30
    is_again = (closed != NULL) & (again <= day) & chance(raw("again")[rows], _OPENED_AGAIN)
    customer = np.concatenate([rows, rows[is_again]])
    return (
        customer,
        constant(number, len(customer)),
        np.concatenate([opened[rows], again[is_again]]),
        np.concatenate([np.where(closed <= day + _NOTICE_DAYS, closed, NULL), constant(NULL, int(is_again.sum()))]),
    )


def _edge_case_rows(people: People, day: int) -> tuple[Int, Int, Int, Int]:
    uses = [(customer, use) for customer, case in people.edge_cases() for use in case.uses if use.opened <= day]
    closed = np.array([NULL if use.closed is None else use.closed for _, use in uses], dtype=np.int64)
    kinds = tuple(_SERVICES)
    return (
        np.array([customer for customer, _ in uses], dtype=np.int64),
        np.array([kinds.index(use.kind) for _, use in uses], dtype=np.int64),
        np.array([use.opened for _, use in uses], dtype=np.int64),
        np.where(closed <= day + _NOTICE_DAYS, closed, NULL),
    )


def customer_link_frame(people: People, day: int) -> Frame:
    """Return the customer_link table at the close of a day: a link is stated once, in either direction, or in both.

    One customer is linked to itself.
    """
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
    turn = below(raw("turned")[rows], 1000)
    is_turned, is_mutual = turn < 300, turn >= 950
    itself = np.array(
        [at for at, case in people.edge_cases() if case.is_linked_to_itself and at < size], dtype=np.int64
    )
    mutual = rows[is_mutual]
    return {
        "customer_id": customer_ids(np.concatenate([np.where(is_turned, other[rows], rows), other[mutual], itself])),
        "linked_customer_id": customer_ids(np.concatenate([np.where(is_turned, rows, other[rows]), mutual, itself])),
        "link_kind": Words(np.concatenate([kind[rows], kind[mutual], constant(_FAMILY, len(itself))]), LINKS),
    }
