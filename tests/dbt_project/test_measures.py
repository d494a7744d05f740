"""SQL, the policy rows and the published columns have the same measures."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import Environment
from support.dbt_files import MACRO_DIR, columns, policy_rows

from expectations.contract import load_contract
from fenceng.analysis.measures import delivered_in

SEGMENTS = {"both": ["retail", "corporate"]}
# A segment without customers: its measures have no delivered data, and no SQL computes them.
NOT_MEASURED = "staff"


def measures_of_sql() -> dict[str, dict[str, Any]]:
    """The measures returned by the macro `measures`."""
    returned: list[dict[str, dict[str, Any]]] = []
    template = Environment().from_string(
        (MACRO_DIR / "policy" / "measures.sql").read_text(encoding="utf-8") + "{{ measures() }}",
        globals={"return": returned.append},
    )
    template.render()
    return returned[0]


def measures_of_policy() -> dict[str, dict[str, Any]]:
    """The same from policy_measure.csv, without measures derived from decisions."""
    return {
        row["measure_id"]: {"kind": row["kind"], "segments": SEGMENTS.get(row["segment"], [row["segment"]])}
        for row in policy_rows("policy_measure")
        if not row["derived_from_scheme"] and row["segment"] != NOT_MEASURED
    }


def test_sql_has_the_measures_that_a_rule_may_name() -> None:
    """A rule over a measure that SQL does not compute would never be met."""
    assert measures_of_sql() == measures_of_policy()


@pytest.mark.parametrize("model", ["int_customer__measures", "fct_customer_measure_monthly"])
def test_every_measure_is_a_column(model: str) -> None:
    assert measures_of_sql().keys() <= columns(model).keys()


def test_every_measure_names_the_delivered_tables_that_it_comes_from() -> None:
    """So that a quarantined row is reported wherever its value is missing."""
    contract = load_contract()
    assert delivered_in().keys() == measures_of_sql().keys()
    for tables in delivered_in().values():
        assert tables
        assert all(contract.tables[table].column("customer_id") for table in tables)
