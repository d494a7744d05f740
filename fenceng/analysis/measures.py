"""Where a measure's value comes from, according to its column's entry in the dbt project."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from expectations.project import DBT_PROJECT
from expectations.yaml_files import read_yaml

MODEL = "int_customer__measures"
ENTRIES = DBT_PROJECT / "models" / "intermediate" / "customer" / "_customer__models.yml"


@cache
def delivered_in() -> Mapping[str, tuple[str, ...]]:
    """Measure -> the delivered tables it is computed from: a quarantined row of these may be what is missing."""
    models = read_yaml(ENTRIES)["models"]
    columns = next(model["columns"] for model in models if model["name"] == MODEL)
    return {column["name"]: tuple(column["config"]["meta"]["delivered_in"]) for column in columns if "config" in column}
