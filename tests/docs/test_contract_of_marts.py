"""The published marts match docs/contract/marts.yml: in dbt's YAML, and in the file that readers open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pytest
import yaml
from support.house import House

from expectations.project import PROJECT_ROOT

CONTRACT: Mapping[str, Any] = yaml.safe_load((PROJECT_ROOT / "docs/contract/marts.yml").read_text(encoding="utf-8"))
TABLES: Mapping[str, Mapping[str, Any]] = CONTRACT["tables"]
MARTS = PROJECT_ROOT / "dbt_project/models/marts"
MODELS: Mapping[str, Mapping[str, Any]] = {
    model["name"]: model
    for path in sorted(MARTS.rglob("*.yml"))
    for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
}
# Null while dbt builds the row and filled in at publication, so dbt can't constrain it.
FILLED_BY_PUBLICATION = ("fct_refresh_run", "published_at")
# The value of `rows`, and its equivalent in dbt's config.
ROWS = {"monthly": "month_in_hand", "newest": None, "runs": None}


def _type(text: str) -> str:
    return text.replace(" ", "").lower()


def test_the_contract_names_every_mart_and_no_other_table() -> None:
    built = {path.stem for path in MARTS.rglob("*.sql")}
    assert len(built) >= 20
    assert set(TABLES) == built == set(MODELS)


@pytest.mark.parametrize("table", TABLES)
def test_a_mart_has_the_columns_types_order_and_grain_of_the_contract(table: str) -> None:
    agreed, model = TABLES[table], MODELS[table]
    declared = [(column["name"], _type(column["data_type"])) for column in model["columns"]]
    assert declared == [(name, _type(kind)) for name, kind in agreed["columns"].items()]
    assert model["config"]["meta"]["grain"] == agreed["grain"]
    assert model["config"].get("schema") == ROWS[agreed["rows"]]


@pytest.mark.parametrize("table", TABLES)
def test_only_the_columns_that_the_contract_lists_may_be_null(table: str) -> None:
    constrained = {
        column["name"] for column in MODELS[table]["columns"] if {"type": "not_null"} in column.get("constraints", [])
    }
    promised = set(TABLES[table]["columns"]) - set(TABLES[table].get("nullable", []))
    assert constrained == {name for name in promised if (table, name) != FILLED_BY_PUBLICATION}


def test_the_published_file_holds_what_the_contract_promises(published_bank: House) -> None:
    with duckdb.connect(str(published_bank.current), read_only=True) as connection:
        listed = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
        assert {name for (name,) in listed} == set(TABLES)
        for table, agreed in TABLES.items():
            described = connection.execute(f"describe marts.{table}").fetchall()
            assert [(name, _type(kind)) for name, kind, *_ in described] == [
                (name, _type(kind)) for name, kind in agreed["columns"].items()
            ], table
            promised = [name for name in agreed["columns"] if name not in agreed.get("nullable", [])]
            nulls = connection.execute(
                f"select {', '.join(f'count(*) - count({name})' for name in promised)} from marts.{table}"
            ).fetchone()
            assert nulls is not None
            assert {name for name, count in zip(promised, nulls, strict=True) if count} == set(), table
