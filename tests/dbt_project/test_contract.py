"""The marts have the columns of docs/contract/marts.yml and no personal data."""

from __future__ import annotations

import re

import pytest
from support.dbt_files import ENTRIES, MARTS, MODELS, code, columns, read_yaml

from expectations.project import DBT_PROJECT, PROJECT_ROOT

MART_CONTRACT = PROJECT_ROOT / "docs" / "contract" / "marts.yml"
LANDING = read_yaml(PROJECT_ROOT / "expectations" / "landing_contract.yml")["tables"]


@pytest.mark.parametrize("model", MARTS)
def test_mart_types_every_column_and_enforces_its_contract(model: str) -> None:
    entry = ENTRIES[model]
    assert [name for name, column in columns(model).items() if "data_type" not in column] == []
    assert entry["config"].get("contract", {"enforced": True})["enforced"]


def test_contracts_of_the_marts_are_enforced() -> None:
    marts = read_yaml(DBT_PROJECT / "dbt_project.yml")["models"]["fenceng"]["marts"]
    assert marts["+contract"]["enforced"] is True


def test_marts_have_the_columns_and_types_of_their_contract() -> None:
    short: dict[str, dict[str, object]] = {}
    for table, agreed in read_yaml(MART_CONTRACT)["tables"].items():
        built = {name: column["data_type"].replace(" ", "") for name, column in columns(table).items()}
        lacking = {
            name: (kind, built.get(name))
            for name, kind in agreed["columns"].items()
            if built.get(name) != kind.replace(" ", "")
        }
        if lacking:
            short[table] = {"agreed and built": lacking}
        if ENTRIES[table]["config"]["meta"]["grain"] != agreed["grain"]:
            short.setdefault(table, {})["grain"] = agreed["grain"]
    assert short == {}


def test_agreed_marts_are_those_that_are_built() -> None:
    assert sorted(read_yaml(MART_CONTRACT)["tables"]) == sorted(MARTS)


@pytest.mark.parametrize("model", MARTS)
def test_no_personal_column_reaches_a_mart(model: str) -> None:
    personal = {name for table in LANDING.values() for name, column in table["columns"].items() if column.get("pii")}
    assert {"customer_name", "id_number", "birth_date", "mobile_phone"} <= personal
    assert personal & set(columns(model)) == set()
    assert personal & set(re.findall(r"\w+", code(MODELS[model]))) == set()
