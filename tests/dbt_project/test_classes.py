"""Every delivered and published column has its class: docs/data_classes.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.dbt_files import MARTS, columns

from expectations.contract import CONTRACT_FILE, LEVELS, load_contract

TABLES = load_contract().tables
# Each value of one of these is one customer or employee, or one event of theirs.
PERSONS = {"customer_id", "employee_id", "visit_id", "subject_id", "row_key"}
PERSONS |= {f"{kind}_employee_id" for kind in ("beside", "credit", "specialist")}
# What all rows share, or what a figure is named after, beside a person.
SHARED = {
    *("policy_month", "as_of_date", "business_date", "policy_version", "severity", "subject_kind"),
    *("metric", "compare", "value_month", "reported_month", "year", "period_kind", "period_start", "period_end"),
    *("load_cap", "load_floor", "peers", "peer_median_contacts"),
}
# What a bank prints on a name plate or a passbook's first page, and what follows from it.
DIRECTORY = {
    *("segment", "customer_kind", "lead_org_id", "opened_on", "customer_years", "pool_org_id"),
    *("employee_id", "subject_id", "role", "org_id", "is_active", "peer_group"),
}


def class_of(mart: str, name: str) -> tuple[int, bool]:
    """Level and personal, as dbt's YAML has them; KeyError if one is missing."""
    meta = columns(mart)[name]["config"]["meta"]
    return meta["level"], meta["personal"]


@pytest.mark.parametrize("mart", MARTS)
def test_every_column_of_a_mart_has_its_class(mart: str) -> None:
    for name in columns(mart):
        level, personal = class_of(mart, name)
        assert type(level) is int and type(personal) is bool, name
        assert level in LEVELS, name
        # Nothing that opens an account is delivered, so nothing of level 4 can be published.
        assert (level, personal) in {(1, False), (2, False), (2, True), (3, True)}, name


@pytest.mark.parametrize("mart", MARTS)
def test_a_row_about_a_person_is_personal(mart: str) -> None:
    personal = {name for name in columns(mart) if class_of(mart, name)[1]}
    if PERSONS & set(columns(mart)):
        assert set(columns(mart)) - SHARED == personal
        assert {name for name in personal if class_of(mart, name)[0] < 3} <= DIRECTORY
        if "customer_id" in columns(mart):
            assert class_of(mart, "customer_id") == (3, True)
    else:
        assert personal == set()


def test_a_sum_is_of_level_two_and_a_code_beside_it_of_level_one() -> None:
    assert class_of("fct_tier_migration_monthly", "financial_assets") == (2, False)
    assert class_of("fct_tier_migration_monthly", "to_tier_code") == (1, False)
    assert class_of("fct_customer_tier_monthly", "financial_assets") == (3, True)
    assert class_of("fct_customer_tier_monthly", "tier_code") == (3, True)


def test_every_delivered_column_has_its_class() -> None:
    classes = {(table.name, column.name): column for table in TABLES.values() for column in table.columns}
    assert {key for key, one in classes.items() if one.level not in LEVELS or type(one.personal) is not bool} == set()
    assert {key for key, one in classes.items() if one.level == 3 and not one.personal} == set()
    persons = {key for key in classes if key[1] in PERSONS}
    assert {key for key in persons if not classes[key].personal} == set()
    assert {key for key, one in classes.items() if one.personal and key[0] in ("organization", "fx_rate")} == set()


def test_no_column_marked_pii_reaches_a_mart() -> None:
    marked = {column.name for table in TABLES.values() for column in table.columns if column.pii}
    assert {"customer_name", "employee_name", "id_number", "birth_date", "mobile_phone", "place"} == marked
    assert {(mart, name) for mart in MARTS for name in columns(mart) if name in marked} == set()


def test_a_column_that_goes_through_keeps_its_class() -> None:
    for name in ("customer_kind", "opened_on"):
        column = TABLES["customer"].column(name)
        assert class_of("dim_customer", name) == (column.level, column.personal)


def _damaged(folder: Path, change: Mapping[str, Any]) -> Path:
    """The landing contract with other properties of a column; None takes one away from its table."""
    document = yaml.safe_load(CONTRACT_FILE.read_text(encoding="utf-8"))
    customer = document["tables"]["customer"]
    for name, value in change.items():
        if value is None:
            del customer[name]
        else:
            customer["columns"][name] |= value
    file = folder / "landing_contract.yml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"opened_on": {"level": 5}}, r"customer\.opened_on a level that is none of 1 to 4"),
        ({"opened_on": {"level": 1}}, r"customer\.opened_on personal, which needs level 2"),
        ({"customer_name": {"level": 2}}, r"customer\.customer_name as pii, which must be personal"),
        ({"customer_name": {"personal": False}}, r"customer\.customer_name as pii, which must be personal"),
    ],
)
def test_a_class_too_low_is_refused(tmp_path: Path, change: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        load_contract(_damaged(tmp_path, change))


@pytest.mark.parametrize("fact", ["level", "personal"])
def test_a_table_without_a_class_is_refused(tmp_path: Path, fact: str) -> None:
    with pytest.raises(KeyError, match=fact):
        load_contract(_damaged(tmp_path, {fact: None}))
