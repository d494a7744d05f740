"""Compare published marts with the reference, row by row, by the grain of the contract."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from .bank import Result
from .landing import Reject

CAP = 50
RELATIVE = 1e-9

GRAIN: dict[str, tuple[str, ...]] = {
    "dim_customer": ("customer_id",),
    "dim_organization": ("org_id",),
    "dim_employee": ("employee_id",),
    "dim_tier": ("tier_code",),
    "fct_customer_tier_monthly": ("policy_month", "customer_id"),
    "fct_customer_measure_monthly": ("policy_month", "customer_id"),
    "fct_tier_watch_monthly": ("policy_month", "customer_id", "direction"),
    "fct_tier_stability_monthly": ("policy_month", "segment", "tier_code"),
    "fct_tier_migration_monthly": (
        "policy_month",
        "segment",
        "from_tier_code",
        "to_tier_code",
    ),
    "fct_visit_obligation_monthly": ("policy_month", "customer_id", "role_group"),
    "fct_visit_compliance_by_org_monthly": ("policy_month", "org_id", "role_group"),
    "fct_visit_capacity_monthly": ("policy_month", "org_id", "role_group"),
    "fct_visit_compliance_by_employee_monthly": ("policy_month", "employee_id"),
    "dim_role": ("role",),
    "fct_access_right": ("employee_id", "org_id"),
    "fct_access_customer": ("employee_id", "customer_id"),
    "fct_maintenance_assignment_monthly": ("policy_month", "customer_id"),
    "fct_manager_load_monthly": ("policy_month", "employee_id"),
    "fct_maintenance_capacity_monthly": ("policy_month", "org_id", "role"),
    "fct_contact_red_list": ("customer_id",),
    "fct_customer_holding_monthly": ("policy_month", "customer_id", "product_kind"),
    "fct_customer_360_monthly": ("policy_month", "customer_id"),
    "fct_customer_action": ("action_kind", "customer_id", "due_on"),
    "fct_customer_action_count": ("lead_org_id", "action_kind", "outcome"),
    "fct_concentration_monthly": ("policy_month", "org_id", "segment", "measure", "group_kind", "group_code"),
    "fct_prospect_funnel_monthly": ("policy_month", "org_id", "source"),
    "fct_visit_signal_monthly": ("policy_month", "visit_id", "employee_id", "signal"),
    "fct_kpi_monthly": ("policy_month", "subject_kind", "subject_id", "metric"),
    "fct_ranking_monthly": ("policy_month", "subject_kind", "subject_id", "compare"),
    "fct_target_monthly": ("policy_month", "org_id", "metric", "employee_id", "period_kind", "period_start"),
    "fct_appraisal": ("year", "employee_id"),
    "fct_campaign_result": ("campaign_id",),
}
EVIDENCE = "fct_tier_evidence"
# Tables of the contract that no model computes yet. Each is compared from its first release on; with the list empty,
# a table that the release lacks is a difference.
AWAITED: frozenset[str] = frozenset()

PublishedRow = Mapping[str, object]


def differences(published: Mapping[str, Sequence[PublishedRow]], reference: Result) -> list[str]:
    """List every difference; an empty list means that the two agree.

    Rows of other months (the published history) are ignored; a table that the reference has and `published`
    lacks is a difference, an additional table or column is not.
    """
    lines: list[str] = []
    for table, expected in reference.marts.items():
        if table not in published:
            if table not in AWAITED:
                lines.append(f"{table}: not published, and compare.AWAITED does not list it")
            continue
        rows = [row for row in published[table] if _of_month(row, reference.policy_month)]
        found = _evidence(rows, expected) if table == EVIDENCE else _table(table, rows, expected)
        lines.extend(found[:CAP])
        if len(found) > CAP:
            lines.append(f"{table}: ... and {len(found) - CAP} more")
    return lines


def reject_differences(rejects: Iterable[Reject], reference: Result) -> list[str]:
    """Compare rejects as (table, biz_date, row_key, reason kind)."""
    found: set[tuple[object, ...]] = {(table, plain(day), key, kind) for table, day, key, kind in rejects}
    expected: set[tuple[object, ...]] = set(reference.rejects)
    lines = [f"rejects: missing {item}" for item in sorted(expected - found, key=str)]
    lines += [f"rejects: surplus {item}" for item in sorted(found - expected, key=str)]
    return lines


def count_differences(counts: Mapping[str, tuple[int, int, int]], reference: Result) -> list[str]:
    """Compare (received, accepted, quarantined) by table; a table left out counts as zeros."""
    lines = []
    for table, received in reference.received.items():
        expected = (received, reference.accepted[table], reference.quarantined[table])
        found = tuple(counts.get(table, (0, 0, 0)))
        if found != expected:
            lines.append(f"counts {table} (received, accepted, quarantined): published {found}, reference {expected}")
    return lines


def plain(value: object) -> object:
    """Convert a value to plain Python: midnight timestamps to dates, numpy to Python."""
    if hasattr(value, "item") and callable(value.item):
        value = value.item()
    if isinstance(value, datetime) and value.timetuple()[3:6] == (0, 0, 0):
        return value.date()
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    return value


def same(published: object, expected: object) -> bool:
    """Compare exactly, except doubles: 1e-9 relative."""
    if published is None or expected is None:
        return published is expected
    if isinstance(published, bool) or isinstance(expected, bool):
        return isinstance(published, bool) and published is expected
    if isinstance(expected, float):
        if not isinstance(published, int | float | Decimal):
            return False
        return math.isclose(float(published), expected, rel_tol=RELATIVE, abs_tol=0.0)
    if isinstance(expected, Decimal | int):
        if isinstance(expected, Decimal) and isinstance(published, float):
            return False  # published money must be decimal
        return isinstance(published, int | float | Decimal) and published == expected
    return type(published) is type(expected) and published == expected


def _of_month(row: PublishedRow, month: date) -> bool:
    return "policy_month" not in row or plain(row["policy_month"]) == month


def _table(table: str, published: Sequence[PublishedRow], expected: Sequence[PublishedRow]) -> list[str]:
    grain = GRAIN[table]
    lines: list[str] = []
    columns = list(expected[0]) if expected else list(grain)
    if published:
        absent = [name for name in columns if name not in published[0]]
        if absent:
            return [f"{table}: columns not published: {', '.join(absent)}"]

    def key_of(row: PublishedRow) -> tuple[object, ...]:
        return tuple(plain(row[name]) for name in grain)

    times = Counter(key_of(row) for row in published)
    for key, count in times.items():
        if count > 1:
            lines.append(f"{table} {_show(grain, key)}: published {count} times")
    left = {key_of(row): row for row in published}
    right = {key_of(row): row for row in expected}
    for key in sorted(right.keys() - left.keys(), key=str):
        lines.append(f"{table} {_show(grain, key)}: not published, reference {dict(right[key])}")
    for key in sorted(left.keys() - right.keys(), key=str):
        lines.append(f"{table} {_show(grain, key)}: published, not in the reference")
    for key in sorted(left.keys() & right.keys(), key=str):
        for name in columns:
            value, wanted = plain(left[key][name]), right[key][name]
            if not same(value, wanted):
                lines.append(f"{table} {_show(grain, key)} {name}: published {value!r}, reference {wanted!r}")
    return lines


def _evidence(published: Sequence[PublishedRow], expected: Sequence[PublishedRow]) -> list[str]:
    """Compare the awarded codes of the winners, and the routes met into retail_scope."""
    awarded: set[tuple[object, ...]] = set()
    routes: set[tuple[object, ...]] = set()
    for row in published:
        scheme = row["scheme"]
        if scheme in ("retail_tier", "corporate_class") and plain(row["is_winner"]) is True:
            awarded.add((row["customer_id"], scheme, row["outcome"]))
        if scheme == "retail_scope":
            routes.add((row["customer_id"], scheme, row["route"]))
    wanted_awards: set[tuple[object, ...]] = {
        (row["customer_id"], row["scheme"], row["outcome"]) for row in expected if row["scheme"] != "retail_scope"
    }
    wanted_routes: set[tuple[object, ...]] = {
        (row["customer_id"], row["scheme"], row["route"]) for row in expected if row["scheme"] == "retail_scope"
    }
    names = ("customer_id", "scheme", "outcome")
    lines = _sets(names, awarded, wanted_awards)
    return lines + _sets(("customer_id", "scheme", "route"), routes, wanted_routes)


def _sets(names: tuple[str, ...], found: set[tuple[object, ...]], wanted: set[tuple[object, ...]]) -> list[str]:
    lines = [f"{EVIDENCE} {_show(names, item)}: not published" for item in sorted(wanted - found, key=str)]
    lines += [
        f"{EVIDENCE} {_show(names, item)}: published, not in the reference" for item in sorted(found - wanted, key=str)
    ]
    return lines


def _show(names: tuple[str, ...], key: tuple[object, ...]) -> str:
    return " ".join(
        f"{name}={value.isoformat() if isinstance(value, date) else value}"
        for name, value in zip(names, key, strict=True)
    )
