"""Maintenance by hand: who gets a customer, what it adds up to, and when the customer has still to choose."""

from __future__ import annotations

from datetime import date

import pytest

from . import maintenance
from .bank import Result, compute
from .hand_bank import Bank, D, by_key, tier_row
from .history import ASSIGNMENTS, TIERS, History
from .landing import Row

DECEMBER, JANUARY = date(2024, 12, 1), date(2025, 1, 1)
ASSIGNED, LOADS = "fct_maintenance_assignment_monthly", "fct_manager_load_monthly"


def customer(bank: Bank, name: str, balance: str, **values: str) -> None:
    """A retail customer with one account."""
    bank.add("customer", customer_id=name, **values)
    bank.add("account", account_id=name, customer_id=name, balance=balance)


def relation(
    bank: Bank, name: str, employee_id: str, kind: str = "manager", since: str = "2024-01-01", **v: str
) -> None:
    """A relationship, in force unless `until` says otherwise."""
    bank.add("relationship", customer_id=name, employee_id=employee_id, relation=kind, since=since, **v)


def allocated(name: str, employee_id: str, basis: str = "allocated", **values: object) -> Row:
    """An assignment published for December."""
    row = {"policy_month": DECEMBER, "customer_id": name, "employee_id": employee_id, "assignment_basis": basis}
    return {**row, "choice_pending_since": None, **values}


def maintained(result: Result) -> dict[object, tuple[object, object]]:
    """Customer -> (employee_id, assignment_basis)."""
    rows = by_key(result, ASSIGNED, "customer_id")
    return {name: (row["employee_id"], row["assignment_basis"]) for name, row in rows.items()}


@pytest.mark.parametrize(
    ("cap", "expected"),
    [(10, ["E2", "E2", "E1", "E2", "E1"]), (4, ["E2", "E2", "E1", "E2", None]), (3, ["E2", "E2", None, None, None])],
)
def test_places_are_taken_in_order(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, cap: int, expected: list[str | None]
) -> None:
    """E1 with 3 customers and E2 with 1."""
    monkeypatch.setattr(maintenance, "CAP", cap)
    for name in ("E1", "E2"):
        bank.add("employee", employee_id=name, org_id="O1", role="lobby_manager")
    for name, person in (("A1", "E1"), ("A2", "E1"), ("A3", "E1"), ("A4", "E2")):
        customer(bank, name, "100000.00")
        relation(bank, name, person)
    # the larger first; of equal ones the smaller id
    for name, balance in (("N5", "150000.00"), ("N4", "140000.00"), ("N1", "130000.00"), ("N2", "130000.00")):
        customer(bank, name, balance)
    customer(bank, "N3", "100000.00")
    result = compute(bank.write(), D)
    people = maintained(result)
    assert [people[name][0] for name in ("N5", "N4", "N1", "N2", "N3")] == expected
    rows = by_key(result, ASSIGNED, "customer_id")
    left = [name for name in ("N1", "N2", "N3", "N4", "N5") if people[name][0] is None]
    assert all(
        (rows[name]["assignment_basis"], rows[name]["is_role_mismatch"], rows[name]["credit_employee_id"])
        == ("unassigned", False, None)
        for name in left
    )
    capacity = by_key(result, "fct_maintenance_capacity_monthly", "org_id", "role")
    assert {key: tuple(row[name] for name in COUNTS) for key, row in capacity.items()} == {
        ("O1", "lobby_manager"): (9, 9 - len(left), 0, len(left), 2, cap, -(-9 // cap), max(-(-9 // cap) - 2, 0))
    }


COUNTS = (
    "customers", "assigned_matching", "assigned_other", "unassigned", "people", "load_cap", "people_needed",
    "people_short",
)  # fmt: skip


def test_the_steps_in_turn(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "FLOOR", 2)
    monkeypatch.setattr(maintenance, "CAP", 2)
    for name in ("E1", "E2", "E3", "E4"):
        bank.add("employee", employee_id=name, org_id="O1", role="lobby_manager")
    bank.add("employee", employee_id="GONE", org_id="O1", role="lobby_manager", left_on=str(D))
    bank.add("employee", employee_id="LATE", org_id="O1", role="lobby_manager", hired_on="2025-01-16")
    for n in range(1, 9):
        customer(bank, f"C{n}", "100000.00")
    # a choice goes before a manager, however late; the earlier choice, of people who are employed, is taken
    relation(bank, "C1", "E1")
    relation(bank, "C1", "E3", "customer_choice", since="2025-01-15")
    relation(bank, "C1", "GONE", "customer_choice", since="2020-01-01")
    relation(bank, "C1", "E2", "customer_choice", since="2025-01-16")
    # the earlier manager; of equal ones the smaller id; one that ends today holds no longer, tomorrow it does
    relation(bank, "C2", "E2", since="2024-01-01", until="2025-01-16")
    relation(bank, "C2", "E3", since="2024-01-01")
    relation(bank, "C2", "E1", since="2023-01-01", until="2025-01-15")
    relation(bank, "C2", "LATE", since="2023-01-01")
    # managers go over the cap
    for name in ("C3", "C4", "C5"):
        relation(bank, name, "E1")
    # claims by since, then customer: E2 has room for C7 alone; C6 is not tried with its second claim
    relation(bank, "C6", "E2", "claim", since="2024-05-02")
    relation(bank, "C6", "E3", "claim", since="2024-05-03")
    relation(bank, "C7", "E2", "claim", since="2024-05-01")
    relation(bank, "C7", "GONE", "claim", since="2024-01-01")
    result = compute(bank.write(), D)
    assert maintained(result) == {
        "C1": ("E3", "customer_choice"),
        "C2": ("E2", "existing"),
        "C3": ("E1", "existing"),
        "C4": ("E1", "existing"),
        "C5": ("E1", "existing"),
        "C6": ("E4", "allocated"),
        "C7": ("E2", "claim"),
        "C8": ("E3", "allocated"),
    }
    credited = {name: row["credit_employee_id"] for name, row in by_key(result, ASSIGNED, "customer_id").items()}
    # whoever came first and is still employed, even when the relationship has ended; a claim earns no credit
    assert (credited["C1"], credited["C2"], credited["C6"]) == ("E1", "E1", "E4")
    loads = by_key(result, LOADS, "employee_id")
    assert {name: (row["assigned_customers"], row["load_status"]) for name, row in loads.items()} == {
        "E1": (3, "over"), "E2": (2, "within"), "E3": (2, "within"), "E4": (1, "under"),
    }  # fmt: skip


def test_an_allocation_stays(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "CAP", 2)
    bank.add("organization", org_id="WC", parent_org_id="BR", org_level="wealth_center", org_name="财富中心")
    for name, org_id, role in (
        ("L1", "O1", "lobby_manager"), ("S1", "WC", "teller"), ("X1", "O2", "lobby_manager"), ("H1", "HO", "teller"),
    ):  # fmt: skip
        bank.add("employee", employee_id=name, org_id=org_id, role=role)
    bank.add("employee", employee_id="GONE", org_id="O1", role="lobby_manager", left_on="2025-01-01")
    for n in range(1, 8):
        customer(bank, f"C{n}", f"10000{n}.00")
    before = [
        allocated("C1", "S1"),  # a department of the branch above, and another role
        allocated("C2", "X1"),  # the neighbour outlet is not on the way up
        allocated("C3", "GONE"),
        allocated("C4", "H1", "existing"),  # a manager whom the bank no longer delivers
        allocated("C5", "S1"),
        allocated("C6", "S1"),  # larger than C5 and C1: they fill S1, and C1 has to go
        allocated("C7", "H1"),
    ]
    relation(bank, "C7", "L1", "claim")
    history = History.of_store({ASSIGNMENTS: before, TIERS: [tier_row(DECEMBER, "C5", "T4")]})
    result = compute(bank.write(), D, history)
    assert maintained(result) == {
        "C6": ("S1", "allocated"),
        "C5": ("S1", "allocated"),
        "C7": ("L1", "claim"),
        "C4": ("L1", "allocated"),
        "C3": (None, "unassigned"),
        "C2": (None, "unassigned"),
        "C1": (None, "unassigned"),
    }
    rows = by_key(result, ASSIGNED, "customer_id")
    # C5 rose from T4; C6 is new, so it did not rise
    assert [rows[name]["choice_pending_since"] for name in ("C5", "C6", "C7")] == [JANUARY, None, None]


def test_the_choice_that_is_pending(bank: Bank) -> None:
    bank.add("employee", employee_id="T", org_id="O1", role="teller")
    names = ("UP", "CARRIED", "NEVER", "CHOSEN", "FITS")
    for name in names:
        customer(bank, name, "100000.00")
        relation(bank, name, "T")
    relation(bank, "CHOSEN", "T", "customer_choice", since="2025-01-02")
    bank.add("employee", employee_id="L", org_id="O1", role="lobby_manager")
    relation(bank, "FITS", "L", since="2023-01-01")
    since = date(2024, 10, 1)
    tiers = [tier_row(DECEMBER, name, "T3" if name in ("CARRIED", "NEVER") else "T4") for name in names]
    before = [allocated(name, "T", "existing", choice_pending_since=since) for name in names if name != "NEVER"]
    rows = by_key(
        compute(bank.write(), D, History.of_store({TIERS: tiers, ASSIGNMENTS: before})), ASSIGNED, "customer_id"
    )
    pending = {name: row["choice_pending_since"] for name, row in rows.items()}
    assert pending == {"UP": JANUARY, "CARRIED": since, "NEVER": None, "CHOSEN": None, "FITS": None}


def test_the_pool_is_found_on_the_way_up(bank: Bank) -> None:
    """A department's people are its parent's, and a lead department is where its parent is."""
    bank.add("organization", org_id="WC", parent_org_id="BR", org_level="wealth_center", org_name="财富中心")
    bank.add("organization", org_id="OW", parent_org_id="O1", org_level="wealth_center", org_name="网点财富中心")
    bank.add("organization", org_id="LONE", org_level="wealth_center", org_name="独立")
    for name, org_id, role in (
        ("W1", "WC", "wealth_manager"), ("F1", "HO", "finance_manager"), ("B1", "OW", "outlet_staff"),
        ("H2", "O1", "outlet_head"), ("H1", "O1", "outlet_head"), ("H0", "OW", "outlet_head"),
        ("X1", "WC", "lobby_manager"),
    ):  # fmt: skip
        bank.add("employee", employee_id=name, org_id=org_id, role=role)
    bank.add("employee", employee_id="F0", org_id="O1", role="finance_manager", left_on=str(D))
    customer(bank, "T1", "2000000.01")
    customer(bank, "T2", "200000.00")
    customer(bank, "T3", "100000.00", org_id="WC")
    customer(bank, "T4", "50000.00")
    customer(bank, "T4-LONE", "50000.00", org_id="LONE")
    customer(bank, "T0", "49999.99")
    relation(bank, "T1", "H2", "specialist", since="2024-01-02")
    relation(bank, "T1", "F1", "specialist", since="2024-01-01", until="2025-01-15")
    result = compute(bank.write(), D)
    rows = by_key(result, ASSIGNED, "customer_id")
    assert {
        name: (row["pool_org_id"], row["employee_id"], row["beside_employee_id"]) for name, row in rows.items()
    } == {
        "T1": ("BR", "W1", "H1"),
        "T2": ("HO", "F1", None),
        "T3": ("BR", "X1", None),
        "T4": ("O1", "B1", None),
        "T4-LONE": (None, None, None),
    }
    assert [rows[name]["specialist_employee_id"] for name in ("T1", "T2")] == ["H2", None]
    capacity = by_key(result, "fct_maintenance_capacity_monthly", "org_id", "role")
    assert {key: (row["people"], row["people_needed"], row["people_short"]) for key, row in capacity.items()} == {
        ("BR", "wealth_manager"): (1, 1, 0),
        ("HO", "finance_manager"): (1, 1, 0),
        ("BR", "lobby_manager"): (1, 1, 0),
        ("O1", "outlet_staff"): (1, 1, 0),
        ("LONE", "outlet_staff"): (0, 1, 1),
    }
    # everybody of a recommended role, with customers or not; the heads have none
    assert set(by_key(result, LOADS, "employee_id")) == {"W1", "F1", "B1", "X1"}


def test_what_a_person_has(bank: Bank) -> None:
    bank.add("employee", employee_id="H", org_id="O1", role="outlet_head")
    customer(bank, "A", "100000.00")
    customer(bank, "B", "200000.01")
    for name in ("A", "B"):
        relation(bank, name, "H")
    row = by_key(compute(bank.write(), D), LOADS, "employee_id")["H"]
    names = ("role", "org_id", "assigned_customers", "mismatched_customers", "load_floor", "load_cap", "load_status")
    assert [row[name] for name in names] == ["outlet_head", "O1", 2, 2, 500, 800, "under"]
    assert str(row["assigned_financial_assets"]) == "300000.01"
    statuses = [maintenance.load_status(n) for n in (499, 500, 800, 801)]
    assert statuses == ["under", "within", "within", "over"]
